"""Waiting that grows with each refusal in a row, shrinks with quiet time, and is nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.ground import clock as house
from nawzajem.ground.patience import Patience, sentence, too_many

KIND = Patience("test", free=3, first=10, longest=300, calm=60)


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def tried(times: int, who: str = "ania") -> None:
    for _each in range(times):
        KIND.refused(who)


def test_the_first_refusals_cost_nothing_and_each_further_one_doubles_the_wait(clock):
    waits = []
    for _each in range(10):
        tried(1)
        waits.append(KIND.wait("ania"))
    assert waits == [0, 0, 0, 10, 20, 40, 80, 160, 300, 300]


def test_it_runs_down_and_shrinks_with_quiet_time(clock):
    tried(6)
    assert KIND.wait("ania") == 40
    clock(seconds=39)
    assert KIND.wait("ania") == 1
    clock(seconds=1)
    assert KIND.wait("ania") == 0
    tried(1)
    assert KIND.wait("ania") == 80  # at once again: longer
    clock(seconds=80 + 3 * 60)
    tried(1)
    assert KIND.wait("ania") == 20  # three refusals were forgotten meanwhile, and one came
    clock(days=1)
    tried(3)
    assert KIND.wait("ania") == 0


def test_nobody_makes_somebody_else_wait(clock):
    tried(50, "mallory")
    assert KIND.wait("mallory") == 300
    assert KIND.wait("ania") == 0


def test_whoever_shows_that_it_is_theirs_begins_anew(clock):
    tried(9)
    KIND.forget("ania")
    assert KIND.wait("ania") == 0


@given(st.lists(st.integers(0, 400), max_size=40))
def test_whatever_the_pauses_a_wait_is_never_longer_than_the_longest(pauses: list[int]):
    cache.clear()
    now, real = [house.now()], house.now
    house.now = lambda: now[0]  # type: ignore[assignment]
    try:
        for pause in pauses:
            now[0] = now[0].__class__.fromtimestamp(now[0].timestamp() + pause, tz=now[0].tzinfo)
            KIND.refused("ania")
            assert 0 <= KIND.wait("ania") <= 300
    finally:
        house.now = real  # type: ignore[assignment]


def test_it_says_how_long():
    assert "61" not in sentence(61)
    assert "2" in sentence(61)
    assert "59" in sentence(59)
    assert str(too_many(10).sentence) == sentence(10)
