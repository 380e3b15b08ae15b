"""`nawzajem rounds`: works out and sends the rounds that wait, then ends. `nawzajem serve` starts it when there are some.

In a process of its own: a large round takes minutes and much memory, and nobody's page shall wait for either.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nawzajem.pairs.rounds import chores

PAUSE = 0.5  # seconds between two looks


class Command(BaseCommand):
    help = "Works out and sends the rounds that wait, then ends; the open house does it by itself."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--linger", type=float, default=0, help="seconds to wait for another round before ending")

    def handle(self, *, linger: float, **_rest: Any) -> None:
        until, done = time.monotonic() + linger, 0
        while (found := chores.work()) or time.monotonic() < until:
            if found:
                done, until = done + found, time.monotonic() + linger
            else:
                time.sleep(PAUSE)
        self.stdout.write(f"Rounds worked on: {done}")
