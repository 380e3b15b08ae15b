"""Messages in parts, by conversation: PostgreSQL keeps them as so many tables behind one name, each with small indexes of its own.

Every question about messages names its conversation, so each is answered from one part. Hash partitions, as PostgreSQL has
them since version 11; the house itself knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from nawzajem.conversations.models import Message

TABLE, KEY = Message._meta.db_table, "conversation_id"
WHOLE = f"{TABLE}_whole"
PLACES = f"{TABLE}_places"  # numbers the rows, as the identity of the whole table did


def parts() -> int:
    """How many there are; 0 where messages are one table."""
    return len(_asked("SELECT 1 FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE]))


def part(n: int) -> int:
    """Moves all messages over; how many. In one transaction, in which nobody can read or write a message."""
    if _asked("SELECT 1 FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass", [TABLE]):
        raise CommandError(_("Another table points at single messages, and that cannot be kept in parts."))
    with transaction.atomic(), connection.cursor() as cursor:
        rules, indexes = list(_rules()), list(_indexes())
        for sentence in _new_table(n):
            cursor.execute(sentence)
        cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM {WHOLE}")  # noqa: S608  names of our own
        moved = cursor.rowcount
        cursor.execute(f"DROP TABLE {WHOLE}")
        for sentence in [*rules, *indexes]:
            cursor.execute(sentence)
        cursor.execute(f"SELECT setval('{PLACES}', (SELECT coalesce(max(id), 0) + 1 FROM {TABLE}), false)")  # noqa: S608
        cursor.execute(f"ANALYZE {TABLE}")
    return moved


def _new_table(n: int) -> Iterator[str]:
    yield f"ALTER TABLE {TABLE} RENAME TO {WHOLE}"
    yield f"CREATE TABLE {TABLE} (LIKE {WHOLE}) PARTITION BY HASH ({KEY})"
    yield f"CREATE SEQUENCE {PLACES} OWNED BY {TABLE}.id"
    yield f"ALTER TABLE {TABLE} ALTER id SET DEFAULT nextval('{PLACES}')"
    for i in range(n):
        yield f"CREATE TABLE {TABLE}_{i:03} PARTITION OF {TABLE} FOR VALUES WITH (MODULUS {n}, REMAINDER {i})"


def _rules() -> Iterator[str]:
    """The constraints that the table has now, to be made again. What is unique is so within a conversation; only the number
    of a row has to be told so."""
    rows = _asked(
        "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype",
        [TABLE],
    )
    for name, kind, said in rows:
        yield f'ALTER TABLE {TABLE} ADD CONSTRAINT "{name}" ' + (f"PRIMARY KEY ({KEY}, id)" if kind == "p" else said)


def _indexes() -> Iterator[str]:
    """Those that belong to no constraint."""
    rows = _asked(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        [TABLE],
    )
    for (said,) in rows:
        yield said


def _asked(question: str, words: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, words)
        return list(cursor.fetchall())
