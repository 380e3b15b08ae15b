"""What runs by itself, as whoever runs the house may see it: names, times, numbers of mistakes. Nothing of anybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Count, Max

from nawzajem.ground import clock
from nawzajem.ground.chores import Chore
from nawzajem.ground.models import Run, Turn
from nawzajem.ground.refusals import NotFound

LATELY = timedelta(days=1)
SALT, HELD = "what runs by itself", timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Job:
    """A chore, the last time it was done, and how it stands."""

    name: str
    every: timedelta
    due_at: datetime | None  # None where it was never looked at
    began_at: datetime | None
    seconds: float | None  # that it took; None while it is being done, or where its process died
    worker: str  # who does it just now
    failures: int  # in a row
    mistake: str  # the number in the log of the last one that failed lately
    times: int  # lately


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait for somebody to take them on."""

    code: str
    name: str
    waiting: int


def jobs(chores: Sequence[Chore]) -> list[Job]:
    names = [chore.name for chore in chores]
    turns = Turn.objects.in_bulk(names)
    lately = Run.objects.filter(name__in=names, began_at__gt=clock.now() - LATELY)
    times = dict(lately.values_list("name").annotate(Count("pk")))
    wrong = {run.name: run.mistake for run in lately.exclude(mistake="").order_by("began_at")}
    newest = Run.objects.filter(name__in=names).values("name").annotate(Max("pk")).values("pk__max")
    last = {run.name: run for run in Run.objects.filter(pk__in=newest)}
    return [
        _job(chore, turns.get(chore.name), last.get(chore.name), wrong.get(chore.name, ""), times.get(chore.name, 0))
        for chore in chores
    ]


def key() -> str:
    """Opens the page of what runs by itself, for as long as a day's work: whoever can type on the machine may hand it out."""
    return signing.dumps("", salt=SALT)


def opened_by(key: str) -> None:
    """Raises NotFound where the key is none of ours, or has had its time."""
    try:
        signing.loads(key, salt=SALT, max_age=HELD)
    except signing.BadSignature:
        raise NotFound from None


def _job(chore: Chore, turn: Turn | None, run: Run | None, mistake: str, times: int) -> Job:
    claimed = bool(turn and turn.claimed_until and turn.claimed_until > clock.now())
    took = (run.ended_at - run.began_at).total_seconds() if run and run.ended_at else None
    return Job(
        name=chore.name,
        every=chore.every,
        due_at=turn.due_at if turn else None,
        began_at=run.began_at if run else None,
        seconds=took,
        worker=run.worker if run and claimed else "",
        failures=turn.failures if turn else 0,
        mistake=mistake,
        times=times,
    )
