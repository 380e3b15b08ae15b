"""What runs by itself: taken on by one process at a time, each thing on its own, failures told without what anybody wrote.

`nawzajem/chores.py` lists all there is. A chore that ends early, twice or not at all must do no harm: it moves things by
compare-and-set, like everybody else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Mark, Run, Turn
from nawzajem.ground.refusals import NotFound, Refusal
from nawzajem.ground.watching import watched

log = logging.getLogger("nawzajem.chores")

T = TypeVar("T")
LEASE = timedelta(
    minutes=1
)  # a process that gives no sign of life for so long, with a chore in its hands, is followed by another
SIGNS = 4  # of life within a lease
KEPT = timedelta(days=14)  # what is told of times a chore was done
LONGEST = timedelta(hours=1)  # between two tries of a chore that fails


@dataclass(frozen=True, slots=True)
class Chore:
    """`waits` is a cheap look whether there is anything to do, so that an idle house writes nothing."""

    name: str
    every: timedelta
    do: Callable[[], object]
    waits: Callable[[], bool] = lambda: True


def run(chores: Sequence[Chore]) -> float:
    """Does what is due, and returns the seconds until the next is."""
    if not connection.in_atomic_block:  # between two rounds the database may have gone away and come back
        close_old_connections()
    turns = _turns(chores)
    return min(_run(chore, turns[chore.name]) for chore in chores)


def _turns(chores: Sequence[Chore]) -> dict[str, Turn]:
    turns = Turn.objects.in_bulk([chore.name for chore in chores])
    missing = [chore.name for chore in chores if chore.name not in turns]
    if missing:
        Turn.objects.bulk_create([Turn(name=name, due_at=clock.now()) for name in missing], ignore_conflicts=True)
        turns |= Turn.objects.in_bulk(missing)
    return turns


def _run(chore: Chore, turn: Turn) -> float:
    now = clock.now()
    busy_until = max(turn.due_at, turn.claimed_until or turn.due_at)
    if busy_until > now:
        return min(chore.every, busy_until - now).total_seconds()
    run: Run | None = None
    try:
        if chore.waits() and _claim(turn, now):
            run = _begun(turn)
            with _signs_of_life(turn), watched("chore", chore.name):
                chore.do()
            _over(run)
            _done(turn, due_at=now + chore.every, failures=0)
    except Exception as error:
        _over(run or _begun(turn), mistake=told(chore.name, error))
        rest = min(LONGEST, chore.every * 2 ** min(turn.failures + 1, 12))
        _done(turn, due_at=now + rest, failures=turn.failures + 1)
    return chore.every.total_seconds()


def _begun(turn: Turn) -> Run:
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}"
    return Run.objects.create(name=turn.name, worker=worker, began_at=clock.now())


def _over(run: Run, *, mistake: str = "") -> None:
    Run.objects.filter(pk=run.pk).update(ended_at=clock.now(), mistake=mistake)


@contextlib.contextmanager
def _signs_of_life(turn: Turn) -> Iterator[None]:
    """However long it takes, nobody else takes it on while this process lives."""
    over = threading.Event()
    beside = threading.Thread(target=_give_signs, args=(turn, over), name="signs of life", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def _give_signs(turn: Turn, over: threading.Event) -> None:
    try:
        while not over.wait(LEASE.total_seconds() / SIGNS):
            with contextlib.suppress(DatabaseError):  # the next one may come through
                _claim(turn, clock.now())
    finally:
        connection.close()


def _claim(turn: Turn, now: datetime) -> bool:
    """Of several processes that come at once, one gets it; and keeps it by claiming it again."""
    mine, until = Turn.objects.filter(name=turn.name, due_at=turn.due_at, claimed_until=turn.claimed_until), now + LEASE
    if not mine.update(claimed_until=until):
        return False
    turn.claimed_until = until
    return True


def _done(turn: Turn, **changes: Any) -> None:
    """Given back, unless somebody had to take it over in the meantime."""
    Turn.objects.filter(name=turn.name, claimed_until=turn.claimed_until).update(claimed_until=None, **changes)


def each(actor: Actor, act: Callable[..., object], things: Iterable[T], **words: Any) -> int:
    """The same act on one thing after the other; how many it was done to. One that fails does not stop the others."""
    done = 0
    for thing in things:
        try:
            act(actor, thing, **words)
            done += 1
        except Refusal:  # somebody was faster, and that is well
            continue
        except OperationalError:  # no database: the others would fail as well
            raise
        except Exception as error:
            told(f"{act.__module__}.{getattr(act, '__name__', '')}", error)
    return done


def told(what: str, error: Exception) -> str:
    """Where it broke, without the message, which might quote what somebody wrote; under a number, by which it is found again."""
    number = secrets.token_hex(4)
    log.error(
        "%s: %s (%s)", what, type(error).__name__, number, exc_info=(Exception, Exception("above"), error.__traceback__)
    )
    return number


def forget_runs() -> None:
    Run.objects.filter(began_at__lt=clock.now() - KEPT).delete()


def do_soon(name: str) -> None:
    """Due at once, whenever it would have been; where somebody is at it, their time counts."""
    now = clock.now()
    if not Turn.objects.filter(name=name).exists():
        raise NotFound
    with transaction.atomic():
        Turn.objects.filter(name=name, claimed_until=None, due_at__gt=now).update(due_at=now)


def come_to(name: str) -> int:
    """How far a reader of events has come."""
    return Mark.objects.filter(name=name).values_list("event", flat=True).first() or 0


def move_mark(name: str, *, seen: int, upto: int) -> bool:
    """False when another process has read on from the same place."""
    Mark.objects.get_or_create(name=name)
    return bool(Mark.objects.filter(name=name, event=seen).update(event=upto))
