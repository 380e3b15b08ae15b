"""Who may block and report. Who may look into a report is told by the room of rulings."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.safety.models import Report


def may_block(actor: Actor, other: Person) -> bool:
    """Anybody, anybody else, at any time: also while paused, and whether or not the present text is agreed to."""
    return actor.person is not None and actor.person != other.pk


def may_report(actor: Actor, about: Person | None) -> bool:
    return actor.member is not None and (about is None or actor.person != about.pk)


def may_keep_time(actor: Actor, report: Report) -> bool:
    return actor.is_house
