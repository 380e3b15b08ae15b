"""How each process of a house is started: the words, and what it has to know."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

from django.conf import settings

from config.environment import HOUSE
from nawzajem.ground import bus

PAGES = "127.0.0.1:8001"
LAST_WORDS = "3"  # seconds for a page that is being answered when the pages end


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(HOUSE), os.environ.get("PYTHONPATH", "")]))
    known = {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"}
    if not settings.ENV.database:  # on PostgreSQL hints go through the database
        known[bus.ADDRESS] = os.environ.get(bus.ADDRESS, str(settings.DATA / "bus"))
    return known


def pages(listen: str, processes: int) -> list[str]:
    """Words for Python. `listen`: the path of a socket, or host and port."""
    words = ["-m", "granian", "--interface", "wsgi", "--workers", str(processes), "--http", "1", "--no-ws"]
    words += ["--blocking-threads", str(settings.ENV.threads), "--log-level", "warning"]
    words += ["--workers-kill-timeout", LAST_WORDS, "--respawn-failed-workers"]
    return [*words, *_listening(listen), "config.wsgi:application"]


def _listening(listen: str) -> list[str]:
    if "/" in listen:
        return ["--uds", listen]
    found = urlsplit(f"//{listen}")
    return ["--host", found.hostname or "127.0.0.1", "--port", str(found.port or 8001)]


def live(door: socket.socket) -> list[str]:
    return ["-m", "nawzajem.live", str(door.fileno())]
