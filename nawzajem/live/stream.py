"""One stream: server-sent events to one browser, as fast as it takes them and no faster.

An idle stream is one waiting coroutine and a small object; whoever has something to say starts a pump that ends when all
is said. A browser that does not take what it is sent is cut off; it comes back, says where it was, and misses nothing.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nawzajem.live.session import Visitor

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

ENOUGH = 64 * 1024  # bytes on their way, after which nothing is added until they are taken
STUCK = 10.0  # seconds without taking anything
BEAT = 20.0  # seconds; proxies close what is silent for half a minute

LINE_ENDS = re.compile(r"\r\n|\r|\n")  # what ends a line for a browser; str.splitlines knows others too

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back to fill its buffer
]


class Stream:
    __slots__ = (
        "_abort",
        "_ending",
        "_on_room",
        "_on_way",
        "_pump",
        "_send",
        "_since",
        "_waiting",
        "beat_at",
        "places",
        "unread",
        "visitor",
    )

    def __init__(self, visitor: Visitor, *, abort: Callable[[], None], on_room: Callable[[Stream], None]) -> None:
        self.visitor = visitor
        self.places: dict[str, int] = {}  # for each conversation how far this stream has been told
        self.unread: Mapping[str, int] | None = None  # as last told
        self.beat_at = 0.0
        self._abort, self._on_room = abort, on_room
        self._send: Send | None = None
        self._waiting: list[bytes] = []
        self._on_way = 0
        self._since = 0.0
        self._pump: asyncio.Task[None] | None = None
        self._ending = False

    async def open(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        self._send = send
        self.put(f"retry: {random.randint(1000, 4000)}\n\n".encode())  # noqa: S311  all at once is not how to come back

    async def last(self, receive: Receive) -> None:
        """Until the browser leaves, or the house ends it: then the server says that it left, too."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._ending = True

    def put(self, event: bytes) -> None:
        if self._ending:
            return
        self._waiting.append(event)
        self._on_way += len(event)
        self._prime()

    def end(self) -> None:
        """After what is on its way. The browser comes back by itself after its `retry`."""
        self._ending = True
        self._prime()

    def cut(self) -> None:
        """At once: it takes nothing, and what the kernel holds for it would stay for ever."""
        self._ending = True
        self._abort()

    @property
    def is_full(self) -> bool:
        return self._ending or self._on_way > ENOUGH

    @property
    def is_stuck(self) -> bool:
        return self._pump is not None and time.monotonic() - self._since > STUCK

    def _prime(self) -> None:
        if self._pump is None and self._send is not None and (self._waiting or self._ending):
            self._pump = asyncio.get_running_loop().create_task(self._run_pump(self._send))

    async def _run_pump(self, send: Send) -> None:
        was_full = False
        try:
            while self._waiting:
                was_full = was_full or self.is_full
                events, self._waiting = b"".join(self._waiting), []
                self._since = time.monotonic()
                await send({"type": "http.response.body", "body": events, "more_body": True})
                self._on_way -= len(events)
            if self._ending:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._pump = None
        if was_full and not self._ending:
            self._on_room(self)


def event(kind: str, data: str | bytes, *, id_: str = "") -> bytes:
    """One event. Bytes are what `as_data` has made of a text before, for many streams."""
    head = f"event: {kind}\nid: {id_}\n" if id_ else f"event: {kind}\n"
    return head.encode() + (data if isinstance(data, bytes) else as_data(data))


def as_data(text: str) -> bytes:
    """Lines stay lines; nothing in them can begin another event."""
    lines = [f"data: {line}\n" for line in LINE_ENDS.split(text)]
    return f"{''.join(lines)}\n".encode()


def as_id(places: Mapping[str, int]) -> str:
    """Where a stream is, in all its conversations: the id of each event, given back as Last-Event-ID."""
    return "~".join(f"{talk}.{seq}" for talk, seq in places.items())


def from_id(given: str) -> dict[str, int]:
    """What a browser says that it has; nonsense counts as nothing."""
    pairs = (one.partition(".") for one in given[:20_000].split("~"))
    return {talk: int(seq) for talk, _dot, seq in pairs if talk and seq.isdecimal() and len(seq) < 12}
