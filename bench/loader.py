"""Many people who write and listen while the house has a bad day: connections that break, answers that never come.

Loopback only. What they were told is remembered; `problems` compares it in the end with what is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from bench.devices import Heard, Outbox

BROKEN = (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError, IndexError)
PATIENCE = 8.0  # seconds for an answer
CUTS = ("half the question", "no answer heard", "half the answer")


@dataclass
class Wire:
    """A connection that is kept as long as it holds."""

    port: int
    session: str
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, fields: Any = None, *, cut: str = "", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body; a broken connection raises. `cut` breaks it on purpose."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode() if fields else b""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await self._opened()
            asked = self._head(method, path, len(body), headers) + body
            writer.write(asked[: len(asked) // 2] if cut == CUTS[0] else asked)
            await writer.drain()
            if cut in CUTS[:2]:
                return self._break_off()
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if cut:
                await reader.readexactly(length // 2)
                return self._break_off()
            return int(head[9:12]), await reader.readexactly(length)

    async def events(self, path: str, last_id: str) -> AsyncIterator[dict[str, str]]:
        """A stream, event by event, until it ends."""
        more = {"Last-Event-ID": last_id} if last_id else {}
        reader, writer = await self._opened()
        writer.write(self._head("GET", path, 0, more))
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        if head[9:12] != b"200":
            raise OSError(head[9:12].decode())
        rest = b""
        while size := int(await asyncio.wait_for(reader.readline(), 40), 16):
            rest += (await reader.readexactly(size + 2))[:-2]
            *whole, rest = rest.split(b"\n\n")
            for block in whole:
                yield _event(block.decode())

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is None or self._ends[1].is_closing() or self._ends[0].at_eof():
            self._ends = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        return self._ends

    def _head(self, method: str, path: str, length: int, headers: dict[str, str]) -> bytes:
        origin = f"127.0.0.1:{self.port}"
        said = {
            "Host": origin,
            "Cookie": f"nawzajem={self.session}",
            "Origin": f"http://{origin}",
            "X-Nawzajem": "bench",
        }
        said |= {"Content-Length": str(length)} if method != "GET" else {}
        rows = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (said | headers).items())]
        return ("\r\n".join(rows) + "\r\n\r\n").encode()

    def _break_off(self) -> tuple[int, bytes]:
        self.close()
        raise OSError("cut")

    def close(self) -> None:
        if self._ends:
            self._ends[1].transport.abort()
            self._ends = None


def _event(block: str) -> dict[str, str]:
    event: dict[str, str] = {}
    for line in block.split("\n"):
        name, _colon, value = line.partition(": ")
        event[name] = f"{event[name]}\n{value}" if name in event else value
    return event


@dataclass
class Somebody:
    """One person in one talk, on one device: writes, changes some of it, takes some back, and listens."""

    port: int
    talk: str
    session: str
    token: str
    name: str
    elsewhere: str  # a talk of others
    ended: str  # one of one's own that has ended
    seed: int
    outbox: Outbox = field(default_factory=Outbox)
    words: dict[str, str] = field(default_factory=dict)  # key: as last acknowledged
    unwelcome: set[str] = field(default_factory=set)  # keys of what must be refused
    let_in: int = 0  # of those, how many were not
    again: int = 0  # how often something was asked once more
    changes: int = 0
    changes_refused: int = 0  # of what was acknowledged: never
    too_late: int = 0  # after the time in which words may be changed
    pause: float = 0.05
    cuts: float = 0.03  # share of connections broken on purpose

    def __post_init__(self) -> None:
        self.any = random.Random(self.seed)
        self.heard = Heard(self.talk)
        self._wire, self._other, self._n, self._id = Wire(self.port, self.session), Wire(self.port, self.session), 0, ""

    # -- writing ------------------------------------------------------------------------------------------------------

    async def write(self, until: asyncio.Event) -> None:
        """One message after the other, until the day is over and the box is empty."""
        while not until.is_set():
            self._n += 1
            self.outbox.write(f"{self.name}-{self._n:06}", f"words {self._n} of {self.name}")
            await self._send_all()
            await asyncio.sleep(self.any.uniform(0, 2 * self.pause))
            if self.any.random() < 0.05:
                await self._try_what_is_not_allowed()
            if self.any.random() < 0.06:
                await self._change()

    async def _send_all(self) -> None:
        while self.outbox.waiting:
            key, words = self.outbox.waiting[0]
            status, body = await self._ask("POST", f"talks/{self.talk}/messages", {"text": words, "client_key": key})
            if self.outbox.answered(status, body):
                self.words[key] = words
            else:
                await self._later()

    async def _try_what_is_not_allowed(self) -> None:
        key = f"{self.name}-no-{self._n:06}"
        self.unwelcome.add(key)
        talk, text = self.any.choice(
            [(self.elsewhere, "not mine"), (self.ended, "too late"), (self.talk, "x" * 9000), (self.talk, " ")]
        )
        status, _body = await self._ask("POST", f"talks/{talk}/messages", {"text": text, "client_key": key})
        self.let_in += status == 200

    async def _change(self) -> None:
        """Other words for the last message, or none; through the pages, until it is acknowledged."""
        key, seq = list(self.outbox.acknowledged.items())[-1]
        words = "" if self.any.random() < 0.3 else f"{self.words[key]} changed"
        path = f"/api/v1/p/bench/conversations/{self.talk}/messages/{seq}"
        status = 0
        while status != 200:
            asked = (
                ("PATCH", path, b'{"text": "%s"}' % words.encode()) if words else ("POST", f"{path}/withdraw", b"{}")
            )
            more = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            try:
                status, _body = await self._other.ask(*asked, **more)
            except BROKEN:
                self._other.close()
                status = 0
            if status in {404, 410, 422}:
                self.too_late += status == 410
                self.changes_refused += status != 410
                return
            if status != 200:
                await self._later(10)
        self.words[key], self.changes = words, self.changes + 1

    async def _ask(self, method: str, path: str, fields: Any = None) -> tuple[int, bytes]:
        cut = self.any.choice(CUTS) if method == "POST" and self.any.random() < self.cuts else ""
        try:
            return await self._wire.ask(method, f"/live/p/bench/{path}", fields, cut=cut)
        except BROKEN:
            self._wire.close()
            return 0, b""

    async def _later(self, times: int = 1) -> None:
        self.again += 1
        await asyncio.sleep(times * self.any.uniform(0.02, 0.3))

    # -- listening ----------------------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """For ever: whenever the line is lost, again, from where one was."""
        while True:
            wire = Wire(self.port, self.session)
            with contextlib.suppress(*BROKEN):
                async for event in wire.events("/live/p/bench/stream", self._id):
                    if "retry" in event:
                        await self.catch_up()
                    if event.get("event") == "message" and not self.heard.take(event["data"]):
                        await self.catch_up()
                    self._id = event.get("id", self._id)
                    if self.any.random() < self.cuts / 3:
                        break
            wire.close()
            await asyncio.sleep(self.any.uniform(0.05, 0.4))

    async def catch_up(self) -> None:
        """All that is newer, a page at a time; where nobody answers, the next time the line is open."""
        wire = Wire(self.port, self.session)
        with contextlib.suppress(*BROKEN):
            fetched = 50
            while fetched == 50:
                path = f"/live/p/bench/talks/{self.talk}/messages?after={self.heard.place}"
                status, body = await wire.ask("GET", path)
                fetched = self.heard.take_all(body.decode()) if status == 200 else 0
        wire.close()


# -- what is true in the end ------------------------------------------------------------------------------------------


def problems(people: list[Somebody], kept: dict[str, list[tuple[int, str, str]]], places: list[int]) -> dict[str, int]:
    """How often each promise was broken. `kept`: for each talk place, key and words of its messages, in order; `places`: of
    each talk how many places are taken twice or by nothing."""
    at = {key: (talk, seq, words) for talk, rows in kept.items() for seq, key, words in rows}
    keys = [key for rows in kept.values() for _seq, key, _words in rows]
    acknowledged = [(one, key, seq) for one in people for key, seq in one.outbox.acknowledged.items()]
    return {
        "acknowledged": len(acknowledged),
        "lost": sum(key not in at for _one, key, _seq in acknowledged),
        "elsewhere_than_acknowledged": sum(at.get(key, ("", seq))[:2] != (one.talk, seq) for one, key, seq in acknowledged if key in at),
        "other_words_than_acknowledged": sum(at[key][2] != one.words[key] for one, key, _seq in acknowledged if key in at),
        "doubled": len(keys) - len(set(keys)),
        "out_of_order": sum(_out_of_order(one, at) for one in people),
        "never_written": len({key for key in keys if not key.startswith("first-")} - {key for one in people for key in one.outbox.order}),
        "refused_that_appeared": sum(key in at for one in people for key in one.unwelcome) + sum(one.let_in for one in people),
        "refused_that_should_not": sum(len(one.outbox.refused) for one in people),
        "changes_refused": sum(one.changes_refused for one in people),
        "answers_changed": sum(one.outbox.answers_changed for one in people),
        "receivers_that_differ": sum(one.heard.shown != kept[one.talk] for one in people),
        "places_taken_twice_or_by_nothing": sum(places),
    }  # fmt: skip


def _out_of_order(one: Somebody, at: dict[str, Any]) -> int:
    seqs = [at[key][1] for key in one.outbox.order if key in at]
    return sum(a >= b for a, b in pairwise(seqs))


COUNTED = {"acknowledged", "asked_again", "changes", "changes_too_late"}  # figures that are no problems


def broken(found: dict[str, int]) -> int:
    return sum(n for name, n in found.items() if name not in COUNTED)
