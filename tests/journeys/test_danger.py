"""Journey 9: a message with intent and plan: help beside the writer, somebody on duty called and answering, what two open
together and of which those concerned are told, and the end of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.doors.processes import HOUSE, environment
from tests.journeys.codes import code_now
from tests.journeys.conftest import Visitor

WHO = {
    "pl": ("Natalia", "Marek", "Franek", "Iga", "Dziś w nocy się zabiję, mam już tabletki w ręku."),
    "en": ("Grace", "Helen", "Faye", "Iris", "I am going to kill myself tonight, I have the pills in my hand."),
}
WHY = {
    "pl": "Nie odpisuje, a napisała o tabletkach. Trzeba wiedzieć, co ma przy sobie.",
    "en": "No answer, and there was a word about pills. We have to know what is at hand.",
}


@pytest.mark.parametrize(("language", "dark"), [("pl", True), ("en", False)])
def test_a_message_with_intent_reaches_somebody_on_duty(
    visitor: Callable[..., Visitor], house: Any, language: str, dark: bool
) -> None:
    asks, gives, on_duty, second, words = WHO[language]
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
    officer.sign_in(on_duty, code=code_now())
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

    concern = officer.page.url
    other = visitor(language, "phone", dark=not dark)
    beside = visitor(language, "phone", dark=not dark)
    beside.sign_in(second, code=code_now())
    later = [sys.executable, "-m", "tests.journeys.town", "later"]
    subprocess.run(later, env=environment(house.data), cwd=HOUSE, check=True)
    other.sign_in(gives)
    opened = asked_for(officer, WHY[language], later=language == "en")
    beside.go(opened)
    agreed(beside, later=language == "en")
    looked_at(officer, opened, words)
    told([writer, other], officer, opened, later=language == "en")

    officer.go(concern)
    officer.pick(officer.says("wrote or talked with them"))
    officer.press("Note it")
    officer.sees(officer.says("What was done"))
    officer.pick(officer.says("handed over to professional help"))
    officer.press("Close")
    officer.sees(officer.says("Closed. Thank you for having been there."))
    officer.look()
    officer.go("/p/krag/desk/roster/")
    officer.look()

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


def asked_for(officer: Visitor, why: str, *, later: bool) -> str:
    """By one on duty, who has to show the second factor anew; the page on which the other answers."""
    officer.press("Ask to open the talk")
    officer.look()
    assert not officer.page.locator("a[href*='/accounts/reauthenticate/']").count(), "a passphrase is no second factor"
    officer.show(code_now(later=1))
    officer.look()
    officer.fill("What has happened, and why is there no other way?", why)
    if later:
        officer.page.locator("summary", has_text=officer.says("Tell them later")).click()
        officer.page.get_by_label(officer.says("Telling those concerned at once would put somebody in danger")).check()
        officer.fill("They are told on", str((datetime.now(UTC) + timedelta(days=2)).date()))
        officer.fill("Who would be in danger, and how?", "One of the two is with the other.")
        officer.look()
    officer.press("Ask the second person")
    officer.sees(why)
    assert not officer.page.locator("[name=yes]").count(), "nobody is two"
    officer.look()
    return str(officer.page.url)


def agreed(second: Visitor, *, later: bool) -> None:
    second.look()
    assert not second.page.locator("[name=yes]").count(), "the second factor comes first"
    second.press("Show it now")
    second.show(code_now(later=1))
    if later:
        second.page.locator("[name=later]").check()
    second.press("I agree: open it")
    second.sees(second.says("Open, for both of you. Every look is written down."))
    second.look()


def looked_at(officer: Visitor, opened: str, words: str) -> None:
    """Only while it is open, and only what it is about."""
    officer.go(opened)
    assert words not in officer.page.content()
    officer.press("Look now")
    officer.sees(words)
    officer.look()
    officer.press("Back")
    officer.press("Nothing more needs to be seen: close it")
    officer.sees(officer.says("Closed again."))
    assert not officer.page.get_by_role("button", name=officer.says("Look now")).count()
    officer.look()


def told(people: list[Visitor], officer: Visitor, opened: str, *, later: bool) -> None:
    """Both whose talk it is: at once, or once the two on duty let them know."""
    if later:
        for one in people:
            one.go("/p/krag/home/")
            assert one.says("Something of yours was opened") not in one.page.content()
        officer.press("Tell those concerned now")
    for one in people:
        one.go("/p/krag/home/")
        one.follow("a.card-link", one.says("Something of yours was opened"))
        one.sees(one.says("somebody's life or health may be in danger"))
        one.look()
