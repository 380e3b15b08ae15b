"""Two people who write to each other say that they may be rung, ring, hear each other, and hang up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_plain_pages import together

HEARS = """async () => {
    const theirs = document.querySelector("nz-call audio").srcObject;
    if (!theirs) return false;
    const context = new AudioContext(), listener = context.createAnalyser(), heard = new Uint8Array(listener.fftSize);
    context.createMediaStreamSource(theirs).connect(listener);
    for (let tries = 0; tries < 50; tries++) {
        await new Promise((done) => setTimeout(done, 100));
        listener.getByteTimeDomainData(heard);
        if (heard.some((level) => Math.abs(level - 128) > 4)) return true;
    }
    return false;
}"""


def stands(one: Visitor, state: str) -> None:
    expect(one.page.locator("nz-call")).to_have_attribute("data-state", state, timeout=15_000)


@pytest.mark.parametrize("language", ["en"])
def test_two_who_wish_it_talk_by_voice(visitor: Callable[..., Visitor], language: str) -> None:
    one, other = visitor(language, "phone"), visitor(language, "desk", dark=True)
    together(one, other)
    for somebody in (one, other):
        expect(somebody.page.locator("nz-call")).to_be_hidden()
        somebody.press("I may be rung here")
    for somebody in (one, other):
        expect(somebody.page.locator("nz-call [data-do=ring]")).to_be_visible(timeout=15_000)

    one.page.locator("nz-call [data-do=ring]").click()
    stands(one, "ringing")
    stands(other, "rung")
    other.look()
    other.page.locator("nz-call [data-do=decline]").click()
    stands(one, "declined")
    one.look()

    one.page.locator("nz-call [data-do=ring]").click()
    stands(other, "rung")
    other.page.locator("nz-call [data-do=accept]").click()
    for somebody in (one, other):
        stands(somebody, "talking")
        assert somebody.page.evaluate(HEARS), "nothing is heard"
    one.look()

    other.page.locator("nz-call [data-do=end]").click()
    stands(one, "ended")
    stands(other, "ended")
    one.press("Not any more")
    expect(other.page.locator("nz-call")).to_be_hidden(timeout=15_000)
