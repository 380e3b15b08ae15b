"""Journey 10: everything downloaded, everything erased, and the other side's copy left without a name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_first_help import NAMES, come_in

WORDS = {"pl": "Dziękuję, że tyle czekałeś.", "en": "Thank you for waiting so long."}


@pytest.mark.parametrize("language", ["pl", "en"])
def test_leaving_with_everything(visitor: Callable[..., Visitor], language: str) -> None:
    pseudonym = {"pl": "Biały Kamień", "en": "White Stone"}[language]
    one = visitor(language, "phone")
    one.go("/p/krag/?topics=grief.partner")
    one.press("I would like to talk")
    come_in(one, pseudonym)
    one.press("Go on: who is there")
    one.pick(one.says("I choose myself"))
    one.press("Send")
    giver = NAMES[language][1]
    card = one.page.locator(
        "article.card", has_text={"pl": "Umiem siedzieć w ciszy.", "en": "I can sit in silence."}[language]
    )
    with one.page.expect_navigation():
        card.get_by_role("button", name=one.says("Ask this person")).click()

    other = visitor(language, "desk")
    other.sign_in(giver)
    other.follow("a.card-link")
    other.press("Yes, I would like to talk")
    talk = other.page.url

    one.sees(one.says("Both said yes."))
    one.press("To your talk")
    one.page.locator("textarea[name=text]").fill(WORDS[language])
    one.page.locator("textarea[name=text]").press("Control+Enter")
    other.sees(WORDS[language])
    _asked_before_a_number_goes(one, other)

    one.go("/me/data/")
    one.look()
    with one.page.expect_download() as loaded:
        one.press("Download", stays=True)
    with zipfile.ZipFile(io.BytesIO(loaded.value.path().read_bytes())) as bag:
        everything = "".join(bag.read(name).decode() for name in bag.namelist())
    assert WORDS[language] in everything
    assert pseudonym in everything

    one.go("/me/data/")
    one.press("How it works")
    if one.page.locator("input[type=password]").count():
        one.page.locator("input[type=password]").fill("niebieski rower i cisza")
        one.follow("main form button")
    one.look()
    one.pick(one.says("goes with me: the others see empty places where my words were"))
    one.fill("My pseudonym", pseudonym)
    one.press("Erase everything")
    one.sees(one.says("Goodbye, and all the best"))
    one.look()
    one.go("/me/")
    one.sees(one.says("Sign in"))

    expect(other.page.locator(".words", has_text=WORDS[language])).to_have_count(
        0
    )  # on the page that was open all the time
    other.sees(other.says("These words were erased."))
    other.go(talk)
    other.sees(other.says("Somebody who has left"))
    assert pseudonym not in other.page.content()
    assert WORDS[language] not in other.page.content()
    other.look()


NUMBER = "600 123 456"


def _asked_before_a_number_goes(one: Visitor, other: Visitor) -> None:
    """A question and no wall: back to one's words, or sent all the same. Until then it stays on the device."""
    text, question = one.page.locator("textarea[name=text]"), one.page.locator("nz-ask")
    text.fill(NUMBER)
    text.press("Control+Enter")
    question.get_by_role("button", name=one.says("Back to my words")).click()
    question.wait_for(state="hidden")
    assert text.input_value() == NUMBER
    text.press("Control+Enter")
    one.look()
    assert NUMBER not in other.page.content()
    question.get_by_role("button", name=one.says("Send it"), exact=True).click()
    other.sees(NUMBER)
