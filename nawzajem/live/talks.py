"""What can be done live: send, read on, say that one is writing, fetch what is new, and listen."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils import translation

from nawzajem.conversations import acts, reads
from nawzajem.conversations.forms import ChangeForm, KeyForm, MessageForm, plain
from nawzajem.conversations.moment import Sending
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import Invalid
from nawzajem.live.call import Call
from nawzajem.live.fragments import Fragments
from nawzajem.live.hub import Hub
from nawzajem.live.session import Visitor
from nawzajem.live.stream import HEADERS, Stream, from_id
from nawzajem.live.writer import Writer

LONGEST = 100_000  # bytes of a form: the longest message, with every letter percent-encoded


class Talks:
    def __init__(self, hub: Hub, writer: Writer) -> None:
        self._hub, self._writer = hub, writer
        self._read = hub.readers.read

    async def send(self, call: Call, visitor: Visitor, talk: str) -> None:
        """The answer comes after the commit. Asked again with the same key, it is the same answer."""
        typed = await call.form(LONGEST)
        words = plain(typed) or _looked_through(typed, visitor)
        sent = await self._writer.do_with_others(acts.send_each, Sending(visitor.actor, talk, **words))
        said = b'{"seq": %d, "key": "%b"}' % (sent.seq, sent.client_key.encode())  # a key has nothing to be escaped
        await call.say(200, said, kind="application/json")

    async def change(self, call: Call, visitor: Visitor, talk: str) -> None:
        """Other words for a message of one's own, named by its key; or, `withdrawn`, none. The same again changes nothing."""
        typed = await call.form(LONGEST)
        words = _looked_through(typed, visitor, KeyForm if typed.get("withdrawn") else ChangeForm)
        place = await self._writer.do(partial(_changed, visitor.actor, talk, **words), about=talk)
        await call.say_json(200, {"seq": place, "key": words["client_key"]})

    async def read_on(self, call: Call, visitor: Visitor, talk: str) -> None:
        seq = (await call.form(LONGEST)).get("seq", "")
        if not seq.isdecimal() or len(seq) > 9:
            raise Invalid
        await self._writer.do(partial(_read_on, visitor.actor, talk, int(seq)), about=talk)
        await call.say(204)

    async def typing(self, call: Call, visitor: Visitor, talk: str) -> None:
        await call.form(LONGEST)
        await self._hub.presence.writes(visitor, talk)
        await call.say(204)

    async def messages(self, call: Call, visitor: Visitor, talk: str) -> None:
        """What came after a place, a page of it: for catching up, and where no stream can be held. And with which message the
        talk begins by now."""
        after = call.query.get("after", "0")
        if not after.isdecimal() or len(after) > 9:
            raise Invalid
        found, first = await self._read(_rendered, visitor, talk, int(after))
        await call.say(200, found.encode(), kind="text/html", headers=[(b"x-nawzajem-first", b"%d" % first)])

    async def listen(self, call: Call, visitor: Visitor, _every: str) -> None:
        """One stream for everything. `after`, like Last-Event-ID, says which messages the browser has."""
        stream = Stream(visitor, on_room=self._hub.has_room)
        had = from_id(call.header(b"last-event-id") or call.query.get("after", ""))
        await call.start(200, HEADERS)
        stream.take(call.hand_over(stream))
        try:
            await self._hub.come_in(stream, had)
        finally:
            stream.when_gone(self._hub.leave)


def _looked_through(typed: dict[str, str], visitor: Visitor, form: type[KeyForm] = MessageForm) -> dict[str, Any]:
    with translation.override(visitor.actor.language):
        seen = form(typed)
        if not seen.is_valid():
            raise Invalid(fields=seen.errors)
    return seen.cleaned_data


def _changed(actor: Actor, talk: str, *, client_key: str, text: str = "", after: int | None = None) -> int:
    own = reads.message(actor, reads.conversation(actor, talk), key=client_key)
    return (acts.edit(actor, own, text=text, after=after) if text else acts.withdraw(actor, own)).latest_seq


def _read_on(actor: Actor, talk: str, seq: int) -> None:
    acts.read_to(actor, reads.conversation(actor, talk), seq=seq)


def _rendered(visitor: Visitor, talk: str, after: int) -> tuple[str, int]:
    of = reads.conversation(visitor.actor, talk)
    fragments = Fragments()
    lines = reads.lines(visitor.actor, of, after=after)
    return "".join(fragments.of(line, visitor) for line in lines), reads.begins_at(of)
