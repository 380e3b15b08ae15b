"""Who may raise a concern, take it, and say when somebody is on duty."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety.concerns.models import Concern


def may_raise(actor: Actor, about: Person | None) -> bool:
    """The house for a sign it found; anybody inside, also while paused, for themselves or somebody they talk with."""
    return actor.is_house or actor.member is not None


def may_call(actor: Actor, concern: Concern) -> bool:
    return actor.is_house


def may_watch(actor: Actor, programme: Programme) -> bool:
    return actor.is_house


def may_take(actor: Actor, concern: Concern) -> bool:
    """Somebody on duty, unless it is about themselves."""
    inside = concern.programme_id == actor.programme and actor.person not in {None, concern.about_id}
    return inside and actor.takes_part and actor.has("duty_officer")


def may_care(actor: Actor, concern: Concern) -> bool:
    """Whoever has taken it."""
    return may_take(actor, concern) and concern.owner_id == actor.person


def may_hand_over(actor: Actor, concern: Concern, to: Person) -> bool:
    return may_care(actor, concern) and to.pk not in {actor.person, concern.about_id}


def may_keep_hours(actor: Actor, person: Person) -> bool:
    """One's own, and for a coordinator everybody's."""
    own = actor.person == person.pk and actor.has("duty_officer")
    return actor.takes_part and (own or actor.has("coordinator"))
