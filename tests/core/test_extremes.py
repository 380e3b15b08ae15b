"""Rounds at the edge: without anybody, without one side, all alike, all forbidden, and large. Every strategy, and all that is
told afterwards."""

import numpy as np
import pytest

from nawzajem.core.matching import (
    STRATEGIES,
    AskRow,
    Edges,
    Experience,
    OfferRow,
    Offers,
    Topics,
    best,
    bound,
    candidates,
    figures,
    lacking,
    pairs,
    recruit,
    smallest,
    solve,
    unmatched,
)

TOPICS = Topics.of({"grief": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}

every_strategy = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=list(STRATEGIES))


def round_of(asks, offers, **asked):
    lived = (Experience("grief"),)
    rows = [OfferRow(id=f"o{n}", person=f"o{n}", experiences=lived, **SOMEBODY) for n in range(offers)]
    them = [AskRow(**{"id": f"a{n}", "person": f"a{n}", "topics": ("grief",), **SOMEBODY} | asked) for n in range(asks)]
    return candidates(them, Offers.of(rows, TOPICS))


@every_strategy
@pytest.mark.parametrize(("asks", "offers"), [(0, 0), (0, 3), (3, 0)])
def test_without_anybody_or_without_one_side_nothing_comes_about_and_all_can_be_told(strategy, asks, offers):
    round_ = round_of(asks, offers)
    found = strategy(round_.edges)
    told = figures(round_.edges, found)
    assert (told.paired, told.total, told.mean, told.worst) == (0, 0, None, None)
    assert pairs(round_, found) == []
    assert list(unmatched(round_, found)) == list(range(asks))
    assert all(smallest(round_, found, place) is None for place in range(asks))
    assert sum(lacking(round_, found).topics.values()) == asks
    advice = recruit(round_, found, strategy=strategy)
    assert [one.more for one in advice.each] == ([{1: 1, 3: 3, 5: 3}] if asks else [])


@every_strategy
def test_where_all_are_alike_as_many_are_paired_as_can_be_and_nobody_twice(strategy):
    round_ = round_of(7, 5)
    found = strategy(round_.edges)
    assert len(found.edge) == 5
    assert len(set(round_.edges.offer[found.edge])) == len(set(round_.edges.asks_of(found.edge))) == 5
    assert {reason.code for reason in unmatched(round_, found).values()} == {"others_first"}


@every_strategy
def test_where_a_rule_forbids_everything_nobody_is_paired_and_the_rule_is_told(strategy):
    round_ = round_of(3, 3, languages=frozenset({"uk"}))
    found = strategy(round_.edges)
    assert len(found.edge) == 0
    assert [reason.code for reason in unmatched(round_, found).values()] == ["language"] * 3
    assert recruit(round_, found, strategy=strategy).each[0].kind.language == "uk"


@every_strategy
def test_where_every_pair_was_ruled_out_by_hand_nobody_is_paired(strategy):
    round_ = round_of(3, 3)
    found = solve(round_.edges, strategy, forbidden=np.arange(9))
    assert len(found.edge) == 0
    assert [reason.code for reason in unmatched(round_, found).values()] == ["forbidden"] * 3


@every_strategy
def test_a_large_round_keeps_within_its_seats_and_below_what_is_proved(strategy):
    chance, asks, offers, each = np.random.default_rng(5), 20_000, 15_000, 8
    edges = Edges(
        demand=chance.integers(1, 3, asks).astype(np.int32),
        capacity=chance.integers(1, 3, offers).astype(np.int32),
        start=np.arange(0, (asks + 1) * each, each),
        offer=np.concatenate([chance.choice(offers, each, replace=False) for _ in range(200)] * (asks // 200)).astype(
            np.int32
        ),
        score=chance.integers(1, 1_000_000, asks * each).astype(np.int32),
    )
    found, proved = strategy(edges), best(edges)
    assert (np.bincount(edges.asks_of(found.edge), minlength=asks) <= edges.demand).all()
    assert (np.bincount(edges.offer[found.edge], minlength=offers) <= edges.capacity).all()
    total = int(edges.score[found.edge].sum(dtype=np.int64))
    assert 0 < total <= bound(edges, proved.certificate) == int(edges.score[proved.edge].sum(dtype=np.int64))
