"""The strategy `best`: against all that is possible, on small cases; and by its certificate on large ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import Edges, Terms, best, bound, quick
from nawzajem.core.matching.certificate import Certificate


def edges(demand, capacity, scores) -> Edges:
    """From a table of scores, asks down and offers across; 0 where the two may not meet."""
    table = np.array(scores, np.int32).reshape(len(demand), len(capacity))
    asks, offers = np.nonzero(table)
    start = np.concatenate([[0], np.cumsum(np.bincount(asks, minlength=len(demand)))])
    return Edges(
        np.array(demand, np.int32),
        np.array(capacity, np.int32),
        start.astype(np.int64),
        offers.astype(np.int32),
        table[asks, offers].astype(np.int32),
    )


def highest_possible(demand, capacity, scores) -> int:
    """Every way there is, one ask after the other."""

    @cache
    def from_ask(a: int, left: tuple[int, ...]) -> int:
        if a == len(demand):
            return 0
        return max(
            sum(scores[a][o] for o in chosen) + from_ask(a + 1, tuple(c - (o in chosen) for o, c in enumerate(left)))
            for chosen in choices(a, left)
        )

    def choices(a: int, left: tuple[int, ...]) -> list[tuple[int, ...]]:
        open_ones = [o for o, c in enumerate(left) if c and scores[a][o]]
        found: list[tuple[int, ...]] = [()]
        for o in open_ones:
            found += [(*one, o) for one in found if len(one) < demand[a]]
        return found

    return from_ask(0, tuple(capacity))


@st.composite
def problems(draw, most=5, top=4):
    asks, offers = draw(st.integers(0, most)), draw(st.integers(0, most))
    score = st.integers(0, draw(st.sampled_from([1, 2, top, 1000])))  # with few different scores nearly all are equal
    return (
        draw(st.lists(st.integers(0, 3), min_size=asks, max_size=asks)),
        draw(st.lists(st.integers(0, 3), min_size=offers, max_size=offers)),
        draw(st.lists(st.lists(score, min_size=offers, max_size=offers), min_size=asks, max_size=asks)),
    )


def total(of: Edges, assignment) -> int:
    return int(of.score[assignment.edge].sum(dtype=np.int64))


def keeps_within(of: Edges, assignment) -> bool:
    asks, offers = of.asks()[assignment.edge], of.offer[assignment.edge]
    return bool(
        (np.bincount(asks, minlength=len(of.demand)) <= of.demand).all()
        and (np.bincount(offers, minlength=len(of.capacity)) <= of.capacity).all()
        and len(np.unique(assignment.edge)) == len(assignment.edge)
    )


@given(problems())
def test_there_is_no_higher_total(problem):
    of = edges(*problem)
    found = best(of)
    assert keeps_within(of, found)
    assert total(of, found) == highest_possible(*problem) == bound(of, found.certificate)


SETTINGS = sys.modules["nawzajem.core.matching.best"]


@given(problems(), st.integers(0, 3))
def test_without_any_bidding_the_paths_alone_find_it(problem, seed):
    with patch.multiple(SETTINGS, FINE=0, MANY=0):
        of = edges(*problem)
        found = best(of, Terms(seed))
    assert keeps_within(of, found)
    assert total(of, found) == bound(of, found.certificate) == highest_possible(*problem)


@given(problems(), st.sampled_from([1, 2, 8, 1000]))
def test_coarse_bids_of_any_step_end_in_the_same_total(problem, parts):
    with patch.multiple(SETTINGS, FINE=0, MANY=10**9, STEP=parts):
        of = edges(*problem)
        found = best(of)
    assert keeps_within(of, found)
    assert total(of, found) == bound(of, found.certificate) == highest_possible(*problem)


@st.composite
def changed(draw):
    """Two problems of as many asks and offers, in which everything else may differ."""
    demand, capacity, table = draw(problems())
    if not capacity or not demand:
        return (demand, capacity, table), (demand, capacity, table)
    later = [[draw(st.sampled_from([score, score, 0, 3])) for score in row] for row in table]
    return (demand, capacity, table), (
        [draw(st.sampled_from([one, one, 0, 2])) for one in demand],
        [draw(st.sampled_from([one, one, 0, 2])) for one in capacity],
        later,
    )


@given(changed())
def test_from_what_was_found_before_a_change_the_best_after_it_is_found(two):
    before, after = edges(*two[0]), edges(*two[1])
    found = best(before)
    held = {(before.asks()[one], before.offer[one]) for one in found.edge}
    carried = [place for place, pair in enumerate(zip(after.asks(), after.offer, strict=True)) if pair in held]
    again = best(after, Terms(before=replace(found, edge=np.array(carried, np.int64))))
    assert keeps_within(after, again)
    assert total(after, again) == bound(after, again.certificate) == highest_possible(*two[1])


def test_nothing_changes_where_nothing_changed():
    of = large(levels=2)
    found = best(of)
    assert np.array_equal(best(of, Terms(before=found)).edge, found.edge)


def test_somebody_who_watches_hears_how_far_it_is_and_may_end_it():
    of, heard = large(levels=3), []
    best(of, Terms(heed=heard.append))
    assert heard == sorted(heard)
    assert (min(heard) > 0, heard[-1]) == (True, 1)

    class EnoughError(Exception):
        pass

    def stop(done):
        if done >= heard[len(heard) // 2]:
            raise EnoughError

    with pytest.raises(EnoughError):
        best(of, Terms(heed=stop))


def large(asks=1500, offers=900, seed=1, levels=5) -> Edges:
    chance = np.random.default_rng(seed)
    table = np.where(chance.random((asks, offers)) < 0.02, chance.integers(1, levels + 1, (asks, offers)), 0)
    return edges(chance.integers(1, 4, asks), chance.integers(0, 3, offers), table)


@pytest.mark.parametrize("levels", [1, 3, 10_000])
def test_large_rounds_are_proved_by_their_certificate(levels):
    of = large(levels=levels)
    found = best(of)
    assert keeps_within(of, found)
    assert total(of, found) == bound(of, found.certificate) >= total(of, quick(of))


def test_the_seed_decides_between_equals_and_nothing_else():
    of = large(levels=1)
    again, other = best(of, Terms(3)), best(of, Terms(4))
    assert (best(of, Terms(3)).edge == again.edge).all()
    assert not np.array_equal(again.edge, other.edge)
    assert total(of, again) == total(of, other)


def test_a_broken_certificate_is_noticed():
    of = large(asks=800, offers=800)
    found = best(of)
    proof = found.certificate
    for value, price in ((proof.value * 0, proof.price), (proof.value, proof.price * 0)):
        assert bound(of, Certificate(value, price, proof.unit)) > total(of, found)


@pytest.mark.parametrize("wrong", ["below", "short", "unit"])
def test_what_is_no_certificate_at_all_is_refused(wrong):
    of = large()
    proof = best(of).certificate
    broken = {
        "below": replace(proof, value=proof.value - 2**50),
        "short": replace(proof, price=proof.price[:-1]),
        "unit": replace(proof, unit=0),
    }
    with pytest.raises(ValueError, match=r"values and prices|below 0"):
        bound(of, broken[wrong])


def test_scores_too_large_for_the_draw_are_refused():
    of = edges([1] * 2000, [2000], [[2**31 - 1]] * 2000)
    best(of)
    with pytest.raises(OverflowError):
        best(replace(of, demand=np.full(2000, 2**20, np.int32), capacity=np.array([2**30], np.int32)))


def test_prices_of_other_people_are_no_start():
    found = best(large())
    with pytest.raises(ValueError, match="other asks and offers"):
        best(large(asks=1499), Terms(before=found))
