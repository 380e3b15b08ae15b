"""How a pair ends: with last words, at once, behind a closed door; and how it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.experiences import acts as experiences
from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import Closed, Invalid, Stale
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts, reads
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.safety import reads as safety

pytestmark = pytest.mark.django_db

State = Pair.State
ANIA, BARTEK = "ania", "bartek"


@pytest.fixture(scope="module")
def begun(stage) -> Pair:
    return stage.pair()


@pytest.fixture
def pair(begun, world) -> Pair:
    return kept(begun)


def kept(pair) -> Pair:
    return Pair.objects.select_related("conversation", "ask", "offer", "asker", "giver").get(pk=pair.pk)


def kinds(thing):
    return [one.kind for one in events.of(thing)]


def house(world):
    return CHORE.within(world.here.pk)


# -- the ending -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [ANIA, BARTEK])
def test_some_days_stay_for_last_words(world, pair, clock, name):
    acts.end(world.actor(name), pair, ending="better")
    assert kept(pair).state == State.CLOSING
    assert events.last(pair, "pair.closing").facts == {"ending": "better"}
    conversations.send(world.actor(ANIA), pair.conversation, text="x", client_key="key-key-1")
    clock(days=world.here.options.closing_days)
    assert not reads.closing_over(world.here)
    clock(seconds=1)
    acts.close(house(world), reads.closing_over(world.here).get())
    now = kept(pair)
    assert (now.state, now.ending, now.ended_by) == (State.CLOSED, "better", world.people[name])
    assert events.last(pair, "pair.closed").facts == {"ending": "better"}


def test_at_the_end_the_talk_is_closed_the_seat_free_and_the_ask_met(world, pair):
    acts.end(world.actor(BARTEK), pair, at_once=True)
    now = kept(pair)
    assert (now.state, now.ending, now.offer.taken, now.ask.state) == (State.CLOSED, "unsaid", 0, Ask.State.MET)
    with pytest.raises(Closed):
        conversations.send(world.actor(ANIA), now.conversation, text="x", client_key="key-key-1")
    assert reads.pair(world.actor(ANIA), pair.pk)  # what was said stays to be read


def test_who_wished_to_end_may_think_again_and_nobody_for_them(world, pair):
    acts.end(world.actor(ANIA), pair, ending="heavy")
    with pytest.raises(Stale):
        acts.go_on(world.actor(BARTEK), kept(pair))
    acts.go_on(world.actor(ANIA), kept(pair))
    assert (kept(pair).state, kept(pair).ended_by, kept(pair).ending) == (State.ACTIVE, None, "")


def test_a_pair_that_went_on_is_not_closed_by_a_clock_that_looked_before(world, pair, clock):
    acts.end(world.actor(ANIA), pair)
    clock(days=8)
    over = reads.closing_over(world.here).get()
    acts.go_on(world.actor(ANIA), kept(pair))
    acts.end(world.actor(ANIA), kept(pair))
    with pytest.raises(Stale):
        acts.close(house(world), over)
    assert kept(pair).state == State.CLOSING


@pytest.mark.parametrize("way", ["at once", "door"])
def test_the_reason_of_one_is_not_told_to_the_other(world, pair, way):
    """Ania wished to end it; Bartek ends it at once, for a reason of his own: it is kept as his."""
    acts.end(world.actor(ANIA), pair, ending="done")
    if way == "door":
        acts.close_door(world.actor(BARTEK), kept(pair))
    else:
        acts.end(world.actor(BARTEK), kept(pair), ending="uneasy", at_once=True)
    now = kept(pair)
    assert (now.ended_by, now.ending) == (world.bartek, "blocked" if way == "door" else "uneasy")


CLOSED_ANSWERS = {
    "suggest": lambda actor, pair: acts.suggest_agreement(actor, pair, aim="x"),
    "agree": lambda actor, pair: acts.agree(actor, pair, version="x"),
    "rest": acts.rest,
    "go on": acts.go_on,
    "check in": lambda actor, pair: acts.check_in(actor, CheckIn.objects.filter(pair=pair).first(), how="well"),
    "end": acts.end,
    "end at once": lambda actor, pair: acts.end(actor, pair, at_once=True),
}


@pytest.mark.parametrize("deed", CLOSED_ANSWERS)
@pytest.mark.parametrize("seen", ["before", "after"])
def test_what_has_ended_is_not_changed_any_more(world, pair, deed, seen):
    before = kept(pair)
    acts.end(world.actor(BARTEK), pair, at_once=True)
    told = kinds(pair)
    with pytest.raises((Closed, Stale)):
        CLOSED_ANSWERS[deed](world.actor(ANIA), before if seen == "before" else kept(pair))
    assert kinds(pair) == told


def test_a_pair_ends_though_the_offer_is_put_away_or_gone(world, pair):
    offers.retire(world.actor(BARTEK), pair.offer)
    acts.end(world.actor(ANIA), kept(pair), at_once=True)
    assert Offer.objects.get().taken == 0
    second = world.pair("celina", "franek")
    Proposal.objects.filter(pk=second.proposal_id).delete()
    Offer.objects.filter(pk=second.offer_id).delete()
    acts.end(world.actor("celina"), kept(second), at_once=True)
    assert kept(second).state == State.CLOSED


# -- the closed door --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [ANIA, BARTEK])
def test_a_closed_door_ends_it_now_and_for_ever(world, pair, name):
    acts.close_door(world.actor(name), pair)
    assert (kept(pair).state, kept(pair).offer.taken, kept(pair).ask.state) == (State.CLOSED, 0, Ask.State.MET)
    assert safety.blocked(world.ania.pk, world.bartek.pk)
    acts.close_door(world.actor(name), kept(pair))
    assert kinds(pair).count("pair.closed") == 1


@pytest.mark.parametrize("seen", ["before", "after"])
def test_the_door_is_closed_also_when_the_pair_has_ended(world, pair, seen):
    """Nothing that happened meanwhile undoes it."""
    before = kept(pair)
    acts.end(world.actor(BARTEK), pair, at_once=True)
    acts.close_door(world.actor(ANIA), before if seen == "before" else kept(pair))
    assert safety.blocked(world.ania.pk, world.bartek.pk)
    assert kept(pair).ended_by == world.bartek


def met_elsewhere(world) -> tuple[Pair, Proposal]:
    """The two in another programme too, the roles swapped: a pair going on, and a proposal out. It takes two who accept in
    the same moment, so it is written here by hand."""
    for name in (ANIA, BARTEK):
        world.join(name, world.elsewhere)
    ania, bartek = (world.actor(name, world.elsewhere) for name in (ANIA, BARTEK))
    topic = world.elsewhere.topics.get(code="lonely")
    lived = experiences.add(ania, topic=topic, stage="been_through")
    offer = offers.make(ania, experiences=[lived], forms=["text"], languages=["pl"], hours="f" * 42, capacity=2)
    first, second = (asks.send(bartek, asks.draft(bartek, topics=[topic])) for _two in range(2))
    for ask in (first, second):
        offers.hold_seat(bartek, offer)
        asks.propose(bartek, ask)
    asks.pair(bartek, first)
    talk = conversations.open_between(bartek, [world.ania.pk, world.bartek.pk])
    both = {"programme": world.elsewhere, "offer": offer}
    pair = Pair.objects.create(ask=first, asker=world.bartek, giver=world.ania, conversation=talk, **both)
    day = house_clock.now() + timedelta(days=2)
    return pair, Proposal.objects.create(ask=second, origin="chosen", answer_by=day, **both)


def test_the_door_is_closed_in_every_programme(world, pair):
    elsewhere, proposal = met_elsewhere(world)
    acts.close_door(world.actor(ANIA), kept(pair))
    assert not Pair.objects.going()
    assert not Proposal.objects.out()
    assert kept(elsewhere).offer.taken == 0
    assert kept(elsewhere).conversation.closed_at
    assert (kept(elsewhere).ask.state, Ask.objects.get(proposals=proposal).state) == (Ask.State.MET, Ask.State.OPEN)
    told = events.last(elsewhere, "pair.closed")
    assert (told.programme, told.facts) == (world.elsewhere.pk, {"ending": "blocked"})


# -- how it was -------------------------------------------------------------------------------------------------------


def test_what_the_other_says_is_shown_when_both_have_said(world, pair):
    acts.end(world.actor(ANIA), pair)
    acts.rate(world.actor(ANIA), pair, understood=4, helped=5, again=True)
    assert events.last(pair, "pair.rated").facts == {"side": "asker", "understood": 4}
    assert reads.ratings(world.actor(BARTEK), kept(pair)) == (None, None)
    acts.rate(world.actor(BARTEK), pair, understood=2)
    mine, theirs = reads.ratings(world.actor(BARTEK), kept(pair))
    assert (mine.understood, theirs.understood) == (2, 4)
    assert reads.ratings(world.actor("celina"), kept(pair)) == (None, None)


def test_one_says_how_it_was_once_and_may_change_it(world, pair):
    acts.end(world.actor(ANIA), pair, at_once=True)
    for understood in (1, 5):
        acts.rate(world.actor(ANIA), pair, understood=understood)
    assert Rating.objects.get().understood == 5


def test_it_is_asked_at_the_end_only(world, pair):
    with pytest.raises(Invalid):
        acts.rate(world.actor(ANIA), pair, understood=5)


@pytest.mark.parametrize("figures", [{"understood": 0}, {"understood": 6}, {"understood": 5, "helped": 9}])
def test_the_table_keeps_figures_from_one_to_five(world, pair, figures):
    acts.end(world.actor(ANIA), pair, at_once=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        acts.rate(world.actor(ANIA), pair, **figures)


def test_the_table_keeps_pairs_of_two_and_one_going_for_an_ask(world, pair):
    with pytest.raises(IntegrityError), transaction.atomic():
        Pair.objects.filter(pk=pair.pk).update(giver=world.ania)
    talk = conversations.open_between(world.actor(ANIA), [world.ania.pk, world.celina.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Pair.objects.create(programme=world.here, ask=pair.ask, asker=world.ania, giver=world.celina, conversation=talk)


def test_words_of_a_pair_that_ended_are_kept_for_a_time(world, pair, clock):
    acts.end(world.actor(ANIA), pair, at_once=True)
    clock(days=world.here.options.keep_closed_conversations)
    assert not reads.ended(world.here)
    clock(seconds=1)
    assert list(reads.ended(world.here)) == [pair]


def test_days_are_those_of_the_house(world, pair):
    assert reads.next_checkin(pair) == house_clock.today() + timedelta(days=7)
