"""One thread that writes, and commits many acts together: one wait for the disk serves all who sent at that moment.

Nobody hears that something is kept before the commit that keeps it is through. An act that refuses undoes only itself,
for every act has its own savepoint. If the commit fails, or the store gives way under any act, all of the group get an
error and none an acknowledgement; they ask again with the same key, and that is harmless.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction

from nawzajem.live.mistakes import note

R = TypeVar("R")

TOGETHER = 64  # acts in one commit
WAITING = 4000  # acts in the queue, after which newcomers are asked to come again
PATIENCE = 25.0  # seconds; longer than the database waits for a lock

log = logging.getLogger("nawzajem.live")


class NotKept(Exception):
    """The store did not take it. Nothing was acknowledged; asking again is right."""


@dataclass(slots=True)
class Deed:
    """An act with its words, waiting for its turn. `about` names what it locks, so that a group locks in one order."""

    do: Callable[[], Any]
    about: str
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    def __init__(self) -> None:
        self.commits = 0
        self._queue: queue.Queue[Deed | None] = queue.Queue()
        self._group: list[Deed] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._revive()

    async def do(self, act: Callable[[], R], *, about: str = "") -> R:
        """The act's result, once it is committed; or what it refused; or NotKept."""
        if self._closed or self._queue.qsize() >= WAITING:
            raise NotKept
        deed = Deed(act, about, self._loop.create_future())
        self._queue.put(deed)
        self._revive()
        async with asyncio.timeout(PATIENCE):
            return await deed.answer

    async def is_well(self) -> bool:
        """Whether a transaction can be opened and committed just now."""
        try:
            async with asyncio.timeout(3):
                await self.do(_touch)
        except (NotKept, TimeoutError):
            return False
        return True

    def close(self) -> None:
        """What was taken in is still written."""
        self._closed = True
        self._queue.put(None)
        if self._thread:
            self._thread.join(timeout=5)

    def _revive(self) -> None:
        """A thread that ended, for whatever reason, is followed by another; those it held are told."""
        if self._thread is None or not self._thread.is_alive():
            held, self._group = self._group, []
            _settle(_failed(held, NotKept()))
            self._thread = threading.Thread(target=self._run, name="live-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            going = True
            while going:
                going = self._take()
                if self._group:
                    self._write()
        finally:
            connection.close()

    def _take(self) -> bool:
        """The next group: the first that comes, and whoever waits behind it. False when it is the last."""
        group = [self._queue.get()]
        while len(group) < TOGETHER and not self._queue.empty():
            group.append(self._queue.get_nowait())
        self._group = sorted((deed for deed in group if deed is not None), key=lambda deed: deed.about)
        return None not in group

    def _write(self) -> None:
        try:
            done = _together(self._group)
            self.commits += 1
        except BaseException as error:  # the thread must live on, and nobody may wait for ever
            note(f"nothing of a group of {len(self._group)} was kept", error)
            connection.close()
            done = _failed(self._group, NotKept())
        self._group = []
        _hand_back(self._loop, done)


def _together(group: list[Deed]) -> list[Deed]:
    """All in one transaction. Where one of them upsets the database, each alone, so that it harms nobody but itself."""
    try:
        return _commit(group)
    except OperationalError:  # full, locked or away: trying each alone would only take longer
        raise
    except (DatabaseError, NotKept):
        if len(group) == 1:
            raise
        log.warning("a group of %d is written one by one", len(group))
        return [one for deed in group for one in _alone(deed)]


def _alone(deed: Deed) -> list[Deed]:
    try:
        return _commit([deed])
    except (DatabaseError, NotKept) as error:
        note("one act was not kept", error)
        return _failed([deed], NotKept())


def _commit(group: list[Deed]) -> list[Deed]:
    with transaction.atomic():
        for deed in group:
            deed.result, deed.error = None, None
            try:
                deed.result = deed.do()
            except DatabaseError:
                raise
            except Exception as error:
                deed.error = error
        if (
            transaction.get_rollback()
        ):  # a savepoint was lost underneath; leaving quietly would undo all and say nothing
            raise NotKept
    return group


def _failed(group: list[Deed], error: Exception) -> list[Deed]:
    for deed in group:
        deed.error = error
    return group


def _hand_back(loop: asyncio.AbstractEventLoop, done: list[Deed]) -> None:
    """To the loop, in one go; a loop that has closed has nobody left to tell."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, done)


def _settle(done: list[Deed]) -> None:
    for deed in done:
        if deed.answer.done():  # the client left; what was kept is kept
            continue
        if deed.error is not None:
            deed.answer.set_exception(deed.error)
        else:
            deed.answer.set_result(deed.result)


def _touch() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
