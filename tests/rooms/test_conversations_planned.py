"""What each message asks of PostgreSQL, in a house with many messages: a few places looked up, by a plan that is kept."""

from __future__ import annotations

import re
from itertools import count

import pytest
from django.db import connection

from nawzajem.conversations import hearing, moment
from nawzajem.ground import rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL weighs how it should look"),
]

MANY = """INSERT INTO nawzajem_message (conversation_id, seq, latest_seq, author_id, client_key, at, body)
    SELECT seat.conversation_id, place, place, min(seat.id), 'key-' || place, now(), ''
    FROM nawzajem_participant seat CROSS JOIN generate_series(1, %s) AS place
    WHERE seat.conversation_id = %s GROUP BY seat.conversation_id, place"""


@pytest.fixture(scope="module")
def opened(stage) -> str:
    return str(stage.pair().conversation.pk)


def say(talk: str, many: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY, [many, talk])
        cursor.execute("ANALYZE")


@pytest.mark.parametrize("many", [2_000, 20_000])
def test_of_all_messages_only_those_with_the_key_are_looked_at(world, opened, many):
    say(opened, many)
    plan = "\n".join(line for (line,) in rows.read(f"EXPLAIN {moment.KEPT}", [(opened, "key-7"), (opened, "key-0")]))
    assert "Index Scan using message_key" in plan
    assert "Seq Scan" not in plan
    assert set(rows.read(moment.KEPT, [(opened, "key-7"), (opened, "key-0")])) == {
        (opened, "key-7", 7),
        (opened, "key-0", None),
    }


@pytest.mark.parametrize("many", [2_000, 20_000])
def test_what_is_new_is_read_by_one_plan(world, opened, many):
    say(opened, many)
    number = count(1)
    asked = f"({re.sub('%s', lambda _one: f'${next(number)}', hearing.NEWS)})"
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE what_is_new AS {asked}")
        for place in range(12):
            cursor.execute(
                "EXECUTE what_is_new (%s, %s, %s, %s, %s, %s)", [opened, opened, many - place, 200, "left", opened]
            )
            assert len(cursor.fetchall()) == max(1, place)
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements WHERE name = 'what_is_new'")
        planned = cursor.fetchone()
        cursor.execute("DEALLOCATE what_is_new")
    assert planned == (7,)  # the first five are planned each by itself, to compare
