"""My own hints, as codes and counts. For me alone: there is no duty with which one sees those of others."""

from __future__ import annotations

from ninja import Router

from nawzajem.api.answers import Out, gives
from nawzajem.api.tokens import READ, Request, inside
from nawzajem.coach import reads

router = Router(tags=["Hints"])


class GrownOut(Out):
    """dir, min, rea, hij, jud, dia, sec, res, int or pri, and what became of such hints."""

    code: str
    shown: int
    followed: int
    dismissed: int


@router.get("/p/{programme}/growth", response=gives(list[GrownOut]), auth=READ)
def growth(request: Request, programme: str) -> list[GrownOut]:
    """My hints of the last twelve weeks, the most frequent first. No words are kept for them."""
    grown = reads.growth(inside(request, programme).actor)
    return [GrownOut(code=one.code, shown=one.shown, followed=one.followed, dismissed=one.dismissed) for one in grown]
