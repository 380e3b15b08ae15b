"""The steps of a call on the live path: the other is woken and asks; a stranger finds nothing; nonsense is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from nawzajem.conversations.calls import acts
from nawzajem.live import calls
from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE
from tests.doors.hall import Door, Hall, live

NUMBER = "a1b2c3d4e5"


def way(hall: Hall) -> str:
    return f"/live/p/{hall.slug}/talks/{hall.talk.pk}/call"


@pytest.fixture
def both(hall: Hall) -> Hall:
    for name in ("asia", "bolek"):
        acts.choose(hall.actor(name), hall.talk, may_be_rung=True)
    return hall


def test_whoever_is_rung_hears_it_and_asks_what_it_is(both: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(both.session("asia")), door.browser(both.session("bolek"))
        ears = await bolek.listen(both)
        assert (await asia.post(way(both), number=NUMBER, step="ring")).status == 204
        changed = await ears.until("changed", n=2)
        assert f"call:{both.talk.pk}" in {one["data"] for one in changed}
        told = (await bolek.get(way(both))).json
        assert [(one["step"], one["number"], one["mine"]) for one in told["signals"]] == [("ring", NUMBER, False)]
        assert told["both"]
        ears.leave()

    live(story)


def test_nobody_else_rings_or_is_told(both: Hall):
    async def story(door: Door) -> None:
        cyryl = door.browser(both.session("cyryl"))
        assert (await cyryl.post(way(both), number=NUMBER, step="ring")).status == 404
        assert (await cyryl.get(way(both))).status == 404

    live(story)


@pytest.mark.parametrize(
    "typed",
    [
        {"number": NUMBER, "step": "shout"},
        {"number": "short", "step": "ring"},
        {"number": "a" * 40, "step": "ring"},
        {"number": "../../etc/x", "step": "ring"},
        {"number": NUMBER, "step": "ring", "body": "x" * (calls.BODY + 1)},
        {"step": "ring"},
    ],
)
def test_nonsense_is_refused(both: Hall, typed: dict[str, str]):
    async def story(door: Door) -> None:
        assert (await door.browser(both.session("asia")).post(way(both), body=urlencode(typed).encode())).status == 422
        assert (await door.browser(both.session("asia")).get(way(both) + "?after=x")).status == 422

    live(story)


def test_where_the_programme_has_no_calls_nothing_rings(both: Hall):
    programmes.choose(HOUSE.within(both.slug_id), both.world.here, calls_direct=False)

    async def story(door: Door) -> None:
        assert (await door.browser(both.session("asia")).post(way(both), number=NUMBER, step="ring")).status == 403

    live(story)


def test_through_a_relay_the_password_is_one_that_it_can_check_and_names_nobody(both: Hall, settings):
    relay = replace(
        settings.ENV, turn="turn:relay.example.org:3478", turn_secret="a secret of the relay", stun="stun:s.example.org"
    )
    settings.ENV = relay
    programmes.choose(HOUSE.within(both.slug_id), both.world.here, calls_direct=False)
    ways = calls.ways(both.actor("asia"))
    stun, turn = ways["iceServers"]
    assert ways["iceTransportPolicy"] == "relay"
    assert (stun["urls"], turn["urls"]) == (["stun:s.example.org"], ["turn:relay.example.org:3478"])
    until, _colon, chance = turn["username"].partition(":")
    assert time.time() < int(until) <= time.time() + calls.HOURS * 3600
    assert both.person("asia").pk not in turn["username"]
    assert len(chance) == 8
    digest = hmac.new(b"a secret of the relay", turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == digest
