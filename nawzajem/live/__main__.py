"""Runs the live process on a listening socket that was handed down: python -m nawzajem.live FD.

The socket belongs to whoever supervises. While this process is started again, callers wait in line and are not refused.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from functools import partial
from typing import Any
from weakref import ref

import uvicorn
from django.conf import settings as django
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from config.asgi import application
from nawzajem.live.stream import ENOUGH, Headers, Stream

DRAIN = 5  # seconds
HEADERS_WITHIN = 15.0  # seconds; a telephone in a tunnel takes some
BODY_WITHIN = 60.0


class Connection(HttpToolsProtocol):
    """Lets the application break off: closing politely waits until the other side has taken everything, perhaps for ever.

    And has no patience with callers who send letter by letter to keep places taken: a request has to be there in time. The
    clock starts when the connection is made, so that saying nothing at all does not help either. A request that comes whole,
    as nearly all do, needs none.
    """

    headers_within, body_within = HEADERS_WITHIN, BODY_WITHIN
    _clock: asyncio.TimerHandle | None = None
    _within: float | None = None  # seconds for what has yet to come

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self.headers_within)

    def data_received(self, data: bytes) -> None:
        self._within = None
        super().data_received(data)
        if self._within is not None:
            self._wait(self._within)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["nawzajem.abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        self.scope["nawzajem.hand_over"] = self.hand_over  # type: ignore[typeddict-unknown-key]
        if self._clock is None:  # another request on a connection that is kept
            self._within = self.headers_within

    def on_headers_complete(self) -> None:
        self._within = self.body_within
        super().on_headers_complete()
        request = ref(self.cycle)  # it holds the scope: held by it too, both would wait for the collector
        self.scope["nawzajem.answer"] = partial(self.answer, request)  # type: ignore[typeddict-unknown-key]

    def on_message_complete(self) -> None:
        self._within = None
        self._wait(None)
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def answer(self, request: ref[RequestResponseCycle], status: int, headers: Headers, body: bytes) -> bool:
        """A whole answer in one write. The server's own way looks through every header by two patterns and writes twice, which costs
        more than to understand the question; False where only that will do."""
        cycle = request()
        if (
            cycle is None
            or cycle.disconnected
            or cycle.response_started
            or not cycle.keep_alive
            or self.flow.write_paused
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        said = [b"%b: %b\r\n" % one for one in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join([STATUS_LINE[status], *said, b"\r\n", body]))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def hand_over(self, stream: Stream) -> Handed | None:
        """A stream gets the connection as it is, and everything that was needed to understand the request is let go: that is
        most of what an idle stream would hold. None if the browser has left already."""
        if self.transport.is_closing() or self.cycle.disconnected:
            return None
        self._wait(None)
        self.cycle.disconnected = True  # as far as the server knows, nothing is to be answered any more
        handed = Handed(self.transport, stream, self.connections)
        self.flow.resume_reading()
        self.transport.set_protocol(handed)
        self.connections.discard(self)
        self.parser = self.cycle = self.scope = self.headers = None  # type: ignore[assignment]
        return handed

    def _wait(self, seconds: float | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self.loop.call_later(seconds, self.transport.abort) if seconds else None


class Handed(asyncio.Protocol):
    """The connection of a stream, without its request. What the browser may still say is not listened to."""

    __slots__ = ("_connections", "_stream", "_transport")

    def __init__(self, transport: asyncio.Transport, stream: Stream, connections: set[Any]) -> None:
        self._transport, self._stream, self._connections = transport, stream, connections
        connections.add(self)  # the server waits for them when it ends
        transport.set_write_buffer_limits(high=ENOUGH, low=0)

    def write(self, event: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))

    def end(self) -> None:
        self._transport.write(b"0\r\n\r\n")
        self._transport.close()

    def cut(self) -> None:
        self._transport.abort()

    def shutdown(self) -> None:
        """As the server asks of every connection."""
        self._stream.end()

    def pause_writing(self) -> None:
        self._stream.full()

    def resume_writing(self) -> None:
        self._stream.empty()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._stream.gone()


class Server(uvicorn.Server):
    """Says that it leaves, so that a proxy sends nobody else here; then ends the streams, for uvicorn would wait for them to
    end by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application.leave()
        await asyncio.sleep(django.ENV.leave)
        application.drain()
        await super().shutdown(sockets)


def main(handle: int) -> None:
    settings: dict[str, Any] = {
        "http": Connection,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,  # who was when where is nobody's business
        "server_header": False,
        "proxy_headers": False,  # the door decides itself whom it believes
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": DRAIN,
    }
    Server(uvicorn.Config(application, **settings)).run(sockets=[socket.socket(fileno=handle)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
