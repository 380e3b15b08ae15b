"""Every place where a person is named is known to the room that tells and erases."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from nawzajem.people.models import Person
from nawzajem.rights.pages import CODES, NAMES, TITLES
from nawzajem.rights.reads import PARTS, everything
from nawzajem.rights.traces import TRACES
from tests.lived import everywhere, lived_through_it_all

BY_KEY = {models.CASCADE: "goes", models.SET_NULL: "unnamed"}


def keys_to_people() -> dict[str, str]:
    """Model.field of every foreign key to a person, with what the database does when the person goes."""
    return {
        f"{model.__name__}.{field.name}": BY_KEY[field.remote_field.on_delete]
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is Person
    }


def test_every_foreign_key_to_a_person_is_known_with_its_fate():
    known = {trace.place: trace.fate for trace in TRACES}
    for place, fate in keys_to_people().items():
        assert known.get(place) == fate, f"{place} is missing in nawzajem/rights/traces.py, or {fate} there"


def test_no_trace_is_told_of_a_place_that_is_gone():
    for trace in TRACES:
        model, field = trace.place.split(".")
        found = [one for one in apps.get_models() if one.__name__ == model]
        assert found, trace.place
        assert found[0]._meta.get_field(field)


def test_every_trace_is_told_in_the_download_or_says_why_not():
    for trace in TRACES:
        assert trace.told in PARTS or trace.told.startswith("- "), trace.place


@pytest.mark.django_db
def test_wherever_an_id_of_somebody_stands_it_is_known(world, clock):
    """Somebody does everything there is to do; then every column of every table is searched for their id."""
    lived_through_it_all(world, clock)
    known = {trace.place for trace in TRACES} | {"Person.id"}
    assert everywhere(world.ania.pk) - known == set()


@pytest.mark.django_db
def test_every_word_of_the_download_has_a_name_in_its_pages(world, clock):
    lived_through_it_all(world, clock)
    told = everything(world.actor("ania"))
    assert set(told) == set(TITLES)
    assert _keys(told.values()) <= set(NAMES)
    assert all(key.split(".")[1] in NAMES for key in CODES)


def _keys(values) -> set[str]:
    found: set[str] = set()
    for value in values:
        if isinstance(value, dict):
            found |= set(value) | _keys(value.values())
        elif isinstance(value, list):
            found |= _keys(value)
    return found - {"by", "text", "day", "from"}  # drawn by hand
