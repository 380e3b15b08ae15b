"""Journeys 1, 2 and 3: from no account to a conversation that helps; from an experience to a first yes; and asking oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Visitor

LANGUAGES = ["pl", "en"]
SEARCH = {"pl": "zmarl maz", "en": "widow"}
NAMES = {"pl": ("Jesienna Mgła", "Bartek"), "en": ("Autumn Mist", "Harry")}


def come_in(one: Visitor, pseudonym: str) -> None:
    """From the sign-up to the inside: a name, a passphrase, the code kept, the text read and agreed to."""
    one.look()
    one.fill("Pseudonym", pseudonym)
    one.fill("Passphrase", "niebieski rower i cisza")
    one.press("Go on")
    one.sees(one.says("If you forget your passphrase, this code lets you back in. It is shown only now."))
    assert re.fullmatch(r"(\w{4}-){4}\w{4}", one.page.locator(".keep").inner_text())
    one.look()
    one.press("I have kept it")
    one.look()
    one.page.locator("input[name=agreed]").check()
    one.pick(one.says("35 to 49"))
    for tick in one.page.locator("input[name=conditions]").all():
        tick.check(force=True)
    one.press("Come in")


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_night_somebody_finds_a_peer(visitor: Callable[..., Visitor], language: str) -> None:
    pseudonym, giver = NAMES[language]
    ania = visitor(language, "phone", dark=True)
    ania.go("/")
    ania.sees(ania.says("Somebody has been where you are."))
    ania.look()

    ania.page.get_by_label(ania.says("Search in your own words")).fill(SEARCH[language])
    ania.page.locator("label.choice:has(input[value='grief.partner'])").first.click()
    ania.sees(ania.says("I would like to talk"))
    ania.look()
    ania.press("I would like to talk")
    come_in(ania, pseudonym)

    ania.sees(ania.says("Ask for somebody"))
    assert ania.page.locator("input[name=topics]:checked").count() == 1, (
        "what was picked before the account is still picked"
    )
    ania.page.locator("label.choice:has(input[name=kinds])").first.click()
    ania.look()
    ania.press("Go on: who is there")
    ania.look()
    ania.press("Send")
    ania.sees(ania.says("Somebody may fit. Your answer is waited for."))
    ania.look()
    ania.press("Look and answer")
    ania.look()
    ania.press("Yes, I would like to talk")

    bartek = visitor(language, "desk")
    bartek.sign_in(giver)
    bartek.look()
    bartek.follow("a.card-link")
    bartek.sees(bartek.says("Why you"))
    bartek.look()
    bartek.press("Yes, I would like to talk")
    bartek.sees(pseudonym)
    bartek.look()

    ania.sees(giver)
    ania.page.get_by_text(giver).locator("visible=true").first.click()
    ania.page.locator("textarea[name=text]").fill("Dobry wieczór. Nie mogę spać.")
    ania.page.locator("textarea[name=text]").press("Control+Enter")
    bartek.sees("Dobry wieczór. Nie mogę spać.")
    bartek.page.locator("textarea[name=text]").fill("Jestem. U mnie noce były najgorsze.")
    bartek.page.locator("textarea[name=text]").press("Control+Enter")
    ania.sees("Jestem. U mnie noce były najgorsze.")
    ania.look()
    bartek.look()


def choose_while_the_page_is_fetched_anew(one: Visitor, words: str) -> None:
    """What somebody chose meanwhile is not taken back from them."""
    held: list[Any] = []
    one.page.route("**/standing/", lambda route: held.append(route))  # noqa: PLW0108  a method of a list cannot be marked
    with one.page.expect_request("**/standing/"):
        one.page.evaluate("document.dispatchEvent(new Event('nz:open'))")
    one.pick(words)
    with one.page.expect_response("**/standing/"):
        held[0].continue_()
    one.page.unroute("**/standing/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_gives_and_then_asks(visitor: Callable[..., Visitor], language: str) -> None:
    one = visitor(language, "desk")
    one.go("/p/krag/")
    one.press("Come in and tell what you have been through.")
    come_in(one, {"pl": "Wąska Ścieżka", "en": "Narrow Path"}[language])

    one.sees(one.says("Nothing told yet"))
    one.look()
    one.press("Tell of something")
    one.page.get_by_label(one.says("Search in your own words")).fill(
        {"pl": "stracilam prace", "en": "lost my job"}[language]
    )
    one.page.locator("label.choice:has(input[value='work.lost'])").first.click()
    one.pick(one.says("I have been through it"))
    one.fill("Since when", "2024-02")
    one.fill("Until when", "2025-01")
    one.page.locator("textarea[name=words]").fill("Najgorszy był pierwszy poniedziałek.")
    one.look()
    one.press("Keep")
    one.look()

    one.follow("nav a:visible", one.says("Giving"))
    one.look()
    one.press("I am ready")
    one.press("evenings", stays=True)
    assert one.page.locator("input[name=hours]:checked").count() > 0
    one.page.locator("label.choice:has(input[name=kinds])").first.click()
    one.look()
    one.press("I am ready")
    one.sees(one.says("You are ready"))
    one.look()

    one.follow("nav a:visible", one.says("Asking"))
    one.look()
    one.press("Ask for somebody")
    one.page.locator("label.choice:has(input[value='loneliness'])").first.evaluate(
        "label => label.closest('details')?.setAttribute('open', '')"
    )
    one.page.locator("label.choice:has(input[value='loneliness'])").first.click()
    one.press("Go on: who is there")
    choose_while_the_page_is_fetched_anew(one, one.says("I choose myself"))
    one.press("Send")
    one.sees(one.says("It is for you to choose."))
    one.look()
    one.press("Take the ask back")
    one.look()
