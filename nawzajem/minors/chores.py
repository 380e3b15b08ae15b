"""What has to be in order for minors is looked at again and again: days pass, people grow, options change."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.minors import acts, reads
from nawzajem.programmes import reads as programmes


def look_at_consents() -> None:
    for programme in programmes.kept():
        house = CHORE.within(programme.pk)
        for member, why in reads.to_stop(programme):
            each(house, acts.stop, [member], why=why)
        each(house, acts.go_on, reads.with_consent_again(programme))


def remind() -> None:
    """A month before a check runs out or a standard has to be looked at again."""
    for check in reads.running_out():
        each(CHORE.within(check.member.programme_id), acts.tell_running_out, [check])
    for standard in reads.to_review():
        each(CHORE.within(standard.programme_id), acts.tell_to_review, [standard.programme], standard=standard)
