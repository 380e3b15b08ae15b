import numpy as np
import pytest

from nawzajem.core.matching import AskRow, Experience, OfferRow, Offers, Topics, Weights, curves, hours, suggest

TREE = {"grief": None, "grief.partner": "grief", "grief.parent": "grief", "work": None, "work.lost": "work"}
TOPICS = Topics.of(TREE)
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}


def best(asks, *offers, weights=None):
    """Offers by who they are, best first, each with its parts."""
    an_ask = AskRow(**{"id": "a", "person": "ania", "topics": ("grief.partner",), **SOMEBODY} | asks)
    rows = [
        OfferRow(
            **{"id": f"{place}", "person": f"{place}", "experiences": (Experience("grief.partner"),), **SOMEBODY} | one
        )
        for place, one in enumerate(offers)
    ]
    found = suggest(an_ask, Offers.of(rows, TOPICS), top=99, weights=weights).best
    return [(int(one.offer.id), one.parts) for one in found]


def part(name, asks, one):
    return best(asks, one)[0][1][name]


def lived(*experiences):
    return {
        "experiences": tuple(Experience(*one) if isinstance(one, tuple) else Experience(one) for one in experiences)
    }


def test_the_same_topic_comes_before_a_near_one():
    assert [who for who, _ in best({}, lived("grief.parent"), lived("grief"), lived("grief.partner"))] == [2, 1, 0]


def test_of_several_experiences_the_nearest_counts():
    assert part("topic", {}, lived("work", "grief.partner", "grief")) == 1


def test_who_knows_both_things_comes_before_who_knows_one():
    asks = {"topics": ("grief.partner", "work.lost")}
    order = best(asks, lived("grief.partner"), lived("grief.partner", "work.lost"))
    assert [(who, parts["topic"]) for who, parts in order] == [(1, 1.0), (0, 0.75 + 0.25 / 2)]


def test_an_ask_that_names_no_topic_counts_everybody_alike():
    assert part("topic", {"topics": ()}, lived("work")) == part("topic", {"topics": ()}, lived()) == 0.5


def test_who_came_through_lately_comes_before_who_came_through_twenty_years_ago_and_before_who_is_still_in_it():
    offers = [lived(("grief.partner", "been_through", 240)), lived(("grief.partner", "been_through", 0.5))]
    offers += [lived(("grief.partner", "in_it")), lived(("grief.partner", "coming_through"))]
    assert [who for who, _ in best({}, *offers)] == [1, 3, 0, 2]


def test_somebody_still_in_it_may_help_too():
    assert 0.4 < part("stage", {}, lived(("grief.partner", "in_it"))) < 0.5


def test_recency_falls_from_one_to_a_half_and_never_below():
    months = np.array([0, 1, 6, 36, 240, 5000])
    assert (np.diff(curves.recency(months)) < 0).all()
    assert curves.recency([0, 36, 1e6]).tolist() == pytest.approx([1, 0.75, 0.5])


def test_an_end_without_a_date_counts_like_one_three_years_ago():
    assert part("stage", {}, lived(("grief.partner", "been_through", None))) == pytest.approx(0.75)


def test_how_fresh_an_experience_is_counts_as_far_as_its_topic_is_near():
    assert part("stage", {}, lived(("grief.parent", "been_through", 0))) == pytest.approx(0.5)


def test_shared_hours_count_less_and_less():
    shared = [part("hours", {}, {"hours": hours.week(range(count))}) for count in (1, 3, 12, 100)]
    assert shared == pytest.approx([0.206, 0.5, 0.9375, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("asks", "one", "granted"),
    [
        ({}, {}, 1),
        ({"kinds": frozenset({"heard", "done"})}, {"kinds": frozenset({"heard"})}, 0.5),
        ({"kinds": frozenset({"heard"})}, {"kinds": frozenset()}, 1),
        ({"wish_gender": "woman"}, {"gender": "woman"}, 1),
        ({"wish_gender": "woman"}, {"gender": "man"}, 0),
        ({"wish_gender": "woman"}, {}, 0.5),
        ({"wish_age": "near", "age": "25_34"}, {"age": "25_34"}, 1),
        ({"wish_age": "near", "age": "25_34"}, {"age": "35_49"}, 0.5),
        ({"wish_age": "near", "age": "25_34"}, {"age": "65_up"}, 0),
        ({"wish_age": "older", "age": "25_34"}, {"age": "65_up"}, 1),
        ({"wish_age": "older", "age": "25_34"}, {"age": "25_34"}, 0.5),
        ({"wish_age": "younger", "age": "25_34"}, {"age": "65_up"}, 0),
        ({"wish_age": "near", "age": "25_34"}, {}, 0.5),
        ({"wish_age": "near"}, {"age": "25_34"}, 0.5),
        ({"wish_backgrounds": frozenset({"shifts", "village"})}, {"backgrounds": frozenset({"village"})}, 0.5),
        ({"wish_gender": "man", "wish_age": "near", "age": "25_34"}, {"gender": "man", "age": "65_up"}, 0.5),
    ],
)
def test_wishes_count_as_far_as_they_are_granted(asks, one, granted):
    assert part("wishes", asks, one) == granted


@pytest.mark.parametrize(
    ("one", "ease"),
    [
        ({"capacity": 2, "taken": 0}, 1),
        ({"capacity": 2, "taken": 1}, 0.75),
        ({"capacity": 2, "taken": 1, "idle_days": 0}, 0.25),
        ({"capacity": 1, "taken": 0, "idle_days": 7}, 0.75),
        ({"capacity": 1, "taken": 0, "idle_days": 400}, 1),
    ],
)
def test_who_has_room_and_rest_comes_first(one, ease):
    assert part("load", {}, one) == ease


def test_waiting_counts_half_after_a_week():
    assert part("waiting", {"waited_hours": 7 * 24}, {}) == 0.5


def test_the_score_is_the_weighted_mean_of_the_parts():
    weights = Weights(topic=3, stage=0, hours=0, wishes=0, load=1, waiting=0)
    row = OfferRow(id="o", person="b", experiences=(Experience("grief"),), idle_days=0, **SOMEBODY)
    ask = AskRow(id="a", person="a", topics=("grief.partner",), **SOMEBODY)
    found = suggest(ask, Offers.of([row], TOPICS), weights=weights).best[0]
    assert found.score == pytest.approx((3 * 2 / 3 + 1 * 0.5) / 4, abs=1e-6)


def test_weights_below_nothing_or_all_nothing_are_refused():
    for wrong in ({"topic": -1}, dict.fromkeys(("topic", "stage", "hours", "wishes", "load", "waiting"), 0)):
        with pytest.raises(ValueError, match="weight"):
            Weights(**wrong)


def test_equals_stand_in_the_order_of_their_ids():
    rows = [OfferRow(id=f"{place:03}", person=f"{place}", **SOMEBODY) for place in range(100)]
    ask = AskRow(id="a", person="a", **SOMEBODY)
    found = suggest(ask, Offers.of(reversed(rows), TOPICS), top=50).best
    assert [one.offer.id for one in found] == [f"{place:03}" for place in range(50)]


def test_a_programme_may_know_more_codes_than_a_word_has_bits():
    backgrounds = [f"{place:03}" for place in range(150)]
    rows = [OfferRow(id=one, person=one, backgrounds=frozenset({one}), **SOMEBODY) for one in backgrounds]
    ask = AskRow(id="a", person="a", wish_backgrounds=frozenset({"007", "140"}), **SOMEBODY)
    found = suggest(ask, Offers.of(rows, TOPICS), top=3).best
    assert [(one.offer.id, one.parts["wishes"]) for one in found] == [("007", 0.5), ("140", 0.5), ("000", 0)]


def test_no_more_are_suggested_than_were_asked_for():
    rows = [OfferRow(id=f"{n}", person=f"{n}", experiences=(Experience("grief"),), **SOMEBODY) for n in range(9)]
    ask = AskRow(id="a", person="a", topics=("grief",), **SOMEBODY)
    for top in (0, 1, 3, 9, 10):
        assert len(suggest(ask, Offers.of(rows, TOPICS), top=top).best) == min(top, 9)
