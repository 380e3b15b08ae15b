"""From a suggestion to the yes of both: put to both, answered unseen, declined, lapsed, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.experiences import acts as experiences
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE, NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotAllowed, Stale
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts, reads
from nawzajem.pairs.models import CheckIn, Pair, Proposal
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db

State = Proposal.State


def kept(thing):
    return type(thing).objects.get(pk=thing.pk)


def kinds(thing):
    return [one.kind for one in events.of(thing)]


def taken(name="bartek"):
    return Offer.objects.get(person__pseudonym=name.title()).taken


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


# -- put to both ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("origin", "asker_says"), [("chosen", True), ("coordinator", None), ("next", None)])
def test_an_ask_and_an_offer_are_put_to_both(world, clock, origin, asker_says):
    proposal = world.proposal(origin=origin)
    assert (proposal.state, proposal.asker_says, proposal.giver_says) == (State.OUT, asker_says, None)
    assert proposal.answer_by == clock() + timedelta(hours=world.here.options.answer_within)
    assert (kept(proposal.ask).state, taken()) == (Ask.State.PROPOSED, 1)
    assert events.last(proposal, "proposal.put").facts == {"origin": origin}
    assert 0 < proposal.score <= 1
    assert proposal.reasons


@pytest.mark.parametrize("name", ["bartek", "franek", "dawid", "ewa"])
def test_only_the_asker_a_coordinator_or_the_house_put_it(world, name):
    ask, offer = world.ask("ania"), world.offer("bartek")
    for actor in (world.actor(name), NOBODY):
        with pytest.raises(NotAllowed):
            acts.put(actor, ask, offer, origin="chosen")
    assert not Event.objects.filter(kind="proposal.put").exists()


@pytest.mark.parametrize("who", ["ania", "celina"])
def test_who_does_not_take_part_puts_nothing(world, who):
    ask, offer = world.ask("ania"), world.offer("bartek")
    programmes.pause(HOUSE.within(world.here.pk), world.member(who))
    with pytest.raises(NotAllowed):
        acts.put(world.actor(who), ask, offer, origin="chosen")


def test_a_coordinator_does_not_say_yes_for_the_one_who_asks(world):
    ask, offer = world.ask("ania"), world.offer("bartek")
    assert acts.put(world.actor("celina"), ask, offer, origin="chosen").asker_says is None


def test_ask_and_offer_are_of_one_programme(world):
    ask = world.ask("ania")
    world.join("bartek", world.elsewhere)
    there = world.actor("bartek", world.elsewhere)
    lived = experiences.add(there, topic=world.elsewhere.topics.get(code="grief.partner"), stage="in_it")
    offer = offers.make(there, experiences=[lived], forms=["text"], languages=["pl"], hours="f" * 42)
    for actor in (world.actor("ania"), HOUSE.within(world.here.pk)):
        with pytest.raises(NotAllowed):
            acts.put(actor, ask, offer, origin="chosen")


@pytest.mark.parametrize(
    "change",
    [
        lambda world, ask, offer: offers.pause(world.actor("bartek"), offer),
        lambda world, ask, offer: offers.hold_seat(world.actor("ania"), offer),
        lambda world, ask, offer: safety.block(world.actor("bartek"), world.ania),
        lambda world, ask, offer: programmes.pause(world.actor("celina"), world.member("bartek")),
        lambda world, ask, offer: programmes.pause(world.actor("celina"), world.member("ania")),
        lambda world, ask, offer: programmes.leave(world.actor("bartek"), world.member("bartek")),
        lambda world, ask, offer: programmes.change_place(
            world.actor("bartek"), world.member("bartek"), away_until=world.here.made_at.date() + timedelta(days=9)
        ),
    ],
    ids=["rests", "no seat", "blocked", "giver paused", "asker paused", "left", "away"],
)
def test_what_does_not_fit_any_more_is_stale(world, change):
    ask, offer = world.ask("ania"), world.offer("bartek", capacity=1)
    change(world, ask, offer)
    with pytest.raises(Stale):
        acts.put(HOUSE.within(world.here.pk), ask, offer, origin="next")
    assert kept(ask).state == Ask.State.OPEN


def test_one_proposal_at_a_time_for_an_ask(world):
    proposal, other = world.proposal(), world.offer("franek")
    for ask in (kept(proposal.ask), proposal.ask):
        with pytest.raises(Stale):
            acts.put(world.actor("ania"), ask, other, origin="chosen")
    assert taken("franek") == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(
            programme=world.here, ask=proposal.ask, offer=other, origin="next", answer_by=proposal.answer_by
        )


def test_when_a_seat_goes_in_the_last_moment_the_ask_goes_on_to_the_next(world, monkeypatch):
    """Between the look and the hold somebody else was faster; the same ask is put to another right after."""
    ask, first, second = world.ask("ania"), world.offer("bartek", capacity=1), world.offer("franek")
    look = acts.fit

    def look_and_be_late(ask, offer):
        found = look(ask, offer)
        Offer.objects.filter(pk=first.pk).update(taken=1)
        return found

    monkeypatch.setattr(acts, "fit", look_and_be_late)
    with pytest.raises(Stale):
        acts.put(world.actor("ania"), ask, first, origin="chosen")
    acts.put(world.actor("ania"), ask, second, origin="chosen")
    assert taken("franek") == 1


def test_nobody_is_asked_twice_at_once_by_the_same_person(world):
    """Not for another ask of theirs, and not the other way round either."""
    world.proposal()
    bartek = Offer.objects.get(person=world.bartek)
    with pytest.raises(Stale):
        acts.put(world.actor("ania"), world.ask("ania", "grief.parent"), bartek, origin="chosen")
    with pytest.raises(Stale):
        acts.put(world.actor("bartek"), world.ask("bartek"), world.offer("ania"), origin="chosen")


def test_who_was_tried_is_not_tried_again_for_the_same_ask(world):
    proposal = world.proposal()
    acts.answer(world.actor("bartek"), proposal, yes=False)
    with pytest.raises(Stale):
        acts.put(world.actor("ania"), kept(proposal.ask), kept(proposal.offer), origin="chosen")


# -- answered ---------------------------------------------------------------------------------------------------------


def test_both_say_yes_and_a_conversation_opens(world, clock):
    pair, today = world.pair(), clock().date()
    assert (pair.state, pair.ask.state, pair.offer.taken) == (Pair.State.BEGUN, Ask.State.PAIRED, 1)
    assert (pair.asker, pair.giver) == (world.ania, world.bartek)
    assert {one.person_id for one in pair.conversation.participants.all()} == {world.ania.pk, world.bartek.pk}
    days = [(one.due_on - today).days for one in CheckIn.objects.filter(pair=pair)]
    assert days == list(acts.FIRST_CHECKINS)
    assert kinds(pair) == ["pair.begun"]
    assert kept(pair.proposal).state == State.ACCEPTED


@pytest.mark.parametrize("first", ["ania", "bartek"])
def test_the_others_answer_is_not_seen_before_both_have_answered(world, first):
    proposal = world.proposal(origin="coordinator")
    second = "bartek" if first == "ania" else "ania"
    acts.answer(world.actor(first), proposal, yes=True)
    seen = reads.put(world.actor(second), reads.proposal(world.actor(second), proposal.pk))
    assert seen.i_said is None
    assert events.last(proposal, "proposal.answered").facts == {"side": "asker" if first == "ania" else "giver"}
    acts.answer(world.actor(second), proposal, yes=True)
    assert Pair.objects.get().proposal == proposal


@pytest.mark.parametrize("name", ["ania", "bartek"])
def test_a_no_frees_the_seat_and_the_ask_goes_on(world, clock, name):
    proposal = world.proposal(origin="coordinator")
    now = clock(hours=1)
    acts.answer(world.actor(name), proposal, yes=False)
    assert (kept(proposal).state, kept(proposal.ask).state, taken()) == (State.DECLINED, Ask.State.OPEN, 0)
    assert kept(proposal.offer).answered_at == now
    assert kinds(proposal)[-2:] == ["proposal.answered", "proposal.declined"]
    assert events.last(proposal, "proposal.declined").facts == {}


def test_a_yes_may_become_a_no_while_the_other_thinks(world):
    proposal = world.proposal(origin="chosen")
    acts.answer(world.actor("ania"), proposal, yes=False)
    assert kept(proposal).state == State.DECLINED


@pytest.mark.parametrize("name", ["celina", "franek", "dawid", "ewa"])
def test_nobody_else_answers(world, name):
    proposal = world.proposal()
    for yes in (True, False):
        with pytest.raises(NotAllowed):
            acts.answer(world.actor(name), proposal, yes=yes)


def test_who_does_not_take_part_does_not_answer(world):
    proposal = world.proposal()
    must_agree_again(world)
    with pytest.raises(NotAllowed):
        acts.answer(world.actor("bartek"), proposal, yes=True)


def test_who_is_paused_here_does_not_answer_by_way_of_another_programme(world):
    proposal = world.proposal()
    world.join("bartek", world.elsewhere)
    programmes.pause(world.actor("celina"), world.member("bartek"))
    with pytest.raises(NotAllowed):
        acts.answer(world.actor("bartek", world.elsewhere), proposal, yes=True)


@pytest.mark.parametrize("end", ["declined", "lapsed", "withdrawn", "accepted"])
def test_an_answer_that_comes_too_late_is_stale(world, end):
    proposal = world.proposal(origin="coordinator")
    if end == "withdrawn":
        acts.take_back(world.actor("ania"), proposal.ask)
    elif end == "lapsed":
        acts.lapse(CHORE.within(world.here.pk), kept(proposal))
    else:
        acts.answer(world.actor("ania"), proposal, yes=end == "accepted")
        if end == "accepted":
            acts.answer(world.actor("bartek"), proposal, yes=True)
    before = kinds(proposal)
    for name in ("ania", "bartek"):
        with pytest.raises(Stale):
            acts.answer(world.actor(name), proposal, yes=True)
    assert kinds(proposal) == before


MEANWHILE = {
    "blocked": lambda world: safety.block(world.actor("bartek"), world.ania),
    "grown up": lambda world: people.say_age(world.actor("gabrysia"), world.gabrysia, age="18_24"),
    "paused": lambda world: programmes.pause(world.actor("celina"), world.member("bartek")),
    "named": lambda world: offers.change(
        world.actor("bartek"),
        Offer.objects.get(person=world.bartek),
        experiences=Offer.objects.get(person=world.bartek).experiences.all(),
        not_prints=[world.member("ania").code_print],
    ),
}


@pytest.mark.parametrize("meanwhile", ["blocked", "paused", "named"])
def test_what_forbids_it_when_both_have_said_yes_lets_it_not_come_about(world, meanwhile):
    """In words that tell neither of them why."""
    proposal = world.proposal(origin="coordinator")
    acts.answer(world.actor("bartek"), proposal, yes=True)
    MEANWHILE[meanwhile](world)
    answered = acts.answer(world.actor("ania"), proposal, yes=True)
    assert (answered.state, kept(proposal.ask).state, taken()) == (State.DECLINED, Ask.State.OPEN, 0)
    assert not Pair.objects.exists()


def test_a_minor_and_somebody_who_turned_adult_meanwhile_do_not_begin(world):
    for name in ("gabrysia", "hubert"):
        world.add(name, age="16_17")
    proposal = world.proposal("gabrysia", "hubert", origin="coordinator")
    acts.answer(world.actor("hubert"), proposal, yes=True)
    MEANWHILE["grown up"](world)
    assert acts.answer(world.actor("gabrysia"), proposal, yes=True).state == State.DECLINED


def test_what_else_changed_they_have_weighed_themselves(world):
    """Somebody away until next week, or with other hours by now, has still said yes."""
    proposal = world.proposal(origin="coordinator")
    acts.answer(world.actor("bartek"), proposal, yes=True)
    offer = kept(proposal.offer)
    offers.change(world.actor("bartek"), offer, experiences=offer.experiences.all(), hours="0" * 42, languages=["vi"])
    offers.pause(world.actor("bartek"), kept(offer))
    assert acts.answer(world.actor("ania"), proposal, yes=True).state == State.ACCEPTED


# -- lapsed and taken back --------------------------------------------------------------------------------------------


def test_a_proposal_lapses_after_its_deadline(world, clock):
    proposal = world.proposal()
    clock(hours=world.here.options.answer_within)
    assert not reads.lapsed()
    clock(seconds=1)
    assert list(reads.lapsed()) == [proposal]
    acts.lapse(CHORE.within(world.here.pk), reads.lapsed().get())
    assert (kept(proposal).state, kept(proposal.ask).state, taken()) == (State.LAPSED, Ask.State.OPEN, 0)
    assert events.last(proposal, "proposal.lapsed").facts == {}


@pytest.mark.parametrize("name", ["ania", "bartek", "celina", "dawid"])
def test_only_the_clock_lets_it_lapse(world, name):
    with pytest.raises(NotAllowed):
        acts.lapse(world.actor(name), world.proposal())


def test_an_answer_after_the_deadline_counts_until_it_has_lapsed(world, clock):
    proposal = world.proposal()
    clock(days=30)
    late = reads.lapsed().get()
    acts.answer(world.actor("bartek"), proposal, yes=True)
    with pytest.raises(Stale):
        acts.lapse(CHORE.within(world.here.pk), late)
    assert Pair.objects.exists()


def test_an_ask_taken_back_takes_its_proposal_with_it(world):
    proposal = world.proposal()
    acts.take_back(world.actor("ania"), kept(proposal.ask))
    assert (kept(proposal).state, kept(proposal.ask).state, taken()) == (State.WITHDRAWN, Ask.State.WITHDRAWN, 0)
    assert events.last(proposal, "proposal.withdrawn").facts == {}
    assert kinds(proposal.ask)[-1] == "ask.withdrawn"


def test_an_ask_is_taken_back_though_its_owner_must_agree_again_or_is_paused(world):
    first = world.proposal()
    must_agree_again(world)
    acts.take_back(world.actor("ania"), kept(first.ask))
    programmes.agree(world.actor("ania"), world.member("ania"), version=2)
    ask = world.ask("ania")
    programmes.pause(HOUSE.within(world.here.pk), world.member("ania"))
    acts.take_back(world.actor("ania"), ask)
    assert taken() == 0


@pytest.mark.parametrize("name", ["bartek", "celina", "dawid"])
def test_nobody_else_takes_it_back(world, name):
    proposal = world.proposal()
    with pytest.raises(NotAllowed):
        acts.take_back(world.actor(name), proposal.ask)


def test_what_has_come_about_meanwhile_is_not_taken_back(world):
    proposal = world.proposal()
    seen = kept(proposal.ask)
    acts.answer(world.actor("bartek"), proposal, yes=True)
    for ask in (seen, kept(seen)):
        with pytest.raises(Stale):
            acts.take_back(world.actor("ania"), ask)
    assert Pair.objects.get().state == Pair.State.BEGUN


def test_an_ask_that_nobody_was_asked_for_is_taken_back_too(world):
    ask = asks.withdraw(HOUSE, world.ask("ania"))
    assert ask.state == Ask.State.WITHDRAWN
