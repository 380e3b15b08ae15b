"""The live path through its whole door: session, rule, encryption, event, commit. python -m bench.live

Loopback only. Beside it, in the same run and in turns, what the disk allows: a raw loop of one-row commits on SQLite at
synchronous=FULL. Prints what it sees, and one JSON object last.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import os
import resource
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HOUSE = Path(__file__).resolve().parents[1]
SENDERS = 16
EACH = 10  # streams of one person, below what the house allows


# -- a town of pairs --------------------------------------------------------------------------------------------------


def make(pairs: int) -> list[dict[str, Any]]:
    """People two by two, each pair with a talk and both signed in; straight into the tables, for they are many."""
    import nawzajem  # noqa: F401

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import transaction

    from nawzajem.conversations.models import Conversation, Participant
    from nawzajem.ground.actor import Actor
    from nawzajem.management.opening import collect_static
    from nawzajem.people.models import Person
    from nawzajem.programmes import acts
    from nawzajem.programmes.blueprint import load
    from nawzajem.programmes.models import Member

    call_command("migrate", verbosity=0)
    collect_static(lambda _said: None)
    programme = acts.create(Actor(via="command"), blueprint=load("open-community"), slug="bench")
    made = []

    def enter(name: str) -> tuple[Person, str]:
        person = Person.objects.create(pseudonym=name, language="pl", password="!" + name)
        Member.objects.create(
            programme=programme, person=person, called=name, agreed_version=1, code=name[-9:], code_print=name
        )
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = person.pk, person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.create()
        return person, str(session.session_key)

    with transaction.atomic():
        for n in range(pairs):
            people = [enter(f"one{n:05}"), enter(f"two{n:05}")]
            talk = Conversation.objects.create(programme=programme)
            Participant.objects.bulk_create(
                Participant(conversation=talk, person=person) for person, _session in people
            )
            made.append({"talk": talk.pk, "sessions": [session for _person, session in people]})
    return made


# -- the house --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def house(data: Path) -> Any:
    """The live process alone; pages have a measure of their own."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as door:
        variables = {**os.environ, "NAWZAJEM_DATA": str(data), "PYTHONPATH": str(HOUSE)}
        process = subprocess.Popen(
            [sys.executable, "-m", "nawzajem.live", str(door.fileno())],
            env=variables,
            pass_fds=[door.fileno()],
            cwd=HOUSE,
        )
        try:
            yield door.getsockname()[1], process.pid
        finally:
            process.terminate()
            process.wait(15)


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def worked(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Line:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int

    @classmethod
    async def open(cls, port: int) -> Line:
        return cls(*await asyncio.open_connection("127.0.0.1", port), port)

    async def send(
        self, talk: str, session: str, key: str, text: str = "Dobrze, że jesteś. Opowiedz, jak dziś było."
    ) -> int:
        body = urlencode({"text": text, "client_key": key}).encode()
        head = (
            f"POST /live/p/bench/talks/{talk}/messages HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: nawzajem={session}\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nX-Nawzajem: bench\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        return int(answer[9:12])

    async def listen(self, session: str) -> None:
        head = f"GET /live/p/bench/stream HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: nawzajem={session}\r\n\r\n"
        self.writer.write(head.encode())
        while b"event: unread" not in await self.reader.readline():
            pass


# -- what is measured -------------------------------------------------------------------------------------------------


def raw_loop(data: Path, seconds: float) -> float:
    """One-row commits a second on SQLite at FULL: what the disk allows one after the other."""
    import nawzajem  # noqa: F401  which exchanges the SQLite for its own

    sqlite3 = importlib.import_module("sqlite3")
    with contextlib.closing(sqlite3.connect(data / "raw.sqlite3", isolation_level=None)) as file:
        file.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS m (id INTEGER PRIMARY KEY, t)"
        )
        began, n = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            file.execute("INSERT INTO m (t) VALUES (?)", ["x" * 120])
            n += 1
        return n / seconds


async def sends(port: int, pairs: list[dict[str, Any]], seconds: float) -> float:
    """Acknowledged a second, by 16 clients, each as fast as it gets its answers."""
    until, done = time.perf_counter() + seconds, 0

    async def client(n: int) -> None:
        nonlocal done
        line, pair = await Line.open(port), pairs[n % len(pairs)]
        while time.perf_counter() < until:
            assert await line.send(pair["talk"], pair["sessions"][n % 2], secrets.token_hex(12)) == 200
            done += 1
        line.writer.close()

    await asyncio.gather(*(client(n) for n in range(SENDERS)))
    return done / seconds


async def open_streams(port: int, pairs: list[dict[str, Any]], n: int) -> tuple[list[Line], float]:
    """Idle streams, and how many a second were let in."""
    waiting = [session for pair in pairs for session in pair["sessions"] for _ in range(EACH)][:n]
    assert len(waiting) == n
    lines: list[Line] = []

    async def fill() -> None:
        while waiting:
            session = waiting.pop()
            line = await Line.open(port)
            await line.listen(session)
            lines.append(line)

    began = time.perf_counter()
    await asyncio.gather(*(fill() for _ in range(32)))
    return lines, n / (time.perf_counter() - began)


@dataclass
class Heard:
    posted: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    received: list[float] = field(default_factory=list)
    after_answer: list[float] = field(default_factory=list)


async def latency(port: int, pair: dict[str, Any], rate: int, seconds: float) -> Heard:
    """Posted at a steady rate by both of a pair; when each of the two streams had it."""
    heard = Heard()
    ears = [await Line.open(port) for _ in pair["sessions"]]
    for line, session in zip(ears, pair["sessions"], strict=True):
        await line.listen(session)

    async def hear(line: Line) -> None:
        while words := await line.reader.readline():
            if b"data-key=" in words:
                key = words.split(b'data-key="')[1].split(b'"')[0].decode()
                now = time.perf_counter()
                heard.received.append(now - heard.posted[key])
                heard.after_answer.append(max(0.0, now - heard.acknowledged.get(key, now)))

    free: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(SENDERS):
        free.put_nowait(await Line.open(port))

    async def post(n: int) -> None:
        line, key = await free.get(), f"k-{secrets.token_hex(10)}"
        heard.posted[key] = time.perf_counter()
        assert await line.send(pair["talk"], pair["sessions"][n % 2], key) == 200
        heard.acknowledged[key] = time.perf_counter()
        free.put_nowait(line)

    listening = [asyncio.create_task(hear(line)) for line in ears]
    began, posts = time.perf_counter(), []
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        posts.append(asyncio.create_task(post(n)))
    await asyncio.gather(*posts)
    until = time.perf_counter() + 10
    while len(heard.received) < 2 * len(posts) and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    for one in listening:
        one.cancel()
    assert len(heard.received) == 2 * len(posts), f"{len(heard.received)} heard of {2 * len(posts)}"
    return heard


def ms(values: list[float], share: float) -> float:
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 2)


async def run(data: Path, pairs: list[dict[str, Any]], wanted: argparse.Namespace) -> dict[str, Any]:
    with house(data) as (port, pid):
        await sends(port, pairs, 1)  # warm
        kept, raw, spent = [], [], []
        for _ in range(wanted.rounds):
            raw.append(raw_loop(data, wanted.seconds))
            before = worked(pid)
            kept.append(await sends(port, pairs, wanted.seconds))
            spent.append((worked(pid) - before) / (kept[-1] * wanted.seconds))
        print(
            f"kept a second, {SENDERS} clients: {[round(one) for one in kept]}; one-row FULL loop: {[round(one) for one in raw]}"
        )
        before_streams = resident(pid)
        lines, accepts = await open_streams(port, pairs, wanted.streams)
        each = (resident(pid) - before_streams) / wanted.streams
        print(
            f"{wanted.streams} streams: {accepts:.0f} accepted a second, {each / 1024:.1f} KB each, {resident(pid) / 2**20:.0f} MB in all"
        )
        heard = await latency(port, pairs[-1], wanted.rate, wanted.seconds)
        print(
            f"{wanted.rate} a second, posted to received: p50 {ms(heard.received, 0.5)} ms, p99 {ms(heard.received, 0.99)} ms"
        )
        for line in lines:
            line.writer.close()
    return {
        "kept_per_second": round(statistics.median(kept)),
        "one_row_full_loop_per_second": round(statistics.median(raw)),
        "kept_to_loop": round(statistics.median(kept) / statistics.median(raw), 2),
        "cpu_ms_per_message": round(1000 * statistics.median(spent), 3),
        "streams": wanted.streams,
        "accepted_per_second": round(accepts),
        "kb_per_stream": round(each / 1024, 1),
        "rate": wanted.rate,
        "posted_to_received_ms": {"p50": ms(heard.received, 0.5), "p99": ms(heard.received, 0.99)},
        "acknowledged_to_received_ms": {"p50": ms(heard.after_answer, 0.5), "p99": ms(heard.after_answer, 0.99)},
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--streams", type=int, default=1000)
    asked.add_argument("--rate", type=int, default=200, help="messages a second while listening")
    asked.add_argument("--seconds", type=float, default=3.0)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--make", type=int, help=argparse.SUPPRESS)
    wanted = asked.parse_args()
    if wanted.make:
        print(json.dumps(make(wanted.make)))
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="nawzajem-bench-") as folder:
        pairs = max(SENDERS, wanted.streams // (2 * EACH)) + 1
        variables = {**os.environ, "NAWZAJEM_DATA": folder}
        made = subprocess.run(
            [sys.executable, "-m", "bench.live", "--make", str(pairs)],
            env=variables,
            cwd=HOUSE,
            check=True,
            capture_output=True,
        )
        print(json.dumps(asyncio.run(run(Path(folder), json.loads(made.stdout), wanted))))


if __name__ == "__main__":
    main()
