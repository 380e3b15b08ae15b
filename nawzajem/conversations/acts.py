"""Opening, writing, changing what one wrote, reading on, closing, erasing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from django.db.models import Case, F, QuerySet, When
from django.utils.translation import gettext_lazy as _

from nawzajem.conversations import reads, rules
from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.conversations.moment import Moment, Sending, Sent
from nawzajem.ground import bus, clock, rows
from nawzajem.ground.act import act, act_each
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.models import Passing
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Refusal, Stale
from nawzajem.ground.seal import Stored, new_vault, opens, pointed_at, pointer, readable, seal
from nawzajem.ground.slowly import is_new, wait_until
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.openings import acts as opening_acts
from nawzajem.safety.openings import rules as openings
from nawzajem.safety.openings.models import Opening

if TYPE_CHECKING:
    from nawzajem.conversations.screening import Found

EMPTY = """UPDATE nawzajem_message SET body = %s, latest_seq = own.column2
    FROM (VALUES {}) AS own WHERE id = own.column1"""
AT_ONCE = 5_000  # rows of one statement

ENDED = _("This conversation has ended. What was said stays here to be read.")


@act(may=rules.may_open)
def open_between(actor: Actor, people: Sequence[str]) -> Conversation:
    kept = Programme.objects.get(pk=actor.here).options.content == "kept"
    made = Conversation.objects.create(programme_id=actor.here, vault=new_vault() if kept else _passing_vault())
    Participant.objects.bulk_create(Participant(conversation=made, person_id=one) for one in people)
    emit(actor, "conversation.opened", made, people=len(people), wakes=[f"person:{one}" for one in people])
    return made


def _passing_vault() -> bytes:
    """One that no backup holds: what stands with the conversation only points to it."""
    return pointer(Passing.objects.create(vault=new_vault()).pk)


def _destroy(vault: Stored | None) -> None:
    """Of a passing vault the key itself; any other is destroyed where it stands."""
    Passing.objects.filter(pk=pointed_at(vault or b"")).delete()


@act(may=rules.may_send)
def send(actor: Actor, conversation: Conversation, *, text: str, client_key: str) -> Message:
    """One message. Sent again with the same key, it is the same message: an answer that got lost costs nothing."""
    (answer,) = send_each([Sending(actor, conversation.pk, text, client_key)])
    if isinstance(answer, Refusal):
        raise answer
    return conversation.messages.get(client_key=client_key)


@act_each(may=rules.may_send_from_seat)
def send_each(asked: Sequence[Sending]) -> list[Sent | Refusal]:
    """What many people send in one moment, each answered as if alone, and whoever is refused is refused alone. `send` is this
    for one."""
    moment = Moment.of(asked)
    answers = [_take_place(moment, one) for one in asked]
    moment.keep()
    return answers


def _take_place(moment: Moment, one: Sending) -> Sent | Refusal:
    talk = moment.talk_of(one)
    if talk is None or talk.programme_id != one.actor.programme:
        return NotFound()
    if not rules.may_send_from_seat(one.actor, talk):
        return NotAllowed()
    if before := moment.kept.get((one.conversation, one.client_key)):
        return before
    if not rules.goes_on(talk) or moment.is_door_closed(one):
        return Closed(ENDED)
    slowly = is_new(one.actor)
    if slowly is not None and moment.waits_for_answer(one, most=slowly.messages):
        return wait_until(one.actor, slowly)
    return moment.take(one, talk)


@act(may=rules.may_edit)
def edit(actor: Actor, message: Message, *, text: str, after: int | None = None) -> Message:
    """Other words in the same place. The same words again change nothing, so asking twice is harmless. `after`: the place of
    the message as it was when these words were written; where it has moved on since, a question that comes late, or from
    another device, undoes nothing."""
    here, found, vault = _to_be_changed(actor, message)
    if readable(vault, found.body, about=found.about) == text:
        return found
    if not rules.is_fresh(found):
        raise Closed(
            _("The words of a message can be changed for a quarter of an hour. After that it can be taken back.")
        )
    if after not in {None, found.latest_seq}:
        raise Stale
    found.body, found.edited_at = seal(vault, text, about=found.about), clock.now()
    _keep_change(here, found)
    emit(actor, "message.edited", here, seq=found.seq, place=here.last_seq, wakes=[f"conversation:{here.pk}"])
    return found


@act(may=rules.may_withdraw)
def withdraw(actor: Actor, message: Message) -> Message:
    """Its words go at once; its place stays. What somebody reported before is sealed in the report, and stays there."""
    here, found, _key = _to_be_changed(actor, message)
    if found.withdrawn_at is not None:
        return found
    found.body, found.withdrawn_at = b"", clock.now()
    _keep_change(here, found)
    emit(actor, "message.withdrawn", here, seq=found.seq, place=here.last_seq, wakes=[f"conversation:{here.pk}"])
    return found


def _to_be_changed(actor: Actor, message: Message) -> tuple[Conversation, Message, Stored]:
    """All as they are now, under the conversation's row like everything that takes a place."""
    here = Conversation.objects.select_for_update(no_key=True).get(pk=message.conversation_id)
    if not here.vault or not rules.goes_on(here) or rules.is_door_closed(actor, here):
        raise Closed(ENDED)
    return here, here.messages.select_related("author").get(pk=message.pk), here.vault


def _keep_change(here: Conversation, message: Message) -> None:
    """The change of a message has a place of its own."""
    message.latest_seq = here.last_seq + 1
    message.save(update_fields=["body", "edited_at", "withdrawn_at", "latest_seq"])
    _move_on(here, 1)


def _move_on(here: Conversation, changes: int) -> None:
    """So many places are taken. What is changed is nothing to be read anew: whoever had read all has read all."""
    before, here.last_seq, here.unscreened = here.last_seq, here.last_seq + changes, True
    here.save(update_fields=["last_seq", "unscreened"])
    here.participants.filter(read_seq=before).update(read_seq=here.last_seq)


@act(may=rules.may_screen)
def begin_screening(actor: Actor, programme: Programme) -> None:
    """What was sent before stays unread: nobody was told then that it would be looked through."""
    concerns.begin_watch(actor, programme)
    Conversation.objects.filter(programme=programme).update(screened_seq=F("last_seq"), unscreened=False)


@act(may=rules.may_screen)
def screened(actor: Actor, conversation: Conversation, *, seen: int, upto: int, found: Sequence[Found]) -> None:
    """Looked through up to a place, and what was found raised with it: of two who looked through the same, one counts."""
    more = Case(When(last_seq__gt=upto, then=True), default=False)  # came meanwhile
    if not Conversation.objects.filter(pk=conversation.pk, screened_seq=seen).update(
        screened_seq=upto, unscreened=more
    ):
        raise Stale
    for one in found:
        concerns.raise_concern(
            actor,
            one.author,
            origin=Concern.Origin.SCREENING,
            tier=int(one.finding.tier),
            kind=one.finding.kind.value,
            certainty=one.finding.certainty,
            place=Message.place(conversation.pk, one.seq),
            talk=conversation.pk,
        )


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
    """For good, in every backup too: without its key nothing of it can be read again, and nothing is left to be looked through."""
    here = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    _destroy(here.vault)
    erased = _erase_words(here, here.messages.all())
    Conversation.objects.filter(pk=here.pk).update(vault=None, screened_seq=F("last_seq"), unscreened=False)
    emit(actor, "conversation.erased", here, messages=erased, wakes=_ears(here))


@act(may=rules.may_let_pass)
def let_pass(actor: Actor, conversation: Conversation, *, before: datetime) -> int:
    """Where words are not kept: those from before go, with the key that opened them. What is younger gets another key, and so
    is out of reach of whoever kept a copy of the old one. Under the conversation's row: nobody is sending meanwhile. That they
    went takes one place, in which nothing stands: so open pages learn that something is gone."""
    here = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    gone = here.messages.filter(at__lt=before).delete()[0]
    if not here.vault or not (gone or not opens(here.vault)):
        raise Stale
    fresh = _passing_vault()
    for message in here.messages.all():
        words = readable(here.vault, message.body, about=message.about)
        if words:  # what is damaged, withdrawn or erased has none to be sealed anew
            message.body = seal(fresh, words, about=message.about)
            message.save(update_fields=["body"])
    _destroy(here.vault)
    Conversation.objects.filter(pk=here.pk).update(vault=fresh)
    _move_on(here, 1)
    if not here.messages.exists():
        here.participants.update(read_seq=here.last_seq)  # nothing waits to be read any more
    ears = _ears(here) if here.closed_at else [f"conversation:{here.pk}"]  # an open one is followed by all who are here
    emit(actor, "conversation.passed", here, messages=gone, wakes=ears)
    return gone


@act(may=rules.may_erase_own)
def erase_words_of(actor: Actor, person: Person) -> int:
    """All that this person wrote, in every conversation. The places of the messages stay, empty; that each became so has a
    place of its own, as any change has, so that nobody's open page goes on showing what is gone."""
    wrote = Participant.objects.filter(person=person).values("conversation")
    talks = Conversation.objects.select_for_update(no_key=True).filter(pk__in=wrote).order_by("pk")
    erased = sum(_erase_words(talk, talk.messages.filter(author__person=person)) for talk in talks)
    emit(actor, "messages.erased", person, messages=erased)
    return erased


def _erase_words(here: Conversation, of: QuerySet[Message]) -> int:
    with_words = of.exclude(body=b"").order_by("seq").values_list("pk", flat=True)
    gone = list(zip(with_words, count(here.last_seq + 1), strict=False))
    for start in range(0, len(gone), AT_ONCE):
        rows.write(EMPTY, gone[start : start + AT_ONCE], first=[b""])
    if gone:
        _move_on(here, len(gone))
        bus.wake(*_ears(here))
    return len(gone)


@act(may=openings.may_look)
def look(actor: Actor, opening: Opening) -> list[reads.Line]:
    """The part of a talk that two people opened. It is noted before it is shown, each time."""
    opening_acts.note_look(actor, opening, what="talk")
    return reads.excerpt(actor, opening)
