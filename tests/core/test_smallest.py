"""The smallest change of an ask, by hand, and by solving again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from nawzajem.core.matching import (
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
    smallest,
    smallest_change,
    solve,
    suggest,
    unmatched,
)
from tests.core.test_best_by_hand import TOPICS as PEOPLES_TOPICS
from tests.core.test_best_by_hand import bounds_, chances, may_meet

TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "work": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
TUE_18 = 24 + 18


def ask(**differs):
    return AskRow(**{"id": "a", "person": "ania", "topics": ("grief",), **SOMEBODY} | differs)


def offer(**differs):
    return OfferRow(
        **{"id": "o", "person": "bartek", "experiences": (Experience("grief.partner"),), **SOMEBODY} | differs
    )


def steps(an_ask, *offers, **how):
    found = smallest_change(an_ask, Offers.of(offers, TOPICS), **how)
    return found and [(code, dict(facts)) for code, facts in found.steps]


def test_one_more_hour_is_the_one_at_which_somebody_has_time():
    found = steps(ask(hours=hours.week([10])), offer(hours=hours.week([TUE_18])))
    assert found == [("hours", {"hours": 1, "start": TUE_18, "length": 1})]


def test_of_several_hours_it_is_the_one_at_which_most_have_time():
    times = [[50], [TUE_18, 90], [TUE_18, 91]]
    offers = [offer(id=f"{n}", person=f"{n}", hours=hours.week(free)) for n, free in enumerate(times)]
    assert steps(ask(hours=hours.week([10])), *offers)[0][1]["start"] == TUE_18


def test_of_equal_hours_it_is_the_one_next_to_an_hour_there_is():
    found = steps(ask(hours=hours.week([10])), offer(hours=hours.week([5, 11, 90])))
    assert found == [("hours", {"hours": 1, "start": 11, "length": 1})]


def test_where_a_programme_wants_more_hours_only_those_that_are_missing_are_told():
    free = {"hours": hours.week([TUE_18, TUE_18 + 1, TUE_18 + 2])}
    found = steps(ask(hours=hours.week([TUE_18])), offer(**free), bounds=Bounds(least_hours=3))
    assert found == [("hours", {"hours": 2, "start": TUE_18 + 1, "length": 2})]


@pytest.mark.parametrize(
    ("asks", "offers", "wanted"),
    [
        ({}, {"forms": frozenset({"call"})}, [("form", {"form": "call"})]),
        (
            {"wish_gender": "woman", "wish_gender_must": True},
            {"gender": "man"},
            [("gender", {"gender": "woman"})],
        ),
        ({"topics": ("work",)}, {}, [("topic", {})]),
        (
            {"hours": hours.week([1]), "forms": frozenset({"call"})},
            {"hours": hours.week([2])},
            [("hours", {"hours": 1, "start": 2, "length": 1}), ("form", {"form": "text"})],
        ),
    ],
)
def test_what_the_asker_may_change_is_told(asks, offers, wanted):
    assert steps(ask(**asks), offer(**offers)) == wanted


def test_an_hour_is_a_smaller_change_than_to_meet_somebody_who_knows_other_things():
    late = offer(id="1", person="1", hours=hours.week([2]))
    other = offer(id="2", person="2", experiences=(Experience("work"),))
    assert [code for code, _ in steps(ask(hours=hours.week([1])), late, other)] == ["hours"]


@pytest.mark.parametrize(
    ("asks", "offers"),
    [
        ({}, {"person": "ania"}),
        ({}, {"blocked": frozenset({"ania"})}),
        ({"not_prints": frozenset({"x"})}, {"prints": frozenset({"x"})}),
        ({}, {"earlier": frozenset({"ania"})}),
        ({"units": ("team",), "not_same_unit": True}, {"units": ("team",)}),
        ({"units": ("team",)}, {"units": ("team",), "leads": True}),
        ({"age": "16_17"}, {"age": "35_49"}),
        ({"languages": frozenset({"uk"})}, {}),
        ({"tried": frozenset({"bartek"})}, {}),
        ({}, {"taken": 1}),
        ({"hours": hours.week([1])}, {"hours": hours.NONE}),
    ],
)
def test_no_change_is_told_that_is_not_the_askers_own_or_that_tells_of_others(asks, offers):
    assert steps(ask(**asks), offer(**offers)) is None
    both = ask(**{"hours": hours.week([1]), "forms": frozenset({"call"})} | asks)
    assert steps(both, offer(**{"hours": hours.week([2])} | offers)) is None


def test_who_finds_somebody_already_needs_no_change():
    assert steps(ask(), offer()) is None


def test_the_seat_must_be_left_after_the_round():
    both = [ask(id="1", person="1", waited_hours=99), ask(id="2", person="2")]
    late = offer(id="late", person="late", forms=frozenset({"call"}))
    round_ = candidates(both, Offers.of([offer(), late], TOPICS))
    found = best(round_.edges)
    assert [code for code, _ in smallest(round_, found, 1).steps] == ["form"]
    alone = candidates(both, Offers.of([offer()], TOPICS))
    assert smallest(alone, best(alone.edges), 1) is None


def test_what_a_coordinator_forbade_is_no_way_out():
    round_ = candidates([ask()], Offers.of([offer()], TOPICS))
    found = solve(round_.edges, best, forbidden=np.array([0]))
    assert smallest(round_, found, 0) is None
    assert unmatched(round_, found)[0] == ("forbidden", {})


def test_others_first_is_told_with_what_the_seat_was_worth_to_both():
    both = [ask(id="1", person="1", waited_hours=168), ask(id="2", person="2")]
    round_ = candidates(both, Offers.of([offer()], TOPICS))
    code, facts = unmatched(round_, best(round_.edges))[1]
    assert (code, facts["fitting"]) == ("others_first", 1)
    lower, higher = sorted(round_.edges.score.tolist())
    assert facts["worth"] == lower / 1e6
    assert lower / 1e6 <= facts["price"] + 1e-6
    assert facts["price"] <= higher / 1e6 + 1e-6
    locked = solve(round_.edges, best, locked=np.array([0]))
    assert dict(unmatched(round_, locked)[1].facts) == {"fitting": 1}


@settings(max_examples=50)
@given(chances, bounds_)
def test_after_the_change_the_ask_is_placed_and_the_others_need_not_lose_anything(chance, bounds):
    asks = [replace(chance.ask(f"a{n}"), person=f"p{n}") for n in range(4)]
    round_ = candidates(asks, Offers.of(chance.offers(6), PEOPLES_TOPICS), bounds=bounds)
    found = best(round_.edges)
    for place in unmatched(round_, found):
        change = smallest(round_, found, place)
        if change is None:
            continue
        again = candidates(
            [change.ask if n == place else one for n, one in enumerate(asks)], round_.offers, bounds=bounds
        )
        after = best(again.edges)
        assert place in again.edges.asks_of(after.edge)
        assert figures(again.edges, after).total > figures(round_.edges, found).total
        assert unchangeable(change.ask) == unchangeable(asks[place])


def unchangeable(one):
    return replace(one, hours=hours.ANY, forms=frozenset(), wish_gender_must=False, topics=())


@settings(max_examples=50)
@given(chances, bounds_)
def test_nobody_is_told_that_nothing_helps_where_one_step_would(chance, bounds):
    ask, rows = chance.ask(), chance.offers(6)
    fits = [row for row in rows if may_meet(ask, row, bounds)]
    one_step = [
        replace(ask, topics=()),
        replace(ask, wish_gender_must=False),
        replace(ask, hours=hours.ANY),
        *(replace(ask, forms=ask.forms | {form}) for form in ("text", "call")),
    ]
    helps = any(may_meet(other, row, bounds) for other in one_step for row in rows)
    found = smallest_change(ask, Offers.of(rows, PEOPLES_TOPICS), bounds)
    if fits:
        assert found is None
    else:
        assert helps == (found is not None and len(found.steps) == 1)
        if found:
            assert found.fitting == suggest(found.ask, Offers.of(rows, PEOPLES_TOPICS), bounds=bounds).left["seat"] > 0
