"""Openings for those on duty; and for those whom they concern, once they may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.programmes import reads as programmes
from nawzajem.safety.openings import rules
from nawzajem.safety.openings.models import Concerned, Opening


def openings(actor: Actor) -> QuerySet[Opening]:
    """Of this programme, the latest first; never one that concerns oneself."""
    if not actor.has(*rules.KEEPERS):
        return Opening.objects.none()
    mine = Concerned.objects.filter(opening=OuterRef("pk"), person=actor.person)
    here = Opening.objects.filter(~Exists(mine), programme=actor.programme)
    return here.select_related("programme", "asked_by", "answered_by").order_by("-asked_at", "pk")


def waiting(actor: Actor) -> QuerySet[Opening]:
    """Those that somebody else asked for, and that wait for a second person."""
    return openings(actor).filter(state=Opening.State.ASKED, answer_by__gt=clock.now()).exclude(asked_by=actor.person)


def because_of(actor: Actor, thing: str) -> QuerySet[Opening]:
    """What was asked for on account of one report or one sign of danger: "report:ID", "concern:ID"."""
    return openings(actor).filter(because=thing)


def opening(actor: Actor, opening_id: str) -> Opening:
    found = openings(actor).filter(pk=opening_id).first()
    if found is None:
        raise NotFound
    return found


def words_of(actor: Actor, opening: Opening) -> tuple[str, str]:
    """Why, and why those concerned should be told later."""
    if not rules.may_see(actor, opening):
        return "", ""
    why = unseal(opening.vault, opening.words, about=f"opening:{opening.pk}")
    return why, unseal(opening.vault, opening.later_words, about=f"later:{opening.pk}")


def to_lapse() -> QuerySet[Opening]:
    return Opening.objects.filter(state=Opening.State.ASKED, answer_by__lte=clock.now())


def to_end() -> QuerySet[Opening]:
    return Opening.objects.filter(state=Opening.State.OPEN, open_until__lte=clock.now())


def to_tell() -> QuerySet[Opening]:
    """Those put off until a day that has come where the house is."""
    put_off = Opening.objects.filter(told_at=None, answered_at__isnull=False)
    return put_off.filter(tell_on__lte=clock.house_day(), state__in=[Opening.State.OPEN, Opening.State.OVER])


# -- for those whom it concerns ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening as somebody reads of it whom it concerns. Not the words: they may speak of others."""

    at: datetime
    kind: str
    reason: str
    by: list[str]
    until: datetime
    programme: str
    is_new: bool


def of_mine(actor: Actor) -> list[Opened]:
    rows = Concerned.objects.filter(person=actor.person or "", opening__told_at__isnull=False)
    rows = rows.select_related("opening__programme").order_by("-opening__answered_at")
    return [_opened(one) for one in rows]


def _opened(one: Concerned) -> Opened:
    of = one.opening
    called = programmes.called(of.programme_id, [of.asked_by_id, of.answered_by_id])
    assert of.answered_at is not None
    assert of.open_until is not None
    return Opened(
        at=of.answered_at,
        kind=of.get_kind_display(),
        reason=of.get_reason_display(),
        by=[called.get(person or "", "") for person in (of.asked_by_id, of.answered_by_id)],
        until=of.state_since if of.state == Opening.State.OVER else of.open_until,
        programme=of.programme.name,
        is_new=one.read_at is None,
    )


def has_news(actor: Actor) -> bool:
    """Whether something of mine was opened of which I have not read."""
    mine = Concerned.objects.filter(person=actor.person or "", read_at=None, opening__told_at__isnull=False)
    return mine.exists()


def untold() -> QuerySet[Opening]:
    """Those of which the people concerned do not know yet."""
    return Opening.objects.filter(answered_at__isnull=False, told_at=None)
