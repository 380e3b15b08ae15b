"""Who may change an experience: its owner."""

from __future__ import annotations

from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person


def may_add(actor: Actor) -> bool:
    return actor.person is not None and actor.takes_part


def may_announce(actor: Actor, person: Person) -> bool:
    """The house, while the account is nobody's own yet; afterwards nobody speaks for its owner."""
    return actor.is_house and not person.has_usable_password()


def may_change(actor: Actor, experience: Experience) -> bool:
    return actor.person == experience.person_id and actor.takes_part


def may_remove(actor: Actor, experience: Experience) -> bool:
    """Taking back what one told needs no agreement to anything."""
    return actor.person == experience.person_id
