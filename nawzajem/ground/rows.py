"""Plain SQL, the same words for SQLite and PostgreSQL, for the few places where many rows are read or written at once and
the library's own queries would cost more than the database's work. Everywhere else the library is right.

`{}` in a statement stands for rows of values: "WHERE id IN (VALUES {})" or "INSERT INTO t (a, b) VALUES {}". PostgreSQL is
given all of them as one JSON value: so the text is the same for one row as for sixty, and is understood and planned once.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models

Row = tuple[Any, ...]
Values = Collection[Sequence[Any]]

LOCKED = {"postgresql": " FOR NO KEY UPDATE"}  # on SQLite whoever writes holds the whole database
TAKEN = {  # from an array of JSON by PostgreSQL, as what it was
    str: "one ->> {n}",
    int: "(one ->> {n})::bigint",
    datetime: "(one ->> {n})::timestamptz",
    bytes: "decode(one ->> {n}, 'hex')",
    dict: "one -> {n}",
}


def read(statement: str, *sets: Values, lock: bool = False, first: Sequence[Any] = ()) -> list[Row]:
    """What is found; held until the transaction ends if it is `lock`ed: then the statement must say in which order.
    An empty set finds nothing. `first` are the values that stand before the rows, here as below."""
    return ask(statement, *sets, lock=lock, first=first)()


def ask(statement: str, *sets: Values, lock: bool = False, first: Sequence[Any] = ()) -> Callable[[], list[Row]]:
    """The same, where several questions are asked `at_once`: what comes back gives the answer, after all were asked."""
    if not all(sets):
        return list
    cursor = _cursor()
    cursor.execute(*_filled(statement + (LOCKED.get(connection.vendor, "") if lock else ""), first, sets))

    def answer() -> list[Row]:
        with cursor:
            return list(cursor.fetchall())

    return answer


def write(statement: str, *sets: Values, first: Sequence[Any] = ()) -> None:
    if not all(sets):
        return
    with _cursor() as cursor:
        cursor.execute(*_filled(statement, first, sets))


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """What is asked and written inside goes to PostgreSQL in one piece, without waiting for each answer; whatever is wrong
    with it is said at the end. It is done one after the other all the same."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def insert(model: type[models.Model], columns: Sequence[str], values: Values) -> None:
    write(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {{}}", values)  # noqa: S608  names of ours


def moment(value: datetime) -> datetime:
    """As it was stored: SQLite gives back moments without a zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _cursor() -> Any:
    """On PostgreSQL one that gives the values apart from the text: only then is a plan kept."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.close_if_health_check_failed()  # as the library's own does
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrapped(_prepares()(connection.connection))


@cache
def _prepares() -> type[Any]:
    from psycopg import Cursor

    class Prepares(Cursor[Row]):
        def execute(self, query: Any, params: Any = None, **words: Any) -> Any:
            return super().execute(query, params, **{**words, "prepare": True})

    return Prepares


def _filled(statement: str, first: Sequence[Any], sets: Sequence[Values]) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        some = [[*rows] for rows in sets]
        return _taking(statement, tuple(_types(rows) for rows in some)), [*first, *(_as_json(rows) for rows in some)]
    marks = [", ".join([_mark(len(row)) for row in rows]) for rows in sets]
    given = [*first, *(value for rows in sets for row in rows for value in row)]
    return statement.format(*marks), [
        _adapted[type(value)](value) if type(value) in _adapted else value for value in given
    ]


@cache
def _mark(width: int) -> str:
    return f"({', '.join(['%s'] * width)})"


def _types(rows: Sequence[Sequence[Any]]) -> tuple[type, ...]:
    """Of each column, by its first value that is one."""
    return tuple(
        next((type(value) for value in column if value is not None), str) for column in zip(*rows, strict=True)
    )


@lru_cache(256)
def _taking(statement: str, types: tuple[tuple[type, ...], ...]) -> str:
    """The columns are named as VALUES would name them."""
    for some in types:
        columns = ", ".join(f"{TAKEN[one].format(n=n)} AS column{n + 1}" for n, one in enumerate(some))
        taken = f"SELECT {columns} FROM jsonb_array_elements(%s::jsonb) AS one"  # noqa: S608  names of ours
        statement = statement.replace("VALUES {}", taken, 1)
    return statement


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value.isoformat())


_as_json = json.JSONEncoder(default=_plain).encode


@lru_cache(8)
def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


# As SQLite takes it where no model's field stands between.
_adapted: dict[type, Callable[[Any], Any]] = {datetime: _moment, dict: json.dumps}
