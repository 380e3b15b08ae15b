"""Whom to recruit: the figures are those of a round in which they are there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import (
    STRATEGIES,
    AskRow,
    Bounds,
    Experience,
    OfferRow,
    Offers,
    Topics,
    best,
    candidates,
    figures,
    hours,
    lacking,
    recruit,
    solve,
)
from tests.core.test_best_by_hand import TOPICS as PEOPLES_TOPICS
from tests.core.test_best_by_hand import bounds_, chances

TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "work": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
EVENING = hours.week([18, 42])


def round_of(asks, offers, **how):
    rows = [AskRow(**{"id": f"a{n}", "person": f"a{n}", **SOMEBODY} | one) for n, one in enumerate(asks)]
    lived = (Experience("grief"),)
    given = [
        OfferRow(**{"id": f"o{n}", "person": f"o{n}", "experiences": lived, **SOMEBODY} | one)
        for n, one in enumerate(offers)
    ]
    return candidates(rows, Offers.of(given, TOPICS), **how)


def advice(round_, **how):
    return recruit(round_, best(round_.edges), **how)


def test_who_is_looked_for_is_who_the_unserved_need():
    round_ = round_of([{"topics": ("work",), "hours": EVENING, "languages": frozenset({"uk"})}], [{}])
    (one,) = advice(round_).each
    assert (one.kind.topic, one.kind.language, one.kind.part) == ("work", "uk", "evenings")
    assert one.more == {1: 1, 3: 1, 5: 1}
    assert one.gained[1] == pytest.approx(figures_with(round_, one.kind).total, abs=1e-6)


def figures_with(round_, kind, seats=1):
    """The round in which somebody of this kind is there, made from rows."""
    new = OfferRow(
        id="z",
        person="somebody",
        experiences=(Experience(kind.topic, months=None),) if kind.topic else (),
        languages=frozenset({kind.language}),
        forms=frozenset().union(*(ask.forms for ask in round_.asks)),
        hours=hours.WEEK_PARTS[kind.part],
        age="16_17" if kind.minor else "",
        gender=kind.gender,
        certificates=frozenset().union(*(ask.needs for ask in round_.asks)),
        capacity=seats,
    )
    offers = Offers.of([*round_.offers.rows, new], round_.offers.topics)
    again = candidates(round_.asks, offers, weights=round_.weights, bounds=round_.bounds)
    return figures(again.edges, best(again.edges))


def test_one_person_with_two_places_serves_two_and_three_serve_all_five():
    round_ = round_of([{"topics": ("work",)}] * 5, [{"capacity": 2}] * 3)
    (one,) = advice(round_).each
    assert (one.seats, one.more) == (2, {1: 2, 3: 5, 5: 5})


def test_where_everybody_has_somebody_nobody_is_looked_for():
    assert advice(round_of([{}], [{}])).each == ()
    assert advice(round_of([], [{}])).each == ()
    assert advice(round_of([{"languages": frozenset()}], [{}])).each == ()


def test_a_minor_needs_a_minor_and_a_must_is_kept():
    minor = {"topics": ("work",), "age": "13_15"}
    assert advice(round_of([minor], [{}])).each[0].kind.minor
    assert not advice(round_of([minor], [{}], bounds=Bounds(minors_with_adults=True))).each[0].kind.minor
    woman = {"topics": ("work",), "wish_gender": "woman", "wish_gender_must": True}
    assert advice(round_of([woman], [{}])).each[0].kind.gender == "woman"


def test_the_first_of_several_is_who_serves_most_and_the_next_who_serves_most_after_that():
    round_ = round_of([{"topics": ("work",)}] * 2 + [{"topics": ("grief",), "languages": frozenset({"uk"})}], [{}])
    first, second, third = advice(round_).together
    assert [one.kind.topic for one in (first, second, third)].count("work") == 2
    assert [first.more, second.more, third.more] == [{1: 1}, {2: 2}, {3: 3}]


def test_what_is_locked_stays_and_what_is_forbidden_is_not_taken():
    round_ = round_of([{"topics": ("grief",)}, {"topics": ("grief",), "waited_hours": 99}], [{}])
    locked = solve(round_.edges, best, locked=np.array([0]))
    assert recruit(round_, locked).each[0].more[1] == 1
    forbidden = solve(round_.edges, best, forbidden=np.array([0, 1]))
    assert recruit(round_, forbidden).each[0].more == {1: 1, 3: 2, 5: 2}


def test_what_is_lacking_sums_up_three_ways_to_the_same():
    asks = [{"topics": ("work", "grief"), "languages": frozenset({"pl", "uk"})}, {"topics": (), "hours": EVENING}]
    round_ = round_of(asks, [{"capacity": 0}])
    told = lacking(round_, best(round_.edges))
    assert told.topics == {"work": 0.5, "grief": 0.5, "": 1}
    assert told.languages == {"pl": 1.5, "uk": 0.5}
    assert told.hours.sum() == pytest.approx(2)
    assert told.hours[18] == pytest.approx(0.5 + 1 / 168)


def test_a_dear_seat_tells_that_somebody_is_lacking_though_all_have_somebody():
    round_ = round_of([{"hours": EVENING}, {"hours": EVENING}], [{"hours": EVENING}, {"experiences": ()}])
    assert 0 < sum(lacking(round_, best(round_.edges)).topics.values()) < 1


@settings(max_examples=30)
@given(chances, bounds_, st.sampled_from(["best", "quick"]))
def test_each_figure_is_that_of_a_round_with_them_in_it(chance, bounds, name):
    asks = [replace(chance.ask(f"a{n}"), person=f"p{n}", age="") for n in range(5)]
    round_ = candidates(asks, Offers.of(chance.offers(3), PEOPLES_TOPICS), bounds=bounds)
    found = STRATEGIES[name](round_.edges)
    before = figures(round_.edges, found)
    for one in recruit(round_, found, strategy=STRATEGIES[name]).each:
        assert max(one.more.values()) > 0
        if name == "best":
            after = figures_with(round_, one.kind, one.seats)
            assert one.more[1] == after.paired - before.paired
            assert one.gained[1] == pytest.approx(after.total - before.total, abs=2e-6)
