"""What time it is. Rooms ask here and nowhere else, so that a test can set the clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def stamp() -> datetime:
    """For the defaults of models, which keep the function they were given: this one asks the clock each time."""
    return now()


def today(zone: str | None = None) -> date:
    """The date where somebody is; without a zone, where the house is."""
    return timezone.localtime(now(), ZoneInfo(zone) if zone else None).date()


def house_day(at: datetime | None = None) -> date:
    """The date where the house is, whoever looks: for what must be the same for everybody. Of now, or of a moment."""
    return timezone.localtime(at or now(), timezone.get_default_timezone()).date()
