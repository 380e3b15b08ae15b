"""`nawzajem pages`: the pages alone, for houses whose processes run apart. Only live processes may reach where it listens."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from nawzajem.management import opening, starting


class Command(BaseCommand):
    help = "Answers pages on a socket for live processes to hand on to; `serve` does it already."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--listen", default=starting.PAGES, help=f"path of a socket, or HOST:PORT ({starting.PAGES})"
        )

    def handle(self, *, listen: str, **_rest: Any) -> None:
        opening.check_ready()
        opening.collect_static(self.stdout.write)
        connections.close_all()
        os.environ.update(starting.environment())
        os.execv(sys.executable, [sys.executable, *starting.pages(listen, settings.ENV.pages)])  # noqa: S606  our own words
