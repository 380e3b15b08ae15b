"""Handing on to the pages, through a unix socket: bodies stream both ways, and who asks is said by the door alone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from django.conf import settings
from yarl import URL

from nawzajem.live.call import Call, Gone, TooLong

WHERE = "NAWZAJEM_PAGES"  # environment: where the pages listen, the path of a socket or host and port
LONGEST = 12_000_000  # bytes of a request: a spreadsheet with some thousand people

OF_THE_HOP = {
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"expect",
}  # fmt: skip
SAID_BY_THE_DOOR = {b"x-real-ip", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded"}
OF_THE_SERVER = {b"server", b"date"}


class PagesAway(Exception):
    """The pages do not answer: just started, just restarted, or broken."""


class Pages:
    def open(self) -> None:
        where = os.environ.get(WHERE, "")
        self._base = "http://pages" if "/" in where or not where else f"http://{where}"
        self._session = aiohttp.ClientSession(
            connector=_connector(where),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_read=120),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )

    async def close(self) -> None:
        await self._session.close()

    async def answer(self, call: Call) -> None:
        address = URL(f"{self._base}{call.raw_path}", encoded=True)
        try:
            async with self._session.request(
                call.method, address, headers=_request_headers(call), data=_body(call), allow_redirects=False
            ) as answer:
                await call.start(answer.status, _response_headers(answer))
                async for some in answer.content.iter_any():
                    await call.more(some)
                await call.finish()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error.__cause__, TooLong | Gone):  # not the pages gave up, but we
                raise error.__cause__ from None
            raise PagesAway from error

    async def are_well(self) -> bool:
        try:
            async with self._session.get(f"{self._base}/healthz", timeout=aiohttp.ClientTimeout(total=3)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _connector(where: str) -> aiohttp.BaseConnector:
    limits: dict[str, Any] = {"limit": 256, "keepalive_timeout": 10}
    if "/" in where or not where:
        return aiohttp.UnixConnector(where, **limits)
    return aiohttp.TCPConnector(**limits, ttl_dns_cache=5)  # pages on other hosts come and go


def _request_headers(call: Call) -> list[tuple[str, str]]:
    """As they came, but for the hop's own; and not one with an underscore, which a page could not tell from a hyphen."""
    named = {name.strip() for name in call.header(b"connection").lower().encode("latin-1").split(b",")}
    dropped = OF_THE_HOP | SAID_BY_THE_DOOR | named
    kept = [(name, value) for name, value in call.headers if name not in dropped and b"_" not in name]
    client, scheme = who_asks(call)
    said = {"X-Real-IP": client, "X-Forwarded-For": client, "X-Forwarded-Proto": scheme, "X-Forwarded-Host": call.host}
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept] + list(said.items())


def who_asks(call: Call) -> tuple[str, str]:
    """Address and scheme. What a header says is believed only from proxies of the house's own, counted from this side."""
    own = settings.ENV.proxies
    if not own:
        return call.client, call.scheme
    chain = [one.strip() for one in call.header(b"x-forwarded-for").split(",") if one.strip()]
    client = chain[-own] if len(chain) >= own else call.client
    scheme = call.header(b"x-forwarded-proto").rpartition(",")[2].strip()
    return client, scheme if scheme in {"http", "https"} else call.scheme


def _body(call: Call) -> AsyncIterator[bytes] | None:
    """What is sent along, if anything; refused as soon as it is known to be too long."""
    length = call.header(b"content-length")
    if length.isdecimal() and int(length) > LONGEST:
        raise TooLong
    has_body = (length and length != "0") or call.header(b"transfer-encoding")
    return call.body_parts(LONGEST) if has_body else None


def _response_headers(answer: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    dropped = OF_THE_HOP | OF_THE_SERVER
    if answer.status in {204, 304}:  # no body follows, whatever a length may say
        dropped |= {b"content-length"}
    return [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in dropped]
