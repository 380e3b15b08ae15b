"""Asks, offers, proposals and pairs of several people, led through whatever order of things chance thinks of; what must hold
is looked at after every step."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nawzajem import chores
from nawzajem.asks import acts as asks
from nawzajem.asks.models import ANY_TIME, Ask
from nawzajem.conversations import acts as conversations
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock as house_clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Turn
from nawzajem.ground.refusals import Refusal
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import reads
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member
from nawzajem.rights import acts as rights
from nawzajem.safety.models import Block
from tests.rooms.conftest import no_event_holds_words
from tests.rooms.hostile import WORDS

pytestmark = pytest.mark.django_db

CAST = ("ania", "bartek", "franek", "gosia", "hubert")
TOPICS = ("grief.partner", "lonely")
LIVING = {Ask.State.DRAFT, Ask.State.OPEN, Ask.State.PROPOSED}
PLAIN = {"forms": ["text"], "languages": ["pl"], "words": WORDS}
SAYS = {
    Ask.State.DRAFT: {"draft"},
    Ask.State.OPEN: {"looking", "choosing"},
    Ask.State.PROPOSED: {"yours", "theirs"},
    Ask.State.PAIRED: {"paired"},
}

somebody, some, yes_or_no = st.sampled_from(CAST), st.integers(0, 20), st.booleans()


@cache
def may_follow(kind: Any, state: str) -> set[str]:
    """Wherever one may come from here, in any number of steps, or by none."""
    found, new = set(), {state}
    while new:
        found |= new
        new = {after for one in new for after in kind.MOVES.get(one, ())} - found
    return found


class Now:
    """Everything as it is this moment, and what must be true of it."""

    def __init__(self) -> None:
        self.asks, self.offers, self.pairs = (
            list(Ask.objects.all()),
            list(Offer.objects.all()),
            list(Pair.objects.all()),
        )
        self.proposals = list(Proposal.objects.all())
        self.places = list(Member.objects.filter(programme__slug="here"))
        self.all = [*self.asks, *self.offers, *self.proposals, *self.pairs, *self.places]
        self.out = [one for one in self.proposals if one.state == "out"]
        self.going = [one for one in self.pairs if one.state != "closed"]
        self.asker = {one.pk: one.person_id for one in self.asks}
        self.giver = {one.pk: one.person_id for one in self.offers}

    def of_state(self, state: str) -> list[str]:
        return sorted(ask.pk for ask in self.asks if ask.state == state)

    def every_seat_that_is_taken_has_somebody_in_it_once(self) -> None:
        held = Counter(one.offer_id for one in [*self.out, *self.going])
        assert {one.pk: one.taken for one in self.offers if one.taken} == held

    def what_is_out_belongs_to_an_ask_that_waits_for_it(self) -> None:
        assert sorted(one.ask_id for one in self.out) == self.of_state("proposed")

    def a_pair_that_goes_on_belongs_to_its_ask_and_talks(self) -> None:
        assert sorted(one.ask_id for one in self.going) == self.of_state("paired")
        talking = set(Conversation.objects.filter(closed_at=None).values_list("pk", flat=True))
        assert {one.conversation_id for one in self.going} == talking

    def two_people_are_together_once_and_never_behind_a_closed_door(self) -> None:
        together = [frozenset([one.asker_id, one.giver_id]) for one in self.going]
        together += [frozenset([self.asker[one.ask_id], self.giver[one.offer_id]]) for one in self.out]
        assert all(len(two) == 2 and None not in two for two in together)
        assert len(set(together)) == len(together)
        assert not {frozenset(two) for two in Block.objects.values_list("by", "of")} & set(together)

    def nobody_who_is_gone_is_waited_for(self) -> None:
        gone = {place.person_id for place in self.places if place.state == "left"}
        assert not gone & {ask.person_id for ask in self.asks if ask.state in LIVING}
        assert not gone & {offer.person_id for offer in self.offers if offer.state != "retired"}
        assert not gone & {self.giver[one.offer_id] for one in self.out}
        assert not gone & {person for one in self.going for person in (one.asker_id, one.giver_id)}


class Lives(RuleBasedStateMachine):
    world: Any
    time: dict[str, datetime]
    began: datetime

    def __init__(self) -> None:
        super().__init__()
        self.time["now"] = self.began
        self.example = transaction.atomic()
        self.example.__enter__()
        self.people = {name: person.pk for name, person in self.world.people.items()}
        self.seen: dict[tuple[Any, str], str] = {}

    def teardown(self) -> None:
        try:
            self.each_ask_stands_on_its_page_in_words()
            no_event_holds_words()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # -- who and what -------------------------------------------------------------------------------------------------

    def person(self, name: str) -> Person | None:
        return Person.objects.filter(pk=self.people[name]).first()

    def actor(self, person: str | Person | None) -> Actor:
        """As the door makes them; nobody, where they have been erased."""
        from nawzajem.programmes import reads as places

        one = Person.objects.filter(pk=person).first() if isinstance(person, str) else person
        if one is None:
            return Actor()
        return places.actor(one, self.world.here, places.membership(one, self.world.here), via="web")

    @staticmethod
    def one_of(rows: Any, n: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[n % len(found)] if found else None

    def do(self, act: Any, actor: Any, *things: Any, **words: Any) -> Any:
        """Done, or refused in one of the six ways; anything else is a mistake."""
        if all(thing is not None for thing in things):
            with contextlib.suppress(Refusal):
                return act(actor, *things, **words)
        return None

    # -- asking -------------------------------------------------------------------------------------------------------

    @rule(who=somebody, code=st.sampled_from(TOPICS), whoever=yes_or_no, sends=yes_or_no)
    def ask(self, who, code, whoever, sends):
        actor = self.actor(self.people[who])
        made = self.do(asks.draft, actor, topics=[self.world.topic(code)], **PLAIN)
        if sends:
            self.do(asks.send, actor, made, whoever=whoever)

    @rule(n=some, code=st.sampled_from(TOPICS), confirms=yes_or_no, whoever=yes_or_no)
    def change_or_confirm(self, n, code, confirms, whoever):
        ask = self.one_of(Ask.objects.all(), n)
        if ask is None:
            return
        actor = self.actor(ask.person_id)
        self.do(asks.send, actor, ask, whoever=whoever)
        if confirms:
            self.do(asks.confirm, actor, ask)
        else:
            self.do(asks.let_whoever, actor, ask, whoever=whoever)
            self.do(asks.change, actor, ask, topics=[self.world.topic(code)], words=WORDS)

    @rule(n=some)
    def take_back(self, n):
        ask = self.one_of(Ask.objects.filter(state__in=LIVING), n)
        self.do(pairs.take_back, ask and self.actor(ask.person_id), ask)

    # -- offering -----------------------------------------------------------------------------------------------------

    @rule(who=somebody, capacity=st.integers(1, 2))
    def offer(self, who, capacity):
        plain = PLAIN | {"hours": ANY_TIME, "capacity": capacity}
        person = self.person(who)
        if person is not None:
            own, lived = Offer.objects.filter(person=person).first(), person.experiences.all()
            if own is None:
                self.do(offers.make, self.actor(person), experiences=lived, **plain)
            else:
                self.do(offers.change, self.actor(person), own, experiences=lived, **plain)

    @rule(n=some, deed=st.sampled_from([offers.pause, offers.resume, offers.retire]))
    def rest_or_resume(self, n, deed):
        offer = self.one_of(Offer.objects.all(), n)
        self.do(deed, offer and self.actor(offer.person_id), offer)

    # -- meeting ------------------------------------------------------------------------------------------------------

    @rule(n=some, m=some, by_hand=yes_or_no)
    def put(self, n, m, by_hand):
        ask, offer = self.one_of(Ask.objects.filter(state="open"), n), self.one_of(Offer.objects.all(), m)
        if ask is None or offer is None:
            return
        actor = self.actor(self.people["celina"] if by_hand else ask.person_id)
        if self.do(pairs.put, actor, ask, offer, origin="coordinator" if by_hand else "chosen"):
            offer.refresh_from_db()
            assert offer.taken <= offer.capacity, "a seat that was not there"

    @rule(n=some, m=some)
    def find_each_other(self, n, m):
        """The short way to a pair: put, and both say yes."""
        self.put(n, m, by_hand=True)
        for put in Proposal.objects.out().select_related("ask", "offer").order_by("-put_at")[:1]:
            for person in (put.ask.person_id, put.offer.person_id):
                self.do(pairs.answer, self.actor(person), put, yes=True)

    @precondition(lambda self: Proposal.objects.out().exists())
    @rule(n=some, asker=yes_or_no, yes=st.sampled_from([True, True, False]))
    def answer(self, n, asker, yes):
        put = self.one_of(Proposal.objects.out().select_related("ask", "offer"), n)
        self.do(pairs.answer, put and self.actor((put.ask if asker else put.offer).person_id), put, yes=yes)

    @precondition(lambda self: Pair.objects.exists())
    @rule(
        n=some, asker=yes_or_no, deed=st.sampled_from(["write", "rest", "go_on", "settle", "check_in", "end", "rate"])
    )
    def live(self, n, asker, deed):
        pair = self.one_of(Pair.objects.select_related("conversation", "ask", "offer"), n)
        actor = pair and self.actor(pair.asker_id if asker else pair.giver_id)
        match deed if pair else "":
            case "write":
                self.do(conversations.send, actor, pair.conversation, text=WORDS, client_key=f"{n:08}")
            case "rest":
                self.do(pairs.rest, actor, pair)
            case "go_on":
                self.do(pairs.go_on, actor, pair)
            case "settle":
                self.do(pairs.agree, actor, pair, version=pair.agreement_version)
                self.do(pairs.suggest_agreement, actor, pair, aim=WORDS)
            case "check_in":
                due = CheckIn.objects.filter(pair=pair).select_related("pair").first()
                self.do(pairs.check_in, actor, due, how="well")
            case "end":
                self.do(pairs.end, actor, pair, ending="fit", at_once=bool(n % 2))
            case "rate":
                self.do(pairs.rate, actor, pair, understood=1 + n % 5)

    @precondition(lambda self: Pair.objects.exists())
    @rule(n=some, asker=yes_or_no)
    def close_the_door(self, n, asker):
        pair = self.one_of(Pair.objects.select_related("conversation", "ask", "offer", "asker", "giver"), n)
        self.do(pairs.close_door, pair and self.actor(pair.asker_id if asker else pair.giver_id), pair)

    # -- coming and going ---------------------------------------------------------------------------------------------

    @rule(who=somebody, how=st.sampled_from(["goes", "goes", "is paused", "is paused", "is erased"]), keeps=yes_or_no)
    def go(self, who, how, keeps):
        if how == "goes":
            self.leave_or_come_back(who)
        elif how == "is paused":
            self.be_paused_or_not(who)
        else:
            self.do(rights.erase, Actor(person=self.people[who]), self.person(who), keep_messages=keeps)

    def leave_or_come_back(self, who):
        person = self.person(who)
        place = person and Member.objects.get(person=person, programme=self.world.here)
        if place is not None and place.state != Member.State.LEFT:
            self.do(rights.leave, self.actor(person), place)
        elif person is not None:
            said = {"age": person.age, "conditions": ["lives_here"], "agreed_version": 1}
            self.do(programmes.join, Actor(person=person.pk), self.world.here, person, None, **said)

    def be_paused_or_not(self, who):
        place = Member.objects.filter(person=self.people[who], programme=self.world.here).first()
        for deed in (programmes.pause, programmes.resume):
            if self.do(deed, self.actor(self.people["celina"]), place):
                return

    @rule(hours=st.sampled_from([1, 1, 1, 30, 49, 24 * 8, 24 * 15, 24 * 40]))
    def time_passes(self, hours):
        self.time["now"] += timedelta(hours=hours)
        chores.run_due()
        assert not Turn.objects.filter(failures__gt=0).exists(), "something that runs by itself failed"
        assert not reads.lapsed().exists(), "a deadline that nobody kept"

    # -- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def what_must_hold(self):
        now = Now()
        now.every_seat_that_is_taken_has_somebody_in_it_once()
        now.what_is_out_belongs_to_an_ask_that_waits_for_it()
        now.a_pair_that_goes_on_belongs_to_its_ask_and_talks()
        now.two_people_are_together_once_and_never_behind_a_closed_door()
        now.nobody_who_is_gone_is_waited_for()
        for ask in self.moved_as_they_may(now):
            self.says_how_it_stands(ask)

    def moved_as_they_may(self, now: Now) -> list[Ask]:
        """Everything has come where it is by moves that there are. Gives the asks that have moved."""
        moved = []
        for one in now.all:
            key, first = (type(one), one.pk), one.state if isinstance(one, Offer | Member) else next(iter(one.MOVES))
            before = self.seen.get(key, first)
            assert one.state in may_follow(type(one), before), f"{type(one).__name__} from {before} to {one.state}"
            if self.seen.get(key) != one.state and isinstance(one, Ask):
                moved.append(one)
            self.seen[key] = one.state
        return moved

    def says_how_it_stands(self, ask: Ask) -> None:
        stand = reads.standing(ask)
        assert stand.code in SAYS.get(ask.state, {ask.state})
        assert stand.until is not None or ask.state != Ask.State.PROPOSED
        assert stand.pair is not None or ask.state != Ask.State.PAIRED
        if stand.code == "yours":
            assert stand.proposal in reads.to_answer(self.actor(ask.person_id))

    def each_ask_stands_on_its_page_in_words(self) -> None:
        for ask in Ask.objects.filter(state__in=LIVING).select_related("person").order_by("-state_since")[:1]:
            client = Client()
            client.force_login(ask.person)
            page = client.get(f"/p/here/asks/{ask.pk}/")
            if page.status_code == 200:  # whoever has to agree to a new text is led there first
                assert page.content.count(b'aria-current="step"') == (ask.state != Ask.State.DRAFT)
            else:
                assert page.status_code == 302


@pytest.fixture
def lives(world, monkeypatch) -> type[Lives]:
    """Everybody offers and everybody asks, so that there is something to live through."""
    world.add("gosia")
    world.add("hubert")
    for n, name in enumerate(CAST):
        lived = [world.experience(name, code) for code in TOPICS]
        offers.make(world.actor(name), experiences=lived, capacity=1 + n % 2, **PLAIN, hours=ANY_TIME)
        world.ask(name, TOPICS[n % 2], whoever=bool(n % 3))
    Lives.world, Lives.began = world, house_clock.now()
    Lives.time = {"now": Lives.began}
    monkeypatch.setattr(house_clock, "now", lambda: Lives.time["now"])
    return Lives


def test_whatever_happens_in_whatever_order(lives):
    """The same lives each time; with NAWZAJEM_LIVES=300 that many, and others each time."""
    more = int(os.environ.get("NAWZAJEM_LIVES", "0"))
    bounded = settings(
        max_examples=more or 8,
        stateful_step_count=24,
        derandomize=not more,
        database=None,
        deadline=None,
        phases=list(Phase) if more else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lives, settings=bounded)
