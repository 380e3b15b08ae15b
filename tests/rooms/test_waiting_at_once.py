"""The waiting room when two do something in the same moment, and when a process dies in the middle of a wave."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from django.db import connection, transaction

from nawzajem.ground.models import Event
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair
from nawzajem.waiting import acts, chores, reads
from nawzajem.waiting.models import Knock, Wait
from tests.rooms.at_once import at_once, refused, while_open

pytestmark = pytest.mark.usefixtures("for_real")


@pytest.fixture
def waiting(_cast: Any) -> Any:
    """Ania waits, and it has knocked at the doors of Bartek and Franek."""
    world = _cast.afresh()
    for name in ("bartek", "franek"):
        world.offer(name)
    world.wait = acts.begin(world.actor("ania"), world.draft("ania"))
    return world


def go_round() -> None:
    chores.go_round(asleep=lambda _people: set())


def knock(world: Any, name: str) -> Knock:
    return Knock.objects.select_related("wait__ask", "offer").get(offer__person=world.people[name])


def says_yes(world: Any, name: str) -> Any:
    return lambda: acts.say_yes(world.actor(name), knock(world, name))


def test_of_two_who_say_yes_at_once_one_comes(waiting):
    go_round()
    results = at_once(says_yes(waiting, "bartek"), says_yes(waiting, "franek"))
    assert refused(results) == ["stale"]
    assert Knock.objects.filter(state=Knock.State.YES).count() == 1
    assert sum(Offer.objects.values_list("taken", flat=True)) == 1


@pytest.mark.parametrize("first", ["bartek", "franek"])
def test_while_one_is_saying_yes_the_other_is_refused(waiting, first):
    go_round()
    other = {"bartek": "franek", "franek": "bartek"}[first]
    results = while_open(says_yes(waiting, first), says_yes(waiting, other))
    assert refused(results) == ["stale"]
    assert knock(waiting, first).state == Knock.State.YES


def test_two_who_look_round_at_once_knock_once(waiting):
    at_once(go_round, go_round)
    assert Knock.objects.count() == 2
    assert Event.objects.filter(kind="wait.wave").count() == 1
    assert Wait.objects.get().wave == 1


def test_coming_in_twice_at_once_is_one_talk(waiting):
    go_round()
    acts.say_yes(waiting.actor("bartek"), knock(waiting, "bartek"))
    come = lambda: acts.come_in(waiting.actor("bartek"), knock(waiting, "bartek"))  # noqa: E731
    results = at_once(come, come)
    assert refused(results) == []
    assert Pair.objects.count() == 1


def test_leaving_and_a_yes_in_the_same_moment_leave_no_seat_taken(waiting):
    go_round()
    leaves = lambda: acts.leave(waiting.actor("ania"), Wait.objects.select_related("ask").get())  # noqa: E731
    at_once(leaves, says_yes(waiting, "bartek"))
    assert Wait.objects.get().state == Wait.State.LEFT
    assert sum(Offer.objects.values_list("taken", flat=True)) == 0
    assert not Knock.objects.open().exists()


def test_pressing_twice_at_once_is_one_wait(waiting):
    press = lambda: acts.begin(waiting.actor("celina"), waiting.draft("celina"))  # noqa: E731
    assert refused(at_once(press, press)) == ["stale"]
    assert reads.my_wait(waiting.actor("celina")) is not None


def test_a_process_that_dies_in_the_middle_of_a_wave_is_followed_by_the_next(waiting):
    """Killed after the knocks were written and before they were kept: nothing of it is there, and the next look finds it due."""
    connection.close()
    child = os.fork()
    if not child:
        with transaction.atomic():
            go_round()
            assert Knock.objects.count() == 2
            os.kill(os.getpid(), signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert not Knock.objects.exists()
    assert Wait.objects.get().wave == 0
    go_round()
    assert Knock.objects.count() == 2
