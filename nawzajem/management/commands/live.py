"""`nawzajem live`: the front door and all that is live, for houses whose processes run apart."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from nawzajem.management import opening, starting


class Command(BaseCommand):
    help = "Opens the front door on HOST and PORT, and hands pages on; `serve` does it already."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pages", default=starting.PAGES, help=f"where the pages listen: a path, or HOST:PORT ({starting.PAGES})"
        )

    def handle(self, *, pages: str, **_rest: Any) -> None:
        opening.check_ready()
        door = opening.listening(settings.ENV.host, settings.ENV.port)
        connections.close_all()
        os.set_inheritable(door.fileno(), True)
        os.environ.update(starting.environment() | {"NAWZAJEM_PAGES": pages})
        os.execv(sys.executable, [sys.executable, *starting.live(door)])  # noqa: S606  our own words
