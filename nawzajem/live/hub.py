"""Who listens, and telling them. A hint says which conversation has news; it is read once, whoever listens. What was written in
this very process comes with its hint and need not be read.

Each stream carries its place in each conversation, so it is told what it lacks and nothing twice, whatever hints came,
came late or never came. Nobody is told anything before it is looked at again who they are and what they take part in.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from nawzajem.conversations import hearing
from nawzajem.ground import bus
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.watching import opened
from nawzajem.live import presence
from nawzajem.live.fragments import Fragments
from nawzajem.live.mistakes import note
from nawzajem.live.readers import Readers
from nawzajem.live.session import Doorkeeper
from nawzajem.live.stream import BEAT, Stream, event, message
from nawzajem.live.together import Together

TICK = 0.5  # seconds: how long a lost hint may go unnoticed
PIECE = 8 * 1024  # bytes, after which it is looked at whether a stream takes more
AT_ONCE = 256  # streams told before the loop gets another turn
FEW = 32  # beats in one go; they are in no hurry, and a message that comes meanwhile is
EACH = 12  # streams of one person; the oldest makes room

Me = tuple[str, str]  # programme and person


class Hub:
    def __init__(self, readers: Readers, keeper: Doorkeeper) -> None:
        self.readers, self.keeper = readers, keeper
        self.presence = presence.Presence(self)
        self._of: dict[str, list[Stream]] = {}  # by person
        self._in: dict[str, set[Stream]] = {}
        self._due: dict[str, list[hearing.News | None]] = {}  # conversations with news; None where they have to be read
        self._busy: set[str] = set()  # those being told just now
        self._last: dict[str, int] = {}  # of those followed, how far each had come when it was last looked at
        self._changed: dict[str, set[str]] = {}  # person: what may look different now
        self._recount: set[str] = set()  # people whose unread words are to be counted again
        self._tasks: set[asyncio.Task[None]] = set()
        self._talks_of = Together(self._read_talks)
        self._closed = False

    # -- coming and going ---------------------------------------------------------------------------------------------

    async def come_in(self, stream: Stream, had: dict[str, int]) -> None:
        """From now on it is told everything; first what it says it lacks."""
        stream.beat_at = time.monotonic() + BEAT * random.uniform(0.2, 1)  # noqa: S311  spread, not secret
        opened("stream")
        mine = self._of.setdefault(stream.visitor.actor.me, [])
        mine.append(stream)
        for oldest in mine[:-EACH]:
            oldest.end()
        self._take_up(stream, await self._talks_of(stream.visitor.me), had)
        await self.presence.came(stream)

    def leave(self, stream: Stream) -> None:
        opened("stream", -1)
        for talk in stream.places:
            self._unfollow(stream, talk, forget=False)
        mine = self._of.get(stream.visitor.actor.me, [])
        if stream in mine:
            mine.remove(stream)
        if not mine:
            self._of.pop(stream.visitor.actor.me, None)
        if not self.streams_of(*stream.visitor.me):
            self.presence.left(stream.visitor)

    def streams_of(self, programme: str, person: str) -> list[Stream]:
        return [stream for stream in self._of.get(person, ()) if stream.visitor.actor.here == programme]

    def is_followed(self, talk: str) -> bool:
        return talk in self._in

    @property
    def streams(self) -> Iterator[Stream]:
        return (stream for mine in self._of.values() for stream in mine)

    async def _read_talks(self, people: Sequence[Me]) -> dict[Me, dict[str, hearing.Following]]:
        """Of many people who came in one moment, by programme."""
        found: dict[Me, dict[str, hearing.Following]] = {}
        for programme in {programme for programme, _person in people}:
            here = [person for within, person in people if within == programme]
            talks = await self.readers.read(hearing.followed, programme, here)
            found.update({(programme, person): talks.get(person, {}) for person in here})
        return found

    async def _follow(self, streams: Sequence[Stream]) -> None:
        """The conversations of each as they are now; new ones are told from their beginning."""
        talks = await self._read_talks(list({stream.visitor.me for stream in streams}))
        for stream in streams:
            self._take_up(stream, talks[stream.visitor.me])

    def _take_up(
        self, stream: Stream, talks: Mapping[str, hearing.Following], had: Mapping[str, int] | None = None
    ) -> None:
        """`had`: where it says it was, when it has just come."""
        if stream not in self._of.get(stream.visitor.actor.me, ()):  # left in the meantime
            return
        for talk, state in talks.items():
            if talk not in stream.places:
                stream.places[talk] = 0 if had is None else min(had.get(talk, state.last_seq), state.last_seq)
                self._in.setdefault(talk, set()).add(stream)
                self._last.pop(talk, None)  # what was read of it may be older than the last look
            if stream.places[talk] < state.last_seq:
                self._tell_soon(talk)
        self._tell_unread(stream, {talk: state.unread for talk, state in talks.items() if state.unread})

    def _unfollow(self, stream: Stream, talk: str, *, forget: bool = True) -> None:
        listeners = self._in.get(talk, set())
        listeners.discard(stream)
        if not listeners:
            self._in.pop(talk, None)
            self._last.pop(talk, None)
        if forget:
            stream.places.pop(talk, None)

    # -- hints --------------------------------------------------------------------------------------------------------

    def takes(self, channel: str) -> bool:
        """Whether somebody here listens to that conversation, so that its news should come with the hint. Asked by any thread."""
        kind, _colon, name = channel.partition(":")
        return kind == "conversation" and name in self._in

    def heard(self, channels: Iterable[str], process: str = "", brought: bus.Brought = bus.NOTHING) -> None:
        """Hints of one fact. What else it names is told to the people it names, and to nobody else."""
        people, things = [], set()
        for channel in channels:
            kind, _colon, name = channel.partition(":")
            if kind == "conversation":
                self._tell_soon(name, brought.get(channel))
            elif kind == "person":
                people.append(name)
            elif kind == "unread":
                self._recount.add(name)
            elif kind in presence.KINDS:
                self.spawn(self.presence.heard(kind, name, process))
            else:
                things.add(channel)
        for person in people:
            self._changed.setdefault(person, set()).update({"person"} | things)
        if people:
            self.keeper.doubt(people)
            self.spawn(self._tell_changes())

    def _tell_soon(self, talk: str, news: hearing.News | None = None) -> None:
        if talk not in self._in:
            return
        self._due.setdefault(talk, []).append(news)
        if talk not in self._busy:
            self._busy.add(talk)
            self.spawn(self._tell(talk))

    def has_room(self, stream: Stream) -> None:
        """It took what was on its way: it may lack something by now."""
        for talk in stream.places:
            self._tell_soon(talk)

    # -- telling ------------------------------------------------------------------------------------------------------

    async def _tell(self, talk: str) -> None:
        """All news of one conversation. Hints that come meanwhile are seen to before this ends, never by a second one beside."""
        try:
            while talk in self._due:
                await self._tell_page(talk, self._due.pop(talk))
        except Exception:
            self._last.pop(talk, None)  # the next look finds it again
            raise
        finally:
            self._busy.discard(talk)

    async def _tell_page(self, talk: str, brought: Sequence[hearing.News | None]) -> None:
        listeners = [stream for stream in self._in.get(talk, ()) if not stream.is_full]
        if not listeners:
            return
        after = min(stream.places[talk] for stream in listeners)
        held = hearing.joined(brought, after=after)
        news = held or await self.readers.read(hearing.news, talk, after=after)
        if news is None:
            return
        fragments = Fragments()
        async for some in self._welcome(listeners):
            if held and None in self._due.get(talk, ()):  # perhaps a change of it: next it is read as it is now
                return
            for stream in some:
                self._pass_on(stream, talk, news, fragments)
        self._recount.update(news.people)
        if news.more:
            self._tell_soon(talk)

    def _pass_on(self, stream: Stream, talk: str, news: hearing.News, fragments: Fragments) -> None:
        if talk not in stream.places:  # left while it was read
            return
        try:
            lines = hearing.heard_by(stream.visitor.actor, news, after=stream.places[talk])
        except NotFound:
            self._unfollow(stream, talk)
            return
        said = b""  # in one piece: each piece is a call of the system, and that costs more than all else
        for line in lines:
            if stream.is_full:  # the rest when it has room
                return
            stream.places[talk] = line.latest
            said += message(fragments.data_of(line, stream.visitor), stream.places)
            if len(said) > PIECE:
                stream.put(said)
                said = b""
        if said:
            stream.put(said)
        if not news.more and stream.places[talk] < news.upto:  # nothing stands there: words have gone
            stream.places[talk] = news.upto
            stream.put(event("changed", f"conversation:{talk}"))

    async def put(self, streams: Iterable[Stream], said: bytes) -> None:
        """A small event without words, to those who may still hear."""
        async for some in self._welcome(list(streams)):
            for stream in some:
                stream.put(said)

    async def _welcome(self, streams: list[Stream]) -> AsyncIterator[list[Stream]]:
        """Those who may still hear, some at a time, so that a large audience does not keep the loop from everybody else."""
        for start in range(0, len(streams), AT_ONCE):
            some = streams[start : start + AT_ONCE]
            if gone := await self.keeper.turned_away([stream.visitor for stream in some]):
                for stream in some:
                    if stream.visitor in gone:
                        stream.end()
                some = [stream for stream in some if stream.visitor not in gone]
            yield some
            if start + AT_ONCE < len(streams):
                await asyncio.sleep(0)

    async def _tell_changes(self) -> None:
        changed, self._changed = self._changed, {}
        streams = [stream for person in changed for stream in self._of.get(person, ())]
        async for some in self._welcome(streams):
            for stream in some:
                for name in sorted(changed[stream.visitor.actor.me]):
                    stream.put(event("changed", name))
            await self._follow(some)

    def _tell_unread(self, stream: Stream, unread: dict[str, int]) -> None:
        if unread != stream.unread:
            stream.unread = unread
            stream.put(event("unread", json.dumps(unread)))

    # -- the clock ----------------------------------------------------------------------------------------------------

    async def keep_time(self) -> None:
        """Twice a second hints that were lost and unread counts; beats beside them, for nothing shall wait until all have beaten."""
        await asyncio.gather(*[self._again(do) for do in (self._look_around, self._beat, self.presence.keep_time)])

    async def _again(self, do: Callable[[], Awaitable[None]]) -> None:
        """One bad turn does not stop the next."""
        while not self._closed:
            await asyncio.sleep(TICK)
            try:
                await do()
            except Exception as error:
                note("a turn of the hub failed", error)

    async def _look_around(self) -> None:
        """Only where a conversation has moved since the last look is it asked who lacks something: to ask ten thousand streams
        takes longer than to tell two. Whoever lacks something for another reason is told by what comes of that reason."""
        talks = list(self._in)
        for start in range(0, len(talks), 2 * AT_ONCE):
            last = await self.readers.read(hearing.last_places, talks[start : start + 2 * AT_ONCE])
            for talk, seq in last.items():
                if self._last.get(talk) != seq and talk in self._in:
                    self._last[talk] = seq
                    if any(stream.places[talk] < seq and not stream.is_full for stream in self._in[talk]):
                        self._tell_soon(talk)
        people, self._recount = self._recount, set()
        if people:
            async for some in self._welcome([stream for person in people for stream in self._of.get(person, ())]):
                await self._follow(some)

    async def _beat(self) -> None:
        """A sign of life, with a look at who they are, what they follow, and whether they still take anything."""
        now = time.monotonic()
        due = [stream for stream in self.streams if stream.beat_at < now]
        for stream in due:
            stream.beat_at = now + BEAT * random.uniform(0.8, 1)  # noqa: S311
            if stream.is_stuck:
                stream.cut()
        for start in range(0, len(due), FEW):
            if start:
                await asyncio.sleep(TICK * FEW / len(due))
            async for some in self._welcome(due[start : start + FEW]):
                for stream in some:
                    stream.put(event("beat", "1"))
                await self._follow(some)
        self.keeper.forget()

    # -- ending -------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Every stream ends after what is on its way; the browsers come back, each in its own time."""
        self._closed = True
        for stream in list(self.streams):
            stream.end()

    def spawn(self, telling: Awaitable[None]) -> None:
        """Beside whatever asked for it: a sender does not wait until all have heard."""
        task = asyncio.get_running_loop().create_task(_guarded(telling))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _guarded(telling: Awaitable[None]) -> None:
    try:
        await telling
    except Exception as error:
        note("telling failed", error)
