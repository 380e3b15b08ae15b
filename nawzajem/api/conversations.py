"""Messages: those one can read on the pages, in order; sending, which is safe to repeat."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, a_page, done, gives, made
from nawzajem.api.tokens import TALK, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.conversations import acts, reads
from nawzajem.conversations.forms import MessageForm
from nawzajem.conversations.models import Participant
from nawzajem.conversations.reads import Line

router = Router(tags=["Conversations"])

MOST = 200


class OtherOut(Out):
    name: str  # empty for somebody who has left
    away_until: date | None


class ConversationOut(Out):
    id: str
    others: list[OtherOut]
    last_seq: int
    read_seq: int
    unread: int
    last_at: datetime | None
    closed_at: datetime | None


class MessageOut(Out):
    seq: int
    at: datetime
    mine: bool
    author: str  # empty for oneself, and for somebody who has left
    text: str  # empty once its author erased it
    client_key: str


class SeqForm(forms.Form):
    seq = forms.IntegerField(label="Read up to this message", min_value=0)


@router.get("/p/{programme}/conversations", response=gives(list[ConversationOut]), auth=TALK)
def conversations(request: Request, programme: str, page: int = 1) -> list[ConversationOut]:
    """Mine, the one with the latest word first. 200 a page."""
    here = inside(request, programme)
    mine = list(a_page(reads.mine(here.actor), page))
    others = reads.others_in(here.actor, [one.conversation for one in mine])
    return [_conversation(one, others[one.conversation_id]) for one in mine]


@router.get("/p/{programme}/conversations/{conversation}/messages", response=gives(list[MessageOut]), auth=TALK)
def messages(
    request: Request,
    programme: str,
    conversation: str,
    *,
    after: int = 0,
    before: int | None = None,
    most: int = reads.PAGE,
) -> list[MessageOut]:
    """The last ones; or those after a `seq`, to catch up; or those before one, to read back. At most 200."""
    here = inside(request, programme)
    of = reads.conversation(here.actor, conversation)
    found = reads.lines(here.actor, of, after=max(after, 0), before=before, most=min(max(most, 1), MOST))
    return [_message(one) for one in found]


@router.post(
    "/p/{programme}/conversations/{conversation}/messages",
    response=gives(MessageOut, 201),
    auth=TALK,
    openapi_extra=takes(MessageForm),
)
def send(request: Request, programme: str, conversation: str) -> Status:
    """One message. Sent again with the same `client_key`, it is the same message."""
    here = inside(request, programme)
    of = reads.conversation(here.actor, conversation)
    message = acts.send(here.actor, of, **typed(request, MessageForm))
    return made(_message(reads.line(here.actor, of, message)))


@router.post(
    "/p/{programme}/conversations/{conversation}/read", response=NOTHING, auth=TALK, openapi_extra=takes(SeqForm)
)
def read_to(request: Request, programme: str, conversation: str) -> Status:
    """How far one has read. The others are not told."""
    here = inside(request, programme)
    acts.read_to(here.actor, reads.conversation(here.actor, conversation), **typed(request, SeqForm))
    return done()


def _conversation(one: Participant, others: list[reads.Other]) -> ConversationOut:
    of = one.conversation
    return ConversationOut(
        id=of.pk,
        others=[OtherOut(name=other.name, away_until=other.away_until) for other in others],
        last_seq=of.last_seq,
        read_seq=one.read_seq,
        unread=max(0, of.last_seq - one.read_seq),
        last_at=of.last_at,
        closed_at=of.closed_at,
    )


def _message(line: Line) -> MessageOut:
    return MessageOut(seq=line.seq, at=line.at, mine=line.mine, author=line.author, text=line.text, client_key=line.key)
