"""What would help an ask, and whom a programme should look for, as sentences."""

import pytest
from django.utils.translation import override

from nawzajem.core.matching import AskRow, Change, Kind, Reason, Recruit, hours
from nawzajem.pairs.words import brings, hint, part_of_week, whom, why_alone

ASK = AskRow(id="a", person="a", languages=frozenset({"pl"}), forms=frozenset({"text"}))
HOUR = Reason("hours", {"hours": 1, "start": 24 + 16, "length": 1})


def change(*steps):
    return Change(steps, ASK, 1)


@pytest.mark.parametrize(
    ("language", "steps", "said"),
    [
        ("en", [HOUR], "What would help: 1 more hour a week on weekday evenings, for example Tuesday 18:00–19:00."),
        ("pl", [HOUR], "Co by pomogło: jeszcze 1 godzina w tygodniu wieczorem w dni powszednie, na przykład wtorek 18:00–19:00."),
        ("en", [Reason("form", {"form": "call"})], "What would help: one more way to talk, a call."),
        ("pl", [Reason("gender", {"gender": "woman"})], "Co by pomogło: płeć drugiej osoby jako życzenie, nie warunek."),
        ("en", [Reason("topic", {})], "What would help: somebody who knows something else from their own life."),
    ],
)  # fmt: skip
def test_the_smallest_change_is_told_in_a_sentence_on_the_readers_clock(language, steps, said):
    with override(language):
        assert hint(change(*steps), minutes=120) == said


def test_two_changes_are_told_as_two():
    with override("en"):
        told = hint(change(HOUR, Reason("form", {"form": "meeting"})))
    assert told.startswith("What would help, both together: 1 more hour a week on weekday afternoons, for example")
    assert told.endswith("; one more way to talk, meeting in person.")


@pytest.mark.parametrize(
    ("price", "said"),
    [
        (0.62, "2 people would fit, and their places went to others. 12 points of 100 were missing for a place."),
        (0.51, "2 people would fit, and their places went to others. 1 point of 100 was missing for a place."),
        (0.5, "2 people would fit, and their places went to others. Less than one point of 100 was missing for a place."),
    ],
)  # fmt: skip
def test_how_near_an_ask_was_to_a_place_is_told_where_it_is_known(price, said):
    with override("en"):
        assert why_alone(["others_first", {"fitting": 2, "worth": 0.5, "price": price}]) == said
        assert why_alone(["others_first", {"fitting": 2}]) == "2 people would fit, and their places went to others."


def test_whom_to_look_for_and_what_they_bring():
    one = Recruit(
        Kind("grief", "uk", "weekends", minor=True, gender="woman"), 2, {1: 2, 3: 5, 5: 5}, {1: 1, 3: 2, 5: 2}
    )
    with override("en"):
        told = whom(one, topics={"grief": "Losing somebody"})
        assert told == (
            "has been through: Losing somebody; language: Ukrainian; time at the weekend; under 18; a woman; 2 places"
        )
        assert brings(one) == ["1 such person: 2 more asks find somebody", "3 such people: 5 more asks find somebody"]
    with override("pl"):
        assert brings(one)[1] == "3 takie osoby: 5 próśb więcej znajdzie kogoś"


def test_every_part_of_the_week_has_words():
    with override("en"):
        assert len({part_of_week(part) for part in hours.WEEK_PARTS}) == len(hours.WEEK_PARTS)
