"""`nawzajem backup` and `restore`: while others write, into an empty place only, and back to the very words."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError

from nawzajem.ground.keys import derive
from nawzajem.ground.models import Passing
from nawzajem.management import archive, copies
from nawzajem.management.copies import Sqlite
from tests.doors.keeper import Keeper, as_on_a_full_disk
from tests.doors.processes import Town

WORDS = "Jutro o ósmej, pod kasztanem."


@pytest.fixture(scope="module")
def keeper(town_here: Town, tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    """Of a house in which somebody has just said something."""
    one = Keeper.of_a_town(town_here, tmp_path_factory.mktemp("kept") / "data")
    one.say(WORDS)
    return one


@pytest.fixture(scope="module")
def backup(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "first.backup"
    keeper.run_from_the_shell("backup", path)
    return path


def left(folder: Path) -> set[str]:
    """All that lies there but the key and the locks."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock" and path.name != "key"}


# -- there and back ---------------------------------------------------------------------------------------------------


def test_what_was_said_can_be_read_where_it_was_restored(keeper, backup, tmp_path):
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    assert "People: 6, pairs: 1, messages: 1." in elsewhere.run_from_the_shell("restore", backup)
    assert elsewhere.hear() == [WORDS]


def test_keys_of_talks_that_are_not_kept_are_in_no_backup(keeper, tmp_path):
    def keys(house: Keeper, sql: str) -> int:
        opened = psycopg.connect(house.address) if house.address else sqlite3.connect(house.data / "nawzajem.sqlite3")
        with contextlib.closing(opened) as here, here:
            done = here.execute(sql)
            return done.fetchone()[0] if done.description else 0

    keys(keeper, f"INSERT INTO {copies.LEFT_OUT} (id, vault) VALUES ('aaaabbbbcccc', '0102')")
    try:
        assert Passing._meta.db_table == copies.LEFT_OUT
        assert keeper.json("backup", tmp_path / "b", "--verify")["rows"][copies.LEFT_OUT] == 0
        elsewhere = keeper.without_data(tmp_path / "elsewhere")
        elsewhere.run("restore", tmp_path / "b")
        assert keys(elsewhere, f"SELECT count(*) FROM {copies.LEFT_OUT}") == 0
        assert keys(keeper, f"SELECT count(*) FROM {copies.LEFT_OUT}") == 1
    finally:
        keys(keeper, f"DELETE FROM {copies.LEFT_OUT}")


def test_the_doctor_is_content_with_what_was_restored(keeper, backup, tmp_path):
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    elsewhere.run("restore", backup)
    findings = {one["code"]: one["weight"] for one in elsewhere.json("doctor")["findings"]}
    assert (findings["key"], findings["tables"], findings["folder_rights"]) == ("fine", "fine", "fine")
    assert [code for code, weight in findings.items() if weight == "wrong"] == ["no_coordinator"]  # as before


def test_a_trial_restores_and_counts_everything(keeper, tmp_path):
    told = keeper.json("backup", tmp_path / "b", "--verify")
    assert (told["tried"], told["rows"]["nawzajem_person"], told["rows"]["nawzajem_message"]) == (True, 6, 1)
    assert told["bytes"] == (tmp_path / "b").stat().st_size
    assert not left(keeper.data) - {"nawzajem.sqlite3"}


def test_an_organisations_own_help_lines_come_along(keeper, tmp_path):
    shipped = archive.HELPLINES
    own = keeper.data / shipped
    own.write_text("countries = 'whatever'")
    try:
        keeper.run("backup", tmp_path / "b")
    finally:
        own.unlink()
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    elsewhere.run("restore", tmp_path / "b")
    assert (elsewhere.data / shipped).read_text() == "countries = 'whatever'"


def test_the_file_shows_nothing_of_people_and_does_not_hold_the_key(keeper, backup):
    data = backup.read_bytes()
    key = (keeper.data / "key").read_text().strip()
    for secret in (b"Ania", b"grief", key.encode(), bytes.fromhex(key), WORDS.encode()):
        assert secret not in data
    assert oct(backup.stat().st_mode & 0o777) == "0o600"


def test_every_backup_says_to_keep_the_key_elsewhere(keeper, tmp_path):
    said = keeper.run("backup", tmp_path)
    assert "Keep a copy of the key in another place" in said
    (made,) = tmp_path.iterdir()  # named after the moment
    assert made.name.startswith("nawzajem-20")


# -- where it may be written ------------------------------------------------------------------------------------------


def test_an_older_backup_gives_way_to_a_whole_new_one_and_nothing_else_does(keeper, backup, tmp_path):
    (tmp_path / "b").write_bytes(backup.read_bytes())
    keeper.run("backup", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() != backup.read_bytes()
    (tmp_path / "letter").write_text("Dear Ania")
    assert "it is no backup" in keeper.run("backup", tmp_path / "letter", fails=True)
    assert (tmp_path / "letter").read_text() == "Dear Ania"
    assert "There is no folder" in keeper.run("backup", tmp_path / "none" / "b", fails=True)


def test_a_full_disk_leaves_the_older_backup_as_it_was(keeper, backup, tmp_path):
    (tmp_path / "b").write_bytes(backup.read_bytes())
    no = keeper.run("backup", tmp_path / "b", fails=True, first=as_on_a_full_disk)
    assert "Traceback" not in no
    assert (tmp_path / "b").read_bytes() == backup.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert not left(keeper.data) - {"nawzajem.sqlite3"}


def test_what_a_killed_backup_left_behind_goes_with_the_next(keeper, tmp_path):
    (keeper.data / ".backup-killed").mkdir()
    (keeper.data / ".backup-killed" / "database").write_bytes(b"half")
    keeper.run("backup", tmp_path / "b")
    assert not left(keeper.data) - {"nawzajem.sqlite3"}


def test_two_backups_do_not_get_into_each_others_way(keeper, tmp_path):
    import fcntl

    with (keeper.data / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another nawzajem backup is at work" in keeper.run("backup", tmp_path / "b", fails=True)


# -- what is not restored ---------------------------------------------------------------------------------------------


def test_data_that_is_there_is_never_touched(keeper, backup, tmp_path):
    assert "There is data" in keeper.run("restore", backup, fails=True)
    assert keeper.hear() == [WORDS]
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    (elsewhere.data / archive.HELPLINES).write_text("own")
    assert "There is data" in elsewhere.run("restore", backup, fails=True)


def changed(backup: Path, key: bytes, how: str) -> bytes:
    data = backup.read_bytes()
    if how == "newer house":
        out = io.BytesIO()
        about = {
            "kind": "sqlite",
            "made": "2999-01-01",
            "version": "9.9",
            "migrations": ["nawzajem.9999_x"],
            "rows": {},
        }
        if os.environ.get("DATABASE_URL"):
            about["kind"] = "postgresql"
        archive.write(out, derive(key, "backup"), about, {archive.DATABASE: backup})
        return out.getvalue()
    middle = len(data) // 2
    return {
        "damaged": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "cut": data[:middle],
        "foreign": b"%PDF-1.7" + data,
        "newer": data[:8] + b"\x09" + data[9:],
    }[how]


SAID = {
    "damaged": "damaged or was changed",
    "cut": "cut short",
    "foreign": "no backup of Nawzajem",
    "newer": "made by a newer version",
    "newer house": "comes from version 9.9, which is newer",
}


@pytest.mark.parametrize("how", SAID)
def test_what_cannot_be_used_is_refused_in_a_sentence_and_leaves_nothing(keeper, backup, tmp_path, how):
    key = bytes.fromhex((keeper.data / "key").read_text())
    (tmp_path / "b").write_bytes(changed(backup, key, how))
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    assert SAID[how] in elsewhere.run("restore", tmp_path / "b", fails=True)
    assert not left(elsewhere.data)


def test_another_key_is_refused_and_said(keeper, backup, tmp_path):
    elsewhere = keeper.without_data(tmp_path / "elsewhere", same_key=False)
    no = elsewhere.run("restore", backup, fails=True)
    assert "The key here does not open this backup" in no
    assert not left(elsewhere.data)
    (elsewhere.data / "key").write_bytes((keeper.data / "key").read_bytes())  # as it advises
    elsewhere.run("restore", backup)
    assert elsewhere.hear() == [WORDS]


def test_a_backup_of_the_other_kind_of_database_is_refused(keeper, backup, tmp_path):
    key = derive(bytes.fromhex((keeper.data / "key").read_text()), "backup")
    with backup.open("rb") as source:
        (tmp_path / "files").mkdir()
        about = archive.unpack(source, key, tmp_path / "files")
    about["kind"] = {"sqlite": "postgresql", "postgresql": "sqlite"}[about["kind"]]
    with (tmp_path / "b").open("wb") as out:
        archive.write(out, key, about, {archive.DATABASE: tmp_path / "files" / archive.DATABASE})
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    assert "DATABASE_URL chooses which" in elsewhere.run("restore", tmp_path / "b", fails=True)


def test_no_data_is_no_backup(keeper, tmp_path):
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    assert "nothing to back up" in elsewhere.run("backup", tmp_path / "b", fails=True)
    assert not (tmp_path / "b").exists()


# -- SQLite, while others write ---------------------------------------------------------------------------------------

WRITER = """
import sqlite3, sys, time
here = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
here.execute("CREATE TABLE twins (name TEXT PRIMARY KEY, n INTEGER)")
here.execute("INSERT INTO twins VALUES ('a', 0), ('b', 0)")
longest = 0.0
for n in range(1, 100000):
    began = time.perf_counter()
    here.execute("BEGIN IMMEDIATE")
    here.execute("UPDATE twins SET n = ? WHERE name = 'a'", [n])
    here.execute("UPDATE twins SET n = ? WHERE name = 'b'", [n])
    here.execute("COMMIT")
    longest = max(longest, time.perf_counter() - began)
    print(n, longest, flush=True)
    time.sleep(0.002)
"""


@contextlib.contextmanager
def somebody_writing(path: Path) -> Iterator[list[str]]:
    """Another process that changes two rows together, again and again, and says how long it had to wait at most."""
    said: list[str] = []
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    try:
        writer.stdout.readline()
        yield said
        writer.kill()
        said += writer.stdout.read().splitlines()
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


def test_a_copy_is_of_one_moment_and_holds_up_nobody(town, tmp_path, monkeypatch):
    own = town.copy(tmp_path / "data")
    monkeypatch.setattr(copies, "PAGES", 5)
    here = Sqlite()
    here.path = own.data / "nawzajem.sqlite3"
    seen: list[int] = []

    def progress(done: int, of: int) -> None:
        seen.append(done)
        time.sleep(0.01)

    with somebody_writing(here.path) as said:
        counts = here.take(tmp_path / "copy", progress)
    assert len(seen) > 20  # page by page
    assert all(one < following for one, following in pairwise(seen))  # and never from the start
    with contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copy:
        twins = dict(copy.execute("SELECT name, n FROM twins"))
    assert twins["a"] == twins["b"]
    written, longest = max(int(line.split()[0]) for line in said), float(said[-1].split()[1])
    assert written > twins["a"] + 20  # they went on meanwhile
    assert longest < 1
    assert counts["nawzajem_person"] == 6


def test_a_damaged_database_is_no_backup(town, tmp_path):
    path = tmp_path / "broken"
    data = bytearray((town.data / "nawzajem.sqlite3").read_bytes())
    data[8192:16384] = os.urandom(8192)
    path.write_bytes(data)
    with pytest.raises(CommandError):
        Sqlite().trial(path)


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_a_tool_older_than_the_server_is_not_taken():
    with pytest.raises(CommandError, match="pg_dump"):
        copies.pg_tool("pg_dump", 99)


def test_the_line_that_is_quoted_of_an_error_quotes_no_table():
    said = 'pg_restore: creating TABLE\npg_restore: error: COPY failed for table "x"\nCONTEXT: COPY x, line 1: "Ania"'
    assert copies._first_error(said) == 'pg_restore: error: COPY failed for table "x"'


def test_the_figures_are_one_object_on_the_last_line(keeper, backup, tmp_path):
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    said = elsewhere.run("restore", backup, "--json")
    assert json.loads(said.splitlines()[-1])["rows"]["nawzajem_person"] == 6
