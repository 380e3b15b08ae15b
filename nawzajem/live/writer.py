"""One thread that writes, and commits many acts together: one wait for the disk serves all who sent at that moment.

Nobody hears that something is kept before the commit that keeps it is through. What many ask of the same act is done by
that act in one go; any other act has a savepoint of its own, so that one that refuses undoes only itself. If the commit
fails, or the store gives way under any act, all of that commit get an error and none an acknowledgement; they ask again
with the same key, and that is harmless.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction

from nawzajem.ground.refusals import Refusal
from nawzajem.live.mistakes import note

T = TypeVar("T")
R = TypeVar("R")

Each = Callable[[Sequence[Any]], Sequence[Any]]

TOGETHER = 64  # acts in one commit
WAITING = 4000  # acts in the queue, after which newcomers are asked to come again
LINGER = 0.005  # seconds at most
PATIENCE = 25.0  # seconds; longer than the database waits for a lock

log = logging.getLogger("nawzajem.live")


class NotKept(Exception):
    """The store did not take it. Nothing was acknowledged; asking again is right."""


@dataclass(slots=True)
class Deed:
    """An act with its words, waiting for its turn. `about` names what it locks, so that a group locks in one order."""

    answer: asyncio.Future[Any]
    do: Callable[[], Any] | None = None
    about: str = ""
    each: Each | None = None  # an act that does this `thing` for many at once
    thing: Any = None
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    def __init__(self) -> None:
        self.commits = 0
        self._queue: queue.SimpleQueue[Deed | None] = queue.SimpleQueue()
        self._group: list[Deed] = []
        self._together, self._took = 1, 0.0  # how many were in the last group, and the seconds that it took
        self._thread: threading.Thread | None = None
        self._closed = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._revive()

    async def do(self, act: Callable[[], R], *, about: str = "") -> R:
        """The act's result, once it is committed; or what it refused; or NotKept."""
        return await self._wait_for(Deed(self._loop.create_future(), do=act, about=about))

    async def do_with_others(self, each: Callable[[Sequence[T]], Sequence[R | Refusal]], thing: T) -> R:
        """The same of an act that does many such things at once, and answers each."""
        return await self._wait_for(Deed(self._loop.create_future(), each=each, thing=thing))

    async def _wait_for(self, deed: Deed) -> Any:
        if self._closed or self._queue.qsize() >= WAITING:
            raise NotKept
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
                began = time.monotonic()
                if self._group:
                    self._write()
                self._took = time.monotonic() - began
        finally:
            connection.close()

    def _take(self) -> bool:
        """The next group: the first that comes, and whoever waits behind it. Whoever was answered a moment ago may be about to
        ask again: for as many as last time it waits a little, so that many commit together and not one and then the others.
        False when it is the last."""
        group = [self._queue.get()]
        until = time.monotonic() + min(self._took / 4, LINGER)
        while len(group) < TOGETHER and None not in group:
            left = until - time.monotonic() if len(group) < self._together else 0.0
            try:
                group.append(self._queue.get(timeout=max(left, 0.0)))
            except queue.Empty:
                break
        self._group = [deed for deed in group if deed is not None]
        self._together = len(group)
        return None not in group

    def _write(self) -> None:
        """One commit for each way of doing: whoever locks many rows at once must not hold any other meanwhile."""
        for each in dict.fromkeys(deed.each for deed in self._group):
            alike = [deed for deed in self._group if deed.each is each]
            try:
                done = _together(alike)
                self.commits += 1
            except BaseException as error:  # the thread must live on, and nobody may wait for ever
                note(f"nothing of a group of {len(alike)} was kept", error)
                connection.close()
                done = _failed(alike, NotKept())
            _hand_back(self._loop, done)
        self._group = []


def _together(group: list[Deed]) -> list[Deed]:
    """All in one transaction. Where one of them upsets it, each alone, so that it harms nobody but itself."""
    if len(group) == 1:
        return _alone(group[0])
    try:
        return _commit(group)
    except OperationalError:  # full, locked or away: trying each alone would only take longer
        raise
    except Exception as error:
        log.warning("a group of %d is written one by one: %s", len(group), type(error).__name__)
        return [one for deed in group for one in _alone(deed)]


def _alone(deed: Deed) -> list[Deed]:
    try:
        return _commit([deed])
    except OperationalError:
        raise
    except (DatabaseError, NotKept) as error:
        note("one act was not kept", error)
        return _failed([deed], NotKept())
    except Exception as error:
        return _failed([deed], error)


def _commit(group: list[Deed]) -> list[Deed]:
    with transaction.atomic():
        if each := group[0].each:
            _do_each(each, group)
        else:
            _do_one_by_one(group)
        if transaction.get_rollback():  # a savepoint was lost; leaving quietly would undo all and say nothing
            raise NotKept
    return group


def _do_each(each: Each, group: list[Deed]) -> None:
    for deed, answer in zip(group, each([deed.thing for deed in group]), strict=True):
        deed.result, deed.error = answer, answer if isinstance(answer, Refusal) else None


def _do_one_by_one(group: list[Deed]) -> None:
    for deed in sorted(group, key=lambda deed: deed.about):
        deed.result, deed.error = None, None
        try:
            deed.result = deed.do() if deed.do else None
        except DatabaseError:
            raise
        except Exception as error:
            deed.error = error


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
