"""At two in the morning: somebody needs somebody now, somebody who is here says yes, and afterwards both may stay in touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Visitor

WHO = {"pl": ("Gosia", "Bartek", "Nie śpię trzecią noc."), "en": ("Clare", "Harry", "The third night without sleep.")}


@pytest.mark.parametrize(("language", "dark"), [("pl", True), ("en", False)])
def test_somebody_is_needed_now_and_somebody_comes(visitor: Callable[..., Visitor], language: str, dark: bool) -> None:
    asks, gives, words = WHO[language]
    giver = visitor(language, "desk", dark=dark)
    giver.sign_in(gives)
    giver.look()
    giver.follow("button[name=hours][value='2']")
    giver.look()
    giver.go("/p/krag/home/")

    asker = visitor(language, "phone", dark=dark)
    asker.sign_in(asks)
    asker.press("I need somebody now")
    asker.look()
    asker.fill("A few words, if you like", words)
    asker.press("Ask for somebody now")
    asker.sees(asker.says("We are asking for you."))
    asker.look()

    giver.sees(giver.says("Somebody needs company now"))
    giver.look()
    giver.press("Yes, I am here")
    giver.sees(words)
    giver.look()
    asker.sees(asker.says("Somebody said yes."))
    asker.look()
    giver.press("Come in")
    asker.sees(asker.says("Somebody is here."))
    asker.look()
    asker.press("To your talk")
    asker.sees(asker.says("A talk for now"))
    asker.look()
    giver.look()

    giver.press("Enough for now")
    giver.look()
    giver.press("Yes, I would")
    asker.sees(asker.says("Would you like to stay in touch?"))
    asker.press("Yes, I would")
    asker.sees(asker.says("What we settled"))
    asker.look()


def test_whoever_leaves_or_finds_nobody_keeps_what_they_wrote(visitor: Callable[..., Visitor]) -> None:
    one = visitor("pl", "phone", scripts=False)
    one.sign_in("Gosia")
    one.press("I need somebody now")
    one.fill("A few words, if you like", "Nie śpię.")
    one.press("Ask for somebody now")
    one.sees(one.says("We are asking for you."))
    one.press("Leave the waiting room")
    one.sees(one.says("You have left the waiting room."))
    one.press("Leave it as an ask that waits")
    one.sees("Nie śpię.")
