"""All that is sent in one moment, by however many people: what decides about it is read at once, what is new is kept at once.

Eight statements for a whole group, in plain SQL, the same for one message as for sixty; two more, who hears it and from whom,
where somebody in this process listens, for then what is kept is handed over with the hint and need not be read again. Conversations are locked in the
order of their ids, then the seats of those who write, so that two processes never wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nawzajem.conversations import hearing
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground import bus, clock, rows
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit_all
from nawzajem.ground.seal import Stored, seal
from nawzajem.safety import reads as safety

TALKS = """SELECT id, programme_id, vault, closed_at, last_seq, unscreened FROM nawzajem_conversation
    WHERE id IN (VALUES {}) ORDER BY id"""
SEATS = """SELECT conversation_id, person_id, id FROM nawzajem_participant
    WHERE left_at IS NULL AND (conversation_id, person_id) IN (VALUES {}) ORDER BY conversation_id, id"""
# Looked up one by one: PostgreSQL does not know how few are asked for, would read all messages of a house that is still small, and
# go on so until it is told how many there are by now.
KEPT = """SELECT column1, column2, (SELECT seq FROM nawzajem_message WHERE conversation_id = column1 AND client_key = column2)
    FROM (VALUES {}) AS asked"""
CALLED = """SELECT programme_id, person_id, called FROM nawzajem_member
    WHERE state <> 'left' AND (programme_id, person_id) IN (VALUES {})"""
PRESENT = """SELECT conversation_id, person_id FROM nawzajem_participant
    WHERE left_at IS NULL AND person_id IS NOT NULL AND conversation_id IN (VALUES {})"""
EVERYBODY = "SELECT conversation_id, person_id FROM nawzajem_participant WHERE conversation_id IN (VALUES {})"
TAKE_PLACES = """UPDATE nawzajem_conversation SET last_at = %s, last_seq = taken.column2
    FROM (VALUES {}) AS taken WHERE id = taken.column1"""
TO_SCREEN = "UPDATE nawzajem_conversation SET unscreened = %s WHERE id IN (VALUES {})"
HAVE_READ = """UPDATE nawzajem_participant SET read_seq = own.column2
    FROM (VALUES {}) AS own WHERE id = own.column1"""


AUTHORS = """SELECT author_id, COUNT(*) FROM nawzajem_message WHERE conversation_id IN (VALUES {}) GROUP BY author_id"""

_answered: set[str] = set()  # seats of newcomers to whom somebody has written: that never becomes untrue


def _remember(seat: str) -> None:
    if len(_answered) > 10_000:
        _answered.clear()
    _answered.add(seat)


def _together(pairs: Iterable[rows.Row], of: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {one: set() for one in of}
    for one, other in pairs:
        found[one].add(other)
    return found


@dataclass(frozen=True, slots=True)
class Sending:
    """What somebody wishes to send."""

    actor: Actor
    conversation: str
    text: str
    client_key: str


@dataclass(frozen=True, slots=True)
class Sent:
    seq: int
    client_key: str


@dataclass(slots=True)
class Talk:
    """As much of a conversation as decides about it."""

    pk: str
    programme_id: str
    vault: Stored | None
    closed_at: object
    last_seq: int
    unscreened: bool


@dataclass(slots=True)
class Moment:
    talks: dict[str, Talk]
    kept: dict[tuple[str, str], Sent]  # by conversation and key
    _seats: dict[tuple[str, str | None], str]  # by conversation and person
    _called: dict[tuple[str | None, str | None], str]  # of those whom somebody here listens to: by programme and person
    _strangers: dict[str, set[str]]  # who shall not meet whom
    _present: dict[str, set[str]]  # of the conversations to which somebody listens here, who takes part
    _new: list[tuple[Sending, Sent]] = field(default_factory=list)

    @classmethod
    def of(cls, asked: Sequence[Sending]) -> Moment:
        with rows.at_once():
            talks = rows.ask(TALKS, {(one.conversation,) for one in asked}, lock=True)
            seats = rows.ask(SEATS, {(one.conversation, one.actor.person) for one in asked}, lock=True)
            kept = rows.ask(KEPT, {(one.conversation, one.client_key) for one in asked})
            heard = [one for one in asked if bus.is_taken(f"conversation:{one.conversation}")]
            listened = {one.conversation for one in heard}
            present = rows.ask(PRESENT, [(talk,) for talk in listened])
            called = rows.ask(CALLED, {(one.actor.programme, one.actor.person) for one in heard})
            strangers = safety.strangers_among({one.actor.person for one in asked if one.actor.person})
        return cls(
            {row[0]: Talk(*row) for row in talks()},
            {(talk, key): Sent(seq, key) for talk, key, seq in kept() if seq},
            {(talk, person): seat for talk, person, seat in seats()},
            {row[:2]: row[2] for row in called()},
            strangers(),
            _together(present(), listened),
        )

    def talk_of(self, one: Sending) -> Talk | None:
        """The conversation, if whoever writes has a seat in it."""
        return self.talks.get(one.conversation) if (one.conversation, one.actor.person) in self._seats else None

    def is_door_closed(self, one: Sending) -> bool:
        """Whether anybody who ever took part shall not meet whoever writes."""
        strangers = self._strangers.get(one.actor.me)
        if not strangers:
            return False
        return any(person in strangers for _talk, person in rows.read(EVERYBODY, [(one.conversation,)]))

    def waits_for_answer(self, one: Sending, *, most: int) -> bool:
        """Whether so many of theirs stand there already, and nobody has answered. Asked only of those who have just come; whoever
        was answered once is not asked again."""
        talk, seat = one.conversation, self._seats[one.conversation, one.actor.person]
        if self.talks[talk].last_seq < most or seat in _answered:
            return False
        said: dict[str, int] = dict(rows.read(AUTHORS, [(talk,)]))
        if said.keys() - {seat}:
            _remember(seat)
            return False
        return said.get(seat, 0) + sum(other.conversation == talk for other, _sent in self._new) >= most

    def take(self, one: Sending, talk: Talk) -> Sent:
        """The next place in it. The same key later in the same moment is the same message."""
        talk.last_seq += 1
        sent = self.kept[one.conversation, one.client_key] = Sent(talk.last_seq, one.client_key)
        self._new.append((one, sent))
        return sent

    def keep(self) -> None:
        """Messages, places, how far each has read, events: all or nothing, and the last that is done."""
        if not self._new:
            return
        now = clock.now()
        seats = {id(one): self._seats[one.conversation, one.actor.person] for one, _sent in self._new}
        last = {one.conversation: sent.seq for one, sent in self._new}
        with rows.at_once(ends=True):
            rows.write(TO_SCREEN, [(talk,) for talk in last if not self.talks[talk].unscreened], first=[True])
            rows.write(TAKE_PLACES, last.items(), first=[now])
            rows.write(HAVE_READ, {seats[id(one)]: sent.seq for one, sent in self._new}.items())
            rows.insert(
                Message,
                ("conversation_id", "seq", "latest_seq", "author_id", "client_key", "at", "body"),
                [
                    (one.conversation, sent.seq, sent.seq, seats[id(one)], one.client_key, now, self._sealed(one, sent))
                    for one, sent in self._new
                ],
            )
            emit_all(
                "message.sent",
                Conversation,
                [(one.actor, one.conversation, {"seq": sent.seq}) for one, sent in self._new],
                wakes=[f"conversation:{talk}" for talk in last],
                brought=self._brought(now),
            )

    def _brought(self, at: datetime) -> dict[str, hearing.News]:
        """For whoever listens in this process."""
        said = defaultdict[str, list[tuple[str, str, int, str, str]]](list)
        for one, sent in self._new:
            if one.conversation in self._present:
                called = self._called.get((one.actor.programme, one.actor.me), "")
                said[one.conversation].append((one.actor.me, called, sent.seq, one.client_key, one.text))
        return {
            f"conversation:{talk}": hearing.just_said(
                talk, self.talks[talk].programme_id, self._present[talk], at, lines
            )
            for talk, lines in said.items()
        }

    def _sealed(self, one: Sending, sent: Sent) -> bytes:
        vault = self.talks[one.conversation].vault
        assert vault
        return seal(vault, one.text, about=Message.place(one.conversation, sent.seq))
