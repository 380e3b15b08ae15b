"""Stretches of time and hours of a week, as the town's files write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from nawzajem.core.matching import hours

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
WEEKS = {**hours.PRESETS, "days": hours.every_day(9, 16)}


def span(told: Any) -> Any:
    """'50m', '3h', '2d' or '6w'."""
    found = re.fullmatch(r"(\d+)([mhdw])", str(told))
    if not found:
        raise ValueError(f"should be a time such as 50m, 3h, 2d or 6w, not '{told}'")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def week(told: Any) -> Any:
    """Names of hours, as many as hold: 'nights evenings'."""
    names = str(told).split()
    if not names or set(names) - set(WEEKS):
        raise ValueError(f"should be made of {', '.join(WEEKS)}, not '{told}'")
    return hours.week({hour for name in names for hour in hours.hours_in(WEEKS[name])})


Span = Annotated[timedelta, BeforeValidator(span)]
Week = Annotated[str, BeforeValidator(week)]
