"""Who may read and write in a conversation: those who take part in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.conversations.moment import Talk
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.safety import reads as safety

CHANGEABLE = timedelta(minutes=15)  # what was read an hour ago must not say something else now


def is_in(actor: Actor, conversation: Conversation) -> bool:
    return participation(actor, conversation) is not None


def participation(actor: Actor, conversation: Conversation) -> Participant | None:
    here = Participant.objects.filter(conversation=conversation, person=actor.person, left_at=None)
    return here.first() if actor.person else None


def may_screen(actor: Actor, of: object) -> bool:
    return actor.is_house


def may_send(actor: Actor, conversation: Conversation) -> bool:
    """In it, and taking part in its programme."""
    return may_send_from_seat(actor, conversation) and is_in(actor, conversation)


def may_send_from_seat(actor: Actor, conversation: Conversation | Talk) -> bool:
    """The same of somebody who is known to be in it."""
    return actor.takes_part and actor.programme == conversation.programme_id


def goes_on(conversation: Conversation | Talk) -> bool:
    """Neither ended nor erased."""
    return conversation.closed_at is None and bool(conversation.vault)


def may_write(actor: Actor, conversation: Conversation) -> bool:
    """And nobody in it has closed the door to another."""
    return may_send(actor, conversation) and not is_door_closed(actor, conversation)


def is_door_closed(actor: Actor, conversation: Conversation) -> bool:
    """Whoever finds it closed is told what is told of every talk that has ended, so this is asked by the act."""
    strangers = safety.strangers_for_ever(actor.me)
    return bool(strangers) and conversation.participants.filter(person__in=strangers).exists()


def may_withdraw(actor: Actor, message: Message) -> bool:
    """Whoever wrote it. Like all erasing it asks neither for the present text nor whether somebody is paused."""
    mine = actor.person is not None and message.author.person_id == actor.person
    return mine and actor.programme == message.conversation.programme_id and is_in(actor, message.conversation)


def may_edit(actor: Actor, message: Message) -> bool:
    return actor.takes_part and may_withdraw(actor, message)


def is_fresh(message: Message) -> bool:
    """Whether its words may still become others."""
    return message.withdrawn_at is None and clock.now() - message.at < CHANGEABLE


def may_open(actor: Actor, people: Sequence[str]) -> bool:
    """Only rooms above open conversations, from an act of their own; nobody is put into one with whom they shall not meet."""
    return actor.programme is not None and not any(safety.strangers_for_ever(one) & set(people) for one in people)


def may_close(actor: Actor, conversation: Conversation) -> bool:
    return actor.is_house or is_in(actor, conversation)


def may_erase(actor: Actor, conversation: Conversation) -> bool:
    """By itself, when its time is over. People erase what they wrote, not what others did."""
    return actor.is_house and conversation.closed_at is not None


def may_let_pass(actor: Actor, conversation: Conversation) -> bool:
    """By the clock alone, and only where the programme has said so."""
    return actor.is_house and conversation.programme.options.content != "kept"


def may_erase_own(actor: Actor, person: Person) -> bool:
    return actor.person == person.pk
