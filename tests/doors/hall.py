"""A small house for the live path: two people who talk, one who does not, and browsers that speak to the door directly."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from nawzajem.conversations import acts as conversations
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground.actor import Actor
from nawzajem.live.stream import ENOUGH, Stream
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.blueprint import load
from tests.cast import HOUSE, SMALL, World
from tests.doors.sessions import session_of


@dataclass
class Hall:
    world: World
    talk: Conversation
    sessions: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    @classmethod
    def build(cls) -> Hall:
        programme = programmes.create(HOUSE, blueprint=load(SMALL), slug="hall")
        world = World(programme, programme)
        for name, language in (("asia", "pl"), ("bolek", "en"), ("cyryl", "pl")):
            world.add(name, language=language)
        hall = cls(world, Conversation())
        hall.talk = hall.open("asia", "bolek")
        for name, person in world.people.items():
            hall.sessions[name], hall.actors[name] = session_of(person), world.actor(name)
        return hall

    def afresh(self) -> Hall:
        """The same as the database has it now."""
        talk = Conversation.objects.get(pk=self.talk.pk)
        return Hall(self.world.afresh(), talk, dict(self.sessions), dict(self.actors))

    def open(self, *names: str) -> Conversation:
        people = [self.world.people[name].pk for name in names]
        return conversations.open_between(HOUSE.within(self.slug_id), people)

    @property
    def slug(self) -> str:
        return self.world.here.slug

    @property
    def slug_id(self) -> str:
        return self.world.here.pk

    def actor(self, name: str) -> Actor:
        return self.actors[name]

    def person(self, name: str) -> Person:
        return self.world.people[name]

    def session(self, name: str) -> str:
        return self.sessions[name]

    def said(self, talk: Conversation | None = None) -> list[tuple[int, str]]:
        """Places and keys of all that is kept."""
        return list(Message.objects.filter(conversation=talk or self.talk).values_list("seq", "client_key"))


def live(story: Callable[[Door], Coroutine[Any, Any, None]]) -> None:
    """Tells a story in an open house, and closes it."""

    async def told() -> None:
        async with open_house() as door:
            await story(door)

    asyncio.run(told())


@contextlib.asynccontextmanager
async def open_house() -> AsyncIterator[Door]:
    from nawzajem.live.door import Door as House

    house = House()
    await house.open()
    try:
        yield Door(house)
    finally:
        await house.close()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Door:
    """The house's door, and how a test does something behind it."""

    house: Any

    async def aside(self, do: Callable[..., Any], *things: Any, **words: Any) -> Any:
        """An ordinary act or read, in a thread that the house closes properly."""
        return await self.house.hub.readers.read(do, *things, **words)

    def browser(self, session: str = "", **headers: str) -> Browser:
        return Browser(self.house, session, headers)


@dataclass
class Browser:
    house: Any
    session: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def _scope(self, method: str, path: str, more: dict[str, str]) -> dict[str, Any]:
        said = {"host": "testserver", "cookie": f"nawzajem={self.session}"} | self.headers | more
        path, _mark, query = path.partition("?")
        headers = [(name.encode(), value.encode("latin-1")) for name, value in said.items() if value]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
        }
        return scope | {"headers": headers, "client": ("127.0.0.1", 1), "scheme": "http"}

    async def ask(self, method: str, path: str, body: bytes = b"", **more: str) -> Answer:
        started: dict[str, Any] = {}
        parts: list[bytes] = []

        async def send(message: dict[str, Any]) -> None:
            started.update(message) if message["type"] == "http.response.start" else parts.append(message["body"])

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.house(self._scope(method, path, more), receive, send)
        headers = {name.decode(): value.decode() for name, value in started["headers"]}
        return Answer(started["status"], headers, b"".join(parts))

    async def get(self, path: str, **more: str) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(
        self, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None, **fields: str
    ) -> Answer:
        own = {"origin": "http://testserver", "x-nawzajem": "test", "sec-fetch-site": "same-origin"}
        data = urlencode(fields).encode() if body is None else body
        return await self.ask("POST", path, data, **(own if headers is None else headers))

    async def send(self, hall: Hall, text: str, key: str, talk: Conversation | None = None) -> Answer:
        path = f"/live/p/{hall.slug}/talks/{(talk or hall.talk).pk}/messages"
        return await self.post(path, text=text, client_key=key)

    async def listen(self, hall: Hall, *, had: str = "", takes: bool = True) -> Ears:
        """A stream. `takes=False` is a browser that stopped reading before the first word."""
        ears = Ears(takes)
        more = {"last-event-id": had} if had else {}
        scope = self._scope("GET", f"/live/p/{hall.slug}/stream", more) | {
            "nawzajem.abort": ears.leave,
            "nawzajem.hand_over": ears.take,
        }
        ears.task = asyncio.create_task(self.house(scope, ears.receive, ears.send))
        await ears.until("unread") if takes else await ears.started.wait()
        return ears


class Ears:
    """What one stream said, event by event: the browser's end of its connection."""

    def __init__(self, takes: bool) -> None:
        self.not_taken = 0  # bytes that lie in the connection
        self.events: list[dict[str, str]] = []
        self.status = 0
        self.started = asyncio.Event()
        self.over = asyncio.Event()
        self.task: asyncio.Task[None]
        self.stream: Stream
        self._takes, self._news, self._rest = takes, asyncio.Event(), ""

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self._news.set()

    def take(self, stream: Stream) -> Ears:
        self.stream = stream
        self.started.set()
        return self

    def write(self, event: bytes) -> None:
        if self._takes:
            self._take(event.decode())
            self._news.set()
            return
        self.not_taken += len(event)
        if self.not_taken > ENOUGH and not self.stream.is_full:
            self.stream.full()

    def end(self) -> None:
        asyncio.get_running_loop().call_soon(self.leave)

    def cut(self) -> None:
        self.end()

    async def receive(self) -> dict[str, Any]:
        await self.over.wait()
        return {"type": "http.disconnect"}

    def leave(self) -> None:
        if not self.over.is_set():
            self.over.set()
            self._news.set()
            self.stream.gone()

    async def until(self, kind: str, *, n: int = 1, within: float = 3.0) -> list[dict[str, str]]:
        """The events of a kind, as soon as there are n of them."""
        async with asyncio.timeout(within):
            while len(self.of(kind)) < n and not self.over.is_set():
                self._news.clear()
                await self._news.wait()
        return self.of(kind)

    def of(self, kind: str) -> list[dict[str, str]]:
        return [one for one in self.events if one.get("event") == kind]

    def _take(self, text: str) -> None:
        *whole, self._rest = (self._rest + text).split("\n\n")
        for block in whole:
            event: dict[str, str] = {}
            for line in block.split("\n"):
                name, _colon, value = line.partition(": ")
                event[name] = event[name] + "\n" + value if name in event else value
            self.events.append(event)
