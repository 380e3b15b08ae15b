"""Sending on the live path: kept before it is acknowledged, once, in order; refused singly; nothing half done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError, connection, transaction

from nawzajem.conversations import acts, reads
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.conversations.moment import Sending, Sent
from nawzajem.ground.refusals import Closed, Refusal
from nawzajem.live.writer import NotKept
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from tests.cast import HOUSE
from tests.doors.hall import Door, Hall, live
from tests.server import at_commit


def test_what_is_acknowledged_is_kept(hall: Hall):
    async def story(door: Door) -> None:
        answer = await door.browser(hall.session("asia")).send(hall, "Dzień dobry", "key-00001")
        assert (answer.status, answer.json) == (200, {"seq": 1, "key": "key-00001"})
        (line,) = await door.aside(reads.lines, hall.actor("bolek"), hall.talk)
        assert (line.text, line.author, line.mine) == ("Dzień dobry", "Asia", False)

    live(story)


def test_the_same_key_is_the_same_message_however_often_and_however_close(hall: Hall):
    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        answers = await asyncio.gather(*(asia.send(hall, "raz", "key-00001") for _ in range(8)))
        assert {answer.json["seq"] for answer in answers} == {1}
        assert await door.aside(hall.said) == [(1, "key-00001")]

    live(story)


def test_a_change_names_its_message_by_the_key_and_asked_again_is_the_same_change(hall: Hall):
    async def story(door: Door) -> None:
        asia, path = door.browser(hall.session("asia")), f"/live/p/hall/talks/{hall.talk.pk}/changes"
        await asia.send(hall, "raz", "key-00001")
        for _time in range(2):
            answer = await asia.post(path, client_key="key-00001", text="dwa")
            assert (answer.status, answer.json) == (200, {"seq": 2, "key": "key-00001"})
        for _time in range(2):
            answer = await asia.post(path, client_key="key-00001", withdrawn="yes")
            assert (answer.status, answer.json["seq"]) == (200, 3)
        (line,) = await door.aside(reads.lines, hall.actor("bolek"), hall.talk)
        assert (line.seq, line.latest, line.state) == (1, 3, "withdrawn")

    live(story)


def test_a_change_that_comes_late_is_refused_and_undoes_nothing(hall: Hall):
    """Given up by the device, kept all the same, and a second time when there is another by then."""

    async def story(door: Door) -> None:
        asia, path = door.browser(hall.session("asia")), f"/live/p/hall/talks/{hall.talk.pk}/changes"
        await asia.send(hall, "raz", "key-00001")
        lost = {"client_key": "key-00001", "text": "dwa", "after": "1"}
        for asked, place in ((lost, 2), ({"client_key": "key-00001", "text": "trzy", "after": "2"}, 3)):
            assert (await asia.post(path, **asked)).json["seq"] == place
        late = await asia.post(path, **lost)
        assert (late.status, late.json["code"]) == (409, "stale")
        assert (await asia.post(path, **(lost | {"after": "nonsense"}))).status == 422
        (line,) = await door.aside(reads.lines, hall.actor("bolek"), hall.talk)
        assert (line.text, line.latest) == ("trzy", 3)
        gone = await asia.post(path, client_key="key-00001", withdrawn="yes", after="1")
        assert (gone.status, gone.json["seq"]) == (200, 4), "taken back it is, whatever it said last"

    live(story)


def test_nobody_changes_what_is_not_theirs_not_there_or_without_words(hall: Hall):
    async def story(door: Door) -> None:
        path = f"/live/p/hall/talks/{hall.talk.pk}/changes"
        asia, bolek, cyryl = (door.browser(hall.session(name)) for name in ("asia", "bolek", "cyryl"))
        await asia.send(hall, "raz", "key-00001")
        for who, status in ((bolek, 403), (cyryl, 404)):
            for what in ({"text": "dwa"}, {"withdrawn": "yes"}):
                assert (await who.post(path, client_key="key-00001", **what)).status == status
        for key, text, status in (("key-00002", "dwa", 404), ("key-00001", " ", 422), ("no key", "dwa", 422)):
            assert (await asia.post(path, client_key=key, text=text)).status == status
        assert (await asia.post(path, client_key="", withdrawn="yes")).status == 422
        (line,) = await door.aside(reads.lines, hall.actor("bolek"), hall.talk)
        assert (line.text, line.state) == ("raz", "said")

    live(story)


def test_those_who_send_at_once_share_commits_and_keep_their_order(hall: Hall):
    async def story(door: Door) -> None:
        asia, bolek = door.browser(hall.session("asia")), door.browser(hall.session("bolek"))
        before = door.house.writer.commits
        sends = [(asia, bolek)[n % 2].send(hall, f"{n}", f"key-{n:05}") for n in range(40)]
        answers = await asyncio.gather(*sends)
        assert sorted(answer.json["seq"] for answer in answers) == list(range(1, 41))
        assert {(one.json["seq"], one.json["key"]) for one in answers} == set(await door.aside(hall.said))
        assert door.house.writer.commits - before < 40

    live(story)


async def _all_in_one_commit(door: Door, *deeds: object) -> list[object]:
    """Holds the writer until all of them wait."""
    held, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        loop.call_soon_threadsafe(held.set)
        go.wait(5)

    first = asyncio.create_task(door.house.writer.do(hold))
    await held.wait()
    rest = [asyncio.ensure_future(deed) for deed in deeds]  # type: ignore[call-overload]
    await asyncio.sleep(0.3)
    go.set()
    await asyncio.gather(first, return_exceptions=True)
    return await asyncio.gather(*rest, return_exceptions=True)


def test_whoever_is_refused_in_a_group_is_refused_alone(hall: Hall):
    async def story(door: Door) -> None:
        asia, cyryl = door.browser(hall.session("asia")), door.browser(hall.session("cyryl"))
        over = await door.aside(hall.open, "asia", "cyryl")
        await door.aside(acts.close, hall.actor("asia"), over)
        before = door.house.writer.commits
        answers = await _all_in_one_commit(
            door,
            asia.send(hall, "tak", "key-00001"),
            cyryl.send(hall, "nie moja rozmowa", "key-00002"),
            asia.send(hall, "po wszystkim", "key-00003", over),
            asia.send(hall, "też tak", "key-00004"),
        )
        assert [answer.status for answer in answers] == [200, 404, 410, 200]
        assert door.house.writer.commits - before == 2  # the one that held, and all of these
        assert _kept(await door.aside(hall.said)) == ([1, 2], {"key-00001", "key-00004"})

    live(story)


def test_when_the_store_gives_way_nobody_in_the_group_hears_that_it_was_kept(hall: Hall):
    @transaction.atomic
    def give_way(asked: Sequence[Sending]) -> Sequence[Sent | Refusal]:
        acts.send_each(asked)
        raise OperationalError("database or disk is full")

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        words = [Sending(hall.actor("asia"), hall.talk.pk, "raz", f"key-{n:05}") for n in range(3)]
        answers = await _all_in_one_commit(door, *(door.house.writer.do_with_others(give_way, one) for one in words))
        assert [type(one) for one in answers] == [NotKept] * 3
        assert await door.aside(hall.said) == []
        again = await asia.send(hall, "raz", "key-00001")
        assert (again.status, again.json["seq"]) == (200, 1)

    live(story)


def test_words_that_cannot_be_sealed_harm_nobody_else(hall: Hall):
    def damage(talk: Conversation) -> None:
        Conversation.objects.filter(pk=talk.pk).update(vault=b"broken")

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        damaged = await door.aside(hall.open, "asia", "cyryl")
        await door.aside(damage, damaged)
        answers = await _all_in_one_commit(
            door, asia.send(hall, "raz", "key-00001"), asia.send(hall, "dwa", "key-00002", damaged)
        )
        assert [answer.status for answer in answers] == [200, 500]
        assert await door.aside(hall.said) == [(1, "key-00001")]

    live(story)


def test_a_commit_that_fails_for_one_keeps_the_others_and_acknowledges_only_them(hall: Hall):
    def dangling() -> None:  # the database looks at foreign keys at the commit, after the act has run
        Participant.objects.create(conversation_id="nosuchtalk22", person=hall.person("asia"))

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        answers = await _all_in_one_commit(
            door,
            asia.send(hall, "raz", "key-00001"),
            door.house.writer.do(dangling),
            asia.send(hall, "dwa", "key-00002"),
        )
        assert [answers[0].status, answers[2].status] == [200, 200]
        assert isinstance(answers[1], NotKept)
        assert _kept(await door.aside(hall.said)) == ([1, 2], {"key-00001", "key-00002"})

    live(story)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only a server looks at each row at the commit")
@pytest.mark.parametrize(
    ("does", "answered", "kept"),
    [
        ("RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'", [200, 503, 200], {"key-00001", "key-00003"}),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", [503, 503, 503], set()),
    ],
)
def test_what_the_server_does_not_commit_is_not_acknowledged(
    hall: Hall, does: str, answered: list[int], kept: set[str]
):
    async def story(door: Door) -> None:
        asia, keys = door.browser(hall.session("asia")), [f"key-0000{n}" for n in (1, 2, 3)]
        ears = await door.browser(hall.session("bolek")).listen(hall)
        only = f"IF NEW.client_key = 'key-00002' THEN {does}; END IF"
        refusing = at_commit("nawzajem_message", only)
        await door.aside(refusing.__enter__)
        try:
            answers = await _all_in_one_commit(door, *(asia.send(hall, "raz", key) for key in keys))
        finally:
            await door.aside(refusing.__exit__, None, None, None)
        assert [answer.status for answer in answers] == answered
        assert {key for _seq, key in await door.aside(hall.said)} == kept
        again = [await asia.send(hall, "raz", key) for key in keys]
        assert [answer.status for answer in again] == [200] * 3
        assert _kept(await door.aside(hall.said)) == ([1, 2, 3], set(keys))
        heard = await ears.until("message", n=3)
        assert len(heard) == 3

    live(story)


def _kept(said: list[tuple[int, str]]) -> tuple[list[int], set[str]]:
    """Which of those who sent in the same moment came first is nobody's business; that there is no gap is."""
    return [seq for seq, _key in said], {key for _seq, key in said}


def test_a_store_that_gives_way_is_said_humanely_and_the_words_are_kept_later(hall: Hall):
    """On SQLite the disk is full; on PostgreSQL, whose disk is its own affair, the connection is lost."""

    def give_way() -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 3}")

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        kept: list[str] = []
        if connection.vendor == "postgresql":
            with pytest.raises(NotKept):
                await door.house.writer.do(give_way)
        else:
            await door.house.writer.do(give_way)
            while (answer := await asia.send(hall, "słowo " * 1000, f"key-{len(kept):05}")).status == 200:
                kept.append(answer.json["key"])
            assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "cannot_keep", "5")
        assert [key for _seq, key in await door.aside(hall.said)] == kept
        again = await asia.send(hall, "słowo", f"key-{len(kept):05}")  # a connection made anew
        assert (again.status, again.json["seq"]) == (200, len(kept) + 1)

    live(story)


def test_the_writer_outlives_whatever_happens_in_it(hall: Hall):
    def leave() -> None:
        raise SystemExit

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        with pytest.raises(NotKept):
            await door.house.writer.do(leave)
        assert (await asia.send(hall, "dalej", "key-00001")).status == 200
        assert await door.house.writer.is_well()

    live(story)


def test_a_client_that_left_while_waiting_harms_nobody(hall: Hall):
    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        leaving = asyncio.ensure_future(asia.send(hall, "znikam", "key-00001"))

        async def leave() -> None:
            await asyncio.sleep(0.1)
            leaving.cancel()

        await _all_in_one_commit(door, leave(), asia.send(hall, "zostaję", "key-00002"))
        assert leaving.cancelled()
        assert {key for _seq, key in await door.aside(hall.said)} >= {"key-00002"}
        assert (await asia.send(hall, "dalej", "key-00003")).status == 200

    live(story)


def test_an_act_that_refuses_tells_the_refusal_to_whoever_asked(hall: Hall):
    def refuse() -> None:
        raise Closed

    async def story(door: Door) -> None:
        with pytest.raises(Closed):
            await door.house.writer.do(refuse)

    live(story)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver"},  # a form of ours without a script, or a foreign one that lies
        {"origin": "https://evil.example", "x-nawzajem": "1"},
        {"origin": "null", "x-nawzajem": "1"},
        {"sec-fetch-site": "cross-site", "x-nawzajem": "1"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver", "x-nawzajem": "1"},
        {"x-nawzajem": "1"},  # says nothing about where it comes from
    ],
)
def test_another_site_sends_nothing_in_somebodys_name(hall: Hall, headers: dict[str, str]):
    async def story(door: Door) -> None:
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages"
        asia = door.browser(hall.session("asia"))
        answer = await asia.post(path, headers=headers, text="nie ja", client_key="key-00001")
        assert (answer.status, answer.json["code"]) == (403, "foreign")
        assert await door.aside(hall.said) == []

    live(story)


def test_a_message_that_is_too_long_and_a_body_that_is_far_too_long(hall: Hall):
    async def story(door: Door) -> None:
        bolek = door.browser(hall.session("bolek"))
        long = await bolek.send(hall, "x" * 8001, "key-00001")
        assert (long.status, long.json["fields"]["text"]) == (
            422,
            ["This is longer than one message can be. Please send it in two."],
        )
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/messages"
        endless = await bolek.post(path, body=b"text=" + b"x" * 200_000)
        assert (endless.status, endless.json["code"]) == (413, "too_long")
        for words, key in [("", "key-00001"), ("tak", "short"), ("tak", "no spaces!")]:
            assert (await bolek.send(hall, words, key)).status == 422

    live(story)


def test_only_those_who_take_part_may_send(hall: Hall):
    async def story(door: Door) -> None:
        nobody, stranger = door.browser(""), door.browser(hall.session("cyryl"))
        signed_out = await nobody.send(hall, "kto tam", "key-00001")
        assert (signed_out.status, signed_out.json["code"]) == (403, "signed_out")
        assert (await stranger.send(hall, "to ja", "key-00002")).status == 404
        await door.aside(lambda: programmes.pause(HOUSE.within(hall.slug_id), hall.world.member("bolek")))
        bolek = door.browser(hall.session("bolek"))
        assert (await bolek.send(hall, "wstrzymany", "key-00003")).status == 403
        await door.aside(programmes.rewrite, HOUSE.within(hall.slug_id), hall.world.here, **_new_text())
        asia = await door.browser(hall.session("asia")).send(hall, "przed zgodą", "key-00004")
        assert (asia.status, asia.json["code"]) == (403, "must_agree")
        assert await door.aside(hall.said) == []

    live(story)


def _new_text() -> dict[str, object]:
    return {"code": "confidentiality", "words": {"pl": "nowe", "en": "new"}}


def test_after_a_door_is_closed_nothing_more_can_be_sent(hall: Hall):
    async def story(door: Door) -> None:
        bolek = door.browser(hall.session("bolek"))
        assert (await bolek.send(hall, "tak", "key-00001")).status == 200
        await door.aside(safety.block, hall.actor("asia"), hall.person("bolek"))
        assert (await bolek.send(hall, "jeszcze", "key-00002")).status == 410  # as of any talk that has ended
        assert await door.aside(hall.said) == [(1, "key-00001")]

    live(story)


def test_a_password_that_was_changed_ends_the_other_sessions(hall: Hall):
    def change() -> None:
        person = Person.objects.get(pk=hall.person("asia").pk)
        person.set_password("calkiem inne slowa")
        person.save(update_fields=["password"])

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        assert (await asia.send(hall, "tak", "key-00001")).status == 200
        await door.aside(change)
        await asyncio.sleep(0.6)
        assert (await asia.send(hall, "nie", "key-00002")).json["code"] == "signed_out"

    live(story)
