"""All rows of the database as they are at one moment, to be put back within milliseconds."""

from __future__ import annotations

from django.db import connection, transaction


class Kept:
    """Tables of a name of their own, beside those of the house. References are only looked at when all is in place."""

    def __init__(self, name: str) -> None:
        self._name = name
        with connection.cursor() as cursor:
            for table in _tables():
                cursor.execute(f"CREATE TABLE {name}_{table} AS SELECT * FROM {table}")

    def put_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _tables():
                cursor.execute(f"DELETE FROM {table}")
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {self._name}_{table}")


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)
