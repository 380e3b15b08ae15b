"""Time does its part: pauses end, late reports are told of again, and what was sealed goes on its day."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.rulings import acts, reads
from nawzajem.safety import acts as safety
from nawzajem.safety import reads as reports


def keep_time() -> None:
    for ruling in reads.to_end():
        each(CHORE.within(ruling.programme_id), acts.end, [ruling])
    for appeal in reads.appeals_late():
        each(
            CHORE.within(appeal.ruling.programme_id),
            acts.call_again if appeal.ruling.is_grave else acts.lapse,
            [appeal],
        )
    for appeal in reads.appeals_waiting().filter(fallback_due_at=None, fallback_told_at=None):
        if not reads.can_be_decided(appeal.ruling):
            each(CHORE.within(appeal.ruling.programme_id), acts.call_fallback, [appeal])
    for report in reports.newly_late():
        each(CHORE.within(report.programme_id), safety.notice_late, [report])
    for report in reads.unanswered():
        each(CHORE.within(report.programme_id), acts.call_fallback, [report])
    for report in reads.left_alone():
        each(CHORE.within(report.programme_id), acts.return_to_queue, [report])


def let_evidence_go() -> None:
    for report in reads.evidence_had_its_time():
        each(CHORE.within(report.programme_id), acts.let_evidence_go, [report])
