"""What programmes do by themselves."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.programmes import acts, reads


def end_pauses() -> None:
    """Whoever was paused until a day takes part again when it has come."""
    for programme in reads.kept():
        each(CHORE.within(programme.pk), acts.resume, reads.rested(programme))
