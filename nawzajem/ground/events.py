"""Writing down that something happened, in the same transaction as what happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from nawzajem.ground import bus, clock, rows
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Event

Fact = int | float | bool | str | None
Facts = Mapping[str, Fact]
CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,40}")  # an id, a code, a date: too short and too plain to hold a sentence


def emit(actor: Actor, kind: str, thing: models.Model, *, wakes: Iterable[str] = (), **facts: Fact) -> Event:
    """One event row. `facts` are ids, counts and codes; a sentence is refused here, so none can slip into a log or a letter.

    `wakes` names the channels to be told after commit: "person:ID", "conversation:ID".
    """
    event = _row(actor, kind, thing, facts)
    event.save()
    bus.wake(*wakes)
    return event


def emit_each(actor: Actor, kind: str, told: Iterable[tuple[models.Model, Facts]]) -> None:
    """The same of many things that have just come to be, in one go. Nobody listens to them yet, so nobody is woken."""
    Event.objects.bulk_create(_row(actor, kind, thing, facts) for thing, facts in told)


def emit_all(
    kind: str,
    of: type[models.Model],
    told: Iterable[tuple[Actor, str, Facts]],
    *,
    wakes: Iterable[str],
    brought: bus.Brought = bus.NOTHING,
) -> None:
    """The same of many people and things in one statement, where many do the same in one moment. `brought`: what is new, for
    whoever listens in this process."""
    here, at = of.__name__.lower(), clock.now()
    rows.insert(
        Event,
        ("at", "kind", "by", "via", "programme", "thing_kind", "thing", "facts"),
        [
            (at, kind, by.person or "", by.via, by.programme or "", here, thing, _codes(kind, facts))
            for by, thing, facts in told
        ],
    )
    bus.wake(*wakes, brought=brought)


def _codes(kind: str, facts: Facts) -> Facts:
    for name, value in facts.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise ValueError(f"{kind}: {name} is not a code")
    return facts


def _row(actor: Actor, kind: str, thing: models.Model, facts: Facts) -> Event:
    return Event(
        at=clock.now(),
        kind=kind,
        by=actor.person or "",
        via=actor.via,
        programme=actor.programme or "",
        thing_kind=type(thing).__name__.lower(),
        thing=str(thing.pk),
        facts=_codes(kind, facts),
    )


def of(thing: models.Model) -> models.QuerySet[Event]:
    """What happened to one thing, oldest first."""
    return Event.objects.filter(thing_kind=type(thing).__name__.lower(), thing=str(thing.pk)).order_by("pk")


def has_done(actor: Actor, kind: str, thing_id: str) -> bool:
    """Whether this person has done this already: asked where a thing is gone, which may have been their own doing. What is done
    to a thing is named after it: "token.dropped"."""
    to = kind.partition(".")[0]
    mine = Event.objects.filter(thing_kind=to, thing=thing_id, kind=kind, by=actor.person)
    return actor.person is not None and mine.exists()


def last(thing: models.Model, kind: str) -> Any:
    return of(thing).filter(kind=kind).last()
