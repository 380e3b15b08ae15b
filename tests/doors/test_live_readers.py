"""What the loop asks the database: each question has its own answer, and a connection that broke is nobody's trouble."""

from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError, connection

from tests.doors.hall import Door, Hall, live


def test_each_question_has_its_own_answer_or_its_own_mistake(hall: Hall):
    def ask(n: int) -> int:
        if n % 3 == 0:
            raise ValueError(n)
        return n

    async def story(door: Door) -> None:
        answers = await asyncio.gather(*[door.aside(ask, n) for n in range(30)], return_exceptions=True)
        assert [str(one) for one in answers] == [str(n) for n in range(30)]
        assert [n for n, one in enumerate(answers) if isinstance(one, ValueError)] == list(range(0, 30, 3))

    live(story)


def test_whoever_left_before_the_answer_came_harms_nobody(hall: Hall):
    async def story(door: Door) -> None:
        leaving = [asyncio.ensure_future(door.aside(hall.said)) for _ in range(10)]
        await asyncio.sleep(0)
        for one in leaving:
            one.cancel()
        assert await door.aside(hall.said) == []

    live(story)


def test_a_connection_that_broke_is_made_anew_and_nobody_who_asks_notices(hall: Hall):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite there is nothing to hang up")

    connection.ensure_connection()
    ours = connection.connection.info.backend_pid  # of the test itself

    def hang_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [ours],
            )

    async def story(door: Door) -> None:
        asia = door.browser(hall.session("asia"))
        ears = await asia.listen(hall)
        for n in range(5):
            await door.house.writer.do(hang_up)
            answers = await asyncio.gather(*[door.aside(hall.said) for _ in range(4)])
            assert [len(one) for one in answers] == [n] * 4
            assert (await asia.send(hall, "słowo", f"key-{n:05}")).status == 200
        await ears.until("message", n=5, within=10)

    live(story)


def test_a_question_that_fails_again_is_a_mistake(hall: Hall):
    asked = []

    def ask() -> None:
        asked.append(1)
        raise OperationalError

    async def story(door: Door) -> None:
        with pytest.raises(OperationalError):
            await door.aside(ask)
        assert len(asked) == 2

    live(story)
