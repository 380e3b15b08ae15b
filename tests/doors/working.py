"""A worker whose one chore takes as long as a test wants: python -m tests.doors.working FOLDER

It writes down who begins and who ends, and in between waits for a file `go`. The lease is short, so that nobody waits for long.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from nawzajem.ground import chores  # noqa: E402
from nawzajem.ground.chores import Chore  # noqa: E402

WRITTEN = "what somebody wrote"
FOLDER = Path(sys.argv[1])
chores.LEASE = timedelta(seconds=1.5)


def say(what: str) -> None:
    with (FOLDER / "said").open("a") as file:
        file.write(f"{what} {os.getpid()}\n")


def slow() -> None:
    say("begin")
    while not (FOLDER / "go").exists():
        time.sleep(0.02)
    say("end")
    if (FOLDER / "fail").exists():
        raise ValueError(WRITTEN)


if __name__ == "__main__":
    while True:
        chores.run([Chore("slow", timedelta(hours=1), slow)])
        say("looked")
        time.sleep(0.05)
