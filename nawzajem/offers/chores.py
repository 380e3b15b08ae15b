"""What offers do by themselves: they come back from a rest, and rest when their people have fallen silent."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.offers import acts, reads
from nawzajem.programmes import reads as programmes


def come_back() -> None:
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), acts.resume, reads.rested(programme))


def rest_idle() -> None:
    """So that nobody waits for the answer of somebody who has not been here for months."""
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), acts.pause, reads.idle(programme), why="idle")
