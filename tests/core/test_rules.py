import pytest

from nawzajem.core.matching import RULES, AskRow, Bounds, Experience, OfferRow, Offers, Topics, hours, suggest, why_none

TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "work": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
TEAM_A, TEAM_B = ("force", "station", "team a"), ("force", "station", "team b")


def ask(**differs):
    return AskRow(**{"id": "a", "person": "ania", "topics": ("grief",), **SOMEBODY} | differs)


def offer(**differs):
    lived = (Experience("grief"),)
    return OfferRow(**{"id": "o", "person": "bartek", "experiences": lived, **SOMEBODY} | differs)


def why(an_ask, *offers, bounds=None):
    found = suggest(an_ask, Offers.of(offers, TOPICS), bounds=bounds)
    stopped = next((code for code, left in found.left.items() if not left), None)
    assert (stopped is None) == bool(found.best)
    return stopped


def test_two_whom_nothing_parts_may_meet():
    assert why(ask(), offer()) is None


@pytest.mark.parametrize(
    ("rule", "asks", "offers"),
    [
        ("yourself", {}, {"person": "ania"}),
        ("blocked", {"blocked": frozenset({"bartek"})}, {}),
        ("blocked", {}, {"blocked": frozenset({"ania"})}),
        ("named", {"not_prints": frozenset({"x"})}, {"prints": frozenset({"x", "y"})}),
        ("named", {"prints": frozenset({"x"})}, {"not_prints": frozenset({"x", "z"})}),
        ("earlier", {"earlier": frozenset({"bartek"})}, {}),
        ("earlier", {}, {"earlier": frozenset({"ania"})}),
        ("tried", {"tried": frozenset({"bartek"})}, {}),
        ("unit", {"units": TEAM_A, "not_same_unit": True}, {"units": TEAM_A}),
        ("unit", {"units": TEAM_A}, {"units": TEAM_A, "not_same_unit": True}),
        ("unit", {"units": TEAM_A[:2], "not_same_unit": True}, {"units": TEAM_A}),
        ("unit", {"units": TEAM_A, "not_same_unit": True}, {"units": TEAM_A[:2]}),
        ("superior", {"units": TEAM_A}, {"units": TEAM_A, "leads": True}),
        ("superior", {"units": TEAM_A}, {"units": TEAM_A[:1], "leads": True}),
        ("superior", {"units": TEAM_A[:2], "leads": True}, {"units": TEAM_A}),
        ("superior", {"units": TEAM_A, "leads": True}, {"units": TEAM_A}),
        ("age", {"age": "16_17"}, {"age": "18_24"}),
        ("age", {"age": "35_49"}, {"age": "13_15"}),
        ("age", {"age": "16_17"}, {"age": ""}),
        ("topic", {"topics": ("work",)}, {}),
        ("topic", {}, {"experiences": ()}),
        ("language", {"languages": frozenset({"uk"})}, {}),
        ("language", {"languages": frozenset()}, {}),
        ("gender", {"wish_gender": "woman", "wish_gender_must": True}, {"gender": "man"}),
        ("gender", {"wish_gender": "woman", "wish_gender_must": True}, {"gender": ""}),
        ("form", {"forms": frozenset({"call"})}, {}),
        ("hours", {"hours": hours.week([1])}, {"hours": hours.week([2])}),
        ("certificate", {"needs": frozenset({"listening", "grief"})}, {"certificates": frozenset({"listening"})}),
        ("certificate", {"needs": frozenset({"listening"})}, {}),
        ("seat", {}, {"capacity": 1, "taken": 1}),
        ("seat", {}, {"capacity": 1, "taken": 2}),
    ],
)
def test_what_parts_two_people_is_known_by_its_rule(rule, asks, offers):
    assert why(ask(**asks), offer(**offers)) == rule


@pytest.mark.parametrize(
    ("asks", "offers"),
    [
        ({"units": TEAM_A, "not_same_unit": True}, {"units": TEAM_B}),
        ({"units": TEAM_A}, {"units": TEAM_A}),
        ({"units": TEAM_A}, {"units": TEAM_B, "leads": True}),
        ({"not_same_unit": True}, {"units": TEAM_A}),
        ({"units": TEAM_A, "not_same_unit": True}, {}),
        ({"leads": True}, {"units": TEAM_A}),
        ({"age": "13_15"}, {"age": "16_17"}),
        ({"age": ""}, {"age": "65_up"}),
        ({"topics": ("grief.partner",)}, {"experiences": (Experience("work"), Experience("grief"))}),
        ({"topics": ()}, {"experiences": ()}),
        ({"languages": frozenset({"uk", "pl"})}, {}),
        ({"wish_gender": "woman"}, {"gender": "man"}),
        ({"wish_gender": "woman", "wish_gender_must": True}, {"gender": "woman"}),
        ({"hours": hours.week([1, 2])}, {"hours": hours.week([2, 3])}),
        ({"needs": frozenset({"a"})}, {"certificates": frozenset({"a", "b"})}),
        ({}, {"certificates": frozenset({"a"})}),
        ({}, {"capacity": 2, "taken": 1}),
    ],
)
def test_what_does_not_part_them(asks, offers):
    assert why(ask(**asks), offer(**offers)) is None


def test_minors_meet_adults_only_where_the_programme_says_so():
    assert why(ask(age="16_17"), offer(age="18_24"), bounds=Bounds(minors_with_adults=True)) is None


def test_a_programme_may_ask_for_more_shared_hours():
    one_hour = {"hours": hours.week([5])}
    assert why(ask(**one_hour), offer(), bounds=Bounds(least_hours=2)) == "hours"


def test_the_rules_have_one_order_and_each_leaves_no_more_than_the_one_before():
    found = suggest(ask(), Offers.of([offer(id=str(place), person=str(place)) for place in range(5)], TOPICS))
    assert tuple(found.left) == tuple(RULES)
    assert list(found.left.values()) == sorted(found.left.values(), reverse=True)


def test_the_first_rule_after_which_nobody_is_left_says_why():
    full = offer(id="1", person="1", capacity=1, taken=1)
    german = offer(id="2", person="2", languages=frozenset({"de"}))
    assert why_none(suggest(ask(), Offers.of([full, german], TOPICS)).left) == "seat"
    assert why_none(suggest(ask(), Offers.of([german], TOPICS)).left) == "language"
    assert why_none(suggest(ask(), Offers.of([offer()], TOPICS)).left) is None


@pytest.mark.parametrize(
    "kept", [{"not_prints": frozenset({"x"})}, {"blocked": frozenset({"ania"})}, {"person": "ania"}]
)
def test_that_somebody_does_not_want_to_meet_you_is_never_the_reason_told(kept):
    assert why_none(suggest(ask(prints=frozenset({"x"})), Offers.of([offer(**kept)], TOPICS)).left) == "nobody"


def test_where_there_are_no_offers_there_is_nobody():
    found = suggest(ask(), Offers.of([], TOPICS))
    assert found.best == ()
    assert why_none(found.left) == "nobody"


def test_two_offers_of_one_id_are_refused():
    with pytest.raises(ValueError, match="id 'o'"):
        Offers.of([offer(), offer()], TOPICS)


def test_an_age_that_is_none_is_refused():
    with pytest.raises(ValueError, match="13_15"):
        ask(age="old")
