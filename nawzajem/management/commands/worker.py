"""`nawzajem worker`: does what runs by itself, and nothing else. As many as one likes: each thing is done by one of them."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from nawzajem.management import opening, starting, working

LAST_WORDS = 20.0  # seconds for what is being done; whatever takes longer is taken over by another


class Command(BaseCommand):
    help = "Does what runs by itself, for houses whose processes run apart; `serve` does it already."
    requires_system_checks: list[str] = []

    def handle(self, **_rest: Any) -> None:
        opening.check_ready()
        os.environ.update(starting.environment())
        stop = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(one, lambda *_: stop.set())
        threads = working.begin(stop)
        self.stdout.write("At work. Ctrl-C ends it.")
        self.stdout.flush()
        stop.wait()
        for thread in threads:
            thread.join(LAST_WORDS)
        if any(thread.is_alive() for thread in threads):
            logging.shutdown()
            # an orderly end could wait for ever for a lock of a compiler that is in the middle of something
            os._exit(0)
