"""The strategy `stable`: against all that is possible, on small cases; and by its checker on large ones."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import Assignment, Edges, Terms, blocking, quick, solve, stable
from tests.core.test_solve import all_assignments, fits


def edges(rows, demand, capacity):
    """Of each ask its offers with two numbers: what the offer is to the ask, and what the ask is to the offer."""
    each = [(offer, *worth) for row in rows for offer, worth in sorted(row.items())]
    offer, score, back = np.array(each, np.int32).reshape(-1, 3).T
    start = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return Edges(
        np.array(demand, np.int32), np.array(capacity, np.int32), start, offer.copy(), score.copy(), back.copy()
    )


def blocked_by_hand(of, chosen):
    """One edge after the other, in the words of the definition."""
    taken, asks = set(chosen.tolist()), of.asks().tolist()
    back = of.score if of.back is None else of.back

    def would(side, place, places, worth, e):
        mine = [worth[f] for f in taken if side[f] == place]
        return len(mine) < places or any(worth[e] > one for one in mine)

    return [
        e
        for e in range(len(of.score))
        if e not in taken
        and would(asks, asks[e], of.demand[asks[e]], of.score, e)
        and would(of.offer, of.offer[e], of.capacity[of.offer[e]], back, e)
    ]


def all_stable(of):
    return [chosen for chosen in all_assignments(of) if not blocked_by_hand(of, chosen)]


@st.composite
def small(draw, *, strict=False, most=2):
    """Up to three asks and three offers; strict: neither side knows equals."""
    asks, offers = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    allowed = [[o for o in range(offers) if draw(st.integers(0, 3))] for _ in range(asks)]
    count = sum(map(len, allowed))
    worth = (
        st.permutations(range(1, count + 1)) if strict else st.lists(st.integers(1, 3), min_size=count, max_size=count)
    )
    score, back = draw(worth), draw(worth)
    own = st.booleans() if not strict else st.just(True)
    return Edges(
        demand=np.array([draw(st.integers(0, most)) for _ in range(asks)], np.int32),
        capacity=np.array([draw(st.integers(0, 2)) for _ in range(offers)], np.int32),
        start=np.cumsum([0, *map(len, allowed)]).astype(np.int64),
        offer=np.array(list(chain(*allowed)), np.int32),
        score=np.array(score, np.int32),
        back=np.array(back, np.int32) if draw(own) else None,
    )


def test_whom_both_would_rather_have_they_have():
    """The first ask likes the first offer best, which would rather have the second: so it goes to the second offer."""
    of = edges([{0: (9, 1), 1: (5, 5)}, {0: (7, 2)}], [1, 1], [1, 1])
    assert stable(of).edge.tolist() == [1, 2]
    assert blocking(of, Assignment(np.array([0]))).tolist() == [2]


def test_an_offer_with_two_seats_keeps_the_two_it_likes_best():
    of = edges([{0: (1, n)} for n in (3, 1, 2)], [1, 1, 1], [2])
    assert stable(of).edge.tolist() == [0, 2]


def test_asks_do_as_well_as_anybody_can_where_the_two_sides_disagree():
    of = edges([{0: (2, 1), 1: (1, 2)}, {0: (1, 2), 1: (2, 1)}], [1, 1], [1, 1])
    assert stable(of).edge.tolist() == [0, 3]
    assert [chosen.tolist() for chosen in all_stable(of)] == [[0, 3], [1, 2]]


@settings(max_examples=150)
@given(small(), st.integers(0, 3))
def test_no_pair_blocks_whatever_is_equal_and_however_many_are_wanted(of, seed):
    found = stable(of, Terms(seed))
    assert fits(of, found.edge)
    assert len(blocking(of, found)) == 0
    assert blocked_by_hand(of, found.edge) == []


@given(small(), st.data())
def test_the_checker_finds_what_the_definition_finds(of, data):
    every = list(all_assignments(of))
    chosen = data.draw(st.sampled_from(every))
    assert blocking(of, Assignment(chosen)).tolist() == blocked_by_hand(of, chosen)


@given(small(strict=True, most=1))
def test_of_all_stable_assignments_every_ask_has_its_best_and_always_as_many_are_served(of):
    found, every = stable(of).edge, all_stable(of)
    asks = of.asks()

    def gets(chosen):
        return np.bincount(asks[chosen], weights=of.score[chosen], minlength=len(of.demand))

    for other in every:
        assert (gets(found) >= gets(other)).all()
    assert any(found.tolist() == one.tolist() for one in every)


@given(small(strict=True))
def test_an_offer_that_keeps_seats_free_has_the_same_people_in_every_stable_assignment(of):
    """The rural hospitals: who is served, and how often, is no matter of choice between stable assignments."""
    found = stable(of).edge
    for other in all_stable(of):
        for side, places in ((of.asks(), of.demand), (of.offer, of.capacity)):
            ours, theirs = (np.bincount(side[one], minlength=len(places)) for one in (found, other))
            assert ours.tolist() == theirs.tolist()
            for place in np.flatnonzero(ours < places):
                assert set(found[side[found] == place]) == set(other[side[other] == place])


@given(small(strict=True))
def test_where_both_sides_rank_alike_it_is_what_the_quick_one_finds(of):
    of = replace(of, back=None)
    assert stable(of).edge.tolist() == quick(of).edge.tolist()


def falling(of):
    """The same with each row from the best downwards, as a search for candidates gives it."""
    order = np.lexsort((-of.score, of.asks()))
    back = None if of.back is None else of.back[order]
    return replace(of, offer=of.offer[order], score=of.score[order], back=back), order


@given(small(strict=True))
def test_in_rows_that_fall_it_finds_the_same_people(of):
    fallen, order = falling(of)
    assert sorted(order[stable(fallen).edge].tolist()) == stable(of).edge.tolist()


@given(small(), st.integers(0, 3))
def test_in_rows_that_fall_no_pair_blocks_whatever_is_equal(of, seed):
    fallen, _ = falling(of)
    found = stable(fallen, Terms(seed))
    assert fits(fallen, found.edge)
    assert blocked_by_hand(fallen, found.edge) == []


@given(small(), st.data())
def test_with_pairs_locked_and_forbidden_the_rest_is_stable_among_itself(of, data):
    mark = st.lists(st.sampled_from(["", "", "locked", "forbidden"]), min_size=len(of.score), max_size=len(of.score))
    marks = data.draw(mark)
    locked, forbidden = (
        np.array([e for e, m in enumerate(marks) if m == one], np.int64) for one in ("locked", "forbidden")
    )
    if fits(of, locked):
        found = solve(of, stable, locked=locked, forbidden=forbidden)
        assert len(blocking(of, found)) == 0
        free, kept = of.besides(locked, forbidden)
        assert blocked_by_hand(free, np.flatnonzero(np.isin(kept, found.edge))) == []


def test_a_seed_decides_between_equals_and_always_in_the_same_way():
    of = edges([{0: (5, 5)}] * 4, [1] * 4, [1])
    once = [stable(of, Terms(seed)).edge.tolist() for seed in range(40)]
    assert once == [stable(of, Terms(seed)).edge.tolist() for seed in range(40)]
    assert sorted(set(map(tuple, once))) == [(0,), (1,), (2,), (3,)]


def test_the_checker_refuses_what_is_no_assignment():
    of = edges([{0: (1, 1)}, {0: (1, 1)}], [1, 1], [1])
    for wrong in ([0, 1], [0, 0], [7], [-1]):
        with pytest.raises(ValueError, match="no assignment"):
            blocking(of, Assignment(np.array(wrong)))
    for settled in ({"locked": np.array([1])}, {"forbidden": np.array([0])}):
        with pytest.raises(ValueError, match="no assignment"):
            blocking(of, Assignment(np.array([0]), **settled))


def test_nothing_comes_of_nothing_and_of_one_side_alone():
    for asks, offers in ((0, 0), (3, 0), (0, 3)):
        of = edges([{}] * asks, [1] * asks, [1] * offers)
        assert stable(of).edge.tolist() == blocking(of, stable(of)).tolist() == []


@pytest.mark.parametrize("equal", [False, True])
def test_twenty_thousand_edges_of_a_kind_are_stable_and_no_seat_is_left_where_somebody_would_come(equal):
    draw = np.random.default_rng(5)
    asks, offers, each = 1000, 300, 20
    scores = np.ones((2, asks * each), np.int32) if equal else draw.integers(1, 50, (2, asks * each)).astype(np.int32)
    of = Edges(
        demand=draw.integers(0, 4, asks).astype(np.int32),
        capacity=draw.integers(0, 40, offers).astype(np.int32),
        start=np.arange(0, asks * each + 1, each),
        offer=np.concatenate([draw.permutation(offers)[:each] for _ in range(asks)]).astype(np.int32),
        score=scores[0],
        back=scores[1],
    )
    found = stable(of, Terms(seed=2))
    assert fits(of, found.edge)
    assert len(blocking(of, found)) == 0
    assert len(blocking(of, Assignment(found.edge[1:]))) > 0


def test_nothing_compiled_is_loaded_before_a_round_is_solved():
    said = "import sys, nawzajem.core.matching; print('numba' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
