"""All rows of the database as they are at one moment, to be put back within milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from nawzajem.safety.logbook import append_only


class Kept:
    """Tables of a name of their own, beside those of the house. References are only looked at when all is in place."""

    def __init__(self, name: str) -> None:
        self._name = name
        with connection.cursor() as cursor:
            for table in _tables():
                cursor.execute(f"CREATE TABLE {name}_{table} AS SELECT * FROM {table}")

    def put_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor, open_book(cursor):
            for table in _tables():
                cursor.execute(f"DELETE FROM {table}")
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {self._name}_{table}")


@contextmanager
def open_book(cursor: Any) -> Iterator[None]:
    """The one way to change what is only ever added to: by taking its triggers away, as somebody with the database could."""
    table = append_only.TABLE
    if connection.vendor == "postgresql":
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    for deed in ("update", "delete"):
        cursor.execute(f"DROP TRIGGER {table}_no_{deed}")
    yield
    for statement in append_only.statements(connection.vendor):
        cursor.execute(statement)


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)
