"""`nawzajem serve`: opens the house on one port, and looks after it until it is asked to stop.

Two processes: the pages, and the live path, which is also the front door. This one prepares what they need, starts them,
starts again whichever dies, and does meanwhile what runs by itself.
"""

from __future__ import annotations

import http.client
import io
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from nawzajem.core.language import carriers
from nawzajem.ground import bus, language, watching
from nawzajem.management import opening, starting, working
from nawzajem.management.processes import Process
from nawzajem.programmes.models import Programme

READY_WITHIN = 60.0  # seconds
END_WITHIN = 9.0
TRIES = 3  # a process that dies so often before the house is open will not live


class Command(BaseCommand):
    help = "Opens the house on HOST and PORT; Ctrl-C closes it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo-if-empty", action="store_true", help="while there is no programme yet, move a demo town in first"
        )

    def handle(self, *, demo_if_empty: bool, **_rest: Any) -> None:
        signal.signal(signal.SIGTERM, _end_at_once)
        with opening.data_folder(settings.DATA), opening.listening(settings.ENV.host, settings.ENV.port) as door:
            with opening.one_at_a_time():
                opening.check_key()
                opening.prepare_tables(self._say)
            opening.collect_static(self._say)
            told = self._demo() if demo_if_empty else ""
            connections.close_all()  # nothing of ours may be open while others are started
            self._keep_open(door, told)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _demo(self) -> str:
        """What the demo printed: how to come in as each of the cast. It is shown once the house is open."""
        if Programme.objects.exists():
            return ""
        if "demo" not in get_commands():
            self._say("There is no programme yet. `nawzajem programme create` makes one.")
            return ""
        self._say("There is nobody here yet: a demo town moves in ...")
        told = io.StringIO()
        call_command("demo", stdout=told)
        return told.getvalue()

    def _keep_open(self, door: socket.socket, told: str) -> None:
        run = _short_folder()
        shutil.rmtree(watching.folder(), ignore_errors=True)  # figures of the processes of before
        stop = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(one, lambda *_: stop.set())
        beside = _language(run)
        pages, live = _processes(door, run)
        try:
            for process in (pages, *live, *beside):
                process.start()
            _wait_until_ready(stop, pages, *live)
            if not stop.is_set():
                self._say(
                    f"Nawzajem is open: {settings.ENV.address}/\nEverything is kept in {settings.DATA}. Ctrl-C closes the house."
                )
                self._say(told)
                _look_after(stop, pages, *live, *beside)
            self._say("Closing ...")
        finally:
            _end(pages, live, beside)
            shutil.rmtree(run, ignore_errors=True)


def _end_at_once(*_: object) -> None:
    """While preparing: what was begun is rolled back."""
    sys.exit(0)


def _short_folder() -> Path:
    """For the sockets, for us alone. The way to a unix socket may have 108 letters, so a long TMPDIR will not do."""
    here = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="nawzajem-", dir=here if len(here) < 60 else "/tmp"))  # noqa: S108


def _processes(door: socket.socket, run: Path) -> tuple[Process, list[Process]]:
    """The pages, and those for what is live, which all take from the one door."""
    sockets = {bus.ADDRESS: str(run / "bus"), "NAWZAJEM_PAGES": str(run / "pages")}
    os.environ.update(sockets)  # chores wake whoever listens, too
    known = starting.environment() | sockets
    pages = Process("pages", starting.pages(sockets["NAWZAJEM_PAGES"], settings.ENV.pages), known, socket=run / "pages")
    live = [
        Process("live path", starting.live(door), known, hands_down=[door.fileno()]) for _ in range(settings.ENV.live)
    ]
    return pages, live


def _language(run: Path) -> list[Process]:
    """The one that holds the carriers, where they are installed. Nobody waits for it: until it answers, the rules speak."""
    if not carriers.are_installed():
        return []
    os.environ[language.ADDRESS] = path = str(run / "language")  # for all that are started, and for chores
    words = ["-m", "nawzajem.ground.language_process", path]
    alone = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }  # one question at a time: more threads wait for each other
    return [Process("reading of words", words, starting.environment() | alone, socket=run / "language")]


def _wait_until_ready(stop: threading.Event, *processes: Process) -> None:
    until = time.monotonic() + READY_WITHIN
    while not stop.wait(0.1) and not _is_ready():
        for one in processes:
            one.look_after()
            if one.deaths >= TRIES:
                raise CommandError(f"The {one.name} cannot be started; what stands above says why.")
        if time.monotonic() > until:
            raise CommandError("The house did not open within a minute; what stands above may say why.")


def _is_ready() -> bool:
    host = settings.ENV.host
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    asking = http.client.HTTPConnection(reach, settings.ENV.port, timeout=5)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _look_after(stop: threading.Event, *processes: Process) -> None:
    if settings.ENV.chores:
        working.begin(stop)
    while not stop.wait(0.1):
        for one in processes:
            one.look_after()


def _end(pages: Process, live: list[Process], beside: list[Process]) -> None:
    """The live path first, while the pages still answer those who are at the door; then the pages."""
    until = time.monotonic() + END_WITHIN + settings.ENV.leave
    for one in (*live, *beside):
        one.ask_to_end()
    for one in live:
        one.has_ended(until - time.monotonic() - 3)
    pages.ask_to_end()
    for one in (pages, *beside):
        one.has_ended(until - time.monotonic())
