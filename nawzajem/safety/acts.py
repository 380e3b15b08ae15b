"""Closing a door, and saying that something was wrong."""

from __future__ import annotations

from datetime import timedelta

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Stale
from nawzajem.ground.seal import new_vault, seal
from nawzajem.ground.slowly import is_new, wait_until
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety import rules
from nawzajem.safety.models import GRAVE, Block, Report


@act(may=rules.may_block)
def block(actor: Actor, other: Person) -> Block:
    made, new = Block.objects.get_or_create(by_id=actor.person, of=other)
    if new:
        emit(actor, "person.blocked", made)
    return made


@act(may=rules.may_report)
def report(
    actor: Actor,
    about: Person | None,
    *,
    reason: str,
    words: str = "",
    place: str = "",
    evidence: str = "",
    side: str = "",
    key: str = "",
) -> Report:
    """`evidence` is sealed as it stood at this moment, with the report's own key: whatever becomes of the talk, it stays until
    its day. It is opened only by break-glass, never on the coordinator's desk.
    Said again of the same place before anybody looks into it, it is one report in its newest words."""
    if key and (same := Report.objects.filter(pk=key, by=actor.person, programme=actor.programme).first()):
        return same
    before = _still_waiting(actor, place)
    if before is None and reason not in GRAVE:
        _check_newcomer(actor)
    made = before or Report(programme_id=actor.here, by_id=actor.person, place=place, vault=new_vault())
    made.pk = made.pk if before or not key else key
    made.about, made.reason, made.side = about, reason, side
    _wind(made)
    made.words = seal(made.vault, words, about=f"report:{made.pk}") if words else made.words
    made.evidence = seal(made.vault, evidence, about=f"evidence:{made.pk}") if evidence else None
    made.save()
    if before is None:
        emit(actor, "report.raised", made, reason=reason)
    return made


def _check_newcomer(actor: Actor) -> None:
    """A danger, a threat, something sexual is never held back."""
    slowly = is_new(actor)
    if slowly is not None:
        made = Report.objects.filter(by=actor.person, programme=actor.programme).exclude(reason__in=GRAVE)
        if made.count() >= slowly.reports:
            raise wait_until(actor, slowly)


def _wind(report: Report) -> None:
    """By when somebody takes it, and how long the evidence lasts."""
    options = Programme.objects.get(pk=report.programme_id).options
    hours = options.report_grave_hours if report.is_grave else options.report_hours
    report.due_at = report.at + timedelta(hours=hours)
    report.evidence_until = clock.house_day() + timedelta(days=options.keep_evidence)


def _still_waiting(actor: Actor, place: str) -> Report | None:
    """One's own report of this place that nobody has taken yet."""
    if not (place and actor.person):
        return None
    Person.objects.select_for_update(no_key=True).get(pk=actor.person)  # two sent at once are seen one by one
    raised = Report.objects.filter(by=actor.person, programme=actor.programme, state=Report.State.RAISED)
    return raised.select_for_update().filter(place=place).first()


@act(may=rules.may_keep_time)
def notice_late(actor: Actor, report: Report) -> None:
    """Nobody took it in time: those who may are told again."""
    if not Report.objects.filter(pk=report.pk, state=Report.State.RAISED, late_at=None).update(late_at=clock.now()):
        raise Stale
    emit(actor, "report.late", report, reason=report.reason)
