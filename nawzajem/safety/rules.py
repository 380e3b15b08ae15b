"""Who may block, report, and look at reports."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.safety.models import Report


def may_block(actor: Actor, other: Person) -> bool:
    """Anybody, anybody else, at any time: also while paused, and whether or not the present text is agreed to."""
    return actor.person is not None and actor.person != other.pk


def may_report(actor: Actor, about: Person | None) -> bool:
    return actor.member is not None and (about is None or actor.person != about.pk)


def may_handle(actor: Actor, report: Report) -> bool:
    """Those who keep the programme, unless the report is about themselves or by themselves."""
    inside = report.programme_id == actor.programme and actor.person not in {report.about_id, report.by_id}
    return inside and actor.takes_part and actor.has("coordinator", "duty_officer")
