"""The hint beside the field, the growth page, a talk looked back at."""

from __future__ import annotations

import pytest
from django.urls import reverse

from nawzajem.coach.models import Hint

pytestmark = pytest.mark.django_db

DIRECTIVE = "Na twoim miejscu zostawiłabym go jutro."


@pytest.fixture
def at(world):
    pair = world.pair()
    return lambda name: reverse(name, args=[world.here.slug, pair.pk])


@pytest.fixture
def bartek(client, world):
    client.force_login(world.bartek)
    return client


def ask(bartek, at, text, hint=""):
    return bartek.post(at("hint"), {"text": text, "hint": hint})


def test_one_hint_at_a_time_and_a_quiet_one_when_it_is_gone(bartek, at):
    first = ask(bartek, at, DIRECTIVE)
    hint = Hint.objects.get()
    assert f'data-hint="{hint.pk}"' in first.content.decode()
    assert "Na twoim miejscu" in first.content.decode()
    assert ask(bartek, at, DIRECTIVE, hint.pk).status_code == 204
    assert ask(bartek, at, "Co by ci teraz pomogło?", hint.pk).content == b""
    hint.refresh_from_db()
    assert hint.outcome == "followed"
    assert Hint.objects.count() == 1


def test_a_hint_is_put_aside_with_a_reason(bartek, at, world):
    ask(bartek, at, DIRECTIVE)
    address = reverse("hint_dismiss", args=[world.here.slug, Hint.objects.get().pk])
    assert bartek.post(address, {"reason": "no such reason"}).status_code == 422
    assert bartek.post(address, {"reason": "asked"}).content == b""
    assert Hint.objects.get().reason == "asked"
    assert ask(bartek, at, DIRECTIVE).content == b""


def test_the_field_of_whoever_asked_has_no_hints(client, bartek, at, world):
    assert "<nz-hint" in bartek.get(at("pair")).content.decode()
    assert at("look_back") in bartek.get(at("pair")).content.decode()
    client.force_login(world.ania)
    assert "<nz-hint" not in client.get(at("pair")).content.decode()
    assert at("look_back") not in client.get(at("pair")).content.decode()


def test_the_growth_page_switches_them_off_and_forgets(bartek, at, world):
    growth = reverse("growth", args=[world.here.slug])
    ask(bartek, at, DIRECTIVE)
    assert "Pokazana 1 raz." in bartek.get(growth).content.decode()
    bartek.post(growth, {"hints": "off"})
    assert ask(bartek, at, DIRECTIVE).status_code == 403
    assert "<nz-hint" not in bartek.get(at("pair")).content.decode()
    bartek.post(growth, {"hints": "on"})
    bartek.post(growth, {"forget": "yes"})
    assert "Pokazana" not in bartek.get(growth).content.decode()


def test_a_talk_without_words_is_looked_back_at_too(bartek, at):
    assert bartek.get(at("look_back")).status_code == 200
