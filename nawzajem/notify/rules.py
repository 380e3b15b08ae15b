"""Who may choose what comes, and when a letter may."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from nawzajem.ground.actor import Actor
from nawzajem.notify.models import Bell, Kind, Letter, Wish
from nawzajem.people.models import Person


def may_choose(actor: Actor, person: Person) -> bool:
    return actor.person == person.pk


def may_make(actor: Actor) -> bool:
    return actor.is_house


def may_carry(actor: Actor, letter: Letter) -> bool:
    return actor.is_house


def may_ring(actor: Actor, bell: Bell) -> bool:
    return actor.is_house


def wish_of(person: Person) -> Wish | None:
    """None for somebody who has not said what they want: the defaults."""
    return getattr(person, "letter_wish", None)


def wants(wish: Wish | None, kind: str) -> bool:
    return kind in (wish.kinds if wish else Kind.values)


def after_quiet(at: datetime, wish: Wish | None, zone: str) -> datetime:
    """The first moment from `at` on that is not within the person's quiet hours, on the clock where they live."""
    start, end = (wish.quiet_from, wish.quiet_until) if wish else (21, 7)
    local = at.astimezone(ZoneInfo(zone))
    if not _quiet(local.hour, start, end):
        return at
    day = local.date() if local.hour < end else local.date() + timedelta(days=1)
    return datetime.combine(day, time(end), ZoneInfo(zone)).astimezone(at.tzinfo)


def _quiet(hour: int, start: int, end: int) -> bool:
    """From 21 to 7 the night, from 13 to 15 a nap, from 8 to 8 never."""
    return start <= hour < end if start < end else start != end and (hour >= start or hour < end)
