"""What may be typed when asking: only a topic is needed."""

from __future__ import annotations

import pytest

from nawzajem.asks import acts
from nawzajem.asks.forms import MOST_TOPICS, AskForm
from nawzajem.core.matching import hours
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Topic
from nawzajem.programmes.reads import print_of
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NUL, WORDS

pytestmark = pytest.mark.django_db

GOOD = {"topics": ["lonely"], "stage": "in_it", "forms": ["text"], "languages": ["pl"], "hours": "any"}


def form_of(world, **typed):
    return AskForm(GOOD | typed, programme=world.here, person=world.ania)


def test_little_is_enough(world):
    form = form_of(world)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hours"] == hours.ANY
    assert form.cleaned_data["not_prints"] == []
    assert acts.draft(world.actor("ania"), **form.cleaned_data)


def test_everything_can_be_said(world):
    form = form_of(
        world,
        topics=["lonely", "grief"],
        kinds=["heard", "done"],
        words=MARKS + EMOJI + WORDS,
        wish_age="near",
        wish_gender="woman",
        wish_gender_must="on",
        wish_backgrounds=["shifts"],
        not_same_unit="on",
        not_codes="AB-cd; ef gh ,, - ",
        hours=["0", "167"],
    )
    assert form.is_valid(), form.errors
    said = form.cleaned_data
    assert {topic.code for topic in said["topics"]} == {"lonely", "grief"}
    assert said["not_prints"] == [print_of(world.here, "abcd"), print_of(world.here, "efgh")]
    assert "not_codes" not in said
    ask = acts.draft(world.actor("ania"), **said)
    assert ask.hours == hours.week([0, 167])


@pytest.mark.parametrize("missing", ["topics", "stage", "forms", "languages", "hours"])
def test_what_is_needed_is_asked_for(world, missing):
    form = AskForm(
        {key: value for key, value in GOOD.items() if key != missing}, programme=world.here, person=world.ania
    )
    assert set(form.errors) == {missing}


MANY = ["topics", "kinds", "forms", "languages", "hours", "wish_backgrounds"]
ONE = ["stage", "wish_age", "wish_gender"]


@pytest.mark.parametrize("typed", [one for one in CODES if one])
@pytest.mark.parametrize("field", MANY)
def test_no_other_choice_is_taken_among_many(world, field, typed):
    three = field == "hours" and typed == "٣"  # a three in another script is an hour
    assert (field in form_of(world, **{field: [typed]}).errors) is not three


@pytest.mark.parametrize("typed", [one for one in CODES if one])
@pytest.mark.parametrize("field", ONE)
def test_no_other_choice_is_taken_of_one(world, field, typed):
    assert field in form_of(world, **{field: typed}).errors


@pytest.mark.parametrize("field", ["words", "not_codes"])
@pytest.mark.parametrize("typed", [NUL, LONG])
def test_words_have_an_end(world, field, typed):
    assert field in form_of(world, **{field: typed}).errors


def test_a_topic_of_another_programme_is_no_topic(world):
    Topic.objects.create(programme=world.elsewhere, code="secret", words={"en": "x"})
    assert "topics" in form_of(world, topics=["lonely", "secret"]).errors


def test_five_topics_are_the_most(world):
    codes = list(world.here.topics.values_list("code", flat=True))
    assert len(codes) > MOST_TOPICS
    assert form_of(world, topics=codes[:MOST_TOPICS]).is_valid()
    assert "topics" in form_of(world, topics=codes).errors
    assert form_of(world, topics=[codes[0]] * 1000).is_valid()  # the same again is no other


def test_only_ways_of_talking_that_the_programme_has(world):
    assert form_of(world, forms=["call"]).is_valid()
    programmes.choose(world.actor("celina"), world.here, forms=["text"])
    world.here.refresh_from_db()
    assert "forms" in form_of(world, forms=["call"]).errors


def test_what_the_programme_does_not_ask_is_not_taken(world):
    programmes.choose(world.actor("celina"), world.here, asks_unit=False)
    world.here.refresh_from_db()
    world.here.backgrounds = []
    form = form_of(world, not_same_unit="on", wish_backgrounds=["shifts"])
    assert form.is_valid()
    assert not {"not_same_unit", "wish_backgrounds"} & set(form.cleaned_data)


def test_the_form_begins_with_what_suits_the_person(world):
    world.ania.speaks = ["uk", "pl"]
    form = AskForm(programme=world.here, person=world.ania)
    assert form["languages"].initial == ["uk", "pl"]
    assert form["forms"].initial == ["text"]
    assert form["hours"].value() == [str(hour) for hour in range(168)]
