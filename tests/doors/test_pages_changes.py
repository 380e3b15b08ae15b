"""Changing one's message and taking it back, on pages without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nawzajem.conversations import acts
from nawzajem.conversations.models import Message
from tests.doors.plain import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(world: Any) -> Any:
    made = world.pair()
    acts.send(world.actor("ania"), made.conversation, text="Pierwsze słowa.", client_key="key-00001")
    return made


def test_from_the_talk_to_other_words_and_back(comes: Callable[[str], Browser], pair: Any):
    ania, bartek = comes("ania"), comes("bartek")
    home = f"/p/here/pairs/{pair.pk}/"
    own = f"/p/here/talks/{pair.conversation_id}/messages/1/"
    assert f'href="{own}"' in ania.open(home).html
    assert f'href="{own}"' not in bartek.open(home).html
    page = ania.open(own)
    assert page.areas == ["Pierwsze słowa."]
    assert "Drugie słowa." in ania.send(page.form(), text="Drugie słowa.").words
    page = bartek.open(home)
    assert "zmieniona" in page.words
    assert "Drugie słowa." in page.words
    assert "Pierwsze" not in page.html
    page = ania.open(own)
    assert "Ta wiadomość została wycofana." in ania.send(page.form(f"{own}withdraw/")).words
    page = bartek.open(home)
    assert "Ta wiadomość została wycofana." in page.words
    assert "Drugie" not in page.html
    assert ania.open(own).status == 410


def test_later_it_can_only_be_taken_back_and_nothing_typed_is_lost(
    comes: Callable[[str], Browser], pair: Any, clock: Callable[..., Any]
):
    ania, own = comes("ania"), f"/p/here/talks/{pair.conversation_id}/messages/1/"
    early = ania.open(own)
    assert ania.send(early.form(), text=" ").status == 422
    clock(minutes=16)
    late = ania.send(early.form(), text="Za późno.")
    assert (late.status, late.areas) == (410, ["Za późno."])
    page = ania.open(own)
    assert [form.action for form in page.forms] == [f"{own}withdraw/"]


def test_a_page_from_before_another_change_undoes_nothing_and_nothing_typed_is_lost(
    comes: Callable[[str], Browser], pair: Any
):
    ania, own = comes("ania"), f"/p/here/talks/{pair.conversation_id}/messages/1/"
    early, now = ania.open(own).form(), ania.open(own).form()
    ania.send(now, text="Drugie słowa.")
    late = ania.send(early, text="Trzecie słowa.")
    assert (late.status, late.areas) == (409, ["Trzecie słowa."])
    assert ania.open(own).areas == ["Drugie słowa."]
    assert ania.send(early, text="Drugie słowa.").status == 200, "the same words again are no change"


def test_a_damaged_message_is_a_line_that_says_so(comes: Callable[[str], Browser], world: Any, pair: Any):
    acts.send(world.actor("bartek"), pair.conversation, text="Cała.", client_key="key-00002")
    Message.objects.filter(seq=1).update(body=b"\x01 nothing that opens")
    page = comes("bartek").open(f"/p/here/pairs/{pair.pk}/")
    assert page.status == 200
    assert "jej zapis jest uszkodzony" in page.words
    assert "Cała." in page.words
    report = comes("bartek").open(f"/p/here/talks/{pair.conversation_id}/messages/1/report/")
    assert "Słów tej wiadomości już tu nie ma." in report.words
