"""Who is woken by what: a hint has no words, but that it comes at all can tell something."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from nawzajem.ground import bus
from nawzajem.pairs import acts as pairs
from tests.doors.hall import Door, Hall, live

Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def hints(world: object, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(bus, "_near", [lambda channels, _brought: heard.append(channels)])
    return heard


def test_of_an_answer_only_whoever_gave_it_is_woken(
    world: Any, hints: list[tuple[str, ...]], django_capture_on_commit_callbacks: Capture
):
    proposal = world.proposal(origin="coordinator")
    with django_capture_on_commit_callbacks(execute=True):
        pairs.answer(world.actor("bartek"), proposal, yes=True)
    woken = {channel for channels in hints for channel in channels if channel.startswith("person:")}
    assert woken == {f"person:{world.bartek.pk}"}


def test_when_both_have_said_yes_both_are_woken(
    world: Any, hints: list[tuple[str, ...]], django_capture_on_commit_callbacks: Capture
):
    proposal = world.proposal()
    with django_capture_on_commit_callbacks(execute=True):
        pairs.answer(world.actor("bartek"), proposal, yes=True)
    woken = {channel for channels in hints for channel in channels}
    assert {f"person:{world.ania.pk}", f"person:{world.bartek.pk}", f"ask:{proposal.ask_id}"} <= woken


def test_what_happens_to_an_ask_is_told_to_whoever_asked(
    world: Any, hints: list[tuple[str, ...]], django_capture_on_commit_callbacks: Capture
):
    with django_capture_on_commit_callbacks(execute=True):
        ask = world.ask("ania")
    assert (f"ask:{ask.pk}", f"person:{world.ania.pk}") in hints


def test_a_hint_that_fails_fails_nothing_that_was_kept(hall: Hall):
    def stumble(*_anything: object) -> None:
        raise OSError

    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        stop = bus.listen(stumble, lambda _channel: False)
        try:
            sent = await door.browser(hall.session("bolek")).send(hall, "mimo to", "key-00001")
        finally:
            stop()
        assert (sent.status, sent.json["seq"]) == (200, 1)
        assert await ears.until("message", within=5)

    live(story)
