"""One stream: server-sent events to one browser, as fast as it takes them and no faster.

An idle stream is a connection and a small object: no task waits for it, and what is said goes straight into the connection,
which keeps what is not yet taken. A browser that takes nothing is told no more and then cut off; it comes back, says where it
was, and misses nothing.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from nawzajem.live.session import Visitor

Headers = list[tuple[bytes, bytes]]
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


class Line(Protocol):
    """The connection of one stream."""

    def write(self, event: bytes) -> None: ...

    def end(self) -> None:
        """After what is on its way."""

    def cut(self) -> None:
        """At once."""


class Stream:
    __slots__ = (
        "_ending",
        "_full_since",
        "_gone",
        "_line",
        "_on_gone",
        "_on_room",
        "beat_at",
        "places",
        "unread",
        "visitor",
    )

    def __init__(self, visitor: Visitor, *, on_room: Callable[[Stream], None]) -> None:
        self.visitor = visitor
        self.places: dict[str, int] = {}  # for each conversation how far this stream has been told
        self.unread: Mapping[str, int] | None = None  # as last told
        self.beat_at = 0.0
        self._on_room = on_room
        self._on_gone: Callable[[Stream], None] | None = None
        self._line: Line
        self._full_since = 0.0  # when the connection took nothing more; 0 while it does
        self._ending = self._gone = False

    def take(self, line: Line) -> None:
        self._line = line
        self.put(f"retry: {random.randint(1000, 4000)}\n\n".encode())  # noqa: S311  all at once is not how to come back

    def put(self, event: bytes) -> None:
        if not self._ending:
            self._line.write(event)

    def end(self) -> None:
        """After what is on its way. The browser comes back by itself after its `retry`."""
        if not self._ending:
            self._ending = True
            self._line.end()

    def cut(self) -> None:
        """At once: it takes nothing, and what the kernel holds for it would stay for ever."""
        self._ending = True
        self._line.cut()

    @property
    def is_full(self) -> bool:
        return self._ending or self._full_since > 0

    @property
    def is_stuck(self) -> bool:
        return 0 < self._full_since < time.monotonic() - STUCK

    # -- what the connection says -------------------------------------------------------------------------------------

    def full(self) -> None:
        self._full_since = time.monotonic()

    def empty(self) -> None:
        """All was taken that was on its way."""
        self._full_since = 0.0
        if not self._ending:
            self._on_room(self)

    def gone(self) -> None:
        self._ending = self._gone = True
        if self._on_gone:
            self._on_gone(self)

    def when_gone(self, do: Callable[[Stream], None]) -> None:
        """As soon as the browser has left; at once, if it has already."""
        self._on_gone = do
        if self._gone:
            do(self)


def event(kind: str, data: str) -> bytes:
    return f"event: {kind}\n".encode() + as_data(data)


def message(data: bytes, places: Mapping[str, int]) -> bytes:
    """The event of one message: `data` is made once for many streams, the place is each stream's own."""
    return b"event: message\nid: %b\n%b" % (as_id(places).encode(), data)


def as_data(text: str) -> bytes:
    """Lines stay lines; nothing in them can begin another event."""
    lines = [f"data: {line}\n" for line in LINE_ENDS.split(text)]
    return f"{''.join(lines)}\n".encode()


def as_id(places: Mapping[str, int]) -> str:
    """Where a stream is, in all its conversations: the id of each event, given back as Last-Event-ID."""
    return "~".join([f"{talk}.{seq}" for talk, seq in places.items()])


def from_id(given: str) -> dict[str, int]:
    """What a browser says that it has; nonsense counts as nothing."""
    pairs = (one.partition(".") for one in given[:20_000].split("~"))
    return {talk: int(seq) for talk, _dot, seq in pairs if talk and seq.isdecimal() and len(seq) < 12}
