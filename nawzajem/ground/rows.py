"""Plain SQL, the same words for SQLite and PostgreSQL, for the few places where many rows are read or written at once and
the library's own queries would cost more than the database's work. Everywhere else the library is right.

`{}` in a statement stands for rows of values: "WHERE id IN (VALUES {})" or "INSERT INTO t (a, b) VALUES {}".
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models

Values = Collection[Sequence[Any]]

LOCKED = {"postgresql": " FOR NO KEY UPDATE"}  # on SQLite whoever writes holds the whole database


def read(statement: str, *sets: Values, lock: bool = False, first: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What is found; held until the transaction ends if it is `lock`ed: then the statement must say in which order.
    An empty set finds nothing. `first` are the values that stand before the rows, here as below."""
    if not all(sets):
        return []
    with connection.cursor() as cursor:
        cursor.execute(*_filled(statement + (LOCKED.get(connection.vendor, "") if lock else ""), first, sets))
        return cursor.fetchall()


def write(statement: str, *sets: Values, first: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*_filled(statement, first, sets))


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """What is written inside goes to PostgreSQL in one piece, without waiting for each answer; whatever is wrong with it is
    said at the end. Nothing can be read inside."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def insert(model: type[models.Model], columns: Sequence[str], values: Values) -> None:
    write(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {{}}", values)  # noqa: S608  names of ours


def moment(value: datetime) -> datetime:
    """As it was stored: SQLite gives back moments without a zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _filled(statement: str, first: Sequence[Any], sets: Sequence[Values]) -> tuple[str, list[Any]]:
    marks = [", ".join([_mark(len(row)) for row in rows]) for rows in sets]
    given = [*first, *(value for rows in sets for row in rows for value in row)]
    return statement.format(*marks), [
        _adapted[type(value)](value) if type(value) in _adapted else value for value in given
    ]


@cache
def _mark(width: int) -> str:
    return f"({', '.join(['%s'] * width)})"


@lru_cache(8)
def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


# As the database takes it where no model's field stands between.
_adapted: dict[type, Callable[[Any], Any]] = {datetime: _moment, dict: json.dumps}
