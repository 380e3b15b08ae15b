"""Who is called next. Plain rules about ids and times: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

TO_BEGIN = 2  # times the tier's own time, within which whoever took a concern does something or it goes on


def next_called(on_shift: Sequence[str], others: Sequence[str], called: Collection[str]) -> str | None:
    """Those on shift one after the other, then everybody else with the duty; None when all have been called in this round.

    Nobody is left out because the roster has a hole: an hour without anybody on shift calls all who have the duty.
    """
    return next((one for one in (*on_shift, *others) if one not in called), None)


def is_on(week: str, zone: str, at: datetime) -> bool:
    """Whether the week's hours, on the clock of that zone, hold this moment."""
    local = at.astimezone(ZoneInfo(zone))
    return bool(int(week, 16) >> (167 - (local.weekday() * 24 + local.hour)) & 1)


def may_wait(tier_minutes: int, *, taken: bool) -> timedelta:
    """How long somebody who was called has to take it; and, once taken, to begin."""
    return timedelta(minutes=tier_minutes * (TO_BEGIN if taken else 1))
