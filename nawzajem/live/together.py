"""Many who ask the same in one moment are answered by one question: what asks for each of them would ask ten thousand times
when all browsers come back at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 200
PAUSE = 0.005  # seconds in which more may come, where many came already


class Together(Generic[T, R]):
    """While one question is under way, newcomers wait for the next, and are all in it. Whoever comes alone does not wait; in a
    crowd a pause makes one question of many. A question that fails fails for those in it, and whoever left in the meantime is
    answered all the same."""

    def __init__(self, ask: Callable[[Sequence[T]], Awaitable[Mapping[T, R]]]) -> None:
        self._ask = ask
        self._waiting: dict[T, asyncio.Future[R]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, one: T) -> R:
        loop = asyncio.get_running_loop()
        answer = self._waiting.get(one)
        if answer is None:
            answer = self._waiting[one] = loop.create_future()
        if self._asking is None:
            self._asking = loop.create_task(self._ask_for_all())
        return await asyncio.shield(answer)

    async def _ask_for_all(self) -> None:
        await asyncio.sleep(0)
        while self._waiting:
            if 1 < len(self._waiting) < MOST:
                await asyncio.sleep(PAUSE)
            some = dict(list(self._waiting.items())[:MOST])
            for one in some:
                del self._waiting[one]
            try:
                _answer(some, await self._ask(list(some)))
            except Exception as error:
                _fail(some, error)
        self._asking = None


def _answer(some: Mapping[T, asyncio.Future[R]], answers: Mapping[T, R]) -> None:
    for one, answer in some.items():
        if not answer.done():
            answer.set_result(answers[one])


def _fail(some: Mapping[T, asyncio.Future[R]], error: Exception) -> None:
    for answer in some.values():
        if not answer.done():
            answer.set_exception(error)
            answer.exception()  # whoever waited may have left
