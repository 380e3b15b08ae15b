"""Closing a door, saying that something was wrong, looking into it."""

from __future__ import annotations

from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.seal import new_vault, seal
from nawzajem.ground.states import move
from nawzajem.people.models import Person
from nawzajem.safety import rules
from nawzajem.safety.models import Block, Report


@act(may=rules.may_block)
def block(actor: Actor, other: Person) -> Block:
    made, new = Block.objects.get_or_create(by_id=actor.person, of=other)
    if new:
        emit(actor, "person.blocked", made)
    return made


@act(may=rules.may_report)
def report(
    actor: Actor, about: Person | None, *, reason: str, words: str = "", place: str = "", evidence: str = ""
) -> Report:
    """`evidence` is sealed as it stood at this moment; it is opened only by break-glass, never on the coordinator's desk.
    Said again of the same place before anybody looks into it, it is one report in its newest words."""
    before = _still_waiting(actor, place)
    made = before or Report(programme_id=actor.here, by_id=actor.person, place=place, vault=new_vault())
    made.about, made.reason = about, reason
    made.words = seal(made.vault, words, about=f"report:{made.pk}") if words else made.words
    made.evidence = seal(made.vault, evidence, about=f"evidence:{made.pk}") if evidence else None
    made.save()
    if before is None:
        emit(actor, "report.raised", made, reason=reason)
    return made


def _still_waiting(actor: Actor, place: str) -> Report | None:
    """One's own report of this place that nobody has taken yet."""
    if not (place and actor.person):
        return None
    Person.objects.select_for_update(no_key=True).get(pk=actor.person)  # two sent at once are seen one by one
    raised = Report.objects.filter(by=actor.person, programme=actor.programme, state=Report.State.RAISED)
    return raised.select_for_update().filter(place=place).first()


@act(may=rules.may_handle)
def take(actor: Actor, report: Report) -> Report:
    move(report, Report.State.TAKEN, taken_by_id=actor.person)
    emit(actor, "report.taken", report)
    return report


@act(may=rules.may_handle)
def close(actor: Actor, report: Report, *, outcome: str) -> Report:
    move(report, Report.State.CLOSED, outcome=outcome)
    emit(actor, "report.closed", report, outcome=outcome)
    return report
