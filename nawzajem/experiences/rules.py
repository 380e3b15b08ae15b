"""Who may change an experience: its owner."""

from __future__ import annotations

from collections.abc import Sequence

from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person


def may_add(actor: Actor) -> bool:
    return actor.person is not None and actor.takes_part


def may_announce(actor: Actor, told: Sequence[tuple[Person, object]]) -> bool:
    """The house, while the accounts are nobody's own yet; afterwards nobody speaks for their owners."""
    return actor.is_house and all(person.is_prepared for person, _fields in told)


def may_change(actor: Actor, experience: Experience) -> bool:
    return actor.person == experience.person_id and actor.takes_part and actor.programme == experience.programme_id


def may_remove(actor: Actor, experience: Experience) -> bool:
    """Taking back what one told needs no agreement to anything."""
    return actor.person == experience.person_id
