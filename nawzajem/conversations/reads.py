"""Questions about conversations. Each is asked as somebody who takes part; there is no other way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When

from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Passing
from nawzajem.ground.refusals import Closed, NotFound
from nawzajem.ground.seal import Stored, pointed_at, readable
from nawzajem.programmes.models import Member, Programme
from nawzajem.programmes.options import Options
from nawzajem.safety import evidence as pieces
from nawzajem.safety.openings import rules as openings
from nawzajem.safety.openings.models import Opening

PAGE, AT_ONCE = 50, 1000
CIRCLE = 60  # people


# erased: with all that its author wrote. damaged: its stored bytes cannot be opened
State = Literal["said", "edited", "withdrawn", "erased", "damaged"]


@dataclass(frozen=True, slots=True)
class Line:
    """A message as one reader sees it. The page, the live stream and the catching up all show this."""

    conversation: str
    seq: int
    latest: int  # the place of its latest change: whoever asks what came after a place asks after this one
    state: State
    text: str  # empty once it is gone
    at: datetime
    mine: bool
    author: str  # empty for somebody who has left
    key: str
    open: bool  # whether the conversation goes on, so that whoever wrote it may change it


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else in the conversation."""

    participant: str
    person: str | None
    name: str
    away_until: date | None
    rests: bool  # paused by a decision; why is nobody else's business


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of a conversation as one opens it."""

    lines: list[Line]
    others: list[Other]
    read_to: int  # how far one had read


NEWER = Message.objects.filter(
    conversation=OuterRef("conversation"), seq__gt=OuterRef("read_seq"), withdrawn_at=None
).order_by()
# Of a participant, how many messages they have not seen; counted only where there is something newer at all.
UNREAD = Case(
    When(
        conversation__last_seq__gt=F("read_seq"),
        then=Subquery(NEWER.values("conversation").annotate(n=Count("pk")).values("n")),
    ),
    output_field=IntegerField(),
)


def conversation(actor: Actor, conversation_id: str) -> Conversation:
    found = Conversation.objects.visible_to(actor).filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def mine(actor: Actor) -> QuerySet[Participant]:
    """My conversations, the one with the latest word first."""
    here = Participant.objects.filter(person=actor.person or "", left_at=None, conversation__programme=actor.programme)
    return here.select_related("conversation").order_by(F("conversation__last_at").desc(nulls_last=True))


def opened(actor: Actor, of: Conversation, *, before: int | None = None) -> Opened:
    """The last lines, or those before a place, and all that a page shows with them."""
    seats = _seats(actor, [of])[of.pk]
    met = _others(actor, {of: seats})[of.pk]
    read = next(one.read_seq for one in seats if one.person_id == actor.person)
    return Opened(_lines(actor, of, met, before=before), met, read)


def lines(actor: Actor, of: Conversation, *, after: int = 0, before: int | None = None, most: int = PAGE) -> list[Line]:
    """Messages in order: those that came or were changed after a place, or the last ones before it."""
    return _lines(actor, of, others(actor, of), after=after, before=before, most=most)


def _lines(
    actor: Actor, of: Conversation, met: list[Other], *, after: int = 0, before: int | None = None, most: int = PAGE
) -> list[Line]:
    names = {other.participant: other.name for other in met}
    rows = Message.objects.filter(conversation=of).select_related("author")
    rows = rows.filter(seq__lt=before) if before else rows
    newer = rows.filter(latest_seq__gt=after).order_by("latest_seq")[:most]
    found = list(newer) if after else list(reversed(rows.order_by("-seq")[:most]))
    return [_line(actor, of, message, names) for message in found]


def begins_at(of: Conversation) -> int:
    """The place of the first message that is there. What a page shows from before has had its time."""
    first = Message.objects.filter(conversation=of).order_by("seq").values_list("seq", flat=True).first()
    return first or of.last_seq + 1


def every_line(actor: Actor, of: Conversation) -> Iterator[Line]:
    """From the first to the last, a thousand places at a time."""
    names = {other.participant: other.name for other in others(actor, of)}
    for seq in range(0, of.last_seq, AT_ONCE):
        rows = Message.objects.filter(conversation=of, seq__gt=seq, seq__lte=seq + AT_ONCE).select_related("author")
        yield from (_line(actor, of, message, names) for message in rows.order_by("seq"))


def evidence(actor: Actor, of: Conversation, message: Message) -> str:
    """A message that is reported, with its neighbours, as the reporter sees them now; to be sealed with the report. Where a
    programme keeps no words, a report keeps none either."""
    if Programme.objects.get(pk=of.programme_id).options.content != "kept":
        return ""
    near = {"seq__gte": message.seq - pieces.AROUND, "seq__lte": message.seq + pieces.AROUND}
    rows = Message.objects.filter(conversation=of, **near).select_related("author").order_by("seq")
    return pieces.write(_piece(_line(actor, of, one, {}), meant=one.seq == message.seq) for one in rows)


def _piece(line: Line, *, meant: bool) -> pieces.Piece:
    return pieces.Piece(line.at.isoformat(), "reporter" if line.mine else "other", line.text, meant)


AROUND = 8  # messages on either side of the one that matters


def people_in(actor: Actor, conversation_id: str) -> set[str]:
    """Whose talk it is, for those who may ask to open it; of no talk outside their programme."""
    here = Participant.objects.filter(conversation=conversation_id, conversation__programme=actor.programme)
    found = set(here.filter(person__isnull=False).values_list("person", flat=True))
    if not found or not actor.has(*openings.KEEPERS):
        raise NotFound
    return {one for one in found if one}


def excerpt(actor: Actor, opening: Opening) -> list[Line]:
    """What two people opened: the messages around one place, or the last ones. Only `acts.look` asks this, and notes it."""
    if not openings.may_look(actor, opening) or opening.kind != Opening.Kind.TALK:
        raise NotFound
    rows = Message.objects.filter(conversation=opening.thing, conversation__programme=opening.programme_id)
    if opening.seq:
        rows = rows.filter(seq__gte=opening.seq - AROUND, seq__lte=opening.seq + AROUND)
    found = sorted(
        rows.select_related("author", "conversation").order_by("-seq")[: 2 * AROUND + 1], key=lambda one: one.seq
    )
    places = Member.objects.filter(programme=opening.programme_id, person__in={one.author.person_id for one in found})
    called = dict(places.values_list("person", "called"))
    return [
        _told(one, one.conversation.vault, mine=False, author=called.get(one.author.person_id or "", ""), open=False)
        for one in found
    ]


def line(actor: Actor, of: Conversation, message: Message) -> Line:
    return _line(actor, of, message, {other.participant: other.name for other in others(actor, of)})


def _line(actor: Actor, of: Conversation, message: Message, names: dict[str, str]) -> Line:
    mine = actor.person is not None and message.author.person_id == actor.person
    return _told(message, of.vault, mine=mine, author=names.get(message.author_id, ""), open=of.closed_at is None)


def _told(message: Message, vault: Stored | None, **words: Any) -> Line:
    text = readable(vault, message.body, about=message.about)
    return Line(
        conversation=message.conversation_id,
        seq=message.seq,
        latest=message.latest_seq,
        state=state_of(text, withdrawn=message.withdrawn_at, edited=message.edited_at),
        text=text or "",
        at=message.at,
        key=message.client_key,
        **words,
    )


def state_of(text: str | None, *, withdrawn: datetime | None, edited: datetime | None) -> State:
    if text is None:
        return "damaged"
    if withdrawn:
        return "withdrawn"
    if not text:
        return "erased"
    return "edited" if edited else "said"


def others(actor: Actor, of: Conversation) -> list[Other]:
    """Those one talks with, by the name they have here; a name is empty when somebody left."""
    return others_in(actor, [of])[of.pk]


def others_in(actor: Actor, of: Iterable[Conversation]) -> dict[str, list[Other]]:
    """The same of several conversations."""
    talks = list(of)
    seats = _seats(actor, talks)
    return _others(actor, {talk: seats[talk.pk] for talk in talks})


def _seats(actor: Actor, talks: Iterable[Conversation]) -> dict[str, list[Participant]]:
    """Of each conversation, if the actor takes part in them all."""
    found: dict[str, list[Participant]] = {talk.pk: [] for talk in talks}
    for seat in Participant.objects.filter(conversation__in=found):
        found[seat.conversation_id].append(seat)
    for rows in found.values():
        if actor.person not in {one.person_id for one in rows if one.person_id and not one.left_at}:
            raise NotFound
    return found


def _others(actor: Actor, seats: Mapping[Conversation, list[Participant]]) -> dict[str, list[Other]]:
    rows = {talk: [one for one in taken if one.person_id != actor.person] for talk, taken in seats.items()}
    people = {one.person_id for taken in rows.values() for one in taken if one.person_id}
    here = Member.objects.filter(programme__in={talk.programme_id for talk in seats}, person__in=people)
    places = {(place.programme_id, place.person_id): place for place in here}
    return {
        talk.pk: [_other(one, places.get((talk.programme_id, one.person_id or ""))) for one in taken]
        for talk, taken in rows.items()
    }


def _other(one: Participant, place: Member | None) -> Other:
    gone = place is not None and place.state == Member.State.LEFT
    if place is None:
        return Other(one.pk, one.person_id, "", None, rests=False)
    return Other(one.pk, one.person_id, "" if gone else place.called, place.away_until, place.is_suspended)


def names(actor: Actor, conversations: Iterable[str]) -> dict[str, str]:
    """For each conversation the names of the others, for a list of them."""
    rows = Participant.objects.filter(conversation__in=list(conversations)).exclude(person=actor.person)
    pairs = rows.exclude(person=None).values_list("conversation", "person")
    here = Member.objects.filter(programme=actor.programme).exclude(state=Member.State.LEFT)
    called = dict(here.filter(person__in={person for _c, person in pairs}).values_list("person", "called"))
    found: dict[str, list[str]] = {}
    for conversation_id, person in pairs:
        found.setdefault(conversation_id, []).append(called.get(person or "", ""))
    return {one: ", ".join(filter(None, name)) for one, name in found.items()}


def unread(actor: Actor) -> dict[str, int]:
    """For each conversation with news, how many messages one has not seen."""
    rows = mine(actor).filter(conversation__last_seq__gt=F("read_seq")).annotate(unread=UNREAD).filter(unread__gt=0)
    return dict(rows.values_list("conversation", "unread"))


# -- one by one ---------------------------------------------------------------------------------------------------------


def read_to(actor: Actor, of: Conversation) -> int:
    """How far one has read."""
    here = Participant.objects.filter(conversation=of, person=actor.person, left_at=None)
    return here.values_list("read_seq", flat=True).first() or 0


def message(actor: Actor, of: Conversation, seq: int = 0, *, key: str = "") -> Message:
    """By its place, or by the key that the device gave it."""
    which = {"client_key": key} if key else {"seq": seq}
    mine = Conversation.objects.visible_to(actor)
    found = Message.objects.filter(conversation=of, conversation__in=mine, **which).select_related("author").first()
    if found is None:
        raise NotFound
    return found


def own_message(actor: Actor, of: Conversation, seq: int) -> Message:
    """One that the actor wrote, while its words are there."""
    found = message(actor, of, seq)
    if found.author.person_id != actor.person:
        raise NotFound
    if found.withdrawn_at or not found.body:
        raise Closed
    return found


def last_words(conversations: Iterable[str]) -> dict[str, datetime | None]:
    """When each was last written in: the one thing about a conversation that those outside may be told."""
    return dict(Conversation.objects.filter(pk__in=list(conversations)).values_list("pk", "last_at"))


# -- where words are not kept -------------------------------------------------------------------------------------------


def to_pass(programme: Programme) -> list[tuple[Conversation, datetime]]:
    """Conversations in which words have had their time, each with the moment before which they go: after so many hours; where
    they last only while two talk, after a silence in which all was read, or when the talk has ended. And those whose key is
    not there, because they come from a backup: it holds none."""
    options, now = programme.options, clock.now()
    if options.content == "kept":
        return []
    here = Conversation.objects.filter(programme=programme, vault__isnull=False).select_related("programme")
    old = now - timedelta(hours=options.content_hours)
    due = {one.pk: (one, old) for one in here.filter(Exists(_words(at__lt=old)))}
    if options.content == "while_talking":
        due |= {one.pk: (one, now) for one in here.filter(_over(now, options), Exists(_words()))}
    keys = {"", *Passing.objects.values_list("pk", flat=True)}
    due |= {one.pk: (one, now) for one in here if pointed_at(one.vault or b"") not in keys}
    return list(due.values())


def _words(**which: datetime) -> QuerySet[Message]:
    return Message.objects.filter(conversation=OuterRef("pk"), **which)


def _over(now: datetime, options: Options) -> Q:
    news = Message.objects.filter(conversation=OuterRef("conversation"), latest_seq__gt=OuterRef("read_seq"))
    unread = Participant.objects.filter(Exists(news), conversation=OuterRef("pk"), person__isnull=False, left_at=None)
    silent = Q(last_at__lt=now - timedelta(minutes=options.content_minutes))
    return Q(closed_at__isnull=False) | (silent & Q(~Exists(unread)))
