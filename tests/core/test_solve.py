"""What a coordinator settled before a round is solved: pairs that shall be, and pairs that shall not."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.matching import (
    STRATEGIES,
    AskRow,
    Edges,
    Experience,
    OfferRow,
    Offers,
    Terms,
    Topics,
    candidates,
    carried,
    highest_total,
    solve,
)


@st.composite
def small(draw):
    """Edges of up to four asks and four offers, and which of them are locked and forbidden."""
    asks, offers = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    allowed = [[place for place in range(offers) if draw(st.booleans())] for _ in range(asks)]
    count = sum(map(len, allowed))
    edges = Edges(
        demand=np.array([draw(st.integers(0, 2)) for _ in range(asks)], np.int32),
        capacity=np.array([draw(st.integers(0, 2)) for _ in range(offers)], np.int32),
        start=np.cumsum([0, *map(len, allowed)]).astype(np.int64),
        offer=np.array(list(chain(*allowed)), np.int32),
        score=np.array([draw(st.integers(1, 9)) for _ in range(count)], np.int32),
    )
    marks = [draw(st.sampled_from(["", "", "locked", "forbidden"])) for _ in range(count)]
    return edges, *(np.array([e for e in range(count) if marks[e] == one], np.int64) for one in ("locked", "forbidden"))


def fits(edges, chosen):
    asks = np.bincount(edges.asks()[chosen], minlength=len(edges.demand))
    return (asks <= edges.demand).all() and (
        np.bincount(edges.offer[chosen], minlength=len(edges.capacity)) <= edges.capacity
    ).all()


def all_assignments(edges):
    every = range(len(edges.score))
    for size in range(len(every) + 1):
        for chosen in combinations(every, size):
            if fits(edges, np.array(chosen, np.int64)):
                yield np.array(chosen, np.int64)


@given(small())
def test_what_is_locked_is_kept_and_what_is_forbidden_is_not_taken(case):
    edges, locked, forbidden = case
    for strategy in STRATEGIES.values():
        if not fits(edges, locked):
            with pytest.raises(ValueError, match="locked"):
                solve(edges, strategy, locked=locked, forbidden=forbidden)
            continue
        found = solve(edges, strategy, locked=locked, forbidden=forbidden)
        assert set(locked) <= set(found.edge)
        assert not set(forbidden) & set(found.edge)
        assert fits(edges, found.edge)


@given(small())
def test_the_best_of_what_is_left_to_choose_is_found_and_proved(case):
    edges, locked, forbidden = case
    if len(edges.score) > 9 or not fits(edges, locked):
        return
    possible = [
        int(edges.score[chosen].sum())
        for chosen in all_assignments(edges)
        if set(locked) <= set(chosen) and not set(forbidden) & set(chosen)
    ]
    found = solve(edges, STRATEGIES["best"], locked=locked, forbidden=forbidden)
    assert int(edges.score[found.edge].sum()) == highest_total(edges, found) == max(possible)


def test_what_is_locked_and_forbidden_at_once_is_refused():
    edges = Edges(
        np.ones(1, np.int32), np.ones(1, np.int32), np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32)
    )
    with pytest.raises(ValueError, match="locked"):
        solve(edges, STRATEGIES["quick"], Terms(seed=1), locked=np.array([0]), forbidden=np.array([0]))


TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "grief.pet": "grief"})


def people(first, last):
    """A round of these, of whom each ask fits each offer, some better."""
    here = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
    lived = ("grief", "grief.partner", "grief.pet")
    offers = [
        OfferRow(id=f"o{n}", person=f"b{n}", experiences=(Experience(lived[n % 3]),), **here)
        for n in range(first, last, 2)
    ]
    asks = [
        AskRow(id=f"a{n}", person=f"a{n}", topics=(lived[n * n % 3],), waited_hours=n, **here)
        for n in range(first, last)
    ]
    return candidates(asks, Offers.of(offers, TOPICS))


def test_prices_and_pairs_of_the_last_round_are_a_start_for_the_next_with_other_people():
    was, now = people(0, 40), people(10, 56)
    before = STRATEGIES["best"](was.edges)
    start = carried(before, was, now)
    assert len(start.edge) > 0
    assert start.certificate.price.any()
    found = STRATEGIES["best"](now.edges, Terms(before=start))
    fresh = STRATEGIES["best"](now.edges)
    total = int(now.edges.score[fresh.edge].sum())
    assert int(now.edges.score[found.edge].sum()) == total == highest_total(now.edges, found)


def test_what_has_no_prices_is_no_start():
    was = people(0, 9)
    assert carried(STRATEGIES["quick"](was.edges), was, was) is None
