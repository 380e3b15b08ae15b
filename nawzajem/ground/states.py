"""Moving a thing from one state to the next, so that of two who try at once only one succeeds."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from nawzajem.ground import clock
from nawzajem.ground.refusals import Closed, Stale


class Moving(models.Model):
    """Something with a life. Its class says `MOVES`: from each state, which may follow."""

    MOVES: ClassVar[dict[Any, set[Any]]]

    state_since = models.DateTimeField(default=clock.stamp, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def ends(cls) -> list[Any]:
        """States from which nothing follows."""
        states = cls._meta.get_field("state").choices or ()  # type: ignore[union-attr]
        return [state for state, _words in states if not cls.MOVES.get(state)]


def move(thing: Any, to: Any, **changes: Any) -> None:
    """Compare-and-set: refuses with Stale when the thing is no longer where the caller saw it, or has been elsewhere since;
    with Closed when it never moves again."""
    kind = type(thing)
    if not kind.MOVES.get(thing.state):
        raise Closed
    if to not in kind.MOVES[thing.state]:
        raise Stale
    changes |= {"state": to, "state_since": clock.now()}
    seen = kind._base_manager.filter(pk=thing.pk, state=thing.state, state_since=thing.state_since)
    if not seen.update(**changes):
        raise Stale
    for name, value in changes.items():
        setattr(thing, name, value)
