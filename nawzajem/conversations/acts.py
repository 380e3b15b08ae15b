"""Opening, writing, reading on, closing, erasing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nawzajem.conversations import rules
from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.ground import bus, clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Closed, Stale
from nawzajem.ground.seal import seal
from nawzajem.people.models import Person

TAKE_SEQ = "UPDATE nawzajem_conversation SET last_seq = last_seq + 1, last_at = %s WHERE id = %s RETURNING last_seq"


@act(may=rules.may_open)
def open_between(actor: Actor, people: Sequence[str]) -> Conversation:
    made = Conversation.objects.create(programme_id=actor.here)
    Participant.objects.bulk_create(Participant(conversation=made, person_id=one) for one in people)
    emit(actor, "conversation.opened", made, people=len(people), wakes=[f"person:{one}" for one in people])
    return made


@act(may=rules.may_send)
def send(actor: Actor, conversation: Conversation, *, text: str, client_key: str) -> Message:
    """One message. Sent again with the same key, it is the same message: an answer that got lost costs nothing."""
    here = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    before = here.messages.filter(client_key=client_key).first()
    if before is not None:
        return before
    if here.closed_at or not here.vault or rules.is_door_closed(actor, here):
        raise Closed(_("This conversation has ended. What was said stays here to be read."))
    author = rules.participation(actor, here)
    made = Message(conversation=here, seq=_next_seq(here), author=author, client_key=client_key, at=clock.now())
    made.body = seal(here.vault, text, about=made.about)
    made.save(force_insert=True)
    Participant.objects.filter(pk=made.author_id).update(read_seq=made.seq)
    emit(actor, "message.sent", here, seq=made.seq, wakes=[f"conversation:{here.pk}"])
    return made


def _next_seq(conversation: Conversation) -> int:
    """The next place, taken under the conversation's row, so that places are in the order of commits and without gaps."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_SEQ, [connection.ops.adapt_datetimefield_value(clock.now()), conversation.pk])
        return int(cursor.fetchone()[0])


def _ears(conversation: Conversation) -> list[str]:
    people = conversation.participants.filter(left_at=None, person__isnull=False).values_list("person", flat=True)
    return [f"conversation:{conversation.pk}", *(f"person:{one}" for one in people)]


@act(may=rules.is_in)
def read_to(actor: Actor, conversation: Conversation, *, seq: int) -> None:
    """How far one has read. No event, and not told to the others: reading must not oblige anybody."""
    Participant.objects.filter(
        conversation=conversation, person=actor.person, read_seq__lt=min(seq, conversation.last_seq)
    ).update(read_seq=min(seq, conversation.last_seq))
    bus.wake(f"unread:{actor.person}")


@act(may=rules.may_close)
def close(actor: Actor, conversation: Conversation) -> None:
    if not Conversation.objects.filter(pk=conversation.pk, closed_at=None).update(closed_at=clock.now()):
        raise Stale
    emit(actor, "conversation.closed", conversation, wakes=_ears(conversation))


@act(may=rules.may_erase)
def erase(actor: Actor, conversation: Conversation) -> None:
    """For good, in every backup too: without its key nothing of it can be read again."""
    Conversation.objects.filter(pk=conversation.pk).update(vault=None)
    erased = Message.objects.filter(conversation=conversation).update(body=b"")
    emit(actor, "conversation.erased", conversation, messages=erased)


@act(may=rules.may_erase_own)
def erase_words_of(actor: Actor, person: Person) -> int:
    """All that this person wrote, in every conversation. The places of the messages stay, empty."""
    erased = Message.objects.filter(author__person=person).update(body=b"")
    emit(actor, "messages.erased", person, messages=erased)
    return erased
