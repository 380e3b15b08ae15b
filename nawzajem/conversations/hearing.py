"""What is read for those who listen while it happens: for all of them at once, and for each message, so in plain SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nawzajem.conversations.models import Message
from nawzajem.conversations.reads import CIRCLE, PAGE, Line, state_of
from nawzajem.ground import rows
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import Stored, readable
from nawzajem.programmes.models import Member
from nawzajem.safety import reads as safety

NEVER = 2**31 - 1  # a place that no message has
# Who takes part, and beside that each line of what is new; one row without a line where nothing is. All as of one moment. That
# places end is said aloud, and that lines are few: PostgreSQL then keeps one plan and does not think anew at each message.
NEWS = f"""SELECT talk.programme_id, talk.vault, talk.closed_at, talk.last_seq, present.people,
        message.seq, message.latest_seq, message.client_key, message.at, message.edited_at, message.withdrawn_at,
        message.body, author.person_id, place.called
    FROM nawzajem_conversation talk
    CROSS JOIN (SELECT string_agg(person_id, ' ') AS people FROM nawzajem_participant
        WHERE conversation_id = %s AND left_at IS NULL) AS present
    LEFT JOIN (SELECT * FROM nawzajem_message WHERE conversation_id = %s AND latest_seq > %s AND latest_seq < {NEVER}
        ORDER BY latest_seq LIMIT %s) AS message ON TRUE
    LEFT JOIN nawzajem_participant author ON author.id = message.author_id
    LEFT JOIN nawzajem_member place
        ON place.person_id = author.person_id AND place.programme_id = talk.programme_id AND place.state <> %s
    WHERE talk.id = %s ORDER BY message.latest_seq"""  # noqa: S608  a number of ours
PLACES = "SELECT id, last_seq FROM nawzajem_conversation WHERE id IN (VALUES {})"
# CROSS JOIN tells SQLite where to begin: with these people. By itself it begins with all conversations of the programme.
FOLLOWED = """SELECT seat.person_id, talk.id, talk.last_seq, CASE WHEN talk.last_seq > seat.read_seq THEN
        (SELECT count(*) FROM nawzajem_message newer WHERE newer.conversation_id = talk.id
         AND newer.seq > seat.read_seq AND newer.withdrawn_at IS NULL) ELSE 0 END
    FROM nawzajem_participant seat CROSS JOIN nawzajem_conversation talk
    WHERE talk.id = seat.conversation_id AND talk.programme_id = %s AND seat.left_at IS NULL
        AND (talk.closed_at IS NULL OR talk.last_seq > seat.read_seq) AND seat.person_id IN (VALUES {})"""
SEATS = """SELECT seat.person_id, seat.conversation_id, seat.id
    FROM nawzajem_participant seat CROSS JOIN nawzajem_conversation talk
    WHERE talk.id = seat.conversation_id AND talk.programme_id = %s AND talk.closed_at IS NULL
        AND seat.left_at IS NULL AND seat.person_id IN (VALUES {})"""
BESIDE = f"""SELECT seat.conversation_id, seat.id, seat.person_id, person.shows_presence
    FROM nawzajem_participant seat CROSS JOIN nawzajem_person person
    WHERE person.id = seat.person_id AND person.is_active AND seat.left_at IS NULL AND seat.conversation_id IN
        (SELECT conversation_id FROM nawzajem_participant WHERE left_at IS NULL AND conversation_id IN (VALUES {{}})
         GROUP BY conversation_id HAVING count(*) <= {CIRCLE})"""  # noqa: S608  a number of ours


@dataclass(frozen=True, slots=True)
class News:
    """What is new in one conversation, read once for all who listen. Nobody gets at its words but through `heard_by`."""

    programme: str
    people: frozenset[str]  # those who take part now
    upto: int  # all that had happened up to here is in it, where it is still to be seen
    more: bool  # there was more than one page of it
    # Who wrote it, the line as others see it, and as the author does. Not in what a log may say of this.
    _said: list[tuple[str, Line, Line]] = field(repr=False)


def news(conversation_id: str, *, after: int, most: int = 4 * PAGE) -> News | None:
    """None when there is no such conversation any more, or nobody left in it."""
    here, left = [conversation_id], Member.State.LEFT.value
    found = rows.read(NEWS, first=[*here, *here, after, most, left, *here])
    if not found or not found[0][4]:
        return None
    programme, vault, closed_at, upto, people = found[0][:5]
    said = [_said(conversation_id, vault, closed_at is None, *row[5:]) for row in found if row[5] is not None]
    return News(programme, frozenset(people.split()), upto, len(said) == most, said)


def just_said(
    talk: str, programme: str, people: Collection[str], at: datetime, said: Iterable[tuple[str, str, int, str, str]]
) -> News:
    """The same of messages that were kept this moment and are known: author, their name here, place, key and words of each."""
    lines = [
        _both(author, Line(talk, seq, seq, "said", text, at, False, called, key, True))
        for author, called, seq, key, text in said
    ]
    return News(programme, frozenset(people), lines[-1][1].seq, False, lines)


def _said(talk: str, vault: Stored | None, goes_on: bool, *row: Any) -> tuple[str, Line, Line]:
    seq, latest, key, at, edited, withdrawn, body, author, called = row
    text = readable(vault, body, about=Message.place(talk, seq))
    line = Line(
        conversation=talk,
        seq=seq,
        latest=latest,
        state=state_of(text, withdrawn=withdrawn, edited=edited),
        text=text or "",
        at=rows.moment(at),
        mine=False,
        author=called or "",
        key=key,
        open=goes_on,
    )
    return _both(author or "", line)


def _both(author: str, line: Line) -> tuple[str, Line, Line]:
    """As others see it, and as whoever wrote it does."""
    return author, line, replace(line, mine=True, author="")


def joined(pieces: Sequence[News | None], *, after: int) -> News | None:
    """What was brought piece by piece, if it is all that is new; None if a place between is missing, and it has to be read."""
    known = [one for one in pieces if one is not None]
    said = sorted(
        (one for piece in known for one in piece._said if one[1].latest > after), key=lambda one: one[1].latest
    )
    if (
        len(known) < len(pieces)
        or not said
        or [one[1].latest for one in said] != [*range(after + 1, after + 1 + len(said))]
    ):
        return None
    last = max(known, key=lambda one: one.upto)
    return replace(last, _said=said)


def heard_by(actor: Actor, of: News, *, after: int) -> list[Line]:
    """The same lines that `lines` gives, for one who listens."""
    if actor.person not in of.people or actor.programme != of.programme:
        raise NotFound
    return [own if author == actor.person else line for author, line, own in of._said if line.latest > after]


def last_places(conversations: Iterable[str]) -> dict[str, int]:
    """The place of what happened last in each: what somebody who missed a hint compares with."""
    return dict(rows.read(PLACES, [(one,) for one in conversations]))


@dataclass(frozen=True, slots=True)
class Following:
    """One of somebody's conversations, for a stream that follows it."""

    last_seq: int
    unread: int


def followed(programme: str, people: Iterable[str]) -> dict[str, dict[str, Following]]:
    """For each of these people the conversations that go on, or in which something is unread."""
    found: dict[str, dict[str, Following]] = {}
    for person, talk, last, unread in rows.read(FOLLOWED, [(one,) for one in people], first=[programme]):
        found.setdefault(person, {})[talk] = Following(last, unread)
    return found


@dataclass(frozen=True, slots=True)
class Company:
    """Somebody with whom one shares an open conversation; each is known there by their own mark."""

    conversation: str
    my_mark: str
    their_mark: str
    person: str
    shows_presence: bool


def company(actor: Actor) -> list[Company]:
    """Those who may know that one is here: never somebody who closed the door, or to whom it was closed."""
    return companies(actor.here, [actor.me])[actor.me]


def companies(programme: str, people: Collection[str]) -> dict[str, list[Company]]:
    """The same of many who come in one moment. Where more meet than in a circle, nobody is told of each who comes and goes."""
    mine = rows.read(SEATS, [(one,) for one in people], first=[programme])
    there = defaultdict[str, list[tuple[str, str, bool]]](list)
    for talk, mark, person, shows in rows.read(BESIDE, {(talk,) for _me, talk, _mark in mine}):
        there[talk].append((mark, person, bool(shows)))
    strangers = safety.strangers_among(people)()
    found: dict[str, list[Company]] = {one: [] for one in people}
    for me, talk, my_mark in mine:
        found[me] += [
            Company(talk, my_mark, mark, person, shows)
            for mark, person, shows in there[talk]
            if person != me and person not in strangers.get(me, ())
        ]
    return found
