"""Runs the live process on a listening socket that was handed down: python -m nawzajem.live FD.

The socket belongs to whoever supervises. While this process is started again, callers wait in line and are not refused.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import uvicorn
from django.conf import settings as django
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.asgi import application

DRAIN = 5  # seconds
HEADERS_WITHIN = 15.0  # seconds; a telephone in a tunnel takes some
BODY_WITHIN = 60.0


class Connection(HttpToolsProtocol):
    """Lets the application break off: closing politely waits until the other side has taken everything, perhaps for ever.

    And has no patience with callers who send letter by letter to keep places taken: a request has to be there in time. The
    clock starts when the connection is made, so that saying nothing at all does not help either.
    """

    headers_within, body_within = HEADERS_WITHIN, BODY_WITHIN
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self.headers_within)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["nawzajem.abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        if self._clock is None:  # another request on a connection that is kept
            self._wait(self.headers_within)

    def on_headers_complete(self) -> None:
        self._wait(self.body_within)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def _wait(self, seconds: float | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self.loop.call_later(seconds, self.transport.abort) if seconds else None


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
