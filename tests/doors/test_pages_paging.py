"""Long lists come a page at a time, and everything in them can be reached."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from nawzajem.api.answers import PAGE
from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes.models import Member
from nawzajem.web.desk import FIRST
from nawzajem.web.paging import EACH
from tests.cast import World

pytestmark = pytest.mark.django_db

PEOPLE = "/p/here/desk/people/"


def move_in(world: World, n: int, name: str = "Ktoś") -> list[Member]:
    """So many at once, straight into the tables."""
    moved = Person.objects.bulk_create(Person(pseudonym=f"{name} {place:04}", password="!") for place in range(n))
    return Member.objects.bulk_create(
        Member(programme=world.here, person=one, called=one.pseudonym, agreed_version=1, code_print=one.pk)
        for one in moved
    )


def wait(world: World, members: list[Member]) -> list[Ask]:
    asks = Ask.objects.bulk_create(
        Ask(programme=world.here, person_id=one.person_id, state="open", opened_at=clock.now()) for one in members
    )
    for ask in asks:
        ask.topics.set([world.topic("lonely")])
    return asks


def linked(page: Any, name: str) -> set[str]:
    """Ids of the things to which a page leads."""
    start = reverse(name, args=["here", "x"]).removesuffix("x/")
    return set(re.findall(rf'href="{start}([a-z0-9]{{12}})/"', page.content.decode()))


def to_the_end(browser: Any, address: str, name: str) -> tuple[set[str], int]:
    """All that is found by going from one page to the next, and how many pages there were."""
    found, pages = set(), 0
    while address:
        page = browser.get(address)
        assert page.status_code == 200
        found, pages = found | linked(page, name), pages + 1
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = address.split("?", maxsplit=1)[0] + following.group(1).replace("&amp;", "&") if following else ""
    return found, pages


def test_everybody_is_found_by_turning_pages(world: World, enter: Any) -> None:
    everybody = {one.pk for one in move_in(world, 2 * EACH)} | set(
        Member.objects.filter(programme=world.here).exclude(state="left").values_list("pk", flat=True)
    )
    assert to_the_end(enter("celina"), PEOPLE, "desk_person") == (everybody, 3)


def test_a_search_is_kept_from_page_to_page(world: World, enter: Any) -> None:
    wanted = {one.pk for one in move_in(world, EACH + 1, "Szukana")}
    move_in(world, EACH)
    found, pages = to_the_end(enter("celina"), PEOPLE + "?called=szukana", "desk_person")
    assert found - {world.member("celina").pk, world.member("franek").pk} == wanted  # those on duty always stand above
    assert pages == 2


def test_a_short_list_has_no_pages(world: World, enter: Any) -> None:
    assert 'rel="next"' not in enter("celina").get(PEOPLE).content.decode()


@pytest.mark.parametrize(
    ("asked", "shown"), [("0", "2"), ("-1", "2"), ("99", "2"), ("x", "1"), ("9" * 40, "2"), ("", "1")]
)
def test_an_address_for_a_page_that_is_not_there_leads_to_one_that_is(
    world: World, enter: Any, asked: str, shown: str
) -> None:
    move_in(world, EACH)
    page = enter("celina").get(PEOPLE, {"page": asked})
    assert page.context["members"].number == int(shown)


def test_the_worklist_shows_the_first_and_leads_to_all(world: World, enter: Any) -> None:
    asks = {one.pk for one in wait(world, move_in(world, EACH + FIRST))}
    browser = enter("celina")
    desk = browser.get("/p/here/desk/")
    every = "/p/here/desk/lists/waiting/"
    assert len(linked(desk, "desk_ask")) == FIRST
    assert f'href="{every}"' in desk.content.decode()
    assert to_the_end(browser, every, "desk_ask") == (asks, 2)


@pytest.mark.parametrize("which", ["reports", "waiting", "lapsing", "silent"])
def test_a_list_with_nothing_in_it_says_so(world: World, enter: Any, which: str) -> None:
    page = enter("celina").get(f"/p/here/desk/lists/{which}/")
    assert page.status_code == 200
    assert "<main" in page.content.decode()


def test_there_are_no_other_lists(world: World, enter: Any) -> None:
    assert enter("celina").get("/p/here/desk/lists/everything/").status_code == 404


def test_somebody_on_duty_finds_every_report(world: World, enter: Any) -> None:
    from nawzajem.safety import acts as safety

    for name in ("ania", "bartek", "celina"):
        safety.report(world.actor(name), world.ewa, reason="other")
    assert len(to_the_end(enter("franek"), "/p/here/desk/", "desk_report")[0]) == 3


def test_asks_of_a_long_life_come_a_page_at_a_time(world: World, enter: Any) -> None:
    asks = {one.pk for one in wait(world, [world.member("ania")] * (EACH + 1))}
    assert to_the_end(enter("ania"), "/p/here/asks/", "ask") == (asks, 2)


def test_ended_talks_come_a_page_at_a_time_and_the_second_page_is_open(
    world: World, enter: Any, monkeypatch: Any
) -> None:
    from nawzajem.pairs import acts as pairs
    from nawzajem.web import paging

    ended = set()
    for name in ("gosia", "hugo", "iza"):
        world.add(name)
        pair = world.pair("ania", name)
        pairs.end(world.actor("ania"), pair, at_once=True)
        ended.add(pair.pk)
    monkeypatch.setattr(paging.page, "__kwdefaults__", {"each": 2})
    browser = enter("ania")
    assert to_the_end(browser, "/p/here/pairs/", "pair") == (ended, 2)
    assert '<details class="more" open>' in browser.get("/p/here/pairs/?page=2").content.decode()


# -- for programs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def members(world: World, client: Any) -> Any:
    """`members(2)`: the second page, as a program of Celina's gets it."""
    _made, secret = people.make_token(
        Actor(person=world.celina.pk), world.celina, name="x", scopes=["read", "coordinate"], expires_on=None
    )

    def asked(page: object) -> list[dict[str, Any]]:
        answer = client.get(f"/api/v1/p/here/desk/members?page={page}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    return asked


def test_programs_turn_pages_until_one_is_empty(world: World, members: Any) -> None:
    moved = {one.pk for one in move_in(world, PAGE)}
    first, second, third = members(1), members(2), members(3)
    assert len(first) == PAGE
    assert third == []
    assert moved <= {one["id"] for one in first + second}


@pytest.mark.parametrize("page", [10**30, 0, -5])
def test_a_page_beyond_all_reason_is_answered_all_the_same(members: Any, page: int) -> None:
    assert isinstance(members(page), list)
