"""In a school: somebody of fifteen waits for a guardian, and meets no adult whose checks are not in order, nor any longer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.doors.processes import HOUSE, environment
from tests.journeys.conftest import Visitor

WHERE = {
    "pl": ("szkola", "Sabina", "Wanda", "Cichy Plecak"),
    "en": ("school", "Susan", "Wendy", "Quiet Satchel"),
}
SEARCH = {"pl": "sama na przerwie", "en": "lonely"}
CHECKS = ("register", "commission", "record")


@pytest.mark.parametrize(("language", "dark"), [("pl", False), ("en", True)])
def test_a_minor_comes_in_with_a_guardian_and_meets_only_who_was_looked_up(
    visitor: Callable[..., Visitor], house: Any, language: str, dark: bool
) -> None:
    slug, coordinates, gives, pseudonym = WHERE[language]
    desk = visitor(language, "desk", dark=dark)
    desk.sign_in(coordinates)
    pupil = visitor(language, "phone", dark=not dark)
    come_in(pupil, code_from(desk, slug), pseudonym)
    pupil.sees(pupil.says("Before you take part, a parent or guardian has to consent."))
    pupil.look()
    pupil.press("How that goes")
    if language == "pl":
        pupil.sees(pupil.says("Here it goes on paper: ask the coordinators of this programme for it."))
        pupil.look()
        paper(desk, slug, pseudonym)
    else:
        by_link(pupil, visitor("en", "phone"))
    pupil.go(f"/p/{slug}/home/")
    pupil.sees(pupil.says("You could use somebody?"))

    asks(pupil, slug)
    pupil.sees(pupil.says("Nobody who fits is here just now."))
    pupil.look()
    standards(desk, slug)
    if language == "en":
        return  # from here on it is the same in both

    looked_up(desk, slug, gives)
    pupil.page.reload()
    pupil.follow("article.card button")
    other = visitor(language, "phone")
    other.sign_in(gives)
    other.follow("a.card-link")
    other.press("Yes, I would like to talk")
    talk = other.page.url
    other.sees(pseudonym)

    year = [sys.executable, "-m", "tests.journeys.schools"]
    subprocess.run(year, env=environment(house.data), cwd=HOUSE, check=True)
    other.go(talk)
    other.look()
    assert not other.page.locator("textarea[name=text]").count(), "nothing is written without checks"
    other.go(f"/p/{slug}/home/")
    other.sees(other.says("Taking part waits until your checks are in order. Whoever coordinates can tell you more."))
    other.look()
    desk.go(f"/p/{slug}/desk/minors/")
    desk.sees(desk.says("over"))
    looked_up(desk, slug, gives)
    other.go(talk)
    assert other.page.locator("textarea[name=text]").count(), "renewed, it goes on"


def code_from(desk: Visitor, slug: str) -> str:
    """For a class."""
    desk.go(f"/p/{slug}/desk/invitations/")
    desk.pick(desk.says("a class or a department: a code to read out"))
    desk.press("Make it")
    desk.look()
    return str(desk.page.locator(".keep").inner_text())


def come_in(pupil: Visitor, code: str, pseudonym: str) -> None:
    pupil.go("/come-in/")
    pupil.fill("Code", code)
    pupil.press("Go on")
    pupil.page.get_by_label(pupil.says("Search in your own words")).fill(SEARCH[pupil.language])
    pupil.page.locator("label.choice:has(input[value='class.alone'])").first.click()
    pupil.sees(pupil.says("I would like to talk"))
    pupil.look()
    pupil.press("I would like to talk")
    pupil.fill("Pseudonym", pseudonym)
    pupil.fill("Passphrase", "niebieski rower i cisza")
    pupil.press("Go on")
    pupil.press("I have kept it")
    pupil.page.locator("input[name=agreed]").check()
    pupil.pick(pupil.says("13 to 15"))
    for tick in pupil.page.locator("input[name=conditions]").all():
        tick.check(force=True)
    pupil.look()
    pupil.press("Come in")


def paper(desk: Visitor, slug: str, pseudonym: str) -> None:
    """That a coordinator has before them."""
    desk.go(f"/p/{slug}/desk/minors/")
    desk.look()
    desk.follow("main a.item", pseudonym)
    desk.fill("Who signed", "Maria Kowalska")
    desk.press("Record this consent")
    desk.sees(desk.says("Recorded. They can take part now."))
    desk.sees("Maria Kowalska")
    desk.look()


def by_link(pupil: Visitor, guardian: Visitor) -> None:
    """Handed on to somebody without an account."""
    pupil.press("Make a link for my guardian")
    pupil.look()
    guardian.go(pupil.page.locator(".keep").inner_text())
    guardian.look()
    guardian.fill("First name and surname", "Mary Smith")
    guardian.pick(guardian.says("a parent"))
    guardian.page.locator("[name=sure]").check()
    guardian.press("I consent")
    guardian.sees(guardian.says("Your consent is noted. Keep the link: by it you can take it back at any time."))
    guardian.look()


def asks(pupil: Visitor, slug: str) -> None:
    pupil.go(f"/p/{slug}/asks/new/?topics=class.alone")
    pupil.press("Go on: who is there")
    pupil.pick(pupil.says("I choose myself"))
    pupil.press("Send")


def looked_up(desk: Visitor, slug: str, adult: str) -> None:
    """Every check that the programme needs."""
    desk.go(f"/p/{slug}/desk/people/")
    desk.follow("main a.item", adult)
    desk.press("Consents and checks")
    desk.look()
    for check in CHECKS:
        desk.page.select_option("[name=kind]", check)
        desk.pick(desk.says("nothing found"))
        desk.press("Record it")
        desk.sees(desk.says("Recorded."))


def standards(desk: Visitor, slug: str) -> None:
    """One point was last looked at nearly two years ago: it is reminded of."""
    desk.go(f"/p/{slug}/desk/minors/")
    point = desk.says("Who takes a report, and who supports")
    desk.follow("main a.item", point)
    desk.fill("How it is with you, or where it is written", "Pokój 12, codziennie od 9 do 13.")
    desk.fill("Looked at on", str((datetime.now(UTC) - timedelta(days=715)).date()))
    desk.look()
    desk.press("Keep")
    desk.sees(desk.says("due soon"))
    desk.look()
    desk.go(f"/p/{slug}/texts/")
    desk.sees("Pokój 12")
    desk.look()
