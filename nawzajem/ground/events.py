"""Writing down that something happened, in the same transaction as what happened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db import models

from nawzajem.ground import bus, clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Event

CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,40}")  # an id, a code, a date: too short and too plain to hold a sentence


def emit(
    actor: Actor, kind: str, thing: models.Model, *, wakes: Iterable[str] = (), **facts: int | float | bool | str | None
) -> Event:
    """One event row. `facts` are ids, counts and codes; a sentence is refused here, so none can slip into a log or a letter.

    `wakes` names the channels to be told after commit: "person:ID", "conversation:ID".
    """
    for name, value in facts.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise ValueError(f"{kind}: {name} is not a code")
    event = Event.objects.create(
        at=clock.now(),
        kind=kind,
        by=actor.person or "",
        via=actor.via,
        programme=actor.programme or "",
        thing_kind=type(thing).__name__.lower(),
        thing=str(thing.pk),
        facts=facts,
    )
    bus.wake(*wakes)
    return event


def of(thing: models.Model) -> models.QuerySet[Event]:
    """What happened to one thing, oldest first."""
    return Event.objects.filter(thing_kind=type(thing).__name__.lower(), thing=str(thing.pk)).order_by("pk")


def last(thing: models.Model, kind: str) -> Any:
    return of(thing).filter(kind=kind).last()
