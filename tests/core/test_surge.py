"""When far more ask than usual: against the sum written out, and at its edges."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import surge


def test_with_one_day_of_nothing_it_is_the_sum_by_hand():
    """Gamma(1/2) after one empty day: P(0) = (1/2) ** (1/2), P(1) = P(0) / 4."""
    assert isclose(surge.chance(1, [0]), 1 - 0.5**0.5)
    assert isclose(surge.chance(2, [0]), 1 - 0.5**0.5 * 1.25)


def test_many_like_days_come_near_to_poisson():
    """Mean 2 known well: 1 - exp(-2) * (1 + 2) is 0.594."""
    assert abs(surge.chance(2, [2] * 1000) - 0.594) < 0.002


@given(st.integers(0, 40), st.lists(st.integers(0, 20), min_size=1, max_size=28))
def test_more_asks_are_never_likelier_and_a_chance_is_a_chance(asks, before):
    more, same = surge.chance(asks + 1, before), surge.chance(asks, before)
    assert 0 <= more <= same <= 1


@given(st.integers(0, 40), st.lists(st.integers(0, 20), max_size=28))
def test_what_begins_is_not_over(asks, before):
    assert not (surge.begins(asks, before) and surge.is_over(asks, before))


@pytest.mark.parametrize(
    ("asks", "before", "begins"),
    [
        (5, [0] * 28, False),
        (6, [0] * 28, True),
        (6, [3] * 28, False),
        (12, [3] * 28, True),
        (6, [0], False),
        (50, [], False),
    ],
)
def test_a_surge_is_many_and_rare(asks, before, begins):
    assert surge.begins(asks, before) == begins


def test_six_in_a_house_without_a_past_are_no_surge():
    assert surge.chance(6, []) == 1
