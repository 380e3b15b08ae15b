import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import expected_wait


def test_when_everybody_found_somebody_the_half_is_the_ordinary_median():
    assert expected_wait([1, 2, 3, 4], [True] * 4).half == 2


def test_those_still_waiting_make_the_wait_longer():
    # of five one is still waiting after 2 hours, one after 6: the textbook steps are 4/5, then 8/15, then 4/15
    wait = expected_wait([1, 2, 3, 5, 6], [True, False, True, True, False])
    assert (wait.soon, wait.half, wait.late) == (3, 5, None)
    assert (wait.people, wait.paired) == (5, 3)


def test_nothing_is_promised_where_nobody_has_waited():
    wait = expected_wait([], [])
    assert (wait.soon, wait.half, wait.late, wait.people) == (None, None, None, 0)


def test_nothing_is_promised_where_nobody_has_found_anybody():
    assert expected_wait([10, 20], [False, False]).half is None


def test_somebody_paired_at_the_hour_at_which_another_left_was_waiting_with_them():
    assert expected_wait([5, 5], [True, False]).half == 5


def test_a_wait_below_nothing_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        expected_wait([-1], [True])


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_it_agrees_with_the_product_written_out(people):
    hours, paired = zip(*people, strict=True)
    share, half = 1.0, None
    for at in sorted(set(hours)):
        waiting = sum(hour >= at for hour in hours)
        share *= 1 - sum(found for hour, found in people if hour == at) / waiting
        if share <= 0.5 + 1e-12 and half is None:
            half = at
    assert expected_wait(hours, paired).half == half
