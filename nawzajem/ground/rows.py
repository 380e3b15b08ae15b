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

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, models

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
    here = connections[DEFAULT_DB_ALIAS]
    cursor = _done(here, statement + (LOCKED.get(here.vendor, "") if lock else ""), first, sets)

    def answer() -> list[Row]:
        with here.wrap_database_errors:
            found = cursor.fetchall()
            cursor.close()
            return list(found)

    return answer


def write(statement: str, *sets: Values, first: Sequence[Any] = ()) -> None:
    if all(sets):
        _done(connections[DEFAULT_DB_ALIAS], statement, first, sets).close()


@contextlib.contextmanager
def at_once(*, ends: bool = False) -> Iterator[None]:
    """What is asked and written inside goes to PostgreSQL in one piece, without waiting for each answer; whatever is wrong
    with it is said at the end. It is done one after the other all the same.

    `ends`: nothing follows in this block of the transaction. Where that is the whole transaction, the commit goes along, and
    has been confirmed when this ends; the library then finds nothing left to commit, and does what it does after a commit. If
    anything fails, the server leaves out all that follows, the commit too."""
    if connection.vendor != "postgresql":
        yield
        return
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    committed = None
    with here.wrap_database_errors, here.connection.pipeline():
        yield
        if ends and _is_whole(here):
            committed = _plain(here).execute("COMMIT")
    if committed and committed.statusmessage != "COMMIT":  # to a transaction that had failed before it says ROLLBACK
        raise OperationalError("not committed")


def _is_whole(here: Any) -> bool:
    """Whether no other block stands around this one that may yet write, or fail."""
    return bool(here.in_atomic_block and here.commit_on_exit and not here.savepoint_ids and not here.needs_rollback)


def insert(model: type[models.Model], columns: Sequence[str], values: Values) -> None:
    write(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {{}}", values)  # noqa: S608  names of ours


def moment(value: datetime) -> datetime:
    """As it was stored: SQLite gives back moments without a zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _done(here: Any, statement: str, first: Sequence[Any], sets: Sequence[Values]) -> Any:
    """The cursor of a statement that was carried out; past the library's own, which takes longer over each than the database
    over a row. What counts or forbids questions still sees these."""
    here.close_if_health_check_failed()  # as the library's own does
    here.ensure_connection()
    here.validate_no_broken_transaction()
    text, given = _filled(here.vendor, statement, first, sets)
    if here.queries_logged or here.execute_wrappers:
        cursor = _plain(here) if here.vendor == "postgresql" else here.create_cursor()
        watched = here.make_debug_cursor(cursor) if here.queries_logged else here.make_cursor(cursor)
        watched.execute(text, given)
        return watched
    with here.wrap_database_errors:
        return _plain(here).execute(text if here.vendor == "postgresql" else _asked(text), given)


def _plain(here: Any) -> Any:
    """On PostgreSQL one that gives the values apart from the text: only then is a plan kept."""
    return _apart()(here.connection) if here.vendor == "postgresql" else here.connection.cursor()


@cache
def _apart() -> type[Any]:
    from psycopg import Cursor

    return Cursor


@lru_cache(2048)
def _asked(text: str) -> str:
    """With SQLite's own marks."""
    return text.replace("%s", "?")


def _filled(vendor: str, statement: str, first: Sequence[Any], sets: Sequence[Values]) -> tuple[str, list[Any]]:
    if vendor == "postgresql":
        some = [[*rows] for rows in sets]
        return _taking(statement, tuple(_types(rows) for rows in some)), [*first, *(_as_json(rows) for rows in some)]
    given = [*first, *(value for rows in sets for row in rows for value in row)]
    return _marked(statement, tuple([(len(rows), len(next(iter(rows)))) for rows in sets])), [
        _adapted[type(value)](value) if type(value) in _adapted else value for value in given
    ]


@lru_cache(2048)
def _marked(statement: str, sizes: tuple[tuple[int, int], ...]) -> str:
    """For so many rows, each so wide."""
    return statement.format(*(", ".join([f"({', '.join(['%s'] * width)})"] * n) for n, width in sizes))


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


def _spelled(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value.isoformat())


_as_json = json.JSONEncoder(default=_spelled).encode


@lru_cache(8)
def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


# As SQLite takes it where no model's field stands between.
_adapted: dict[type, Callable[[Any], Any]] = {datetime: _moment, dict: json.dumps}
