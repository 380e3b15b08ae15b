"""Hearing hints: from the writer beside us directly, from all other processes through a socket, PostgreSQL or Redis.

Whichever it is may go away and come back; meanwhile the slow poll finds what there is to tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from nawzajem.ground import bus
from nawzajem.live.mistakes import note

Heard = Callable[[tuple[str, ...], str, bus.Brought], None]


class Ear:
    """Tells the hub what was heard, and which other process said it; a name that is empty is our own."""

    def __init__(self, heard: Heard, takes: Callable[[str], bool]) -> None:
        self._heard, self._loop = heard, asyncio.get_running_loop()
        self._stop_near = bus.listen(self._hear_near, takes)
        self._far = asyncio.create_task(self._hear_far(WAYS[bus.way()]))

    def _hear_near(self, channels: tuple[str, ...], brought: bus.Brought) -> None:
        self._loop.call_soon_threadsafe(self._heard, channels, "", brought)

    async def _hear_far(self, hints: Callable[[], AsyncIterator[str]]) -> None:
        is_known = False  # a mistake is noted when it begins, not each time it is tried again
        while True:
            try:
                async for hint in hints():
                    is_known = False
                    process, channels = bus.understood(hint)
                    if process != bus.ME:
                        self._heard(channels, process or "?", bus.NOTHING)
            except Exception as error:
                if not is_known:
                    note("hints from other processes are not heard just now", error)
                is_known = True
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311  not all processes in the same moment

    async def close(self) -> None:
        self._stop_near()
        self._far.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._far


async def _from_socket() -> AsyncIterator[str]:
    path, loop = os.environ.get(bus.ADDRESS), asyncio.get_running_loop()
    if not path:  # nobody beside us
        await loop.create_future()
        return
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as here:
        here.bind(path)
        while True:
            yield (await loop.sock_recv(here, 65536)).decode()


async def _from_postgresql() -> AsyncIterator[str]:
    import psycopg
    from psycopg.conninfo import make_conninfo

    known = connection.settings_dict
    where = {"dbname": known["NAME"], "user": known["USER"], "password": known["PASSWORD"], "host": known["HOST"]}
    where |= {"port": str(known["PORT"]), "keepalives_idle": "10", **known["OPTIONS"]}
    given = make_conninfo(**{name: value for name, value in where.items() if isinstance(value, str) and value})
    async with await psycopg.AsyncConnection.connect(given, autocommit=True) as here:
        await here.execute(f"LISTEN {bus.CHANNEL}")
        async for one in here.notifies():
            yield one.payload


async def _from_redis() -> AsyncIterator[str]:
    from redis.asyncio import Redis

    there = Redis.from_url(settings.ENV.redis, health_check_interval=10, decode_responses=True)
    async with there, there.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(bus.redis_channel())
        async for one in channel.listen():
            yield one["data"]


WAYS: dict[bus.Way, Callable[[], AsyncIterator[str]]] = {
    "socket": _from_socket,
    "postgresql": _from_postgresql,
    "redis": _from_redis,
}
