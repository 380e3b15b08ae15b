"""Time in the town. Strands of life take turns, each step at its own moment; and every message of a talk gets its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.utils import timezone

from nawzajem.management.demo.scenes import Scene
from nawzajem.management.demo.script import WEEKDAYS, Talk

Strand = Iterator[datetime]  # tells when it goes on, and is gone on with then
Step = tuple[datetime, Callable[[], object]]
FEW_MINUTES = timedelta(minutes=3)
DAY = timedelta(days=1)


@contextmanager
def moved_clock() -> Iterator[Callable[[datetime], None]]:
    """Here, the time is what it is set to. What tables take as their own default asks Django's clock, so that is the one."""
    real, shown = timezone.now, {"now": timezone.now()}
    timezone.now = lambda: shown["now"]
    try:
        yield lambda moment: shown.update(now=moment)
    finally:
        timezone.now = real


def play(strands: Iterable[Strand], *, until: datetime, told: Callable[[datetime], None]) -> None:
    """All strands, whoever is next in time goes next; what would come after `until` has not happened yet."""
    waiting = [(when, number, strand) for number, strand in enumerate(strands) if (when := next(strand, None))]
    heapify(waiting)
    with moved_clock() as set_clock:
        now = waiting[0][0] if waiting else until
        while waiting and waiting[0][0] <= until:
            when, number, strand = heappop(waiting)
            now = max(now, when)  # a strand that was late goes on at once; time never runs back
            set_clock(now)
            told(now)
            following = next(strand, None)
            if following:
                heappush(waiting, (following, number, strand))


def steps(of: Iterable[Step]) -> Strand:
    """One after the other, each at its time."""
    for when, do in sorted(of, key=itemgetter(0)):
        yield when
        do()


# -- when a talk was said ---------------------------------------------------------------------------------------------


def said_at(talk: Talk, *, now: datetime, zone: str, seed: str) -> list[datetime]:
    """When each message was written, so that the last lies as long back as the script says."""
    scenes, place = talk.scenes(), ZoneInfo(zone)
    chance = random.Random(seed)  # noqa: S311  for the rhythm of a talk, not for a secret
    paces = [_pace(scene, chance) for scene in scenes]
    starts = _starts(talk, scenes, paces, now.astimezone(place))
    return [start + after for start, pace in zip(starts, paces, strict=True) for after in pace]


def _pace(scene: Scene, chance: random.Random) -> list[timedelta]:
    """How long after the beginning of the sitting each message comes: one reads, thinks and types."""
    after, pace, read = timedelta(seconds=chance.randint(5, 170)), list[timedelta](), 0.0
    for beat in scene.beats:
        typing = len(beat.text) * chance.uniform(0.3, 0.5) if pace else 0.0
        after += beat.pause + timedelta(seconds=chance.randint(10, 60) + read + typing)
        pace.append(after)
        read = len(beat.text) * 0.06
    return pace


def _starts(talk: Talk, scenes: tuple[Scene, ...], paces: list[list[timedelta]], now: datetime) -> list[datetime]:
    """From the last sitting back. A talk that was going on today ends to the minute; others keep their time of the day."""
    end = now - talk.last
    if talk.last < DAY:
        start = end - paces[-1][-1]
    else:
        start = _moment(end.date(), scenes[-1], now)
        if talk.on:
            first = start.date() - timedelta(days=sum(scene.days for scene in scenes[1:]))
            start -= timedelta(days=(first.weekday() - WEEKDAYS.index(talk.on)) % 7)
        if start + paces[-1][-1] > now - FEW_MINUTES:
            start -= DAY
    starts = [start]
    for scene, later, pace in zip(scenes[-2::-1], scenes[:0:-1], paces[-2::-1], strict=True):
        before = _moment(starts[0].date() - timedelta(days=later.days), scene, now)
        if before + pace[-1] + FEW_MINUTES > starts[0]:
            before -= DAY
        starts.insert(0, before)
    return starts


def _moment(day: date, scene: Scene, now: datetime) -> datetime:
    return datetime.combine(day, scene.at, now.tzinfo)
