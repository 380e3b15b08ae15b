"""A house that stays open while everything in it becomes what it was, as when a backup is put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FILE = "nawzajem.sqlite3"
OF_THE_HOUSE = ("nawzajem_turn", "nawzajem_run")  # when what runs by itself is due: else all of it would be at once
TABLES = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN (?, ?)"


def move_back(town: Path, data: Path) -> None:
    """The rows of a town into a house that runs on this folder: in one transaction, so that nobody sees half of them. Numbers
    that rows get go on from where they were, so nothing new is ever taken for something that the house remembers."""
    with closing(sqlite3.connect(data / FILE, timeout=30, isolation_level=None)) as here:
        here.execute("ATTACH ? AS before", [str(town / FILE)])
        here.execute("BEGIN IMMEDIATE")
        guards = here.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in guards:  # what is only ever added to would refuse
            here.execute(f"DROP TRIGGER main.{name}")
        for (table,) in here.execute(TABLES, OF_THE_HOUSE).fetchall():
            here.execute(f"DELETE FROM main.{table}")
            here.execute(f"INSERT INTO main.{table} SELECT * FROM before.{table}")
        for _name, sql in guards:
            here.execute(sql)
        here.execute("COMMIT")
