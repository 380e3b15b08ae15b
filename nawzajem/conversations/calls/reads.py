"""What one is told of calls: whether they are possible, and the signals since one last asked."""

from __future__ import annotations

from dataclasses import dataclass

from nawzajem.conversations.calls.acts import KEPT
from nawzajem.conversations.calls.models import Ear, Signal
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.seal import unseal


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may be rung."""

    mine: bool
    theirs: bool

    @property
    def both(self) -> bool:
        return self.mine and self.theirs


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal as one is told of it; my own too, for I may sit at another device."""

    id: int
    number: str
    step: str
    body: str
    mine: bool
    seconds: int  # ago


def standing(actor: Actor, of: Conversation) -> Standing:
    ears = set(
        Ear.objects.filter(participant__conversation=of, participant__left_at=None).values_list(
            "participant__person", flat=True
        )
    )
    return Standing(mine=actor.person in ears, theirs=bool(ears - {actor.person}))


def signals(actor: Actor, of: Conversation, *, after: int = 0) -> list[Heard]:
    now = clock.now()
    rows = Signal.objects.filter(conversation=of, pk__gt=after, at__gte=now - KEPT).select_related("by")
    return [
        Heard(
            id=one.pk,
            number=one.number,
            step=one.step,
            body=unseal(of.vault, one.body, about=Signal.place(of.pk, one.number, one.step)) if of.vault else "",
            mine=one.by.person_id == actor.person,
            seconds=int((now - one.at).total_seconds()),
        )
        for one in rows
    ]
