"""Offers kept in memory: whatever anybody does, in whichever process, the next answer is that of the database."""

from __future__ import annotations

import ast
import importlib
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

import nawzajem
from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.models import Event
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import kept, problem, reads
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes import reads as programme_reads
from nawzajem.programmes.models import Member, Programme
from nawzajem.rights import acts as rights
from nawzajem.safety import acts as safety
from nawzajem.waiting import acts as waiting
from nawzajem.waiting.models import Knock, Talk
from tests.cast import HOUSE
from tests.rooms.at_once import PATIENCE

ROOMS = ("asks", "experiences", "offers", "pairs", "people", "programmes", "rights", "safety", "waiting")
ELSEWHERE = {  # they touch nobody who offers, nor what an offer stands on; each emits no event about one, or is no more than time
    "asks": {"lapse", "ask_whether_still", "confirm", "let_whoever"},
    "pairs": {"suggest_agreement", "agree", "rest", "go_on", "check_in", "rate", "come_alive", "ask_how", "notice_silence"},
    "people": {"recover", "new_recovery_code", "make_token", "drop_token", "end_device", "end_other_devices", "sign_out", "seen_on", "used"},
    "programmes": {"create", "invite", "make_code", "withdraw_invitation", "lay_down", "add_phrase", "drop_phrase"},
    "safety": {"report", "notice_late"},
    "rights": {"tidy", "let_words_pass"},
    "waiting": {"begin_surge", "end_surge"},
}  # fmt: skip


def fresh(programme: Programme, *, desk: bool, at: Any = None) -> dict[str, Any]:
    return {row.id: row for row in kept.rows(programme, problem.free(programme), desk=desk, at=at)}


def as_the_database_has_it(programme: Programme) -> None:
    """Row by row, and in what is answered."""
    programme = Programme.objects.get(pk=programme.pk)
    for desk in (False, True):
        one = kept.of(programme, desk=desk)
        assert one is not None
        assert one.catch_up()
        everybody = {row.id: row for shelf in one.index._shelves() for row in shelf.left()}
        assert everybody == fresh(programme, desk=desk, at=one.at)


def as_it_answers(programme: Programme) -> None:
    for ask in Ask.objects.filter(programme=programme, state="open").select_related("programme"):
        as_looked_at_anew(ask)


def as_looked_at_anew(ask: Ask) -> list[str]:
    for desk in (False, True):
        told = kept.suggestions(ask, desk=desk)
        true = problem.among(ask, problem.pool(ask.programme, desk=desk), top=5)
        assert [(one.offer.id, one.reasons) for one in told.best] == [(one.offer.id, one.reasons) for one in true.best]
        assert [one.score for one in told.best] == pytest.approx([one.score for one in true.best], abs=2e-6)
        assert dict(told.left) == dict(true.left)
    return [one.offer.person for one in kept.suggestions(ask).best]


def acts_of(room: str) -> tuple[Any, set[str]]:
    acts = importlib.import_module(f"nawzajem.{room}.acts")
    tree = ast.parse((Path(nawzajem.__file__).parent / room / "acts.py").read_text())
    return acts, {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")}


@pytest.fixture
def watched(town, monkeypatch) -> set[tuple[str, str]]:
    """After every act what is kept is compared with the database. Tells which acts were done."""
    done: set[tuple[str, str]] = set()
    depth = [0]

    def look(room: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def run(*things: Any, **words: Any) -> Any:
            depth[0] += 1
            try:
                came = act(*things, **words)
            finally:
                depth[0] -= 1
            done.add((room, act.__name__))
            if not depth[0]:
                as_the_database_has_it(town.here)
            return came

        return run

    for room in ROOMS:
        module, names = acts_of(room)
        for name in names:
            monkeypatch.setattr(module, name, look(room, getattr(module, name)))
    return done


def test_after_every_act_of_the_house_it_is_as_the_database_has_it(town, watched, clock):
    for part in (_offering, _about_oneself, _places, _announced, _pairs, _now, _going):
        part(town, clock)
        as_the_database_has_it(town.elsewhere)
        as_it_answers(town.here)
    for room in ROOMS:
        names = {name for of, name in watched if of == room}
        assert acts_of(room)[1] - names == ELSEWHERE.get(room, set()) - names, room


def _offering(town: Any, clock: Any) -> None:
    town.ask("celina")
    town.ask("ania", "lonely")
    offer = town.offer("bartek")
    me = town.actor("bartek")
    lived = list(offer.experiences.all())
    plain = {"forms": ["text", "call"], "languages": ["pl", "en"], "hours": "0" * 41 + "f"}
    offers.change(me, offer, experiences=lived, capacity=1, not_prints=["x"], not_same_unit=True, **plain)
    experiences.change(me, lived[0], stage="coming_through", see_topic="members")
    more = experiences.add(me, topic=town.topic("lonely"), stage="been_through", until="2020")
    offers.change(me, offer, experiences=[*lived, more], capacity=2)
    experiences.remove(me, more)
    offers.pause(me, offer)
    offers.resume(me, offer)
    offers.retire(me, offer)
    offers.resume(me, offer)
    offers.be_here(me, offer, hours=2)
    offers.switch_off(CHORE.within(town.here.pk), offer)
    offers.hold_seat(me, offer)
    offers.hold_seat(me, offer)
    clock(hours=30)
    offers.free_seat(me, offer)
    offers.free_seat(me, offer)


def _about_oneself(town: Any, clock: Any) -> None:
    me = Actor(person=town.bartek.pk)
    people.change(me, town.bartek, gender="man", time_zone="America/St_Johns")
    people.change(town.actor("bartek", town.elsewhere), town.bartek, time_zone="Asia/Kathmandu")
    people.say_age(me, town.bartek, age="50_64")
    people.seen(me, town.bartek)
    place = town.member("bartek")
    programmes.change_place(town.actor("bartek"), place, backgrounds=["one"], called="Bartosz")
    programmes.new_code_for(town.actor("bartek"), place)


def _places(town: Any, clock: Any) -> None:
    keeper, place = town.actor("celina"), town.member("bartek")
    programmes.add_unit(keeper, town.here, name="Oddział 1")
    programmes.choose(HOUSE.within(town.here.pk), town.here, weight_topic=1, minors_with_adults=True)
    programmes.give_duty(keeper, place, kind="supervisor")
    programmes.pause(keeper, place)
    programmes.resume(keeper, place)
    house = HOUSE.within(town.here.pk)
    programmes.suspend(house, place, why=Member.For.RULING, until=(clock() + timedelta(days=2)).date())
    programmes.unsuspend(house, place, by_hand=False)
    programmes.change_place(town.actor("bartek"), place, away_until=(clock() + timedelta(days=2)).date())
    clock(days=4)
    as_the_database_has_it(town.here)
    text = programmes.rewrite(keeper, town.here, code="confidentiality", words={"pl": "Nowe", "en": "New"})
    for name in ("bartek", "celina", "franek", "ania"):
        programmes.agree(town.actor(name), town.member(name), version=text.version)
    clock(days=120)  # months go by, and the clocks are turned
    as_the_database_has_it(town.here)


def _announced(town: Any, clock: Any) -> None:
    house = HOUSE.within(town.here.pk)
    unit = programmes.add_unit(town.actor("celina"), town.here, name="Oddział 2")
    (town.people["halina"],) = people.prepare(HOUSE, accounts=[{"pseudonym": "Osoba 17"}])
    place = {"announced_print": programme_reads.print_of(town.here, "h17"), "unit": unit, "leads": True}
    programmes.expect(house, town.here, announced=[(town.halina, place)])
    [lived] = experiences.announce(house, [(town.halina, {"topic": town.topic("lonely"), "stage": "been_through"})])
    plain = {"forms": ["text"], "languages": ["pl"], "hours": "f" * 42, "capacity": 1}
    offers.announce(house, [(town.halina, {"experiences": [lived], **plain})])
    asks.announce(house, [(town.halina, {"topics": [town.topic("lonely")], "forms": ["text"], "languages": ["pl"]})])
    assert Offer.objects.get(person=town.halina).pk in fresh(town.here, desk=True)
    programmes.invite_to_claim(HOUSE, town.here, people=[town.halina], days=3)
    made, _secret = programmes.invite(HOUSE.within(town.here.pk), town.here, claims=town.halina)
    programmes.claim(Actor(), made, pseudonym="Halina", passphrase="cztery zielone krzesla")
    town.people["halina"] = Person.objects.get(pk=town.halina.pk)
    town.join("halina", town.here, conditions=["lives_here"])
    assert Offer.objects.get(person=town.halina).pk in fresh(town.here, desk=False)


def _pairs(town: Any, clock: Any) -> None:
    keeper = town.actor("celina")
    bartek = Offer.objects.get(person=town.bartek)
    offers.change(
        town.actor("bartek"), bartek, experiences=Experience.objects.filter(person=town.bartek), hours="f" * 42,
        capacity=3, not_same_unit=False, not_prints=[], forms=["text"], languages=["pl"],
    )  # fmt: skip
    ask = town.ask("franek", "grief.partner")
    pairs.lapse(CHORE.within(town.here.pk), pairs.put(keeper, ask, bartek, origin="coordinator"))
    other = town.offer("franek", "work.lost")
    put = pairs.put(keeper, town.ask("bartek", "work.lost"), other, origin="coordinator")
    pairs.take_back(town.actor("bartek"), put.ask)
    put = pairs.put(keeper, town.ask("bartek", "work.lost"), other, origin="coordinator")
    pairs.answer(town.actor("bartek"), put, yes=True)
    pairs.answer(town.actor("franek"), Proposal.objects.get(pk=put.pk), yes=True)
    pair = Pair.objects.select_related("conversation", "ask", "offer", "asker", "giver", "programme").get()
    assert CheckIn.objects.filter(pair=pair).exists()
    pairs.end(town.actor("bartek"), pair, ending="done")
    pairs.close(CHORE.within(town.here.pk), pair)
    pairs.close_door(town.actor("bartek"), pair)
    safety.block(town.actor("celina"), town.bartek)
    for drop in Ask.objects.filter(person=town.franek, state="open"):
        asks.withdraw(town.actor("franek"), drop)
    asks.change(town.actor("franek"), town.draft("franek", "lonely"), topics=[town.topic("grief.partner")])


def _now(town: Any, clock: Any) -> None:
    halina = Offer.objects.get(person=town.halina)
    for ends in ("leaves", "not now", "misses", "nobody", "steps back", "comes"):
        clock(hours=30)
        wait = waiting.begin(town.actor("franek"), town.draft("franek", "lonely"))
        if ends == "leaves":
            waiting.leave(town.actor("franek"), wait)
            continue
        house, best = CHORE.within(town.here.pk), problem.among(wait.ask, problem.pool(town.here), top=5).best
        waiting.knock(house, wait, found=[one for one in best if one.offer.id == halina.pk])
        knock = Knock.objects.select_related("wait__ask", "offer").get(wait=wait)
        if ends == "not now":
            waiting.say_not_now(town.actor("halina"), knock)
        elif ends in {"misses", "comes"}:
            waiting.say_yes(town.actor("halina"), knock)
        elif ends == "steps back":
            waiting.step_back(house, knock)
        wait.refresh_from_db()
        if ends == "misses":
            clock(minutes=10)
            waiting.miss(house, wait)
        if ends != "comes":
            clock(hours=1)
            wait.refresh_from_db()
            waiting.say_nobody(house, wait)
    knock.refresh_from_db()
    pair = waiting.come_in(town.actor("halina"), Knock.objects.select_related("wait__ask", "offer").get(pk=knock.pk))
    pairs.end(town.actor("franek"), pair)
    talk = Talk.objects.get(pair=pair)
    for name in ("franek", "halina"):
        waiting.stay(town.actor(name), Talk.objects.select_related("pair").get(pk=talk.pk), yes=True)


def _going(town: Any, clock: Any) -> None:
    rights.leave(town.actor("halina"), town.member("halina"))
    town.join("halina", town.here)
    offers.resume(town.actor("halina"), Offer.objects.get(person=town.halina))
    rights.keep_to_time(CHORE, town.here)
    rights.erase(Actor(person=town.bartek.pk), town.bartek, keep_messages=False)
    assert not Member.objects.filter(person=town.bartek.pk).exists()
    rights.erase(Actor(person=town.halina.pk), town.halina, keep_messages=True)
    clock(days=1)
    as_the_database_has_it(town.here)


# -- several processes ------------------------------------------------------------------------------------------------


def test_what_another_process_does_is_in_the_next_answer_also_when_its_event_appears_late(town):
    """Its number was drawn before one that has been seen already; SQLite writes one after the other, there it only waits."""
    offer, ask = town.offer("bartek"), town.ask("ania")
    other = town.offer("franek")
    assert set(as_looked_at_anew(ask)) == {offer.person_id, other.person_id}
    drawn, seen = threading.Event(), threading.Event()

    def elsewhere() -> None:
        try:
            with transaction.atomic():
                offers.pause(town.actor("bartek"), offer)
                drawn.set()
                seen.wait(PATIENCE)
        finally:
            connection.close()

    slow = threading.Thread(target=elsewhere)
    slow.start()
    assert drawn.wait(PATIENCE)
    if connection.vendor == "postgresql":
        offers.pause(town.actor("franek"), other)
        offers.resume(town.actor("franek"), Offer.objects.get(pk=other.pk))
    assert len(kept.suggestions(ask).best) == 2
    seen.set()
    slow.join(PATIENCE)
    assert as_looked_at_anew(ask) == [other.person_id]


def test_what_no_event_told_of_is_found_before_anybody_is_shown(town):
    """A mistake in the tables, put right by hand: Bartek has become Ania's superior."""
    town.offer("bartek")
    ask, station = town.ask("ania"), programmes.add_unit(town.actor("celina"), town.here, name="Oddział")
    assert as_looked_at_anew(ask) == [town.bartek.pk]
    Member.objects.filter(person__in=[town.ania, town.bartek]).update(unit=station)
    Member.objects.filter(person=town.bartek).update(leads=True)
    assert as_looked_at_anew(ask) == []


def test_when_the_events_are_others_than_before_everything_is_read_anew(town):
    town.offer("bartek")
    ask = town.ask("ania")
    first = kept.of(town.here, desk=False)
    assert as_looked_at_anew(ask) == [town.bartek.pk]
    Event.objects.all().delete()  # as when a backup is put back
    Offer.objects.all().delete()
    assert as_looked_at_anew(ask) == []
    assert kept.of(town.here, desk=False) is not first


# -- in one process ---------------------------------------------------------------------------------------------------


def test_within_a_transaction_nothing_is_kept_for_it_may_be_taken_back(town):
    town.offer("bartek")
    ask = town.ask("ania")
    with transaction.atomic():
        offers.pause(town.actor("bartek"), Offer.objects.get())
        assert kept.of(town.here, desk=False) is None
        assert kept.suggestions(ask).best == ()
        transaction.set_rollback(True)
    assert as_looked_at_anew(ask) == [town.bartek.pk]


def test_a_large_programme_is_read_beside_and_the_database_answers_meanwhile(town, monkeypatch):
    town.offer("bartek")
    ask = town.ask("ania")
    monkeypatch.setattr(kept, "AT_ONCE", 0)
    assert kept.of(town.here, desk=False) is None
    for beside in threading.enumerate():
        if beside.name == "offers are read":
            beside.join(PATIENCE)
    assert kept.of(town.here, desk=False) is not None
    monkeypatch.undo()
    assert as_looked_at_anew(ask) == [town.bartek.pk]


def test_beyond_a_size_the_compiled_index_answers_and_answers_the_same(town, monkeypatch):
    monkeypatch.setattr(kept, "COMPILED", 0)
    town.offer("bartek")
    ask = town.ask("ania")
    assert isinstance(kept.of(town.here, desk=False).index, matching.Live)
    town.offer("franek")
    assert {one.offer.person for one in kept.suggestions(ask).best} == {town.bartek.pk, town.franek.pk}
    assert reads.cards(town.actor("ania"), ask)[1] is None
    offers.pause(town.actor("bartek"), Offer.objects.get(person=town.bartek))
    assert [one.offer.person for one in kept.suggestions(ask).best] == [town.franek.pk]


def test_what_was_asked_least_lately_is_let_go(town, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    first = kept.of(town.here, desk=False)
    kept.of(town.here, desk=True)
    assert kept.of(town.here, desk=False) is first
    kept.of(town.elsewhere, desk=False)
    assert kept.of(town.here, desk=False) is first
    monkeypatch.setattr(kept, "MOST", 1)
    kept.of(town.elsewhere, desk=True)
    assert kept.of(town.here, desk=False) is not first
