"""Time does its part: what nobody answered lapses, what is open closes, and those who were to be told later are told."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.safety.openings import acts, reads


def keep_time() -> None:
    for rows, do in ((reads.to_lapse(), acts.lapse), (reads.to_end(), acts.end), (reads.to_tell(), acts.tell)):
        for one in rows:
            each(CHORE.within(one.programme_id), do, [one])


def some_due() -> bool:
    return any(rows.exists() for rows in (reads.to_lapse(), reads.to_end(), reads.to_tell()))
