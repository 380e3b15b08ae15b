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
from nawzajem.conversations.forms import MessageForm, OtherWordsForm
from nawzajem.conversations.models import Participant
from nawzajem.conversations.reads import Line, State

router = Router(tags=["Conversations"])

MOST = 200


class OtherOut(Out):
    name: str  # empty for somebody who has left
    away_until: date | None


class ConversationOut(Out):
    id: str
    others: list[OtherOut]
    last_seq: int  # the place of what happened last: a message, a change of one, or that words went
    read_seq: int
    unread: int
    last_at: datetime | None
    closed_at: datetime | None


class MessageOut(Out):
    seq: int
    latest: int  # the place of its latest change; its own `seq` while there was none. Ask what came after the highest of these
    state: State
    at: datetime
    mine: bool
    author: str  # empty for oneself, and for somebody who has left
    text: str  # empty once it was withdrawn or erased, or when its stored bytes are damaged
    client_key: str


class SeqForm(forms.Form):
    seq = forms.IntegerField(label="Read up to this message", min_value=0)


@router.get("/p/{programme}/conversations", response=gives(list[ConversationOut]), auth=TALK)
def conversations(request: Request, programme: str, page: int = 1) -> list[ConversationOut]:
    """Mine, the one with the latest word first. 200 a page."""
    here = inside(request, programme)
    mine, unread = list(a_page(reads.mine(here.actor), page)), reads.unread(here.actor)
    others = reads.others_in(here.actor, [one.conversation for one in mine])
    return [_conversation(one, others[one.conversation_id], unread.get(one.conversation_id, 0)) for one in mine]


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
    """The last ones; or those that came or were changed after a place, to catch up; or those before one, to read back. At
    most 200."""
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


@router.patch(
    "/p/{programme}/conversations/{conversation}/messages/{seq}",
    response=gives(MessageOut),
    auth=TALK,
    openapi_extra=takes(OtherWordsForm),
)
def edit(request: Request, programme: str, conversation: str, seq: int) -> MessageOut:
    """Other words in the place of my own, for a quarter of an hour. The same words again change nothing. With `after`, the `latest`
    that they were made upon, it is 409 where the message has become another one since."""
    here = inside(request, programme)
    of = reads.conversation(here.actor, conversation)
    own = reads.message(here.actor, of, seq)
    return _message(reads.line(here.actor, of, acts.edit(here.actor, own, **typed(request, OtherWordsForm))))


@router.post(
    "/p/{programme}/conversations/{conversation}/messages/{seq}/withdraw", response=gives(MessageOut), auth=TALK
)
def withdraw(request: Request, programme: str, conversation: str, seq: int) -> MessageOut:
    """Take my own back, as long as the conversation goes on. Its words go for good, its place stays."""
    here = inside(request, programme, before_agreement=True)
    of = reads.conversation(here.actor, conversation)
    return _message(reads.line(here.actor, of, acts.withdraw(here.actor, reads.message(here.actor, of, seq))))


@router.post(
    "/p/{programme}/conversations/{conversation}/read", response=NOTHING, auth=TALK, openapi_extra=takes(SeqForm)
)
def read_to(request: Request, programme: str, conversation: str) -> Status:
    """How far one has read. The others are not told."""
    here = inside(request, programme)
    acts.read_to(here.actor, reads.conversation(here.actor, conversation), **typed(request, SeqForm))
    return done()


def _conversation(one: Participant, others: list[reads.Other], unread: int) -> ConversationOut:
    of = one.conversation
    return ConversationOut(
        id=of.pk,
        others=[OtherOut(name=other.name, away_until=other.away_until) for other in others],
        last_seq=of.last_seq,
        read_seq=one.read_seq,
        unread=unread,
        last_at=of.last_at,
        closed_at=of.closed_at,
    )


def _message(line: Line) -> MessageOut:
    return MessageOut(
        seq=line.seq,
        latest=line.latest,
        state=line.state,
        at=line.at,
        mine=line.mine,
        author=line.author,
        text=line.text,
        client_key=line.key,
    )
