"""What makes the database refuse to change or delete a line, whoever asks: a trigger of its own on SQLite and PostgreSQL.

A migration that makes the table anew loses them on SQLite; `nawzajem doctor` and a test look whether they are there.
"""

from __future__ import annotations

from django.db import connection

TABLE = "nawzajem_look"
REFUSES = "lines of the logbook are only ever added"

SQLITE = [
    f"CREATE TRIGGER {TABLE}_no_{deed} BEFORE {deed} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END"
    for deed in ("update", "delete")
]
POSTGRESQL = [
    f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSES}' USING ERRCODE = 'restrict_violation'; END $$",
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
    f"CREATE TRIGGER {TABLE}_no_delete BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
]
THERE = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
}


def statements(vendor: str) -> list[str]:
    return POSTGRESQL if vendor == "postgresql" else SQLITE


def holds() -> bool:
    """Whether the database refuses, here and now."""
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor], [TABLE])
        return int(cursor.fetchone()[0]) == 2
