"""The best of many without looking at most, against every pair looked at: the same points, the same order of equals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import (
    AskRow,
    Bounds,
    Experience,
    OfferRow,
    Offers,
    Weights,
    candidates,
    hours,
    why_none,
    widened,
)
from nawzajem.core.matching.now import highest
from nawzajem.core.matching.rules import passing
from nawzajem.core.matching.scores import parts, points
from tests.core.test_best_by_hand import TOPICS, chances

weights_ = st.builds(Weights, *(st.sampled_from([0.5, 1, 4]) for _ in range(6)))
bounds_ = st.builds(Bounds, minors_with_adults=st.booleans(), least_hours=st.integers(0, 3))


def by_brute_force(ask, offers, weights, bounds):
    passed = passing(ask, offers, bounds)
    places = np.flatnonzero(passed.mask)
    score = np.maximum(points(parts(ask, offers.columns.take(places), TOPICS), weights), 1)
    return places, score, why_none(passed.left)


def of(round_, place):
    mine = slice(round_.edges.start[place], round_.edges.start[place + 1])
    return dict(zip(round_.edges.offer[mine].tolist(), round_.edges.score[mine].tolist(), strict=True))


@settings(max_examples=80)
@given(chances, st.integers(1, 4), weights_, bounds_)
def test_the_best_and_as_many_others_have_the_points_of_brute_force(chance, keep, weights, bounds):
    asks = [chance.ask(f"a{place}") for place in range(3)]
    offers = Offers.of(chance.offers(most=40), TOPICS)
    round_ = candidates(asks, offers, keep=keep, weights=weights, bounds=bounds)
    for place, ask in enumerate(round_.asks):
        fits, score, why = by_brute_force(ask, offers, weights, bounds)
        true, got = dict(zip(fits.tolist(), score.tolist(), strict=True)), of(round_, place)
        assert {int(fits[one]) for one in highest(score, keep)} <= set(got)
        assert got == {one: true[one] for one in got}
        assert len(got) == min(len(true), 2 * keep)
        assert list(got) == sorted(got)
        assert round_.why[place] == why


@settings(max_examples=40)
@given(chances, st.integers(1, 3))
def test_widening_goes_on_until_everybody_who_fits_has_an_edge(chance, keep):
    asks, offers = [chance.ask("a0"), chance.ask("a1")], Offers.of(chance.offers(most=30), TOPICS)
    round_ = candidates(asks, offers, keep=keep)
    while wider := widened(round_, np.zeros(0, np.int64)):
        assert all(set(of(round_, place)) <= set(of(wider, place)) for place in range(2))
        round_ = wider
    for place, ask in enumerate(round_.asks):
        fits, score, _why = by_brute_force(ask, offers, Weights(), Bounds())
        assert sorted(of(round_, place).items()) == list(zip(fits.tolist(), score.tolist(), strict=True))


SAID = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}


def ask(**more):
    return AskRow(**({"id": "a", "person": "asker", "topics": ("g",)} | SAID | more))


def offer(place, **more):
    lived = (Experience("g", months=5),)
    return OfferRow(
        **({"id": f"o{place:03}", "person": f"p{place}", "experiences": lived, "capacity": 2} | SAID | more)
    )


def test_of_equals_the_first_by_id_are_the_best_and_others_are_drawn():
    offers = Offers.of([offer(place) for place in range(300)], TOPICS)
    drawn = of(candidates([ask()], offers, keep=10), 0)
    assert len(drawn) == 20
    assert set(range(10)) <= set(drawn)
    assert len(set(drawn.values())) == 1
    assert max(drawn) > 100  # and not merely the next ones
    assert of(candidates([ask()], offers, keep=10), 0) == drawn


def test_asks_of_one_round_draw_others():
    offers = Offers.of([offer(place) for place in range(300)], TOPICS)
    round_ = candidates([ask(id=f"a{place}") for place in range(2)], offers, keep=10)
    assert set(of(round_, 0)) != set(of(round_, 1))


@pytest.mark.parametrize(("asks", "offers"), [([], []), ([], [offer(1)]), ([ask()], [])])
def test_where_one_side_is_empty_there_are_no_edges(asks, offers):
    round_ = candidates(asks, Offers.of(offers, TOPICS), keep=5)
    assert len(round_.edges.score) == 0
    assert len(round_.edges.start) == len(asks) + 1


@pytest.mark.parametrize(
    ("because", "offering"),
    [
        ("language", {"languages": frozenset({"uk"})}),
        ("form", {"forms": frozenset({"call"})}),
        ("hours", {"hours": hours.NONE}),
        ("certificate", {}),
        ("seat", {"taken": 2, "certificates": frozenset({"listening"})}),
        ("age", {"age": "13_15"}),
        ("topic", {"experiences": ()}),
        ("nobody", {"not_prints": frozenset({"print"})}),
    ],
)
def test_where_all_are_forbidden_the_rule_is_told(because, offering):
    offers = Offers.of([offer(place, **offering) for place in range(20)], TOPICS)
    round_ = candidates([ask(prints=frozenset({"print"}), needs=frozenset({"listening"}))], offers, keep=5)
    assert round_.why == (because,)
    assert len(round_.edges.score) == 0


def test_progress_is_told_until_all_are_done():
    told = []
    candidates(
        [ask(id=f"a{place}") for place in range(7)],
        Offers.of([offer(1)], TOPICS),
        keep=1,
        progress=lambda *one: told.append(one),
    )
    assert told[-1] == (7, 7)


def test_seventy_languages_and_kinds_are_more_than_one_word_of_bits():
    many = [f"x{place:02}" for place in range(70)]
    rows = [offer(place, languages=frozenset({code}), kinds=frozenset({code})) for place, code in enumerate(many)]
    offers = Offers.of(rows, TOPICS)
    round_ = candidates([ask(languages=frozenset({"x68", "x03"}), kinds=frozenset({"x68"}))], offers, keep=1)
    got = of(round_, 0)
    assert sorted(got) == [3, 68]
    assert got[68] > got[3]
