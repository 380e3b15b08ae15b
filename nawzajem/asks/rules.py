"""Who may do what with an ask."""

from __future__ import annotations

from collections.abc import Sequence

from nawzajem.asks.models import Ask
from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person


def may_ask(actor: Actor) -> bool:
    return actor.person is not None and actor.takes_part


def may_announce(actor: Actor, told: Sequence[tuple[Person, object]]) -> bool:
    """The house, while the accounts are nobody's own yet; afterwards nobody asks in their owners' name."""
    return actor.is_house and all(person.is_prepared for person, _fields in told)


def is_own(actor: Actor, ask: Ask) -> bool:
    return actor.person == ask.person_id


def may_change(actor: Actor, ask: Ask) -> bool:
    return is_own(actor, ask) and actor.takes_part and actor.programme == ask.programme_id


def may_carry(actor: Actor, ask: Ask) -> bool:
    """Steps that follow from a proposal or a pair, taken by the acts of the rooms above, which have asked who may."""
    return actor.is_house or (actor.member is not None and actor.programme == ask.programme_id)


def may_keep_time(actor: Actor, ask: Ask) -> bool:
    return actor.is_house


def may_withdraw(actor: Actor, ask: Ask) -> bool:
    """One's own, at any time, agreed or not; and the house when somebody leaves."""
    return actor.is_house or is_own(actor, ask)
