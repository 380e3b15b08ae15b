"""Who is here, and who is writing. Told only to those who share an open conversation, and only of people who wish it.

People are named by the mark they have in that one conversation, so nobody can be recognised from one to another. Processes
tell each other who is here with them: at once when somebody comes or goes, and all again from time to time, so that one
which died, or was not heard, is made up for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from nawzajem.conversations import hearing, reads, rules
from nawzajem.conversations.hearing import Company
from nawzajem.ground import bus
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotAllowed
from nawzajem.live.session import Visitor
from nawzajem.live.stream import Stream, event
from nawzajem.live.together import Together

if TYPE_CHECKING:
    from nawzajem.live.hub import Hub

GRACE = 10.0  # seconds: going from page to page is not leaving
AGAIN = 20.0  # seconds between two tellings of all who are here
SILENT = 65.0  # seconds after which a process that said nothing is there no more
AT_ONCE = 200  # people in one hint

KINDS = frozenset({"here", "gone", "typing", "closing"})

Me = tuple[str, str]  # programme and person


class Presence:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._told: dict[Me, list[Company]] = {}  # who was told that somebody is here
        self._leaving: dict[Me, asyncio.TimerHandle] = {}
        self._shown: set[Me] = set()  # here with us, and visible
        self._elsewhere: dict[Me, set[str]] = {}  # with which other processes
        self._heard_at: dict[str, float] = {}  # by process
        self._said_at = 0.0
        self._company_of = Together(self._read_companies)

    # -- here with us -------------------------------------------------------------------------------------------------

    async def came(self, stream: Stream) -> None:
        """The others learn that one is here, and one learns who of them is."""
        visitor = stream.visitor
        if visitor.me in self._leaving:
            self._leaving.pop(visitor.me).cancel()
        company = await self._company_of(visitor.me)
        for one in company:
            if one.shows_presence and self._is_here((visitor.actor.here, one.person)):
                stream.put(event("here", one.their_mark))
        if visitor.shows_presence:
            was_shown = visitor.me in self._shown
            self._shown.add(visitor.me)
            await self._arrived(visitor.me, company)
            if not was_shown:
                await self._tell_others("here", visitor.me)
        else:
            await self._hide(visitor.me)

    def left(self, visitor: Visitor) -> None:
        """Their last stream with us has ended; perhaps only for a moment."""
        if visitor.me in self._shown:
            self._after_grace(visitor.me, self._left_us)

    async def _left_us(self, me: Me) -> None:
        if not self._hub.streams_of(*me):
            await self._show_no_more(me)
            await self._look_whether_gone(me)

    async def _hide(self, me: Me) -> None:
        await self._show_no_more(me)
        await self._tell(me[0], self._told.pop(me, []), "gone")

    async def _show_no_more(self, me: Me) -> None:
        if me in self._shown:
            self._shown.discard(me)
            await self._tell_others("gone", me)

    async def writes(self, visitor: Visitor, conversation: str) -> None:
        if not visitor.shows_presence:
            return
        company = await self._hub.readers.read(_readers_of, visitor.actor, conversation)
        await self._tell(visitor.actor.here, company, "typing")
        await self._tell_others("typing", (*visitor.me, conversation))

    # -- with other processes -----------------------------------------------------------------------------------------

    async def heard(self, kind: str, name: str, process: str) -> None:
        self._heard_at[process] = time.monotonic()
        if kind == "closing":
            self._forget(process)
        elif kind == "typing":
            await self._hear_typing(*name.split(":"))
        else:
            programme, _colon, person = name.partition(":")
            await (self._hear_here if kind == "here" else self._hear_gone)((programme, person), process)

    async def _hear_here(self, me: Me, process: str) -> None:
        self._elsewhere.setdefault(me, set()).add(process)
        if me not in self._told:
            company = await self._company_of(me)
            if self._is_here(me):  # not gone again while it was read
                await self._arrived(me, company)

    async def _hear_gone(self, me: Me, process: str) -> None:
        self._leaves(me, process)
        await self._look_whether_gone(me)

    async def _hear_typing(self, programme: str, person: str, conversation: str) -> None:
        if self._hub.is_followed(conversation):
            company = await self._company_of((programme, person))
            await self._tell(programme, [one for one in company if one.conversation == conversation], "typing")

    async def keep_time(self) -> None:
        """All who are here, told again; and whoever is with a process that fell silent has gone."""
        now = time.monotonic()
        if bus.way() == "socket" or now - self._said_at < AGAIN:
            return
        self._said_at = now
        shown = [f"here:{programme}:{person}" for programme, person in self._shown]
        for start in range(0, len(shown), AT_ONCE):
            await self._hub.readers.read(bus.tell_others, *shown[start : start + AT_ONCE])
        for process in [one for one, at in self._heard_at.items() if now - at > SILENT]:
            self._forget(process)

    async def close(self) -> None:
        """Whoever is here with us comes back to another process in a moment; it may take a while until they are seen there."""
        if bus.way() != "socket":
            await self._hub.readers.read(bus.tell_others, "closing:")

    def _forget(self, process: str) -> None:
        self._heard_at.pop(process, None)
        for me in [me for me, processes in self._elsewhere.items() if process in processes]:
            self._leaves(me, process)
            self._after_grace(me, self._look_whether_gone)

    def _leaves(self, me: Me, process: str) -> None:
        processes = self._elsewhere.get(me, set())
        processes.discard(process)
        if not processes:
            self._elsewhere.pop(me, None)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _is_here(self, me: Me) -> bool:
        return me in self._elsewhere or bool(self._hub.streams_of(*me))

    async def _arrived(self, me: Me, company: list[Company]) -> None:
        """Told to those who have not been told yet: another page of the same person is nothing new."""
        told = self._told.get(me, [])
        self._told[me] = company
        await self._tell(me[0], [one for one in company if one not in told], "here")

    def _after_grace(self, me: Me, then: Callable[[Me], Coroutine[Any, Any, None]]) -> None:
        def do() -> None:
            self._leaving.pop(me, None)
            self._hub.spawn(then(me))

        if me not in self._leaving:
            self._leaving[me] = asyncio.get_running_loop().call_later(GRACE, do)

    async def _look_whether_gone(self, me: Me) -> None:
        if me in self._told and not self._is_here(me):
            await self._tell(me[0], self._told.pop(me), "gone")

    async def _tell(self, programme: str, company: list[Company], what: str) -> None:
        for one in company:
            said = f"{one.conversation} {one.my_mark}" if what == "typing" else one.my_mark
            await self._hub.put(self._hub.streams_of(programme, one.person), event(what, said))

    async def _read_companies(self, people: Sequence[Me]) -> dict[Me, list[Company]]:
        found: dict[Me, list[Company]] = {}
        for programme in {programme for programme, _person in people}:
            here = [person for within, person in people if within == programme]
            companies = await self._hub.readers.read(hearing.companies, programme, here)
            found.update({(programme, person): company for person, company in companies.items()})
        return found

    async def _tell_others(self, kind: str, name: tuple[str, ...]) -> None:
        if bus.way() != "socket":
            await self._hub.readers.read(bus.tell_others, ":".join([kind, *name]))


def _readers_of(actor: Actor, conversation: str) -> list[Company]:
    if not rules.may_write(actor, reads.conversation(actor, conversation)):
        raise NotAllowed
    return [one for one in hearing.company(actor) if one.conversation == conversation]
