"""Who may ring whom: the two of a conversation in which both may be rung, while both could write to each other."""

from __future__ import annotations

from nawzajem.conversations import rules
from nawzajem.conversations.calls.models import Ear
from nawzajem.conversations.models import Conversation
from nawzajem.ground.actor import Actor
from nawzajem.programmes.options import Options


def may_choose(actor: Actor, conversation: Conversation) -> bool:
    """Whether one may be rung is one's own affair, and can be taken back at any time."""
    return rules.is_in(actor, conversation)


def may_signal(actor: Actor, conversation: Conversation) -> bool:
    """In it, and taking part; whether a call is possible just now is for the act to say."""
    return rules.may_send(actor, conversation)


def has_calls(options: Options, *, through_relay: bool) -> bool:
    """A programme has calls where people may wish for them, and where either the house has a relay or the programme lets
    devices speak directly, by which each could learn the other's network address."""
    return "call" in options.forms and (through_relay or options.calls_direct)


def both_may_be_rung(conversation: Conversation) -> bool:
    seats = conversation.participants.filter(left_at=None, person__isnull=False)
    return seats.count() == 2 == Ear.objects.filter(participant__in=seats).count()
