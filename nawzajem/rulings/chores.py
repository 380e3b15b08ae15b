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
    for report in reports.newly_late():
        each(CHORE.within(report.programme_id), safety.notice_late, [report])
    for report in reads.left_alone():
        each(CHORE.within(report.programme_id), acts.return_to_queue, [report])


def let_evidence_go() -> None:
    for report in reads.evidence_had_its_time():
        each(CHORE.within(report.programme_id), acts.let_evidence_go, [report])
