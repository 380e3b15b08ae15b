"""Threads that read for the event loop, each with a database connection that it keeps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 2


class Readers:
    """A pool of the standard library does the same for twice the work, and each message would pay for it."""

    def __init__(self) -> None:
        self._asked = SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]] | None]()
        self._threads = [
            threading.Thread(target=self._answer, name=f"live-reader-{n}", daemon=True) for n in range(THREADS)
        ]
        for one in self._threads:
            one.start()

    async def read(self, question: Callable[P, R], *things: P.args, **words: P.kwargs) -> R:
        """An ordinary read, away from the loop."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._asked.put((answer, partial(question, *things, **words)))
        return await answer

    def close(self) -> None:
        """What was asked is still answered."""
        for _one in self._threads:
            self._asked.put(None)
        for one in self._threads:
            one.join(timeout=5)

    def _answer(self) -> None:
        while (asked := self._asked.get()) is not None:
            answer, question = asked
            settle = _settle_of(answer, question)
            if not (loop := answer.get_loop()).is_closed():
                loop.call_soon_threadsafe(settle)
        connections.close_all()


def _settle_of(answer: asyncio.Future[Any], question: Callable[[], Any]) -> Callable[[], None]:
    """How the loop will hand on what was found, or what went wrong."""
    try:
        return partial(_settle, answer, answer.set_result, _ask(question))
    except BaseException as error:  # whoever asked is told; the thread lives on
        return partial(_settle, answer, answer.set_exception, error)


def _settle(answer: asyncio.Future[Any], hand_on: Callable[[Any], None], found: object) -> None:
    if not answer.done():  # whoever asked may have left
        hand_on(found)


def _ask(question: Callable[[], R]) -> R:
    """Whether a connection still works is seen by asking: to try it before each question would be as dear as the question."""
    try:
        return question()
    except (OperationalError, InterfaceError):
        close_old_connections()  # only those that no longer work
        return question()
