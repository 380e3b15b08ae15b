"""The door itself: what it answers without anybody's help, and what it refuses before anybody looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore

from nawzajem.conversations.moment import Sending
from nawzajem.people.models import Person
from tests.doors.hall import Door, Hall, live


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAWZAJEM_PAGES", "/nonexistent/pages")


def test_while_the_pages_are_away_it_says_so_in_both_languages_with_help_lines(hall: Hall):
    async def story(door: Door) -> None:
        answer = await door.browser().get("/p/hall/home/")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert '<section lang="pl">' in answer.text
        assert '<section lang="en"><h1>These pages will be back in a moment.</h1>' in answer.text
        assert 'href="tel:' in answer.text
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
        head = await door.browser().ask("HEAD", "/p/hall/home/")
        assert (head.status, head.body) == (503, b"")
        assert head.headers["content-length"] == answer.headers["content-length"]

    live(story)


def test_it_is_not_healthy_while_the_pages_are_away_though_messages_still_travel(hall: Hall):
    async def story(door: Door) -> None:
        assert (await door.browser().get("/healthz")).status == 503
        assert (await door.browser(hall.session("asia")).send(hall, "mimo to", "key-00001")).status == 200

    live(story)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/live/"),
        ("GET", "/live/p/hall"),
        ("POST", "/live/p/hall/stream"),
        ("PUT", "/live/p/hall/talks/{talk}/messages"),
        ("GET", "/live/p/hall/talks/{talk}/read"),
        ("GET", "/live/p/hall/talks/{talk}/elsewhere"),
        ("GET", "/live/p/hall/talks/../messages"),
        ("GET", "/live/p/HALL/talks/nosuchtalk22/messages"),
        ("GET", "/live/p/hall/talks/nosuchtalk22/messages"),
    ],
)
def test_what_is_not_there_is_not_there(hall: Hall, method: str, path: str):
    async def story(door: Door) -> None:
        own = {"origin": "http://testserver", "x-nawzajem": "test"}
        answer = await door.browser(hall.session("asia")).ask(method, path.format(talk=hall.talk.pk), **own)
        assert (answer.status, answer.json["code"]) == (404, "not_found")
        assert answer.headers["cache-control"] == "no-store"

    live(story)


@pytest.mark.parametrize("seq", ["", "x", "-1", "1e3", "9" * 30])
def test_a_place_that_is_no_place_is_refused(hall: Hall, seq: str):
    async def story(door: Door) -> None:
        asia, base = door.browser(hall.session("asia")), f"/live/p/hall/talks/{hall.talk.pk}"
        assert (await asia.post(f"{base}/read", seq=seq)).status == 422
        assert (await asia.get(f"{base}/messages?after={seq or 'x'}")).status == 422

    live(story)


def test_another_host_is_not_answered(hall: Hall, settings: object):
    settings.ALLOWED_HOSTS = ["help.example.org"]  # type: ignore[attr-defined]

    async def story(door: Door) -> None:
        path = f"/live/p/hall/talks/{hall.talk.pk}/messages?after=0"
        asia = door.browser(hall.session("asia"))
        assert (await asia.get(path)).status == 404
        assert (await asia.get(path, host="help.example.org:8443")).status == 200

    live(story)


def test_a_no_is_said_in_the_readers_language(hall: Hall):
    async def story(door: Door) -> None:
        english = await door.browser(hall.session("bolek")).send(hall, "", "key-00001")
        polish = await door.browser(hall.session("asia")).send(hall, "", "key-00001")
        assert english.json["fields"]["text"] == ["There is nothing to send yet."]
        assert polish.json["fields"]["text"] != english.json["fields"]["text"]

    live(story)


def test_a_mistake_of_ours_has_a_number_and_says_nothing_of_what_was_written(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def stumble(asked: Sequence[Sending]) -> None:
        raise RuntimeError(f"about: {asked[0].text}")

    monkeypatch.setattr("nawzajem.conversations.acts.send_each", stumble)

    async def story(door: Door) -> None:
        answer = await door.browser(hall.session("asia")).send(hall, "bardzo prywatne słowa", "key-00001")
        assert answer.status == 500
        number = answer.json["code"].removeprefix("broken_")
        assert number in caplog.text
        assert "prywatne" not in caplog.text + answer.text

    live(story)


def _another_password(session: SessionStore, person: Person) -> None:
    session[auth.HASH_SESSION_KEY] = "0" * 64


def _no_password(session: SessionStore, person: Person) -> None:
    del session[auth.HASH_SESSION_KEY]


def _a_way_in_that_is_closed(session: SessionStore, person: Person) -> None:
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.RemoteUserBackend"


def _nobody(session: SessionStore, person: Person) -> None:
    session[auth.SESSION_KEY] = "nosuchperson"


def _not_signed_in(session: SessionStore, person: Person) -> None:
    del session[auth.SESSION_KEY]


def _closed_account(session: SessionStore, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize(
    "what", [_another_password, _no_password, _a_way_in_that_is_closed, _nobody, _not_signed_in, _closed_account]
)
def test_a_session_that_the_library_does_not_accept_is_not_let_in(hall: Hall, what: Any):
    session = SessionStore(hall.session("asia"))
    what(session, hall.person("asia"))
    session.save()

    async def story(door: Door) -> None:
        answer = await door.browser(hall.session("asia")).get(f"/live/p/{hall.slug}/stream")
        assert (answer.status, answer.json["code"]) == (403, "signed_out")

    live(story)


def test_a_session_from_before_the_key_was_changed_is_accepted_as_the_library_does(hall: Hall, settings: Any):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one" * 8, [settings.SECRET_KEY]

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        assert (await asia.send(hall, "tak", "key-00001")).status == 200

    live(story)
