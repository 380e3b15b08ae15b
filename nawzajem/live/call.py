"""One request on the live path: what it says, and answering it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from django.http.cookie import parse_cookie

from nawzajem.live.stream import Headers, Line, Receive, Send, Stream

FIELDS = 20  # of a form; ours have two

_json = json.JSONEncoder(ensure_ascii=False).encode


class TooLong(Exception):
    """A body longer than anything that is expected here."""


class Gone(Exception):
    """The client left in the middle of what it was saying."""


SAFE = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


def _joined(headers: Headers) -> dict[bytes, bytes]:
    """Where a name comes more than once."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        between = b"; " if name == b"cookie" else b","
        joined[name] = joined[name] + between + value if name in joined else value
    return joined


class Call:
    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.receive, self.send = receive, send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.scheme: str = scope.get("scheme", "http")
        self.headers: Headers = scope["headers"]
        self._header = dict(self.headers)
        if len(self._header) < len(self.headers):
            self._header = _joined(self.headers)
        self.client: str = (scope.get("client") or ("", 0))[0]
        self.abort: Callable[[], None] = scope.get("nawzajem.abort", lambda: None)
        self._answer: Callable[[int, Headers, bytes], bool] = scope.get("nawzajem.answer", lambda *_: False)
        self.language = ""  # of whoever asks, as soon as it is known
        self.is_started = False
        self._hand_over: Callable[[Stream], Line | None] = scope.get("nawzajem.hand_over", lambda _stream: None)
        self._scope = scope

    def header(self, name: bytes) -> str:
        return self._header.get(name, b"").decode("latin-1")

    @property
    def host(self) -> str:
        return self.header(b"host")

    @property
    def raw_path(self) -> str:
        """Path and query as they came, not decoded and encoded again."""
        raw = self._scope.get("raw_path") or self.path.encode()
        query = self._scope.get("query_string") or b""
        return (raw + (b"?" + query if query else b"")).decode("latin-1")

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self._scope["query_string"].decode("latin-1")).items()}

    def cookie(self, name: str) -> str:
        return self._cookies.get(name, "")

    @cached_property
    def _cookies(self) -> dict[str, str]:
        return parse_cookie(self.header(b"cookie"))

    async def body_parts(self, longest: int) -> AsyncIterator[bytes]:
        so_far = 0
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part, more = message.get("body", b""), message.get("more_body", False)
            so_far += len(part)
            if so_far > longest:
                raise TooLong
            if part:
                yield part

    async def form(self, longest: int) -> dict[str, str]:
        """What was typed, as browsers send forms; of a name that comes twice, the last."""
        parts = [part async for part in self.body_parts(longest)]
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        try:
            return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS))
        except ValueError:
            raise TooLong from None

    async def start(self, status: int, headers: Headers) -> None:
        self.is_started = True
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    def hand_over(self, stream: Stream) -> Line:
        """For an answer that has no end yet: from here on the stream has the connection, and this call ends. Nothing of how it
        was asked for is kept, for there may be ten thousand of them."""
        line = self._hand_over(stream)
        if line is None:
            raise Gone
        return line

    async def more(self, body: bytes) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes = b"") -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def say(
        self,
        status: int,
        body: bytes = b"",
        *,
        kind: str = "text/plain",
        headers: Headers | None = None,
    ) -> None:
        length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]
        described = [(b"content-type", b"%b; charset=utf-8" % kind.encode())] if body else []
        told, body = [*SAFE, *described, *length, *(headers or [])], b"" if self.method == "HEAD" else body
        if self.is_started or not self._answer(status, told, body):
            await self.start(status, told)
            await self.finish(body)
        self.is_started = True

    async def say_json(self, status: int, said: Any, *, headers: Headers | None = None) -> None:
        await self.say(status, _json(said).encode(), kind="application/json", headers=headers)
