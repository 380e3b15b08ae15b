"""Journey 9: a message with intent and plan: help beside the writer, somebody on duty called and answering, and the end of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Visitor

WHO = {
    "pl": ("Natalia", "Marek", "Franek", "Dziś w nocy się zabiję, mam już tabletki w ręku."),
    "en": ("Grace", "Helen", "Faye", "I am going to kill myself tonight, I have the pills in my hand."),
}


@pytest.mark.parametrize(("language", "dark"), [("pl", True), ("en", False)])
def test_a_message_with_intent_reaches_somebody_on_duty(
    visitor: Callable[..., Visitor], language: str, dark: bool
) -> None:
    asks, gives, on_duty, words = WHO[language]
    writer = visitor(language, "phone", dark=dark)
    writer.sign_in(asks)
    writer.go("/p/krag/pairs/")
    writer.follow("main a.item", gives)
    writer.page.fill("#write", words)
    writer.press("Send", stays=True)
    writer.sees(writer.says("You are not alone with this."), within=30)
    writer.sees("112")
    writer.sees(writer.says("A person on duty has been told. Until they answer, these numbers do."))
    writer.look()

    officer = visitor(language, "desk", dark=dark)
    officer.sign_in(on_duty)
    officer.go("/p/krag/desk/concerns/")
    officer.sees(asks)
    officer.look()
    officer.follow("main a.item", asks)
    assert words not in officer.page.content()
    officer.sees({"pl": "Zapytaj wprost.", "en": "Ask directly."}[language])
    officer.look()
    officer.press("I take it")
    officer.look()
    writer.sees(writer.says("Somebody on duty has taken this up and is there for you."), within=30)
    writer.look()

    officer.pick(officer.says("wrote or talked with them"))
    officer.press("Note it")
    officer.sees(officer.says("What was done"))
    officer.pick(officer.says("handed over to professional help"))
    officer.press("Close")
    officer.sees(officer.says("Closed. Thank you for having been there."))
    officer.look()
    officer.go("/p/krag/desk/roster/")
    officer.look()

    other = visitor(language, "phone", dark=not dark)
    other.sign_in(gives)
    other.go("/p/krag/pairs/")
    other.follow("main a.item", asks)
    other.press("Somebody on duty should know")
    other.look()
    other.pick(other.says("about the person I talk with"))
    other.pick(other.says("today"))
    other.press("Call somebody on duty")
    other.sees(other.says("Those on duty are being called"))
    other.look()
    officer.go("/p/krag/desk/concerns/")
    officer.follow("main a.item", asks)
    officer.sees(officer.says("the other person in the talk is worried"))
