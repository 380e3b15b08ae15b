"""Journey 4: a coordinator's morning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Visitor
from tests.journeys.test_first_help import come_in


def asks(asker: Visitor, language: str) -> str:
    """Somebody comes and asks, and chooses for themselves: by which name they are known."""
    asker.go("/p/krag/?topics=grief.partner")
    asker.press("I would like to talk")
    pseudonym = {"pl": "Zielony Parasol", "en": "Green Umbrella"}[language]
    come_in(asker, pseudonym)
    asker.press("Go on: who is there")
    asker.pick(asker.says("I choose myself"))
    asker.press("Send")
    return pseudonym


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_coordinators_morning(visitor: Callable[..., Visitor], language: str) -> None:
    asker = visitor(language, "phone")
    pseudonym = asks(asker, language)
    asker.sees(asker.says("Who could be there"))
    asker.look()

    celina = visitor(language, "desk")
    celina.sign_in({"pl": "Celina", "en": "Clare"}[language])
    celina.go("/p/krag/desk/")
    celina.sees(pseudonym)
    celina.look()
    celina.follow("a.item", pseudonym)
    celina.sees(celina.says("Who could be there"))
    celina.look()
    celina.press("Propose to both")
    celina.sees(celina.says("Both are being asked."))

    celina.press("People")
    celina.look()
    celina.follow("a.item", "Gosia")
    celina.look()
    celina.press("Pause taking part")
    celina.sees(celina.says("End the pause"))
    celina.press("End the pause")

    celina.press("Invitations")
    celina.press("Make it")
    assert "/come-in/" in celina.page.locator(".keep").inner_text()
    celina.look()
    celina.press("Worklist")
    with celina.page.expect_download() as loaded:
        celina.page.get_by_role("link", name=celina.says("Asks as a table")).click()
    assert "grief.partner" in loaded.value.path().read_text()

    asker.sees(asker.says("Somebody may fit. Your answer is waited for."))


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_round(visitor: Callable[..., Visitor], language: str) -> None:
    asker = visitor(language, "phone")
    pseudonym = asks(asker, language)

    celina = visitor(language, "desk", dark=True)
    celina.sign_in({"pl": "Celina", "en": "Clare"}[language])
    celina.go("/p/krag/desk/")
    celina.press("Rounds")
    celina.look()
    celina.press("A new round")
    celina.look()
    celina.press("Work it out")
    celina.sees(celina.says("Who is served worst"), within=60)
    celina.sees(pseudonym)
    celina.look()
    celina.press("All pairs")
    celina.look()
    celina.press("Who else?")
    celina.look()
    celina.press("Keep together")
    celina.sees(celina.says("kept together"))
    celina.press("To the round")
    celina.press("Work out once more")
    celina.sees(celina.says("Who is served worst"), within=60)
    celina.sees(celina.says("kept together"))

    phone = visitor(language, "phone")
    phone.sign_in({"pl": "Celina", "en": "Clare"}[language])
    phone.page.goto(celina.page.url)
    phone.look()
    phone.press("Send: ask all of them")
    phone.sees(phone.says("has been sent"), within=60)
    phone.look()
    asker.sees(asker.says("Somebody may fit. Your answer is waited for."))
