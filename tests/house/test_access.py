"""Every address, tried as every kind of person and by every method. The whole of it stands in `access.txt`; an address without a row fails.

What is written there for each: the status, or `in` (led to sign in), `front` (led to the programme's front page), `on` (led on
after a deed or to where it is done). Things belong to Ania (the ask, the token, the letter), Bartek (experience, offer), or
the two together (pair, talk, check-in); the proposal is put to Ania and Hugo. Ania sits in the waiting room, and it knocks at
Bartek's door. In the round there is one ask, of Gosia.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse
from django.urls.resolvers import get_resolver

from nawzajem.coach import acts as coach
from nawzajem.conversations import acts as conversations
from nawzajem.core.coaching import Pitfall
from nawzajem.ground import work
from nawzajem.notify.models import Letter
from nawzajem.pairs.models import CheckIn
from nawzajem.pairs.rounds import acts as rounds
from nawzajem.pairs.rounds import chores as round_chores
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.openings import acts as openings
from nawzajem.waiting import acts as waiting
from nawzajem.waiting.models import Knock, Talk
from tests.conftest import undone

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).parent / "access.txt"
WHO = ("nobody", "dawid", "gosia", "ania", "bartek", "celina", "franek")
NO_DEEDS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")  # that no page knows


@functools.cache
def rows() -> dict[tuple[str, str], list[str]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {(line[0], line[1]): line[2:] for line in lines}


def names(*, of_libraries: bool = False) -> Iterator[str]:
    """Of our own pages, or of the libraries', which have their own tests of who may; the api has its own, too."""

    def walk(patterns: list[Any], *, inside: bool) -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLPattern) and one.name and inside == of_libraries:
                yield one.name
            elif isinstance(one, URLResolver) and one.app_name != "ninja":
                yield from walk(one.url_patterns, inside=inside or "allauth" in str(one.urlconf_name))

    return walk(get_resolver().url_patterns, inside=False)


@pytest.fixture(scope="module")
def things(stage: Any) -> dict[str, str]:
    return one_of_each(stage)


def one_of_each(stage: Any) -> dict[str, str]:
    """One of everything that an address may name."""
    stage.add("gosia")
    pair = stage.pair()
    message = conversations.send(stage.actor("bartek"), pair.conversation, text="Dobry wieczór.", client_key="a" * 8)
    stage.add("hugo")
    proposal = stage.proposal("ania", "hugo")
    here = stage.here
    celina = stage.actor("celina")
    report = safety.report(stage.actor("ania"), stage.bartek, reason="other")
    decided = rulings.rule(
        stage.actor("franek"),
        rulings.take(
            stage.actor("franek"), safety.report(stage.actor("ania"), stage.bartek, reason="other", place="x:1")
        ),
        kind="warning",
        reason="rules",
        words="x",
    )
    for keeper in ("celina", "franek"):
        Authenticator.objects.create(user=stage.people[keeper], type="totp", data={"secret": "x"})
    why = {"kind": "identity", "thing": stage.member("bartek").pk, "reason": "danger", "words": "x"}
    opening = openings.ask(celina, here, {stage.bartek.pk}, **why)
    wait = waiting.begin(stage.actor("ania"), stage.draft("ania"))
    knock = Knock.objects.create(wait=wait, offer=pair.offer, wave=1)
    Talk.objects.create(pair=pair)
    token, _secret = people.make_token(stage.actor("ania"), stage.ania, name="x", scopes=["read"], expires_on=None)
    letter = Letter.objects.create(person=stage.ania, programme=here, kind="message", thing=pair.pk, code="message")
    invitation, secret = programmes.invite(celina, here)
    programmes.give_duty(celina, stage.member("gosia"), kind="teacher")
    concern = concerns.raise_concern(stage.actor("ania"), stage.ania, origin="self", tier=2)
    lonely = stage.ask("gosia", "lonely")
    round_ = rounds.make(celina, here, asks=round_reads.chosen(celina), strategy="quick")
    round_chores.work()
    return {
        "programme": here.slug,
        "experience": stage.bartek.experiences.get().pk,
        "ask": proposal.ask.pk,
        "offer": pair.offer_id,
        "round": round_.pk,
        "round_ask": lonely.pk,
        "proposal": proposal.pk,
        "pair": pair.pk,
        "wait": wait.pk,
        "knock": knock.pk,
        "conversation": pair.conversation_id,
        "seq": str(message.seq),
        "checkin": CheckIn.objects.filter(pair=pair)[0].pk,
        "member": stage.member("gosia").pk,
        "duty": stage.member("gosia").duties.get().pk,
        "report": report.pk,
        "concern": concern.pk,
        "ruling": decided.pk,
        "opening": opening.pk,
        "invitation": invitation.pk,
        "secret": secret,
        "work_key": work.key(),
        "token": token.pk,
        "letter": letter.pk,
        "hint": coach.show(stage.actor("bartek"), pair, code=Pitfall.JUDGING).pk,
        "item": "internet",
        "part": "language",
        "what": "asks",
        "which": "waiting",
        "group": "asking",
        "code": "rules",
        "pk": "1",
    }


def address(name: str, things: dict[str, str]) -> str:
    """An ask of a round is one that waits, and not the one that is proposed just now."""
    here = things | {"ask": things.get("round_ask", "")} if name.startswith("round") else things
    return reverse(name, kwargs={key: here.get(key) or "none-such" for key in parameters(name)})


def parameters(name: str) -> set[str]:
    """What an address needs to be told."""
    _way, wanted = get_resolver().reverse_dict.getlist(name)[0][0][0]
    return set(wanted)


def outcome(response: Any, slug: str) -> str:
    if response.status_code not in {301, 302}:
        return str(response.status_code)
    if "/accounts/login/" in response.url:
        return "in"
    return "front" if response.url == f"/p/{slug}/" else "on"


def test_every_address_has_its_row() -> None:
    assert {name for name, _method in rows()} == set(names())


PARTS = 8


@pytest.fixture(scope="module")
def browsers(stage: Any, things: dict[str, str]) -> dict[str, Client]:
    """In each of them somebody is signed in, but for nobody's. The house knows the device by now: that is not written down anew
    with each page, and taken back with it."""
    opened = {who: Client() for who in WHO}
    for who, client in opened.items():
        if who != "nobody":
            client.force_login(stage.people[who])
            assert client.get("/about/").status_code == 200
    return opened


@pytest.mark.parametrize("part", range(PARTS))
def test_each_person_finds_what_is_theirs(part: int, browsers: dict[str, Client], things: dict[str, str]) -> None:
    for (name, method), expected in sorted(rows().items())[part::PARTS]:
        found = [_tried(browsers[who], name, method, things) for who in WHO]
        assert found == expected, f"{name} {method}, as {WHO}"


def _tried(client: Client, name: str, method: str, things: dict[str, str]) -> str:
    """What somebody finds; what they did is undone before the next."""
    cache.clear()  # attempts are counted by address, and all of these come from one
    cookies = deepcopy(client.cookies)
    with undone():
        ask = {"GET": client.get, "HEAD": client.head, "POST": client.post}[method]
        response = ask(address(name, things), {"sent": "1"} if method == "POST" else {})
    client.cookies = cookies
    return outcome(response, things["programme"])


@pytest.mark.parametrize("who", WHO)
def test_a_look_at_the_head_is_a_look_at_the_page(
    who: str, browsers: dict[str, Client], things: dict[str, str]
) -> None:
    client = browsers[who]
    for (name, method), expected in sorted(rows().items()):
        if method == "GET":
            assert _tried(client, name, "HEAD", things) == expected[WHO.index(who)], f"{name} HEAD, as {who}"


@pytest.mark.parametrize("who", WHO)
def test_no_other_method_does_anything(who: str, browsers: dict[str, Client], things: dict[str, str]) -> None:
    """The libraries' pages as well."""
    client = browsers[who]
    paths = [address(name, things) for name in (*names(), *names(of_libraries=True))]
    with CaptureQueriesContext(connection) as asked:
        for path, method in product(paths, NO_DEEDS):
            answer = client.generic(method, path, "sent=1", content_type="application/x-www-form-urlencoded")
            assert answer.status_code == 405, f"{path} {method}, as {who}"
            assert answer["Allow"] == "GET, HEAD, POST"
    assert [one["sql"] for one in asked if not one["sql"].startswith("SELECT")] == []
