import pytest
from django.utils.translation import override

from nawzajem.core.matching import RULES
from nawzajem.pairs.words import sentences, why_alone

TOPICS = {"grief.partner": "Losing a partner"}
KINDS = {"heard": "To be heard", "company": "Company"}


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


def say(code, reader="asker", minutes=0, **facts):
    found = sentences(
        [[code, facts]], reader=reader, topics=TOPICS, kinds=KINDS, backgrounds={"s": "shift work"}, minutes=minutes
    )
    return found[0] if found else None


@pytest.mark.parametrize(
    ("code", "facts", "of_giver", "to_giver"),
    [
        ("same_topic", {"topic": "grief.partner"}, "Knows it from their own life: Losing a partner.", "You know it from your own life: Losing a partner."),
        ("close_to_it", {}, "Knows something close to it from their own life.", "You know something close to it from your own life."),
        ("been_through", {}, "Has been through it.", "You have been through it."),
        ("been_through", {"months": 0}, "Has come through it only just now.", "You have come through it only just now."),
        ("been_through", {"months": 1}, "Came through it about 1 month ago.", "You came through it about 1 month ago."),
        ("been_through", {"months": 11}, "Came through it about 11 months ago.", "You came through it about 11 months ago."),
        ("been_through", {"months": 14}, "Came through it about 1 year ago.", "You came through it about 1 year ago."),
        ("been_through", {"months": 245}, "Came through it about 20 years ago.", "You came through it about 20 years ago."),
        ("coming_through", {}, "Is coming through it now.", "You are coming through it now."),
        ("in_it_too", {}, "Both are in it now.", "Both are in it now."),
        ("kinds", {"kinds": ["heard", "company"]}, "Can give what is asked for: “To be heard”, “Company”.", "You can give what is asked for: “To be heard”, “Company”."),
        ("has_room", {}, "Has room for somebody new.", "You have room for somebody new."),
        ("same_language", {"language": "uk"}, "A shared language: Ukrainian.", "A shared language: Ukrainian."),
        ("wish_age", {"wish": "older"}, "Somebody older, as wished.", "Somebody older, as wished."),
        ("wish_gender", {"gender": "woman"}, "A woman, as wished.", "A woman, as wished."),
        ("backgrounds", {"backgrounds": ["s"]}, "Also in common: “shift work”.", "Also in common: “shift work”."),
        ("most_hours", {}, "Almost any hour suits both.", "Almost any hour suits both."),
    ],
)  # fmt: skip
def test_a_reason_speaks_of_the_giver_or_to_them(code, facts, of_giver, to_giver):
    assert say(code, **facts) == of_giver
    assert say(code, reader="coordinator", **facts) == of_giver
    assert say(code, reader="giver", **facts) == to_giver


def test_shared_hours_are_told_on_the_readers_clock():
    tuesday_evening = {"hours": 4, "start": 40, "length": 3}
    assert say("shared_hours", **tuesday_evening) == "4 shared hours a week, for example Tuesday 16:00–19:00."
    assert "Tuesday 18:00–21:00" in say("shared_hours", minutes=120, **tuesday_evening)
    assert "Tuesday 21:30–0:30" in say("shared_hours", minutes=330, **tuesday_evening)


def test_hours_over_sunday_night_and_over_days_are_told_plainly():
    assert say("shared_hours", hours=1, start=167, length=1) == "1 shared hour a week: Sunday 23:00–0:00."
    assert "Monday 23:00 – Wednesday 1:00" in say("shared_hours", hours=26, start=23, length=26)


def test_polish_writes_the_days_small():
    with override("pl"):
        assert "niedziela 10:00–12:00" in say("shared_hours", hours=2, start=154, length=2)


def test_a_reason_whose_words_are_gone_is_left_out():
    assert say("same_topic", topic="no longer there") is None
    assert say("kinds", kinds=["heard", "gone"]) is None
    assert say("a code of long ago") is None


def test_reasons_come_in_the_order_given():
    told = sentences([["has_room", {}], ["in_it_too", {}]], topics={})
    assert told == ["Has room for somebody new.", "Both are in it now."]


def test_every_rule_has_its_sentence_and_what_is_kept_quiet_has_a_general_one():
    general = why_alone(("nobody", {}))
    told = {code: why_alone((code, {})) for code in RULES}
    assert {code for code, said in told.items() if said == general} == {
        "yourself",
        "blocked",
        "named",
        "earlier",
        "unit",
        "superior",
    }
    assert why_alone(("others_first", {"fitting": 3})) == "3 people would fit, and their places went to others."
