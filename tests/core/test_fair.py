"""The strategy `fair`: against every assignment there is, on small cases, and by what it promises on large ones."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nawzajem.core.matching import Edges, Terms, best, fair, solve
from tests.core.test_best import edges, keeps_within, large, total


def points(of: Edges, assignment) -> np.ndarray:
    return np.bincount(of.asks()[assignment.edge], of.score[assignment.edge], len(of.demand)).astype(int)


def all_outcomes(demand, capacity, scores) -> set[tuple[int, ...]]:
    """What the asks may have, in every way there is."""
    ways = {tuple(capacity): {()}}
    for a, wanted in enumerate(demand):
        choices = [one for k in range(wanted + 1) for one in combinations(range(len(capacity)), k)]
        after: dict = {}
        for left, outcomes in ways.items():
            for chosen in choices:
                if all(left[o] and scores[a][o] for o in chosen):
                    seats = tuple(c - (o in chosen) for o, c in enumerate(left))
                    after.setdefault(seats, set()).update((*one, sum(scores[a][o] for o in chosen)) for one in outcomes)
        ways = after
    return set().union(*ways.values())


def first_level(outcome, liftable):
    """How many are served, what the worst of them has, and the total: in this order."""
    has = [outcome[a] for a in liftable if outcome[a]]
    return len(has), min(has, default=0), sum(outcome)


def liftable(demand, capacity, scores):
    return [a for a, row in enumerate(scores) if demand[a] and any(s and c for s, c in zip(row, capacity, strict=True))]


@st.composite
def problems(draw, wanted=1):
    asks, offers = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    score = st.integers(0, draw(st.sampled_from([1, 2, 4, 1000])))
    return (
        draw(st.lists(st.integers(0, wanted), min_size=asks, max_size=asks)),
        draw(st.lists(st.integers(0, 2), min_size=offers, max_size=offers)),
        draw(st.lists(st.lists(score, min_size=offers, max_size=offers), min_size=asks, max_size=asks)),
    )


@given(problems(), st.integers(0, 2))
@example(([1] * 4, [2, 2, 1, 1], [[0, 0, 343, 0], [0, 0, 713, 111], [724, 0, 0, 0], [0, 0, 0, 41]]), 0)
def test_asks_of_one_most_are_served_the_worst_as_well_as_can_be_and_then_the_total(problem, seed):
    of, who = edges(*problem), liftable(*problem)
    found = fair(of, Terms(seed))
    assert keeps_within(of, found)
    assert first_level(points(of, found), who) == max(first_level(one, who) for one in all_outcomes(*problem))


@given(problems(wanted=3))
@example(([1, 2, 1], [1, 2], [[509, 972], [250, 217], [527, 476]]))
@example(([2, 1, 1], [1, 1, 1], [[5, 5, 5], [5, 5, 0], [5, 0, 0]]))
def test_asks_of_several_are_served_first_and_the_total_is_near_the_highest_at_their_level(problem):
    of, who = edges(*problem), liftable(*problem)
    found = fair(of)
    served, worst, reached = first_level(points(of, found), who)
    outcomes = [first_level(one, who) for one in all_outcomes(*problem)]
    assert keeps_within(of, found)
    assert served == max(outcomes)[0]
    assert worst >= 0.5 * max(outcomes)[1]
    assert reached >= 0.8 * max(one[2] for one in outcomes if one[:2] >= (served, worst))


@pytest.mark.parametrize("wanted", [2, 3])
def test_the_worst_of_asks_of_several_is_nearly_always_as_well_served_as_can_be(wanted):
    draw, missed = np.random.default_rng(wanted), 0
    for _ in range(150):
        demand, capacity = draw.integers(1, wanted + 1, 4), draw.integers(1, 3, 4)
        scores = np.where(draw.random((4, 4)) < 0.7, draw.integers(1, 1001, (4, 4)), 0)
        problem = demand.tolist(), capacity.tolist(), scores.tolist()
        of, who = edges(*problem), liftable(*problem)
        highest = max(first_level(one, who) for one in all_outcomes(*problem))
        missed += first_level(points(of, fair(of)), who)[:2] != highest[:2]
    assert missed <= 3


@given(problems(wanted=2), st.integers(0, 1500))
def test_up_to_a_floor_nobody_is_lifted_for_their_own_sake_beyond_it(problem, floor):
    of, who = edges(*problem), liftable(*problem)
    has = points(of, fair(of, Terms(floor=floor)))
    free = points(of, fair(of))
    assert min(has[who], default=floor) >= min(floor, *free[who], 2000)
    if min(points(of, best(of))[who], default=floor) >= floor:
        assert has.sum() == total(of, best(of))


def test_a_floor_above_the_worst_lifts_the_next_worst_too():
    of = edges([1, 1, 1], [1, 1, 1, 1], [[2, 0, 0, 0], [0, 9, 5, 0], [0, 20, 4, 1]])
    assert points(of, fair(of)).tolist() == [2, 5, 20]
    of = edges([1, 1, 1], [1, 1, 1], [[2, 0, 0], [0, 9, 3], [0, 20, 8]])
    assert points(of, fair(of)).tolist() == [2, 3, 20]
    assert points(of, fair(of, Terms(floor=9))).tolist() == [2, 9, 8]


def test_who_waited_longest_comes_first_where_not_everybody_can_be_served():
    of = edges([1, 1, 1, 1], [2], [[9], [8], [2], [1]])
    assert np.flatnonzero(points(of, fair(of))).tolist() == [0, 1]
    assert np.flatnonzero(points(of, fair(of, Terms(waited=np.array([1.0, 5, 2, 9]))))).tolist() == [1, 3]


@given(problems(), st.permutations(range(4)))
def test_of_those_who_waited_no_other_choice_serves_earlier_ones(problem, waited):
    of, who = edges(*problem), liftable(*problem)
    longest = sorted(who, key=lambda a: -waited[a])
    has = points(of, fair(of, Terms(waited=np.array(waited[: len(problem[0])], float))))
    outcomes = all_outcomes(*problem)
    assert [has[a] > 0 for a in longest] == max([one[a] > 0 for a in longest] for one in outcomes)


def test_what_an_ask_holds_by_locked_pairs_counts():
    of = edges([2, 1], [1, 1, 1], [[7, 6, 0], [0, 9, 1]])
    assert points(of, fair(of)).tolist() == [7, 9]
    of = edges([1, 1], [1, 1], [[6, 2], [9, 4]])
    assert points(of, fair(of)).tolist() == [6, 4]
    assert points(of, fair(of, Terms(got=np.array([3, 0])))).tolist() == [2, 9]


def test_locked_pairs_stand_and_the_others_are_lifted_beside_them():
    of = edges([2, 1], [1, 1, 1], [[9, 5, 1], [0, 9, 2]])
    found = solve(of, fair, locked=np.array([1]))
    assert 1 in found.edge
    assert points(of, found).tolist() == [14, 2]


@pytest.mark.parametrize(
    ("demand", "capacity", "scores", "has"),
    [
        ([], [], [], []),
        ([1, 1], [], [[], []], [0, 0]),
        ([], [1, 1], [], []),
        ([1, 1], [1], [[0], [0]], [0, 0]),
        ([1, 1], [0], [[5], [5]], [0, 0]),
        ([0, 1], [1], [[5], [3]], [0, 3]),
        ([2, 2], [2, 2, 2], [[4, 4, 4], [4, 4, 4]], [8, 8]),
    ],
)
def test_empty_one_sided_forbidden_and_all_equal(demand, capacity, scores, has):
    of = edges(demand, capacity, scores)
    assert points(of, fair(of)).tolist() == has


def test_whom_nobody_fits_keeps_nobody_else_down():
    of = edges([1, 1, 1], [1, 1, 1], [[0, 0, 0], [0, 9, 3], [0, 20, 8]])
    assert points(of, fair(of)).tolist() == [0, 9, 8]


@pytest.mark.parametrize("levels", [1, 5, 10_000])
def test_large_rounds_serve_as_many_as_can_be_and_repeat_themselves(levels):
    of = large(asks=600, offers=400, levels=levels)
    found, again = fair(of, Terms(3)), fair(of, Terms(3))
    one = Edges(np.minimum(of.demand, 1), of.capacity, of.start, of.offer, np.ones_like(of.score))
    assert keeps_within(of, found)
    assert (found.edge == again.edge).all()
    assert np.count_nonzero(points(of, found)) == len(best(one).edge) > np.count_nonzero(points(of, best(of)))
    assert found.certificate is not None


def test_it_tells_how_far_it_is_and_ends_when_nobody_wants_it_any_more():
    heard = []
    fair(large(asks=300, offers=200), Terms(heed=heard.append))
    assert heard == sorted(heard)
    assert all(0 <= done <= 1 for done in heard)

    def enough(done):
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fair(large(asks=300, offers=200), Terms(heed=enough))
