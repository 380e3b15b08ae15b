import pytest

from nawzajem.core.matching import AskRow, Experience, OfferRow, Offers, Topics, hours, suggest

TOPICS = Topics.of({"grief": None, "grief.partner": "grief", "grief.parent": "grief", "work": None})
SOMEBODY = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
ALL = frozenset({"topic", "stage", "when"})


def told(asks, offers, *others):
    ask = AskRow(**{"id": "a", "person": "a", "topics": ("grief.partner",), **SOMEBODY} | asks)
    row = OfferRow(**{"id": "o", "person": "b", "idle_days": 0, "capacity": 2, "taken": 1, **SOMEBODY} | offers)
    return [(code, dict(facts)) for code, facts in suggest(ask, Offers.of([row, *others], TOPICS)).best[0].reasons]


def lived(topic="grief.partner", stage="been_through", months=14, says=ALL):
    return {"experiences": (Experience(topic, stage, months, says),)}


def test_what_weighs_most_is_told_first():
    codes = [code for code, _ in told({"kinds": frozenset({"heard"})}, lived())]
    assert codes == ["same_topic", "been_through", "kinds", "most_hours"]


def test_a_shared_experience_is_told_with_its_topic_and_how_long_ago():
    assert told({}, lived())[:2] == [("same_topic", {"topic": "grief.partner"}), ("been_through", {"months": 14})]
    assert told({}, lived("grief.parent"))[0] == ("near_topic", {"topic": "grief.parent"})


@pytest.mark.parametrize(
    ("asks", "stage", "code"),
    [
        ("in_it", "in_it", "in_it_too"),
        ("coming_through", "in_it", "in_it"),
        ("in_it", "coming_through", "coming_through"),
    ],
)
def test_where_the_other_is_on_the_way(asks, stage, code):
    assert (code, {}) in told({"stage": asks}, lived(stage=stage))


def test_a_hidden_topic_is_never_named_nor_anything_that_hangs_on_it():
    reasons = told({}, lived(says=frozenset({"stage", "when"})))
    assert reasons[0] == ("close_to_it", {})
    assert not {"same_topic", "near_topic", "been_through"} & {code for code, _ in reasons}
    assert "grief" not in str(reasons)


def test_a_hidden_stage_is_not_told_and_a_hidden_time_leaves_only_the_stage():
    assert [code for code, _ in told({}, lived(says=frozenset({"topic", "when"})))] == ["same_topic", "most_hours"]
    assert ("been_through", {}) in told({}, lived(says=frozenset({"topic", "stage"})))


def test_an_end_that_nobody_dated_is_told_without_a_time():
    assert ("been_through", {}) in told({}, lived(months=None))


def test_an_open_experience_speaks_where_the_nearer_one_is_hidden():
    both = (Experience("grief.partner"), Experience("grief.parent", "been_through", 3, ALL))
    assert told({}, {"experiences": both})[:2] == [
        ("near_topic", {"topic": "grief.parent"}),
        ("been_through", {"months": 3}),
    ]


def test_an_open_experience_far_from_the_ask_does_not_speak_for_a_hidden_one():
    both = (Experience("grief.partner"), Experience("work", says=ALL))
    assert told({}, {"experiences": both})[0] == ("close_to_it", {})


def test_shared_hours_are_told_with_the_longest_time_on_end():
    asks, offers = hours.week(range(10, 30)), hours.week([10, 15, 16, 17, 90])
    assert ("shared_hours", {"hours": 4, "start": 15, "length": 3}) in told(
        {"hours": asks}, lived() | {"hours": offers}
    )


@pytest.mark.parametrize(
    ("asks", "offers", "reason"),
    [
        ({"wish_age": "near", "age": "25_34"}, {"age": "35_49", "says": {"age"}}, ("wish_age", {"wish": "near"})),
        ({"wish_age": "older", "age": "25_34"}, {"age": "35_49", "says": {"age"}}, ("wish_age", {"wish": "older"})),
        ({"wish_gender": "man"}, {"gender": "man", "says": {"gender"}}, ("wish_gender", {"gender": "man"})),
        (
            {"wish_backgrounds": frozenset({"shifts", "faith"})},
            {"backgrounds": frozenset({"shifts", "village"}), "says": {"backgrounds"}},
            ("backgrounds", {"backgrounds": ["shifts"]}),
        ),
    ],
)
def test_a_wish_that_came_true_is_told_unless_it_is_hidden(asks, offers, reason):
    assert reason in told(asks, lived() | offers)
    assert reason[0] not in str(told(asks, lived() | offers | {"says": frozenset()}))


def test_a_wish_that_did_not_come_true_is_not_told():
    assert "wish" not in str(told({"wish_age": "near", "age": "25_34"}, lived() | {"age": "65_up", "says": {"age"}}))


def test_kinds_of_support_are_those_wanted_and_given():
    wanted = {"kinds": frozenset({"heard", "done"})}
    assert ("kinds", {"kinds": ["done"]}) in told(wanted, lived() | {"kinds": frozenset({"done", "company"})})
    assert ("kinds", {"kinds": ["done", "heard"]}) in told(wanted, lived())


def test_room_for_somebody_is_told_where_there_is_plenty():
    assert ("has_room", {}) in told({}, lived() | {"capacity": 2, "taken": 0, "idle_days": None})
    assert ("has_room", {}) not in told({}, lived())


def test_a_language_is_told_where_few_speak_it():
    ukrainian = {"languages": frozenset({"uk", "pl"})}
    others = [OfferRow(id=f"{n}", person=f"{n}", **SOMEBODY) for n in range(3)]
    reasons = told(ukrainian, lived() | ukrainian, *others)
    assert reasons[-1] == ("same_language", {"language": "uk"})
    assert ("same_language", {"language": "pl"}) not in reasons


def test_an_ask_without_topics_gets_no_reason_about_topics():
    assert [code for code, _ in told({"topics": ()}, lived())] == ["most_hours"]
