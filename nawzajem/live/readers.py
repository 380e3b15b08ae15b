"""Threads that read for the event loop, each with a database connection that it keeps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 2


class Readers:
    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live-reader")

    async def read(self, question: Callable[P, R], *things: P.args, **words: P.kwargs) -> R:
        """An ordinary read, away from the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: _ask(question, *things, **words))

    def close(self) -> None:
        """All threads meet, so that each of them closes its own connection."""
        meeting = threading.Barrier(THREADS)
        for _ in range(THREADS):
            self._pool.submit(_leave, meeting)
        self._pool.shutdown()


def _ask(question: Callable[P, R], *things: P.args, **words: P.kwargs) -> R:
    close_old_connections()  # only those that no longer work
    return question(*things, **words)


def _leave(meeting: threading.Barrier) -> None:
    meeting.wait(timeout=5)
    connections.close_all()
