"""Two clicks in the very same moment, in two processes: one thing, and two answers that make sense."""

from __future__ import annotations

from typing import Any

from django.test import Client

from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.pairs.models import Pair
from nawzajem.people.models import Token
from nawzajem.safety.models import Report
from tests.doors.hall import Hall
from tests.doors.plain import Browser, Form
from tests.rooms.at_once import at_once


def at(hall: Hall, name: str) -> Browser:
    client = Client()
    client.cookies["nawzajem"] = hall.session(name)
    return Browser(client)


def sent_by_two(hall: Hall, who: str, form: Form, **answers: Any) -> list[int]:
    """What the two are answered, each by a browser of its own with the same session."""
    held, browsers = form.filled(**answers), [at(hall, who), at(hall, who)]
    return [page.status for page in at_once(*[lambda one=one: one.post(form.action, held) for one in browsers])]


def test_an_ask(hall):
    form = at(hall, "asia").open("/p/hall/asks/new/").form()
    assert sent_by_two(hall, "asia", form, topics=["lonely"], words="Nie śpię.") == [200, 200]
    assert Ask.objects.count() == 1


def test_a_token(hall):
    form = at(hall, "asia").open("/me/tokens/").form()
    assert sent_by_two(hall, "asia", form, name="mój program", scopes=["read"]) == [200, 200]
    assert Token.objects.count() == 1


def test_the_second_yes(hall):
    hall.world.offer("bolek")
    put = hall.world.proposal("asia", "bolek")
    path = f"/p/hall/proposals/{put.pk}/"
    form = at(hall, "bolek").open(path).form(f"{path}answer/")
    assert sent_by_two(hall, "bolek", form, yes="1") == [200, 200]
    assert Pair.objects.count() == 1


def test_a_report(hall):
    pair = hall.world.pair("asia", "bolek")
    said = conversations.send(hall.actor("bolek"), pair.conversation, text="Głupstwo.", client_key="a" * 8)
    form = at(hall, "asia").open(f"/p/hall/talks/{pair.conversation_id}/messages/{said.seq}/report/").form()
    assert sent_by_two(hall, "asia", form, reason="other", words="To mnie zabolało.") == [200, 200]
    assert Report.objects.count() == 1
