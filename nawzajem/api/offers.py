"""My being ready: one offer in a programme."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, gives, made
from nawzajem.api.tokens import READ, WRITE, Here, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.offers import acts, reads
from nawzajem.offers.forms import OfferForm, RestForm
from nawzajem.offers.models import Offer
from nawzajem.pairs import reads as pairs

router = Router(tags=["Offer"])

PLAIN = ("kinds", "forms", "languages", "hours", "capacity", "not_same_unit")


class OfferOut(Out):
    id: str
    state: str
    experiences: list[str]
    words: str
    kinds: list[str]
    forms: list[str]
    languages: list[str]
    hours: str
    capacity: int
    taken: int
    not_same_unit: bool
    people_not_wanted: int
    paused_until: date | None


class BalanceOut(Out):
    were_there_for_me: int
    i_was_there_for: int


@router.get("/p/{programme}/offer", response=gives(OfferOut), auth=READ)
def offer(request: Request, programme: str) -> OfferOut:
    here = inside(request, programme)
    return _told(here, reads.own_offer(here.actor))


@router.post(
    "/p/{programme}/offer",
    response=gives(OfferOut, 201),
    auth=WRITE,
    openapi_extra=takes(OfferForm, needs=["experiences"]),
)
def offer_oneself(request: Request, programme: str) -> Status:
    """Be there for others, from what I have lived through. When somebody fits, I am asked first."""
    here = inside(request, programme)
    fields = typed(request, OfferForm, programme=here.programme, person=here.person)
    return made(_told(here, acts.make(here.actor, **fields)))


@router.patch("/p/{programme}/offer", response=gives(OfferOut), auth=WRITE, openapi_extra=takes(OfferForm, needs=()))
def change(request: Request, programme: str) -> OfferOut:
    """Change what is named. People not wanted are added to those named before."""
    here = inside(request, programme)
    own = reads.own_offer(here.actor)
    fields = typed(request, OfferForm, programme=here.programme, person=here.person, initial=_initial(here, own))
    fields["not_prints"] = sorted({*own.not_prints, *fields["not_prints"]})
    return _told(here, acts.change(here.actor, own, **fields))


def _initial(here: Here, own: Offer) -> dict[str, Any]:
    chosen = {"experiences": [one.pk for one in own.experiences.all()], "words": reads.words_of(here.actor, own)}
    return {name: getattr(own, name) for name in PLAIN} | chosen


@router.post("/p/{programme}/offer/rest", response=gives(OfferOut), auth=WRITE, openapi_extra=takes(RestForm))
def rest(request: Request, programme: str) -> OfferOut:
    """Nobody new is proposed until a day, or until I say so."""
    here = inside(request, programme, before_agreement=True)
    return _told(here, acts.pause(here.actor, reads.own_offer(here.actor), **typed(request, RestForm)))


@router.post("/p/{programme}/offer/resume", response=gives(OfferOut), auth=WRITE)
def resume(request: Request, programme: str) -> OfferOut:
    """Back from a rest, or from having been put away."""
    here = inside(request, programme)
    return _told(here, acts.resume(here.actor, reads.own_offer(here.actor)))


@router.post("/p/{programme}/offer/retire", response=gives(OfferOut), auth=WRITE)
def retire(request: Request, programme: str) -> OfferOut:
    """Put away. Pairs go on."""
    here = inside(request, programme, before_agreement=True)
    return _told(here, acts.retire(here.actor, reads.own_offer(here.actor)))


@router.get("/p/{programme}/balance", response=gives(BalanceOut), auth=READ)
def balance(request: Request, programme: str) -> BalanceOut:
    """How many people were there for me, and for how many I was there. Nobody else sees it."""
    got, gave = pairs.balance(inside(request, programme).actor)
    return BalanceOut(were_there_for_me=got, i_was_there_for=gave)


def _told(here: Here, one: Offer) -> OfferOut:
    plain = (*PLAIN, "state", "taken", "paused_until")
    return OfferOut(
        id=one.pk,
        experiences=[each.pk for each in one.experiences.all()],
        words=reads.words_of(here.actor, one),
        people_not_wanted=len(one.not_prints),
        **{name: getattr(one, name) for name in plain},
    )
