"""The stream: everybody hears what is theirs, once, in order, whatever was lost on the way; and nobody else hears anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError

from nawzajem.conversations import acts, hearing
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.ground import bus, clock
from nawzajem.ground.refusals import Refusal
from nawzajem.live import hub as hubs
from nawzajem.live import presence, session, stream
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member
from nawzajem.safety import acts as safety
from tests.cast import HOUSE
from tests.doors.hall import Door, Ears, Hall, live


def test_both_hear_a_message_as_the_fragment_of_the_page(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        hers, his = await asia.listen(hall), await bolek.listen(hall)
        await asia.send(hall, "Cześć <b>tam</b>\nnowa linia", "key-00001")
        (mine,), (theirs,) = await hers.until("message"), await his.until("message")
        assert "data-mine" in mine["data"]
        assert "data-mine" not in theirs["data"]
        assert "Cześć &lt;b&gt;tam&lt;/b&gt;\nnowa linia" in theirs["data"]
        assert theirs["id"] == f"{hall.talk.pk}.1"
        caught_up = await bolek.get(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages?after=0")
        assert caught_up.text.strip() == theirs["data"].strip()

    live(story)


def test_each_reads_in_their_own_language_and_on_their_own_clock(hall: Hall):
    def move_away() -> None:
        Person.objects.filter(pk=hall.person("bolek").pk).update(time_zone="America/New_York")

    async def story(door: Door) -> None:
        await door.aside(move_away)
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        hers, his = await asia.listen(hall), await bolek.listen(hall)
        await asia.send(hall, "tak", "key-00001")
        (mine,), (theirs,) = await hers.until("message"), await his.until("message")
        assert "-05:00" in theirs["data"] or "-04:00" in theirs["data"]
        assert "+01:00" in mine["data"] or "+02:00" in mine["data"]
        assert clock.now().strftime("%A") in theirs["data"] or "day," in theirs["data"]

    live(story)


def test_whoever_comes_back_gets_exactly_what_is_missing_in_every_talk(hall: Hall):
    async def story(door: Door) -> None:
        other = await door.aside(hall.open, "asia", "cyryl")
        asia, bolek, cyryl = (door.browser(hall.session(name)) for name in ("asia", "bolek", "cyryl"))
        hers = await asia.listen(hall)
        await bolek.send(hall, "jeden", "key-00001")
        await cyryl.send(hall, "raz", "key-00001", other)
        had = (await hers.until("message", n=2))[-1]["id"]
        hers.leave()
        for n in (2, 3):
            await bolek.send(hall, f"b{n}", f"key-{n:05}")
            await cyryl.send(hall, f"c{n}", f"key-{n:05}", other)
        again = await asia.listen(hall, had=had)
        heard = await again.until("message", n=4)
        await asyncio.sleep(0.2)
        assert len(again.of("message")) == 4
        assert sorted(_place(one) for one in heard) == sorted(
            [(hall.talk.pk, "2"), (hall.talk.pk, "3"), (other.pk, "2"), (other.pk, "3")]
        )
        assert sorted(heard[-1]["id"].split("~")) == sorted([f"{hall.talk.pk}.3", f"{other.pk}.3"])

    live(story)


def _place(event: dict[str, str]) -> tuple[str, str]:
    return tuple(event["data"].split(f'{name}="')[1].split('"')[0] for name in ("data-talk", "data-seq"))  # type: ignore[return-value]


def test_a_long_absence_is_caught_up_in_full_and_in_order(hall: Hall):
    def talk_much() -> None:
        for n in range(1, 241):
            acts.send(hall.actor("bolek"), hall.talk, text=f"{n}", client_key=f"key-{n:05}")

    async def story(door: Door) -> None:
        await door.aside(talk_much)
        ears = await door.browser(hall.session("asia")).listen(hall, had=f"{hall.talk.pk}.3")
        heard = await ears.until("message", n=237, within=10)
        assert [_place(one)[1] for one in heard] == [str(n) for n in range(4, 241)]

    live(story)


def test_a_change_is_heard_like_a_message_and_whoever_was_away_hears_it_too(hall: Hall):
    def change() -> None:
        first = hall.talk.messages.get(seq=1)
        acts.edit(hall.actor("bolek"), first, text="inaczej")
        acts.withdraw(hall.actor("bolek"), hall.talk.messages.get(seq=2))

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = await asia.listen(hall)
        for n in (1, 2, 3):
            await bolek.send(hall, f"słowo {n}", f"key-{n:05}")
        had = (await ears.until("message", n=3))[-1]["id"]
        await door.aside(change)
        changed = (await ears.until("message", n=5))[3:]
        assert [_place(one)[1] for one in changed] == ["1", "2"]
        assert "inaczej" in changed[0]["data"]
        assert 'data-latest="5"' in changed[1]["data"]
        assert "słowo 2" not in changed[1]["data"]
        again = await asia.listen(hall, had=had)
        assert [one["data"] for one in await again.until("message", n=2)] == [one["data"] for one in changed]
        caught_up = await asia.get(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages?after=3")
        assert [caught_up.text.count(f'data-seq="{n}"') for n in (1, 2, 3)] == [1, 1, 0]

    live(story)


def test_what_is_taken_back_before_it_is_told_is_told_as_taken_back(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """Its words came with the hint; by the time it is known who may still hear, they are gone."""

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = await asia.listen(hall)
        keeper, known = door.house.hub.keeper, asyncio.Event()
        look = keeper.turned_away

        async def slow_look(visitors: Sequence[session.Visitor]) -> Any:
            await known.wait()
            return await look(visitors)

        monkeypatch.setattr(keeper, "turned_away", slow_look)
        await bolek.send(hall, "jednak nie", "key-00001")
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/changes"
        assert (await bolek.post(path, client_key="key-00001", withdrawn="yes")).status == 200
        known.set()
        (heard,) = await ears.until("message")
        assert ("jednak nie" in heard["data"], 'data-latest="2"' in heard["data"]) == (False, True)
        await asia.send(hall, "potem", "key-00002")
        assert len(await ears.until("message", n=2)) == 2

    live(story)


def _has_its_time_over(hall: Hall) -> None:
    """The first of what was said; the rest is younger."""
    house = HOUSE.within(hall.slug_id)
    programmes.choose(house, hall.world.here, content="expires")
    acts.let_pass(house, hall.talk, before=hall.talk.messages.get(seq=2).at)


def _is_erased(hall: Hall) -> None:
    house = HOUSE.within(hall.slug_id)
    acts.close(house, hall.talk)
    acts.erase(house, Conversation.objects.get(pk=hall.talk.pk))


@pytest.mark.parametrize("is_hinted", [True, False])
def test_where_words_have_gone_open_pages_are_told_to_look_with_what_the_talk_begins(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, is_hinted: bool
):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages?after=2"
        ears = await asia.listen(hall)
        for n in (1, 2):
            await bolek.send(hall, f"słowo {n}", f"key-{n:05}")
        await ears.until("message", n=2)
        assert (await asia.get(path)).headers["x-nawzajem-first"] == "1"
        with monkeypatch.context() as silent:
            if not is_hinted:
                silent.setattr(bus, "_near", [])
            await door.aside(_has_its_time_over, hall)
        while f"conversation:{hall.talk.pk}" not in {one["data"] for one in await ears.until("changed")}:
            await ears.until("changed", n=len(ears.of("changed")) + 1)
        assert (await asia.get(path)).headers["x-nawzajem-first"] == "2"
        assert len(ears.of("message")) == 2

    live(story)


@pytest.mark.parametrize("is_hinted", [True, False])
def test_where_a_talk_is_erased_open_pages_are_told_so_of_each_message(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, is_hinted: bool
):
    """As they will read it when they come again."""

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = await asia.listen(hall)
        for n in (1, 2):
            await bolek.send(hall, f"słowo {n}", f"key-{n:05}")
        await ears.until("message", n=2)
        with monkeypatch.context() as silent:
            if not is_hinted:
                silent.setattr(bus, "_near", [])
            await door.aside(_is_erased, hall)
        told = [one["data"] for one in (await ears.until("message", n=4))[2:]]
        for n, one in zip((1, 2), told, strict=True):
            assert (f'data-seq="{n}" data-latest="{n + 2}"' in one, "słowo" in one) == (True, False)
        again = await asia.get(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages?after=2")
        assert (again.text.count("data-seq"), again.headers["x-nawzajem-first"]) == (2, "1")

    live(story)


@pytest.mark.parametrize(
    "nonsense", ["", "x", "~~..", "nosuchtalk22.5", "TALK.999999", "TALK.-1", "TALK.1e5", "TALK." + "9" * 40]
)
def test_nonsense_about_where_one_was_begins_now(hall: Hall, nonsense: str):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        await bolek.send(hall, "przedtem", "key-00001")
        ears = await asia.listen(hall, had=nonsense.replace("TALK", hall.talk.pk))
        await bolek.send(hall, "potem", "key-00002")
        heard = await ears.until("message")
        assert [_place(one)[1] for one in heard] == ["2"]

    live(story)


def test_a_stranger_hears_nothing(hall: Hall):
    async def story(door: Door) -> None:
        asia, cyryl = door.browser(hall.session("asia")), door.browser(hall.session("cyryl"))
        ears = await cyryl.listen(hall, had=f"{hall.talk.pk}.0")
        await asia.send(hall, "nie dla wszystkich", "key-00001")
        await asia.post(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/typing")
        await asyncio.sleep(1.2)
        assert {one["event"] for one in ears.events if "event" in one} == {"unread"}
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages?after=0"
        assert (await cyryl.get(path)).status == 404
        assert (await cyryl.post(path.replace("messages?after=0", "read"), seq="1")).status == 404
        assert (await cyryl.post(path.replace("messages?after=0", "typing"))).status == 404
        assert (await door.browser("").get(f"/live/p/{hall.slug}/stream")).status == 403
        assert (await asia.get("/live/p/no-such-house/stream")).status == 404
        assert (await asia.get(f"/live/p/{hall.slug}/stream", **{"sec-fetch-site": "cross-site"})).status == 403

    live(story)


def _signs_out(hall: Hall) -> None:
    Session.objects.filter(session_key=hall.session("bolek")).delete()


def _session_runs_out(hall: Hall) -> None:
    Session.objects.filter(session_key=hall.session("bolek")).update(expire_date=clock.now() - timedelta(seconds=1))


def _leaves_the_programme(hall: Hall) -> None:
    programmes.leave(hall.actor("bolek"), hall.world.member("bolek"))


def _account_is_closed(hall: Hall) -> None:
    Person.objects.filter(pk=hall.person("bolek").pk).update(is_active=False)


def _new_text_is_not_agreed_to(hall: Hall) -> None:
    programmes.rewrite(
        HOUSE.within(hall.slug_id), hall.world.here, code="confidentiality", words={"pl": "n", "en": "n"}
    )
    Member.objects.filter(person=hall.person("asia")).update(agreed_version=2)


def _leaves_the_talk(hall: Hall) -> None:
    Participant.objects.filter(conversation=hall.talk, person=hall.person("bolek")).update(left_at=clock.now())


def _is_paused_by_a_decision(hall: Hall) -> None:
    member = Member.objects.get(person=hall.person("bolek"), programme=hall.slug_id)
    programmes.suspend(
        HOUSE.within(hall.slug_id), member, why=Member.For.RULING, until=clock.house_day() + timedelta(days=3)
    )


@pytest.mark.parametrize(
    "what",
    [
        _signs_out,
        _session_runs_out,
        _leaves_the_programme,
        _account_is_closed,
        _is_paused_by_a_decision,
        _new_text_is_not_agreed_to,
        _leaves_the_talk,
    ],
)
def test_within_a_second_they_hear_nothing_more(hall: Hall, what: Any):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = await bolek.listen(hall)
        await asia.send(hall, "jeszcze", "key-00001")
        await ears.until("message")
        await door.aside(what, hall)
        await asyncio.sleep(0.7)
        assert (await asia.send(hall, "już nie", "key-00002")).status == 200
        await asyncio.sleep(0.25)
        assert len(ears.of("message")) == 1
        if what is not _leaves_the_talk:
            assert ears.over.is_set()

    live(story)


def test_after_a_door_is_closed_neither_learns_that_the_other_is_here_or_writes(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        await door.aside(safety.block, hall.actor("asia"), hall.person("bolek"))
        his = await bolek.listen(hall)
        hers = await asia.listen(hall)
        assert (await asia.post(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/typing")).status == 403
        await asyncio.sleep(0.3)
        assert {one["event"] for one in [*his.events, *hers.events] if "event" in one} == {"unread"}

    live(story)


def test_a_lost_hint_is_found_by_the_poll(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        began = asyncio.get_running_loop().time()
        with monkeypatch.context() as silent:
            silent.setattr(bus, "_near", [])  # nobody is told
            await door.browser(hall.session("bolek")).send(hall, "po cichu", "key-00001")
        (heard,) = await ears.until("message", within=2)
        assert _place(heard)[1] == "1"
        assert asyncio.get_running_loop().time() - began < 1.2

    live(story)


def test_what_could_not_be_told_is_told_a_little_later(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    news, asked = hearing.news, list[str]()

    def stumbling(talk: str, *, after: int) -> hearing.News | None:
        asked.append(talk)
        if len(asked) == 1:
            raise DatabaseError
        return news(talk, after=after)

    monkeypatch.setattr(hearing, "news", stumbling)

    async def story(door: Door) -> None:
        monkeypatch.setattr(bus, "is_taken", lambda _channel: False)  # as if it were written elsewhere
        ears = await door.browser(hall.session("asia")).listen(hall)
        await door.browser(hall.session("bolek")).send(hall, "trudno", "key-00001")
        (heard,) = await ears.until("message", within=5)
        assert (_place(heard)[1], len(asked)) == ("1", 2)

    live(story)


def test_whoever_comes_with_an_older_look_than_the_hubs_is_told_what_lies_between(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    followed = hearing.followed

    def older(programme: str, people: Iterable[str]) -> dict[str, dict[str, hearing.Following]]:
        """As if it had been read before the message was kept."""
        now = followed(programme, people)
        return {who: {talk: replace(of, last_seq=0) for talk, of in talks.items()} for who, talks in now.items()}

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        his = await bolek.listen(hall)
        await bolek.send(hall, "przedtem", "key-00001")
        await his.until("message")
        await door.house.hub._look_around()
        monkeypatch.setattr(hearing, "followed", older)
        hers = await asia.listen(hall)
        assert [_place(one)[1] for one in await hers.until("message", within=5)] == ["1"]

    live(story)


def test_a_hint_from_another_process_comes_through_the_socket(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.setenv(bus.ADDRESS, str(tmp_path / "bus"))
    monkeypatch.setattr(hubs, "TICK", 60)  # so that it is not the poll that finds it

    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(bus, "_near", [])
            await door.aside(acts.send, hall.actor("bolek"), hall.talk, text="ze strony", client_key="key-00001")
        assert await ears.until("message", within=2)

    live(story)


@pytest.mark.parametrize("written_here", [True, False])
def test_one_read_serves_all_who_listen_and_what_is_written_here_needs_none(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, written_here: bool
):
    asked: list[str] = []
    news = hearing.news

    def counted(talk: str, *, after: int) -> hearing.News | None:
        asked.append(talk)
        return news(talk, after=after)

    monkeypatch.setattr(hearing, "news", counted)

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = [await asia.listen(hall) for _ in range(8)]
        asked.clear()
        if not written_here:
            monkeypatch.setattr(bus, "is_taken", lambda _channel: False)
        await bolek.send(hall, "wszystkim", "key-00001")
        for one in ears:
            await one.until("message")
        assert asked == ([] if written_here else [hall.talk.pk])

    live(story)


def test_somebody_with_too_many_streams_keeps_the_newest(hall: Hall):
    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        ears = [await asia.listen(hall) for _ in range(hubs.EACH + 1)]
        await asyncio.wait_for(ears[0].over.wait(), 2)
        assert not any(one.over.is_set() for one in ears[1:])

    live(story)


def test_a_browser_that_takes_nothing_is_cut_off(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hubs, "BEAT", 0.5)
    monkeypatch.setattr(stream, "STUCK", 0.6)

    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        stuck = await asia.listen(hall, takes=False)
        well = await asia.listen(hall)
        for n in range(12):
            await bolek.send(hall, "słowa" * 1500, f"key-{n:05}")
        await well.until("message", n=12)
        await asyncio.wait_for(stuck.over.wait(), 5)
        assert not well.over.is_set()

    live(story)


def test_what_waits_for_a_slow_browser_does_not_grow_for_ever(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        slow = await asia.listen(hall, takes=False)
        for n in range(40):
            await bolek.send(hall, "x" * 8000, f"key-{n:05}")
        await asyncio.sleep(0.3)
        assert stream.ENOUGH < slow.not_taken < stream.ENOUGH + 20_000

    live(story)


def test_what_a_slow_browser_has_missed_does_not_come_all_at_once(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        for n in range(40):
            await bolek.send(hall, "x" * 8000, f"key-{n:05}")
        slow = await asia.listen(hall, had=f"{hall.talk.pk}.0", takes=False)
        await asyncio.sleep(0.3)
        assert slow.not_taken < stream.ENOUGH + 20_000

    live(story)


def test_there_is_a_sign_of_life(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hubs, "BEAT", 0.4)

    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        assert await ears.until("beat", n=2, within=5)
        assert any(one.get("retry") for one in ears.events)

    live(story)


def test_unread_words_are_counted_and_counted_off(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        ears = await asia.listen(hall)
        await bolek.send(hall, "raz", "key-00001")
        await bolek.send(hall, "dwa", "key-00002")
        await _until_unread(ears, {hall.talk.pk: 2})
        answer = await asia.post(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/read", seq="2")
        assert answer.status == 204
        await _until_unread(ears, {})
        assert not ears.of("changed")

    live(story)


async def _until_unread(ears: Ears, wanted: dict[str, int]) -> None:
    n = 1
    while json.loads((await ears.until("unread", n=n))[-1]["data"]) != wanted:
        n = len(ears.of("unread")) + 1


def test_the_other_learns_that_one_writes_and_is_here_and_has_gone(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(presence, "GRACE", 0.2)

    async def story(door: Door) -> None:
        marks = await door.aside(lambda: dict(hall.talk.participants.values_list("person__pseudonym", "pk")))
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        his = await bolek.listen(hall)
        hers = await asia.listen(hall)
        assert (await his.until("here"))[0]["data"] == marks["Asia"]
        assert (await hers.until("here"))[0]["data"] == marks["Bolek"]
        await asia.post(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/typing")
        assert (await his.until("typing"))[0]["data"] == f"{hall.talk.pk} {marks['Asia']}"
        hers.leave()
        assert (await his.until("gone"))[0]["data"] == marks["Asia"]

    live(story)


def test_whoever_does_not_show_that_they_are_here_is_not_shown(hall: Hall):
    def hide() -> None:
        Person.objects.filter(pk=hall.person("asia").pk).update(shows_presence=False)

    async def story(door: Door) -> None:
        await door.aside(hide)
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        his = await bolek.listen(hall)
        hers = await asia.listen(hall)
        await asia.post(f"/live/p/{hall.slug}/talks/{hall.talk.pk}/typing")
        await hers.until("here")
        await asyncio.sleep(0.2)
        assert not his.of("here")
        assert not his.of("typing")
        late = await bolek.listen(hall)
        await asyncio.sleep(0.2)
        assert not late.of("here")

    live(story)


def test_that_something_changed_is_told_to_those_whom_the_fact_names(hall: Hall):
    async def story(door: Door) -> None:
        hers = await door.browser(hall.session("asia")).listen(hall)
        his = await door.browser(hall.session("bolek")).listen(hall)
        door.house.hub.heard(["ask:abc", f"person:{hall.person('asia').pk}"])
        heard = await hers.until("changed", n=2)
        assert [one["data"] for one in heard] == ["ask:abc", "person"]
        await asyncio.sleep(0.1)
        assert not his.of("changed")

    live(story)


def test_a_talk_that_opens_while_one_listens_is_heard(hall: Hall):
    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        new = await door.aside(hall.open, "asia", "cyryl")
        await ears.until("changed")
        await door.browser(hall.session("cyryl")).send(hall, "pierwsze słowo", "key-00001", new)
        (heard,) = await ears.until("message")
        assert _place(heard) == (new.pk, "1")

    live(story)


def test_when_the_house_closes_the_streams_end_after_what_was_on_its_way(hall: Hall):
    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        await door.browser(hall.session("bolek")).send(hall, "ostatnie", "key-00001")
        await ears.until("message")
        door.house.drain()
        await asyncio.wait_for(ears.task, 2)
        assert ears.over.is_set()

    live(story)


def test_whoever_has_not_changed_is_not_looked_up_afresh(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    looked: list[object] = []
    afresh = session._look_within

    def counted(slug: str, sessions: Sequence[str]) -> dict[str, session.Visitor | Refusal]:
        looked.extend(sessions)
        return afresh(slug, sessions)

    monkeypatch.setattr(session, "_look_within", counted)

    async def story(door: Door) -> None:
        ears = await door.browser(hall.session("asia")).listen(hall)
        (stream,) = door.house.hub.streams
        for _ in range(2):
            assert await door.aside(session._check, [stream.visitor]) == set()
        assert looked == [hall.session("asia")]
        ears.leave()

    live(story)


def test_whoever_leaves_leaves_nothing_behind(hall: Hall):
    async def story(door: Door) -> None:
        ears = [await door.browser(hall.session(name)).listen(hall) for name in ("asia", "bolek", "asia")]
        hub = door.house.hub
        assert (len(list(hub.streams)), set(hub._in)) == (3, {hall.talk.pk})
        for one in ears:
            one.leave()
            await one.task
        assert (list(hub.streams), hub._in, hub._of) == ([], {}, {})

    live(story)
