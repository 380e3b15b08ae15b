"""Who is here, and who is writing. Told only to those who share an open conversation, and only of people who wish it.

People are named by the mark they have in that one conversation, so nobody can be recognised from one to another.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nawzajem.conversations import reads, rules
from nawzajem.conversations.reads import Company
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotAllowed
from nawzajem.live.session import Visitor
from nawzajem.live.stream import Stream, event

if TYPE_CHECKING:
    from nawzajem.live.hub import Hub

GRACE = 10.0  # seconds: going from page to page is not leaving


class Presence:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._told: dict[tuple[str, str], list[Company]] = {}  # who was told that somebody is here
        self._leaving: dict[tuple[str, str], asyncio.TimerHandle] = {}

    async def came(self, stream: Stream) -> None:
        """The others learn that one is here, and one learns who of them is."""
        visitor = stream.visitor
        if visitor.me in self._leaving:
            self._leaving.pop(visitor.me).cancel()
        company = await self._hub.readers.read(reads.company, visitor.actor)
        for one in company:
            if one.shows_presence and self._hub.streams_of(visitor.actor.here, one.person):
                stream.put(event("here", one.their_mark))
        if visitor.shows_presence:
            self._told[visitor.me] = company
            await self._tell(visitor.actor.here, company, "here")
        else:
            await self._gone(visitor.me)

    def left(self, visitor: Visitor) -> None:
        """Their last stream has ended; perhaps only for a moment."""
        if visitor.me in self._told and visitor.me not in self._leaving:
            go = lambda: self._hub.spawn(self._gone(visitor.me))  # noqa: E731
            self._leaving[visitor.me] = asyncio.get_running_loop().call_later(GRACE, go)

    async def writes(self, visitor: Visitor, conversation: str) -> None:
        if not visitor.shows_presence:
            return
        company = await self._hub.readers.read(_readers_of, visitor.actor, conversation)
        await self._tell(visitor.actor.here, company, "typing")

    async def _gone(self, me: tuple[str, str]) -> None:
        self._leaving.pop(me, None)
        programme, _person = me
        await self._tell(programme, self._told.pop(me, []), "gone")

    async def _tell(self, programme: str, company: list[Company], what: str) -> None:
        for one in company:
            said = f"{one.conversation} {one.my_mark}" if what == "typing" else one.my_mark
            await self._hub.put(self._hub.streams_of(programme, one.person), event(what, said))


def _readers_of(actor: Actor, conversation: str) -> list[Company]:
    if not rules.may_write(actor, reads.conversation(actor, conversation)):
        raise NotAllowed
    return [one for one in reads.company(actor) if one.conversation == conversation]
