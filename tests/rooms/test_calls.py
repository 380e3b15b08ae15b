"""Calls: both must wish to be rung; the steps go in their order; what describes a way is sealed and soon gone."""

from __future__ import annotations

import contextlib

import pytest

from nawzajem.conversations import acts as talks
from nawzajem.conversations.calls import acts, chores, reads, rules
from nawzajem.conversations.calls.models import Ear, Signal
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, Stale, TooMany
from nawzajem.programmes.options import Options
from nawzajem.safety import acts as safety

pytestmark = pytest.mark.django_db

WAY = "candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host"


@pytest.fixture
def talk(world):
    return world.pair().conversation


@pytest.fixture
def both(world, talk):
    for name in ("ania", "bartek"):
        acts.choose(world.actor(name), talk, may_be_rung=True)
    return talk


def step(world, talk, name, what, body="", number="a1b2c3d4e5"):
    acts.signal(world.actor(name), talk, number=number, step=what, body=body)


def heard(world, talk, name):
    return [(one.step, one.body, one.mine) for one in reads.signals(world.actor(name), talk)]


def test_a_call_takes_the_wish_of_both(world, talk):
    acts.choose(world.actor("ania"), talk, may_be_rung=True)
    assert reads.standing(world.actor("bartek"), talk) == reads.Standing(mine=False, theirs=True)
    with pytest.raises(Stale):
        step(world, talk, "ania", "ring")
    acts.choose(world.actor("bartek"), talk, may_be_rung=True)
    step(world, talk, "ania", "ring")
    assert heard(world, talk, "bartek") == [("ring", "", False)]
    acts.choose(world.actor("bartek"), talk, may_be_rung=False)
    with pytest.raises(Stale):
        step(world, talk, "ania", "ring", number="another123")


def test_saying_it_twice_is_saying_it_once(world, talk):
    for _time in range(2):
        acts.choose(world.actor("ania"), talk, may_be_rung=True)
    assert Event.objects.filter(kind="call.allowed", thing=talk.pk).count() == 1
    for _time in range(2):
        acts.choose(world.actor("ania"), talk, may_be_rung=False)
    assert Event.objects.filter(kind="call.disallowed", thing=talk.pk).count() == 1
    assert not Ear.objects.exists()


def test_the_steps_of_a_call_reach_the_other_in_order_and_each_once(world, both):
    step(world, both, "ania", "ring")
    step(world, both, "bartek", "accept")
    step(world, both, "ania", "offer", WAY)
    step(world, both, "ania", "offer", WAY)
    step(world, both, "bartek", "answer", WAY)
    step(world, both, "ania", "end")
    assert [what for what, _body, _mine in heard(world, both, "bartek")] == ["ring", "accept", "offer", "answer", "end"]
    assert ("offer", WAY, False) in heard(world, both, "bartek")
    kinds = Event.objects.filter(thing=both.pk, kind__startswith="call.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["call.allowed", "call.allowed", "call.rung", "call.answered", "call.ended"]


def test_what_was_heard_before_is_not_told_again(world, both):
    step(world, both, "ania", "ring")
    [ring] = reads.signals(world.actor("bartek"), both)
    assert reads.signals(world.actor("bartek"), both, after=ring.id) == []


@pytest.mark.parametrize(
    ("name", "what"), [("bartek", "accept"), ("ania", "offer"), ("bartek", "answer"), ("bartek", "decline")]
)
def test_no_step_comes_before_the_one_that_leads_to_it(world, both, name, what):
    with pytest.raises(Stale):
        step(world, both, name, what)


def test_nobody_answers_their_own_ring(world, both):
    step(world, both, "ania", "ring")
    with pytest.raises(Stale):
        step(world, both, "ania", "accept")


def test_a_ring_is_over_once_it_was_declined_ended_or_nobody_came(world, both, clock):
    step(world, both, "ania", "ring")
    step(world, both, "bartek", "decline")
    with pytest.raises(Stale):
        step(world, both, "bartek", "accept")
    step(world, both, "ania", "ring", number="second1234")
    clock(seconds=acts.RINGS.total_seconds() + 1)
    with pytest.raises(Stale):
        step(world, both, "bartek", "accept", number="second1234")


def test_who_rings_again_and_again_is_asked_to_write(world, both, clock):
    for number in ("first12345", "second1234", "third12345"):
        step(world, both, "ania", "ring", number=number)
    with pytest.raises(TooMany):
        step(world, both, "ania", "ring", number="fourth1234")
    clock(seconds=acts.KEPT.total_seconds() + 1)
    step(world, both, "ania", "ring", number="fifth12345")


def test_however_much_somebody_signals_little_is_kept(world, both):
    for n in range(40):
        step(world, both, "ania", "end", number=f"nowhere{n:03}")
    assert not Signal.objects.exists()
    for n in range(40):
        number = f"number{n:04}"
        for what in ("ring", "offer", "end", "end"):
            with contextlib.suppress(TooMany, Stale):
                step(world, both, "ania", what, number=number)
    assert Signal.objects.count() <= acts.AT_MOST * 2


def test_a_stranger_neither_rings_nor_hears(world, both):
    with pytest.raises(NotAllowed):
        step(world, both, "dawid", "ring")
    with pytest.raises(NotAllowed):
        acts.choose(world.actor("dawid"), both, may_be_rung=True)


def test_behind_a_closed_door_nothing_rings_but_hanging_up_is_always_right(world, both):
    step(world, both, "ania", "ring")
    safety.block(world.actor("bartek"), world.ania)
    with pytest.raises(Closed):
        step(world, both, "ania", "ring", number="second1234")
    step(world, both, "ania", "end")


def test_in_a_talk_that_has_ended_nothing_rings(world, both):
    talks.close(world.actor("ania"), both)
    with pytest.raises(Closed):
        step(world, both, "ania", "ring")


def test_the_way_to_a_device_is_sealed_and_soon_gone(world, both, clock):
    step(world, both, "ania", "ring")
    step(world, both, "bartek", "accept")
    step(world, both, "ania", "offer", WAY)
    assert not any(b"192.0.2.7" in bytes(one.body) for one in Signal.objects.all())
    assert chores.forget() == 0
    clock(seconds=acts.KEPT.total_seconds() + 1)
    assert heard(world, both, "bartek") == []
    assert chores.forget() == 3


def test_a_programme_has_calls_only_where_the_way_is_settled():
    assert rules.has_calls(Options(), through_relay=True)
    assert not rules.has_calls(Options(), through_relay=False)
    assert rules.has_calls(Options(calls_direct=True), through_relay=False)
    assert not rules.has_calls(Options(forms=["text"], calls_direct=True), through_relay=True)
