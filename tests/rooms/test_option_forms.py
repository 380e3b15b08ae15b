"""Every option can be answered by somebody who has never seen a blueprint, and every answer is one the house takes."""

from __future__ import annotations

import pytest

from nawzajem.programmes import acts
from nawzajem.programmes.option_forms import ANSWERS, GROUPS, OptionsForm, told
from nawzajem.programmes.options import Options
from tests.cast import HOUSE

BY_CODE = {one.code: one for one in GROUPS}


def form(code, typed=None, **options):
    return OptionsForm(typed, group=BY_CODE[code], options=Options(**options))


def as_it_stands(code, **options):
    """What a browser sends when nothing was changed."""
    fields = form(code, **options).fields
    return {name: field.initial for name, field in fields.items() if field.initial not in (False, None)}


def test_every_option_has_its_words_in_one_group():
    assert sorted(name for one in GROUPS for name in one.options) == sorted(Options.model_fields)


@pytest.mark.parametrize("code", BY_CODE)
def test_a_form_that_is_sent_unchanged_changes_nothing(code):
    sent = form(code, as_it_stands(code))
    assert sent.is_valid(), sent.errors
    assert Options(**sent.cleaned_data) == Options()


@pytest.mark.parametrize("name", Options.model_fields)
def test_every_answer_is_told_in_words(name):
    assert str(told(Options(), name))
    assert "_" not in str(told(Options(), name))


def test_every_choice_has_its_words():
    for code, group in BY_CODE.items():
        for name, field in form(code).fields.items():
            if hasattr(field, "choices"):
                assert [value for value, _words in field.choices] == list(ANSWERS[name])
        assert group.title


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("asking", {"open_asks": "0"}),
        ("asking", {"open_asks": "eleven"}),
        ("asking", {"forms": []}),
        ("asking", {"forms": ["pigeon"]}),
        ("weights", {"weight_topic": "nan"}),
        ("weights", {"weight_topic": "10.5"}),
        ("coming-in", {"joining": "perhaps"}),
        ("keeping", {"small_group": "1"}),
    ],
)
def test_an_answer_out_of_bounds_is_told_beside_its_question(code, typed):
    sent = form(code, as_it_stands(code) | typed)
    assert not sent.is_valid()
    assert list(sent.errors) == list(typed)


def test_words_are_given_in_both_languages_or_in_neither():
    one = form("now", as_it_stands("now") | {"now_contact:pl": "Telefon dyżurny: 22 000 00 00"})
    assert list(one.errors) == ["now_contact:en"]
    both = form("now", as_it_stands("now") | {"now_contact:pl": "Ktoś", "now_contact:en": "Somebody"})
    assert both.is_valid()
    assert both.cleaned_data["now_contact"] == {"pl": "Ktoś", "en": "Somebody"}
    neither = form("now", as_it_stands("now"), now_contact={"pl": "Ktoś", "en": "Somebody"})
    assert neither.is_valid()
    assert neither.cleaned_data["now_contact"] == {}


@pytest.mark.django_db
def test_what_was_chosen_on_the_page_holds(world):
    sent = form("asking", as_it_stands("asking") | {"open_asks": "4"})
    assert sent.is_valid()
    acts.choose(HOUSE, world.here, **sent.cleaned_data)
    world.here.refresh_from_db()
    assert world.here.options.open_asks == 4
