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


@dataclass(slots=True, eq=False)
class Deed:
    """An act with its words, waiting for its turn. `about` names what it locks, so that a group locks in one order."""

    answer: asyncio.Future[Any]
    at: float  # monotonic
    do: Callable[[], Any] | None = None
    about: str = ""
    each: Each | None = None  # an act that does this `thing` for many at once, in a transaction of its own
    thing: Any = None
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    """The loop gathers who belongs together, the thread writes: it is woken once for a group and not for each who sends."""

    def __init__(self) -> None:
        self.commits = 0
        self._waiting: list[Deed] = []
        self._group: list[Deed] = []  # what the thread has in hand
        self._groups: queue.SimpleQueue[list[Deed] | None] = queue.SimpleQueue()
        self._together, self._took = 1, 0.0  # how many may be in the next group, and the seconds that the last one took
        self._lingers: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._revive()
        self._look_after()

    async def do(self, act: Callable[[], R], *, about: str = "") -> R:
        """The act's result, once it is committed; or what it refused; or NotKept."""
        return await self._wait_for(Deed(self._loop.create_future(), time.monotonic(), do=act, about=about))

    async def do_with_others(self, each: Callable[[Sequence[T]], Sequence[R | Refusal]], thing: T) -> R:
        """The same of an act that does many such things at once, and answers each."""
        return await self._wait_for(Deed(self._loop.create_future(), time.monotonic(), each=each, thing=thing))

    async def _wait_for(self, deed: Deed) -> Any:
        if self._closed or len(self._waiting) >= WAITING:
            raise NotKept
        self._waiting.append(deed)
        self._revive()
        self._gather()
        return await deed.answer

    async def is_well(self) -> bool:
        """Whether a transaction can be opened and committed just now."""
        try:
            async with asyncio.timeout(3):
                await self.do(_touch)
        except (NotKept, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """What was taken in is still written."""
        self._closed = True
        self._watch.cancel()
        while self._waiting:
            self._hand_over()
        self._groups.put(None)
        if self._thread:
            await asyncio.to_thread(self._thread.join, timeout=5)

    # -- on the loop --------------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Whoever was answered a moment ago may be about to ask again: for as many it waits a little, so that all commit
        together and not some and then the others."""
        if self._group or not self._waiting:
            return
        if len(self._waiting) >= self._together:
            self._hand_over()
        elif self._lingers is None:
            self._lingers = self._loop.call_later(min(self._took / 2, LINGER), self._hand_over)

    def _hand_over(self) -> None:
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        group, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        self._group = [*self._group, *group]
        self._groups.put(group)

    def _take_back(self, done: list[Deed]) -> None:
        _settle(done)
        self._group = [deed for deed in self._group if not deed.answer.done()]
        self._together = min(len(done) + len(self._waiting), TOGETHER)
        self._gather()

    def _look_after(self) -> None:
        """Once a second: nobody waits for ever, whatever the thread is doing."""
        since = time.monotonic() - PATIENCE
        for deed in (*self._group, *self._waiting):
            if deed.at < since and not deed.answer.done():
                deed.answer.set_exception(TimeoutError())
        self._waiting = [deed for deed in self._waiting if not deed.answer.done()]
        self._watch = self._loop.call_later(1, self._look_after)

    def _revive(self) -> None:
        """A thread that ended, for whatever reason, is followed by another; those it held are told."""
        if self._thread is None or not self._thread.is_alive():
            held, self._group = self._group, []
            self._groups = queue.SimpleQueue()
            _settle(_failed(held, NotKept()))
            self._thread = threading.Thread(target=self._run, name="live-writer", daemon=True)
            self._thread.start()

    # -- in the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (group := self._groups.get()) is not None:
                self._write(group)
        finally:
            connection.close()

    def _write(self, group: list[Deed]) -> None:
        """One commit for each way of doing: whoever locks many rows at once must not hold any other meanwhile."""
        for each in dict.fromkeys(deed.each for deed in group):
            alike, began = [deed for deed in group if deed.each is each], time.monotonic()
            try:
                done = _together(alike)
                self.commits += 1
            except BaseException as error:  # the thread must live on, and nobody may wait for ever
                note(f"nothing of a group of {len(alike)} was kept", error)
                connection.close()
                done = _failed(alike, NotKept())
            self._took = time.monotonic() - began
            self._hand_back(done)

    def _hand_back(self, done: list[Deed]) -> None:
        """To the loop, in one go; a loop that has closed has nobody left to tell."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_back, done)


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
    if each := group[0].each:  # a transaction of its own, which knows what is its last word
        for deed, answer in zip(group, each([deed.thing for deed in group]), strict=True):
            deed.result, deed.error = answer, answer if isinstance(answer, Refusal) else None
        return group
    with transaction.atomic():
        _do_one_by_one(group)
        if transaction.get_rollback():  # a savepoint was lost; leaving quietly would undo all and say nothing
            raise NotKept
    return group


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
