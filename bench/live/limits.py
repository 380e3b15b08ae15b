"""What the machine allows when nothing is done but storing: the figures that ours are held against."""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from pathlib import Path

THREADS = 8
WORDS = "x" * 120


def one_row_loop(folder: Path, seconds: float) -> float:
    """One-row commits a second on SQLite at FULL: what the disk allows one after the other."""
    import nawzajem  # noqa: F401  which exchanges the SQLite for its own

    sqlite3 = importlib.import_module("sqlite3")
    with contextlib.closing(sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)) as file:
        file.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS m (id INTEGER PRIMARY KEY, t)"
        )
        began, n = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            file.execute("INSERT INTO m (t) VALUES (?)", [WORDS])
            n += 1
        return n / seconds


def eight_threads(address: str, seconds: float) -> float:
    """One-row commits a second on PostgreSQL by eight threads with a connection each."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as here:
        here.execute("CREATE TABLE IF NOT EXISTS raw_m (id bigserial PRIMARY KEY, t text)")
    counts, until = [0] * THREADS, time.perf_counter() + seconds

    def work(n: int) -> None:
        with psycopg.connect(address, autocommit=True) as mine:
            while time.perf_counter() < until:
                mine.execute("INSERT INTO raw_m (t) VALUES (%s)", [WORDS])
                counts[n] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(counts) / seconds
