"""A double click, a page loaded again, the back button: whatever is sent twice happens once, and the second answer is a page
that makes sense. The browser shows the answer to the second click only, so that one must be the kind one."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.urls import resolve

from nawzajem.asks.models import Ask
from nawzajem.ground.models import Event
from nawzajem.programmes import acts as programmes
from tests.doors.deeds import DEEDS, PLACE
from tests.doors.plain import says
from tests.house.test_access import rows

pytestmark = pytest.mark.django_db

FACTS = {"event", "look", "mark", "turn"}  # they may stand twice; things may not
NO_FACT = {"come_in_by_a_code", "sign_up", "sign_in", "sign_out"}  # remembered in the session, or kept by the library
NO_FACT |= {"be_given_a_hint", "put_a_hint_aside", "switch_hints_off", "forget_the_hints"}  # the coach watches nobody
NO_FACT |= {"try_what_failed_again"}  # of the machine, and nothing of anybody


def things() -> set[tuple[str, ...]]:
    """Everything that is there, by its kind, its id and, where it has them, its state and its outcome. Asked in one sentence."""
    with connection.cursor() as cursor:
        cursor.execute(_all_at_once())
        return set(cursor.fetchall())


@functools.cache
def _all_at_once() -> str:
    return " UNION ALL ".join(
        f"SELECT '{model.__name__}', {', '.join(map(_told, _columns(model)))} FROM {model._meta.db_table}"
        for model in apps.get_app_config("nawzajem").get_models()
        if model._meta.model_name not in FACTS
    )


def _columns(model: Any) -> list[str]:
    has = {field.name: field.column for field in model._meta.concrete_fields}
    return [model._meta.pk.column, has.get("state", ""), has.get("outcome", "")]


def _told(column: str) -> str:
    return f'CAST("{column}" AS TEXT)' if column else "''"


@pytest.mark.parametrize("name", DEEDS)
def test_twice_is_once_and_the_second_answer_is_a_page_that_makes_sense(name, world, comes):
    address, make = DEEDS[name]
    one, form, answers = make(world, comes)
    assert resolve(urlsplit(form.action).path).url_name == address
    held, facts = form.filled(**answers), Event.objects.count()
    first = one.post(form.action, held)
    assert first.status == 200, first.words
    assert Event.objects.count() > facts or name in NO_FACT, "nothing happened"
    once = things()
    second = one.post(form.action, held)
    assert things() == once, "it happened twice"
    assert second.status == 200, second.words


def test_every_form_of_the_house_is_sent_twice_here():
    told = rows()
    takes = {name for name, method in told if method == "POST" and told[name, "POST"] != told[name, "GET"]}
    assert takes - {address for address, _make in DEEDS.values()} == {
        "language"
    }  # a choice for visitors, kept in a cookie


def test_an_ask_written_once_more_after_a_step_back_is_one_ask_in_its_newest_words(world, comes, clock):
    one = comes("ania")
    for words in ("Nie śpię.", "Nie śpię od tygodnia."):
        page = one.send(one.open(f"{PLACE}/asks/new/").form(), topics=["grief.partner"], words=words)
    assert Ask.objects.count() == 1
    assert "Nie śpię od tygodnia." in page.words
    one.send(one.open(f"{PLACE}/asks/new/").form(), topics=["lonely"])
    assert Ask.objects.count() == 2
    clock(hours=2)
    one.send(one.open(f"{PLACE}/asks/new/").form(), topics=["lonely"])
    assert Ask.objects.count() == 3


def test_who_leaves_twice_a_place_that_is_closed_to_strangers_still_reads_that_they_have_left(world, comes):
    programmes.choose(world.actor("celina"), world.here, joining="invited")
    one = comes("ania")
    form = one.open(f"{PLACE}/leave/").form()
    one.client.post(form.action, form.holds)  # the answer to the first click is never shown
    page = one.send(form)
    assert says("You have left. The door stays open, should you wish to come back.") in page.words
