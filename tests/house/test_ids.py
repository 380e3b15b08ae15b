"""The id of every thing there is, put through every address and every operation that takes one, by people who have no part in
it: what they are told is to the letter what they are told of an id that nobody has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.core.cache import cache as attempts
from django.test import Client
from django.urls import reverse

from nawzajem.ground import clock
from nawzajem.ground.models import Event
from nawzajem.notify.models import Bell
from nawzajem.people import acts as people
from nawzajem.people.models import Device, Person
from nawzajem.programmes import acts as programmes
from nawzajem.safety.concerns.models import Shift
from tests.cast import HOUSE, World
from tests.conftest import undone
from tests.doors.test_api_operations import SCOPES, described, operations
from tests.house.test_access import WHO, address, browsers, names, one_of_each, parameters, rows, things

pytestmark = pytest.mark.django_db

__all__ = ["browsers", "described", "things"]  # fixtures

# What addresses are told: things that belong to people; and what is the same for everybody, or opens by itself.
THINGS = {
    "experience", "ask", "offer", "round", "proposal", "pair", "wait", "knock", "conversation", "checkin", "member", "duty",
    "report", "ruling", "concern", "shift", "opening", "invitation", "token", "letter", "hint", "device", "bell",
}  # fmt: skip
WORDS = {"programme", "seq", "item", "part", "what", "which", "group", "code", "secret", "form", "kind", "work_key"}
NOBODYS = "zzzzzzzzzzzz"
INSIDE = ("gosia", "ania", "bartek", "celina", "franek")


class Elsewhere(World):
    """The other programme, with people of its own who are called the same."""

    def add(self, name: str, *args: Any, **fields: Any) -> Person:
        self.people[name] = super().add(f"{name} z daleka", *args, **fields)
        return self.people[name]


@pytest.fixture(scope="module")
def far(stage: Any, things: dict[str, str]) -> dict[str, str]:
    """One of everything, in the other programme."""
    world = Elsewhere(stage.elsewhere, stage.here)
    for name in ("ania", "bartek", "celina", "franek"):
        world.add(name)
    keeper = HOUSE.within(stage.elsewhere.pk)
    programmes.give_duty(keeper, world.member("celina"), kind="coordinator")
    programmes.give_duty(keeper, world.member("franek"), kind="duty_officer")
    return one_of_each(world)


@cache
def wanted(name: str) -> set[str]:
    """The things that an address names."""
    return parameters(name) & THINGS


def of_somebody() -> list[str]:
    return sorted({name for name in names() if wanted(name)})


def test_whatever_an_address_is_told_is_a_thing_or_a_word():
    assert {one for name in names() for one in parameters(name)} - THINGS - WORDS == set()
    assert len(of_somebody()) > 60


def test_another_persons_thing_and_a_thing_that_is_not_there_look_the_same(browsers, things, unknown):
    """Wherever the table of addresses says that somebody has no part in it."""
    table, compared = rows(), 0
    for name in of_somebody():
        for who, expected in zip(WHO, table[name, method_of(name)], strict=True):
            if expected == "404":
                assert answered(browsers[who], name, things) == unknown(who, name), (name, who)
                compared += 1
    assert compared > 150


def test_a_thing_of_another_programme_is_not_there_at_all(browsers, things, far, unknown):
    for name in of_somebody():
        elsewhere = things | {one: far.get(one, NOBODYS) for one in wanted(name)}
        for who in ("ania", "celina", "franek"):
            assert answered(browsers[who], name, elsewhere) == unknown(who, name), (name, who)


@pytest.fixture(scope="module")
def unknown(browsers: dict[str, Client], things: dict[str, str]) -> Callable[[str, str], tuple[int, str, str]]:
    """What is said of a thing that nobody has."""

    @cache
    def said(who: str, name: str) -> tuple[int, str, str]:
        return answered(browsers[who], name, things | dict.fromkeys({*wanted(name), "round_ask"}, NOBODYS))

    return said


def method_of(name: str) -> str:
    """The one that reaches the thing: where there is only a button, pressing it."""
    return "POST" if "405" in rows()[name, "GET"] else "GET"


def answered(client: Client, name: str, told: dict[str, str]) -> tuple[int, str, str]:
    """Status, where it leads, and the page: without what differs each time and without the id that was asked for."""
    attempts.clear()
    path, cookies = address(name, told), deepcopy(client.cookies)
    with undone():
        answer = client.get(path) if method_of(name) == "GET" else client.post(path, {"sent": "1"})
    client.cookies = cookies  # what was said of one deed is not shown with the next
    page = re.sub(r'(?<=name="csrfmiddlewaretoken" value=")\w+', "", answer.content.decode())
    return answer.status_code, *(without_ids(text, name, told) for text in (answer.headers.get("Location", ""), page))


def without_ids(text: str, name: str, told: dict[str, str]) -> str:
    for one in {told[key] for key in wanted(name) | {"round_ask"} if key in told}:
        text = text.replace(str(one), "ID")
    return text


# -- for programs -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asks(stage: Any, things: dict[str, str]) -> Iterator[Callable[..., tuple[int, str]]]:
    """`asks("celina", "GET", path)`: with a token that may everything."""
    tokens = {
        who: people.make_token(stage.actor(who), stage.people[who], name="x", scopes=SCOPES, expires_on=None)[1]
        for who in INSIDE
    }

    def send(who: str, method: str, path: str) -> tuple[int, str]:
        attempts.clear()
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        with undone():
            answer = Client().generic(method, path, "{}", content_type="application/json", headers=headers)
        return answer.status_code, answer.content.decode()

    return send


def test_no_operation_tells_of_another_programmes_things(asks, described, far):
    tried = 0
    for operation, (method, path, _one) in operations(described).items():
        told = set(re.findall(r"{(\w+)}", path))
        assert told <= THINGS | WORDS, f"{operation} takes something new"
        if told & THINGS:
            for who in ("ania", "celina", "franek"):
                answers = {
                    asks(who, method, path.format(**far | {"programme": "here", "kind": "teacher"} | ids))
                    for ids in ({}, dict.fromkeys(told & THINGS, NOBODYS))
                }
                assert len(answers) == 1, f"{operation} as {who}"
                assert answers.pop()[0] in {404, 422}, f"{operation} as {who}"
                tried += 1
    assert tried > 100


# -- in forms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "name", "field", "kind"),
    [
        ("gosia", "ask_choose", "offer", "offer"),
        ("celina", "desk_propose", "offer", "offer"),
        ("celina", "round_decide", "offer", "offer"),
        ("celina", "round_decide", "other", "ask"),
        ("franek", "concern_hand_over", "to", "member"),
    ],
)
def test_what_a_form_names_is_of_this_programme_too(who, name, field, kind, browsers, things, far):
    path = address(name, things | {"ask": things["round_ask"]})
    before = Event.objects.count()
    told = [
        browsers[who].post(path, {"what": "swap" if field == "other" else "forbid", field: one})
        for one in (far[kind], NOBODYS)
    ]
    assert told[0].status_code == told[1].status_code
    assert Event.objects.count() == before


@pytest.mark.parametrize("query", ["asks/new/?again={ask}", "desk/openings/new/?kind=identity&thing={member}"])
@pytest.mark.parametrize("who", INSIDE)
def test_what_stands_after_the_question_mark_is_of_this_programme_too(who, query, browsers, things, far):
    here = reverse("programme", args=["here"])
    pages = [browsers[who].get(here + query.format(**ids)) for ids in (far, {"ask": NOBODYS, "member": NOBODYS})]
    assert pages[0].status_code == pages[1].status_code
    assert far["ask"] not in pages[0].content.decode()


def test_nobody_takes_away_what_is_not_theirs(browsers, things, far, stage):
    """Where taking away what is gone already is answered as if it had been done."""
    other = Person.objects.exclude(pk__in=[one.pk for one in stage.people.values()]).first()
    now, later = clock.now(), clock.now() + timedelta(hours=1)
    device = Device.objects.create(person=other, session="s", seen_on=clock.today())
    lost = {
        "shift_drop": Shift.objects.create(programme=stage.elsewhere, person=other, begins_at=now, ends_at=later),
        "device_end": device,
        "bell_down": Bell.objects.create(person=other, device=device, digest="d", address=b"a"),
    }
    for name, thing in lost.items():
        for who in INSIDE:
            [kind] = wanted(name)
            attempts.clear()
            browsers[who].post(address(name, things | {kind: thing.pk}), {"sent": "1"})
        assert type(thing).objects.filter(pk=thing.pk).exists(), name
