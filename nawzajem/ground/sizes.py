"""How large the tables are, told to the database, so that it looks through the short way and not through the long one."""

from __future__ import annotations

from django.db import connection


def learn() -> None:
    """SQLite knows it only when it is asked to count; without, "my asks" reads all asks of the programme. Only tables that
    have grown tenfold are counted again. PostgreSQL does this by itself."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA optimize = 0x10002"
        )  # 2: count; 0x10000: also tables that this connection did not ask for
