"""What runs by itself, in this process: chores in one thread, rounds in a process of their own while there are some."""

from __future__ import annotations

import logging
import os
import threading

from django.db import connections

from config.environment import HOUSE
from nawzajem.management.processes import Process

LOOK = 1.0  # seconds between two looks whether a round waits
LINGER = 30  # seconds in which another round is begun without a new process

log = logging.getLogger("nawzajem")


def begin(stop: threading.Event) -> list[threading.Thread]:
    """In threads beside: however long one takes, whoever looks after processes goes on doing so, and the house closes in time."""
    threads = [threading.Thread(target=do, args=(stop,), name=do.__name__, daemon=True) for do in (chores, rounds)]
    for one in threads:
        one.start()
    return threads


def chores(stop: threading.Event) -> None:
    from nawzajem import chores

    pause = 0.0
    while not stop.wait(pause):
        try:
            pause = min(max(chores.run_due(), 0.2), 60.0)
        except Exception as error:
            log.error("what runs by itself stumbled: %s", type(error).__name__)
            pause = 30.0
    connections.close_all()


def rounds(stop: threading.Event) -> None:
    """They take more memory than the rest of the house."""
    from nawzajem.pairs.rounds import chores

    words = ["-m", "nawzajem", "rounds", "--linger", str(LINGER)]
    working = Process("rounds", words, {"PYTHONPATH": os.pathsep.join([str(HOUSE), os.environ.get("PYTHONPATH", "")])})
    while not stop.wait(LOOK):
        try:
            if not working.is_running() and chores.some_wait():
                working.start()
        except Exception as error:  # no database just now
            log.error("rounds could not be begun: %s", type(error).__name__)
    working.ask_to_end()
    working.has_ended(1)
    connections.close_all()
