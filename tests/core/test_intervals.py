"""Means and shares with intervals, by eye and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.privacy import told_count, told_counts
from nawzajem.core.scales import mean_interval, share_interval
from nawzajem.core.scales.intervals import t_quantile


@pytest.mark.parametrize(
    ("freedom", "table"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045), (120, 1.980)],
)
def test_students_t_is_that_of_the_tables(freedom, table):
    assert t_quantile(freedom) == pytest.approx(table, abs=0.01)


def test_a_mean_by_hand():
    """1, 2, 3: mean 2, deviation 1, so 4.303 / sqrt(3) to each side."""
    assert mean_interval([1, 2, 3]) == pytest.approx((2, 2 - 2.484, 2 + 2.484), abs=0.001)


def test_a_share_by_hand():
    """8 of 10 after Wilson, as printed in textbooks."""
    assert share_interval(8, 10) == pytest.approx((0.8, 0.490, 0.943), abs=0.001)


def test_nobody_of_five_is_not_certainly_nobody():
    assert share_interval(0, 5).high > 0.4


def test_equal_answers_leave_no_room():
    assert mean_interval([4, 4, 4, 4]) == (4, 4, 4)


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_within_its_bounds_and_they_within_0_and_1(yes, of):
    yes = min(yes, of)
    value, low, high = share_interval(yes, of)
    assert 0 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1


@given(st.lists(st.integers(1, 5), min_size=2, max_size=50))
def test_more_of_the_same_answers_narrow_the_bounds(answers):
    once, often = mean_interval(answers), mean_interval(answers * 4)
    assert often.high - often.low <= once.high - once.low + 1e-9


@pytest.mark.parametrize(
    "wrong", [lambda: mean_interval([1]), lambda: share_interval(1, 0), lambda: share_interval(3, 2)]
)
def test_too_little_says_so(wrong):
    with pytest.raises(ValueError, match=r".+"):
        wrong()


# -- counts beside each other -----------------------------------------------------------------------------------------

COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 60), max_size=8)


@given(COUNTS, st.integers(2, 10))
def test_one_withheld_count_never_stands_alone(counts, floor):
    told = told_counts(counts, floor=floor)
    withheld = [name for name, count in told.items() if count is None]
    positive = [name for name, count in counts.items() if count]
    assert len(withheld) != 1 or len(positive) == 1


@given(COUNTS, st.integers(2, 10))
def test_what_is_told_is_told_as_alone(counts, floor):
    for name, count in told_counts(counts, floor=floor).items():
        assert count is None or count == told_count(counts[name], floor=floor)


def test_the_next_smallest_is_withheld_with_the_one():
    assert told_counts({"a": 2, "b": 7, "c": 30}, floor=5) == {"a": None, "b": None, "c": 30}
