"""Nonsense, typed or put into an address: a sentence or a page, never a mistake of ours, and never the loss of a long text."""

from __future__ import annotations

import html
from collections.abc import Callable
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from nawzajem.conversations import acts as conversations
from tests.doors.deeds import DEEDS, PLACE
from tests.doors.plain import Held, Page
from tests.house.test_access import names, parameters
from tests.rooms.hostile import EMOJI, LONG, MARKS, NOTHING, NUL

pytestmark = pytest.mark.django_db

HUGE = "99999999999999999999"
TYPED = [LONG, MARKS + EMOJI, NOTHING, "-1", HUGE, "9999-12-31", "<script>"]
CHOSEN = ["none-such", "", "-1", HUGE]
HUMANE = {200, 302, 400, 403, 404, 405, 409, 410, 422, 429}


def answered(ask: Callable[..., Any], path: str, *sent: Any) -> Page:
    """What the house says; then as if it had not been asked."""
    cache.clear()  # attempts are counted by address
    with transaction.atomic():
        page = Page(ask(path, *sent), path)
        transaction.set_rollback(True)
    assert page.status in HUMANE, f"{page.status} {path[:200]}: {page.words}"
    return page


def nonsense_for(values: list[str], fields: list[str]) -> list[Held]:
    """What no database takes in every field; then in each field something else."""
    if not fields:
        return []
    return [
        {field: [NUL] for field in fields},
        {field: [value] for field, value in zip(fields, cycle(values), strict=False)},
    ]


@pytest.mark.parametrize("name", DEEDS)
def test_nonsense_in_a_form_is_answered_in_a_sentence(name, world, comes):
    _address, make = DEEDS[name]
    one, form, answers = make(world, comes)
    whole = form.filled(**answers)
    for nonsense in [
        *nonsense_for(TYPED, form.typed),
        *nonsense_for(CHOSEN, list(form.offered)),
        {key: [] for key in whole},
    ]:
        page = answered(one.client.post, form.action, whole | nonsense)
        for field in {"words", "text", "aim"} & nonsense.keys() if page.status == 422 else ():
            assert not nonsense[field] or html.escape(nonsense[field][0].strip()) in page.html


def test_there_is_nothing_at_an_address_that_somebody_made_up(comes):
    one = comes("celina")  # who reaches furthest
    for turn, name in enumerate(sorted(name for name in names() if parameters(name) - {"programme"})):
        value = ("none-such", "0" * 200, HUGE)[turn % 3]
        kwargs = {thing: HUGE if thing == "seq" else value for thing in parameters(name)}
        path = reverse(name, kwargs=kwargs | ({"programme": "here"} if "programme" in kwargs else {}))
        for ask in (one.client.get, one.client.post):
            answered(ask, path)


ASKED = {
    "ania": [
        "/p/here/been-there/?topics=", "/p/here/asks/new/?topics=", "/p/here/asks/new/?again=",
        "/p/here/experiences/new/?topic=", "/p/here/talks/{talk}/messages/?before=", "/help/?country=", "/me/recovery/?next=",
    ],
    "celina": ["/p/here/desk/people/?called="],
    "": ["/p/here/?topics=", "/accounts/login/?next=", "/accounts/signup/?next=", "/come-in/?code="],
}  # fmt: skip


@pytest.mark.parametrize("who", ASKED)
def test_nonsense_asked_in_an_address_gets_a_page(who, world, comes):
    talk = world.pair().conversation_id
    one = comes(who)
    for path in ASKED[who]:
        for value in [NUL, HUGE, MARKS + EMOJI + LONG[:2000], "//elsewhere.example", "javascript:alert(1)"]:
            page = answered(one.client.get, path.format(talk=talk) + urlencode({"": value})[1:])
            assert 'href="//elsewhere' not in page.html
            assert 'href="javascript:' not in page.html


def test_a_place_in_a_talk_that_nobody_can_count_to_is_not_there(world, comes):
    pair = world.pair()
    conversations.send(world.actor("bartek"), pair.conversation, text="Jestem.", client_key="a" * 8)
    path = f"{PLACE}/talks/{pair.conversation_id}/messages/{HUGE}/report/"
    assert answered(comes("ania").client.get, path).status == 404
