"""Protecting minors, for programs of coordinators: who waits for a guardian, checks of adults, the standards."""

from __future__ import annotations

from datetime import date

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, gives, made
from nawzajem.api.tokens import COORDINATE, Request, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.ground.refusals import NotFound
from nawzajem.minors import acts, reads
from nawzajem.minors.forms import CheckForm, StandardForm
from nawzajem.minors.models import Check, Standard
from nawzajem.minors.standards import ITEMS
from nawzajem.programmes import reads as programmes

router = Router(tags=["Desk"])


class WaitingOut(Out):
    member: str
    called: str


class CheckOut(Out):
    kind: str
    result: str  # empty: nothing is on record
    done_on: date | None
    expires_on: date | None


class AdultOut(Out):
    member: str
    called: str
    checks: list[CheckOut]  # the last of each kind, and those that are needed and missing


class StandardOut(Out):
    item: str
    words: str
    done_on: date | None
    review_on: date | None


class MinorsOut(Out):
    waiting: list[WaitingOut]  # minors without a guardian's consent
    adults: list[AdultOut]  # of whom something is known, and those with a duty
    standards: list[StandardOut]


@router.get("/p/{programme}/desk/minors", response=gives(MinorsOut), auth=COORDINATE)
def desk(request: Request, programme: str) -> MinorsOut:
    """How it stands. No guardian's name, and no age of anybody."""
    here = on_duty(request, programme, "coordinator")
    found = reads.desk(here.actor, here.programme)
    return MinorsOut(
        waiting=[WaitingOut(member=one.pk, called=one.called) for one in found.waiting],
        adults=[
            AdultOut(member=one.pk, called=one.called, checks=[_check(each.kind, each.last) for each in standing])
            for one, standing in found.adults
        ],
        standards=[_standard(item, kept) for item, kept in found.standards],
    )


@router.post(
    "/p/{programme}/desk/members/{member}/checks",
    response=gives(CheckOut, 201),
    auth=COORDINATE,
    openapi_extra=takes(CheckForm),
)
def record_check(request: Request, programme: str, member: str) -> Status:
    """That somebody was looked up, and what was found. An entry stops their part at once. Never of oneself."""
    here = on_duty(request, programme, "coordinator")
    one = acts.record_check(here.actor, programmes.member(here.actor, member), **typed(request, CheckForm))
    return made(_check(one.kind, one))


@router.put(
    "/p/{programme}/desk/standards/{item}",
    response=gives(StandardOut),
    auth=COORDINATE,
    openapi_extra=takes(StandardForm),
)
def fill_in(request: Request, programme: str, item: str) -> StandardOut:
    """How one point of the standards is kept."""
    here = on_duty(request, programme, "coordinator")
    if item not in ITEMS:
        raise NotFound
    return _standard(item, acts.fill_in(here.actor, here.programme, item=item, **typed(request, StandardForm)))


def _check(kind: str, one: Check | None) -> CheckOut:
    if one is None:
        return CheckOut(kind=kind, result="", done_on=None, expires_on=None)
    return CheckOut(kind=kind, result=one.result, done_on=one.done_on, expires_on=one.expires_on)


def _standard(item: str, kept: Standard | None) -> StandardOut:
    if kept is None:
        return StandardOut(item=item, words="", done_on=None, review_on=None)
    return StandardOut(item=item, words=kept.words, done_on=kept.done_on, review_on=kept.review_on)
