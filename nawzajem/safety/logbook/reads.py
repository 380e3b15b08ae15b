"""What others looked at of mine; and whether the book is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from nawzajem.ground.actor import Actor
from nawzajem.ground.seal import unseal
from nawzajem.programmes.models import Member, Programme
from nawzajem.safety.logbook import append_only
from nawzajem.safety.logbook.chain import link
from nawzajem.safety.logbook.models import Logbook, Look, LookName
from nawzajem.safety.openings.models import Opening

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """One look as the person reads it whom it is about."""

    at: datetime
    who: str  # the name they have in the programme; empty for somebody who has left
    what: str
    why: str
    programme: str
    opening: str


def of_mine(actor: Actor) -> QuerySet[Look]:
    """What others looked at, the latest first; of what two people opened, once those concerned may be told."""
    untold = Opening.objects.filter(answered_at__isnull=False, told_at=None)
    return _lines(actor, "whose").exclude(opening__in=untold.values("pk"))


def by_me(actor: Actor) -> QuerySet[Look]:
    """What I looked at by duty."""
    return _lines(actor, "who")


def _lines(actor: Actor, side: str) -> QuerySet[Look]:
    mine = LookName.objects.filter(person=actor.person or "").values("name")
    return Look.objects.filter(**{f"{side}__in": mine}).order_by("-seq")


def told(looks: Any) -> list[Seen]:
    """A page of looks, in words."""
    rows = list(looks)
    people = dict(LookName.objects.filter(name__in={one.who for one in rows}).values_list("name", "person"))
    places = Member.objects.filter(person__in=people.values()).exclude(state=Member.State.LEFT)
    called = {(one.programme_id, one.person_id): one.called for one in places}
    programmes = Programme.objects.in_bulk({one.programme for one in rows})
    return [
        Seen(
            at=one.at,
            who=called.get((one.programme, people.get(one.who, "")), ""),
            what=one.get_what_display(),
            why=one.get_why_display(),
            programme=programmes[one.programme].name if one.programme in programmes else "",
            opening=one.opening,
        )
        for one in rows
    ]


@dataclass(frozen=True, slots=True)
class Checked:
    """How the book stands: how many lines, the last link, and the first place where it does not fit (0: it fits)."""

    lines: int
    link: str
    broken_at: int
    refuses: bool  # to change or delete a line

    @property
    def is_whole(self) -> bool:
        return not self.broken_at and self.refuses


def check() -> Checked:
    """Every line from the first to the last, as they are linked; and that the end is where the book says."""
    book, refuses = Logbook.objects.filter(pk=1).first(), append_only.holds()
    if book is None:
        return Checked(0, "", int(Look.objects.exists()), refuses)
    secret, before, at = unseal(book.vault, book.secret, about="logbook"), "", 0
    for look in _every_line():
        if look.seq != at + 1 or look.link != link(look, before=before, secret=secret):
            return Checked(book.lines, book.link, at + 1, refuses)
        before, at = look.link, look.seq
    cut = (at, before) != (book.lines, book.link)
    return Checked(book.lines, book.link, at + 1 if cut else 0, refuses)


def _every_line() -> Iterator[Look]:
    return Look.objects.order_by("seq").iterator(chunk_size=AT_ONCE)
