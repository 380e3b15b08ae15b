"""My letters: which come, and when not."""

from __future__ import annotations

from datetime import datetime

from ninja import Router

from nawzajem.api.answers import Out, gives
from nawzajem.api.tokens import READ, WRITE, Request, outside
from nawzajem.api.typed import takes, typed
from nawzajem.ground.actor import Actor
from nawzajem.notify import acts, reads
from nawzajem.notify.forms import WishForm
from nawzajem.notify.models import Wish
from nawzajem.people.reads import me

router = Router(tags=["Me"])


class LetterOut(Out):
    kind: str
    state: str
    at: datetime


class LettersOut(Out):
    kinds: list[str]
    quiet_from: int
    quiet_until: int
    address_confirmed: bool
    lately: list[LetterOut]


@router.get("/me/letters", response=gives(LettersOut), auth=READ)
def letters(request: Request) -> LettersOut:
    """Which letters come, the hours in which none does, and what came lately."""
    actor = outside(request)
    return _told(actor, reads.wish(actor))


@router.patch("/me/letters", response=gives(LettersOut), auth=WRITE, openapi_extra=takes(WishForm, needs=()))
def choose_letters(request: Request) -> LettersOut:
    """Other kinds, other quiet hours."""
    actor = outside(request)
    chosen = typed(request, WishForm, on_duty=reads.is_on_duty(actor), initial=vars(reads.wish(actor)))
    return _told(actor, acts.choose(actor, me(actor), **chosen))


def _told(actor: Actor, wish: Wish) -> LettersOut:
    return LettersOut(
        kinds=wish.kinds,
        quiet_from=wish.quiet_from,
        quiet_until=wish.quiet_until,
        address_confirmed=reads.address(me(actor)) is not None,
        lately=[LetterOut(kind=one.kind, state=one.state, at=one.state_since) for one in reads.sent(actor)],
    )
