"""What the waiting room writes to people, and who rests: letters about knocks, nobody, surges; offers without an answer."""

from __future__ import annotations

from typing import Any

import pytest

from nawzajem.ground.actor import CHORE
from nawzajem.notify import acts as letters
from nawzajem.notify import reads as letter_reads
from nawzajem.offers import acts as offers
from nawzajem.offers import reads as offer_reads
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import chores as pair_chores
from nawzajem.pairs.models import Proposal
from nawzajem.rights import acts as rights
from nawzajem.waiting import acts, chores
from nawzajem.waiting.models import Knock, Wait
from tests.rooms.test_notify import morning, postbox, subject

__all__ = ["morning", "postbox"]  # fixtures

pytestmark = pytest.mark.django_db


def go_round() -> None:
    chores.go_round(asleep=letter_reads.asleep)


def waits(world: Any) -> Wait:
    world.offer("bartek")
    wait = acts.begin(world.actor("ania"), world.draft("ania"))
    go_round()
    return Wait.objects.select_related("ask").get(pk=wait.pk)


def test_who_is_asked_gets_a_letter_within_minutes(world, postbox):
    waits(world)
    assert postbox(minutes=1) == [("bartek", subject("knock"))]


def test_no_letter_follows_who_has_answered(world, postbox):
    waits(world)
    knock = Knock.objects.select_related("wait__ask", "offer").get()
    acts.say_not_now(world.actor("bartek"), knock)
    assert postbox(minutes=1) == []


def test_in_quiet_hours_nobody_is_asked_who_did_not_say_that_they_are_here(world, morning):
    letters.choose(world.actor("bartek"), world.bartek, kinds=["now"], quiet_from=9, quiet_until=12)
    wait = waits(world)
    assert not Knock.objects.exists()
    offers.be_here(world.actor("bartek"), Offer.objects.get(), hours=1)
    morning(minutes=1)
    go_round()
    assert wait.knocks.count() == 1


def test_whoever_waited_in_vain_and_those_on_duty_learn_of_it(world, postbox, morning):
    waits(world)
    morning(minutes=16)
    go_round()
    told = postbox(minutes=2)
    assert {("ania", subject("nobody")), ("celina", subject("unmet")), ("franek", subject("unmet"))} <= set(told)


def test_in_a_surge_coordinators_learn_of_it_and_those_who_fell_silent_may_come_back(world, postbox):
    world.offer("bartek")
    silent = world.offer("franek")
    offers.pause(world.actor("bartek"), Offer.objects.get(person=world.bartek))
    offers.pause(CHORE.within(world.here.pk), silent, why="idle")
    postbox()
    acts.begin_surge(CHORE.within(world.here.pk), world.here, asks=9, usual=1.2)
    assert sorted(postbox()) == [("celina", subject("surge")), ("franek", subject("needed"))]
    assert [offer.person for offer in offer_reads.resting_by_themselves(world.here.pk)] == [world.franek]


def test_whoever_leaves_is_no_longer_waited_for(world, morning):
    waits(world)
    rights.leave(world.actor("bartek"), world.member("bartek"))
    assert Knock.objects.get().state == Knock.State.OVER
    rights.leave(world.actor("ania"), world.member("ania"))
    assert Wait.objects.get().state == Wait.State.LEFT


def test_whoever_does_not_answer_twice_in_a_row_rests_and_comes_back_with_one_tap(world, clock):
    offer = world.offer("bartek")
    for asker in ("ania", "franek"):
        world.proposal(asker, "bartek", origin="coordinator")
        clock(hours=49)
        pair_chores.lapse()
        pair_chores.rest_unanswered()
        assert Offer.objects.get().state == ("ready" if asker == "ania" else "paused")
    offers.resume(world.actor("bartek"), Offer.objects.get(pk=offer.pk))
    pair_chores.rest_unanswered()
    assert Offer.objects.get().state == Offer.State.READY


def test_an_answer_in_between_counts(world, clock):
    world.offer("bartek")
    world.proposal("ania", "bartek", origin="coordinator")
    clock(hours=49)
    pair_chores.lapse()
    pairs.answer(world.actor("bartek"), world.proposal("franek", "bartek", origin="coordinator"), yes=False)
    world.add("gosia")
    world.proposal("gosia", "bartek", origin="coordinator")
    clock(hours=49)
    pair_chores.lapse()
    pair_chores.rest_unanswered()
    assert Proposal.objects.filter(state="lapsed").count() == 2
    assert Offer.objects.get().state == Offer.State.READY
