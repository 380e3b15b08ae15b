"""What runs by itself, in several processes at once, some of which are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doors.keeper import Keeper
from tests.doors.processes import HOUSE, Town
from tests.postgresql import new_database

WITHIN = 60.0  # seconds, far more than it takes


@pytest.fixture
def keeper(town_here: Town, tmp_path: Path) -> Keeper:
    return Keeper.of_a_town(town_here, tmp_path / "data")


@pytest.fixture
def started(keeper: Keeper, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`started("tests.doors.working", folder)` is a process of this house; whatever still runs in the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: object) -> subprocess.Popen[bytes]:
        run = [sys.executable, "-m", *map(str, words)]
        running.append(
            subprocess.Popen(run, env=keeper._variables(), cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        )
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.wait()
        one.stdout.close()


def said(folder: Path, what: str) -> list[int]:
    """Who said it, in order."""
    lines = (folder / "said").read_text().splitlines() if (folder / "said").exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith(what)]


def until(fact: Callable[[], object]) -> None:
    end = time.monotonic() + WITHIN
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_of_many_workers_one_does_it_however_long_it_takes(started, tmp_path):
    folder = tmp_path
    workers = [started("tests.doors.working", folder).pid for _ in range(3)]
    until(lambda: said(folder, "begin"))
    (busy,) = said(folder, "begin")
    others = set(workers) - {busy}
    # each other looks so often that the lease would have run out twice, were it not claimed again
    until(lambda: all(said(folder, "looked").count(one) > 60 for one in others))
    assert said(folder, "begin") == [busy]
    (folder / "go").touch()
    until(lambda: said(folder, "looked").count(busy) > 2)
    assert (said(folder, "begin"), said(folder, "end")) == ([busy], [busy])


def test_what_a_killed_worker_had_in_hand_is_taken_over_once(keeper, started, tmp_path):
    folder = tmp_path
    workers = [started("tests.doors.working", folder).pid for _ in range(3)]
    until(lambda: said(folder, "begin"))
    (killed,) = said(folder, "begin")
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(said(folder, "begin")) > 1)
    (folder / "go").touch()
    heir = said(folder, "begin")[1]
    until(lambda: said(folder, "end"))
    seen = len(said(folder, "looked"))
    until(lambda: len(said(folder, "looked")) > seen + 10)
    assert heir in set(workers) - {killed}
    assert (said(folder, "begin"), said(folder, "end")) == ([killed, heir], [heir])


def test_what_failed_is_told_with_the_number_that_stands_in_the_log(keeper, started, tmp_path):
    (tmp_path / "go").touch()
    (tmp_path / "fail").touch()
    one = started("tests.doors.working", tmp_path)
    until(lambda: said(tmp_path, "looked"))
    one.kill()
    log = one.stdout.read().decode()
    assert "slow: ValueError (" in log
    assert "what somebody wrote" not in log
    number = log.split("slow: ValueError (")[1][:8]
    told = keeper.run_python(
        "from nawzajem.models import Run; one = Run.objects.get(); print(one.mistake, bool(one.ended_at))"
    )
    assert told.split() == [number, "True"]


def test_a_worker_does_what_is_due_and_the_keeper_sees_it(keeper, started):
    one = started("nawzajem", "worker")
    until(lambda: any(job["times"] for job in keeper.json("work")["jobs"]))
    one.send_signal(signal.SIGTERM)
    assert one.wait(3 * WITHIN) == 0  # it finishes what it is doing, whatever that is
    told = keeper.json("work")
    assert set(told["waiting"]) == {"letters", "rounds", "waves"}
    done = [job for job in told["jobs"] if job["times"]]
    assert all(job["began_at"] and job["seconds"] >= 0 and not job["mistake"] for job in done if not job["worker"])


def test_a_worker_before_the_tables_says_what_to_do(tmp_path):
    one = Keeper(tmp_path / "data", new_database())
    one.data.mkdir(mode=0o700)
    assert "`nawzajem prepare`" in one.run("worker", fails=True)
