"""A hint while helping: put aside with a reason, taken up another time, and never in the way of the message.

No carriers are needed: the coach's rules are always on.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Visitor

WHO = {"pl": ("Marek", "Natalia"), "en": ("Helen", "Grace")}
ADVICE = {"pl": "Na twoim miejscu pojechałbym do siostry na tydzień.", "en": "If I were you I'd go to your sister's."}
SMALL = {"pl": "Nie przesadzaj, inni mają gorzej.", "en": "Don't exaggerate, others have it worse."}
OPEN = {"pl": "Jak wyglądał u ciebie ten wieczór?", "en": "What was that evening like for you?"}
GROWN = {
    "pl": ("Napisane inaczej 1 raz.", "Odłożona 1 raz."),
    "en": ("Written differently 1 time.", "Put aside 1 time."),
}


@pytest.mark.parametrize(("language", "size", "dark"), [("pl", "phone", False), ("en", "desk", True)])
def test_a_helper_is_hinted_rewrites_and_sends(
    visitor: Callable[..., Visitor], language: str, size: str, dark: bool
) -> None:
    gives, asks = WHO[language]
    helper = visitor(language, size, dark=dark)
    helper.sign_in(gives)
    helper.go("/p/krag/pairs/")
    helper.follow("main a.item", asks)
    hint = helper.page.locator("[data-hint]")

    helper.page.fill("#write", ADVICE[language])
    helper.sees(helper.says("What would you like to know first about what has been tried already?"), within=30)
    helper.look()
    helper.press("I was asked for it", stays=True)
    hint.wait_for(state="detached")
    assert helper.page.input_value("#write") == ADVICE[language]

    helper.page.fill("#write", SMALL[language])
    helper.sees(helper.says("What might it be like for the other just now?"), within=30)
    helper.page.fill("#write", OPEN[language])
    hint.wait_for(state="detached")
    helper.press("Send", stays=True)
    helper.sees(OPEN[language])

    helper.follow("a[href$='look-back/']")
    helper.sees(helper.says("Who talked how much"))
    helper.look()
    helper.press("How I write")
    for words in GROWN[language]:
        helper.sees(words)
    helper.look()

    other = visitor(language, "phone", dark=not dark)
    other.sign_in(asks)
    other.go("/p/krag/pairs/")
    other.follow("main a.item", gives)
    other.sees(OPEN[language])
    assert other.page.locator("nz-hint").count() == 0
    assert SMALL[language] not in other.page.content()
