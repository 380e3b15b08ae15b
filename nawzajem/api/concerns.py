"""Signs of danger, for programs of those on duty: what is open, taking it, what was done. No word of any talk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, a_page, done, gives, made
from nawzajem.api.tokens import COORDINATE, Here, Request, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.programmes import reads as programmes
from nawzajem.safety.concerns import acts, reads
from nawzajem.safety.concerns.forms import OutcomeForm, QuestionsForm, StepForm
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.logbook import acts as logbook

router = Router(tags=["Desk"])


class ConcernOut(Out):
    id: str
    tier: str
    kind: str
    origin: str  # screening, other, self
    state: str
    signs: int
    raised_at: datetime
    next_call_at: datetime | None  # while it waits, or was taken and nothing was done
    about: str
    owner: str
    i_am_called: bool


class StepOut(Out):
    at: datetime
    what: str
    words: str
    by: str


class WholeConcernOut(ConcernOut):
    words: str  # what whoever raised it wrote to those on duty
    outcome: str
    steps: list[StepOut]


@router.get("/p/{programme}/desk/concerns", response=gives(list[ConcernOut]), auth=COORDINATE)
def concerns(request: Request, programme: str, page: int = 1) -> list[ConcernOut]:
    """What is open, the most pressing first; never one about oneself. 200 a page."""
    here = _on_duty(request, programme)
    rows = list(a_page(reads.queue(here.actor), page))
    names = programmes.called(here.programme, (person for one in rows for person in (one.about_id, one.owner_id)))
    called = set(reads.my_calls(here.actor).values_list("pk", flat=True))
    return [ConcernOut(**_told(one, names, one.pk in called)) for one in rows]


@router.get("/p/{programme}/desk/concerns/{concern}", response=gives(WholeConcernOut), auth=COORDINATE)
def concern(request: Request, programme: str, concern: str) -> WholeConcernOut:
    """One of them, with what was done. To be shown it is to look, and is written down."""
    here = _on_duty(request, programme)
    return _whole(here, reads.concern(here.actor, concern))


@router.post("/p/{programme}/desk/concerns/{concern}/take", response=gives(WholeConcernOut), auth=COORDINATE)
def take(request: Request, programme: str, concern: str) -> WholeConcernOut:
    """Mine from now on; from somebody who has it, it is taken over."""
    here = _on_duty(request, programme)
    return _whole(here, acts.take(here.actor, reads.concern(here.actor, concern)))


@router.post("/p/{programme}/desk/concerns/{concern}/pass", response=NOTHING, auth=COORDINATE)
def pass_on(request: Request, programme: str, concern: str) -> Status:
    """I am called and cannot: the next is called at once."""
    here = _on_duty(request, programme)
    acts.pass_on(here.actor, reads.concern(here.actor, concern))
    return done()


@router.post(
    "/p/{programme}/desk/concerns/{concern}/steps",
    response=gives(WholeConcernOut, 201),
    auth=COORDINATE,
    openapi_extra=takes(StepForm),
)
def note(request: Request, programme: str, concern: str) -> Status:
    """What was done, by whoever has it. The first step stops the clock."""
    here = _on_duty(request, programme)
    one = reads.concern(here.actor, concern)
    acts.note(here.actor, one, **typed(request, StepForm))
    return made(_whole(here, one))


@router.post(
    "/p/{programme}/desk/concerns/{concern}/questions",
    response=gives(WholeConcernOut, 201),
    auth=COORDINATE,
    openapi_extra=takes(QuestionsForm),
)
def screen(request: Request, programme: str, concern: str) -> Status:
    """The answers to the official questions, by their numbers; 3 to 5 only after a yes to 2, `lately` only after a yes to 6."""
    here = _on_duty(request, programme)
    one = reads.concern(here.actor, concern)
    acts.screen(here.actor, one, **typed(request, QuestionsForm))
    return made(_whole(here, one))


@router.post(
    "/p/{programme}/desk/concerns/{concern}/close",
    response=gives(WholeConcernOut),
    auth=COORDINATE,
    openapi_extra=takes(OutcomeForm),
)
def close(request: Request, programme: str, concern: str) -> WholeConcernOut:
    """With an outcome, after something was done."""
    here = _on_duty(request, programme)
    one = reads.concern(here.actor, concern)
    return _whole(here, acts.close(here.actor, one, **typed(request, OutcomeForm)))


def _on_duty(request: Request, programme: str) -> Here:
    return on_duty(request, programme, "duty_officer")


def _whole(here: Here, one: Concern) -> WholeConcernOut:
    whose = one.by_id if one.origin == Concern.Origin.OTHER else one.about_id  # that others worry is told to nobody
    logbook.note(here.actor, [whose], what="concern", thing=one.pk)
    steps = reads.steps(here.actor, one)
    names = programmes.called(here.programme, [one.about_id, one.owner_id, *(step.by for step in steps)])
    called = reads.is_called(here.actor, one, here.person)
    return WholeConcernOut(
        **_told(one, names, called),
        words=reads.words_of(here.actor, one),
        outcome=one.outcome,
        steps=[
            StepOut(at=each.at, what=each.what, words=each.words, by=names.get(each.by or "", "")) for each in steps
        ],
    )


def _told(one: Concern, names: dict[str, str], is_called: bool) -> dict[str, Any]:
    waits = one.state in {Concern.State.RAISED, Concern.State.ACKNOWLEDGED}
    return {
        "id": one.pk,
        "tier": one.tier_code,
        "kind": one.kind,
        "origin": one.origin,
        "state": one.state,
        "signs": one.signs,
        "raised_at": one.raised_at,
        "next_call_at": one.next_at if waits else None,
        "about": names.get(one.about_id or "", ""),
        "owner": names.get(one.owner_id or "", ""),
        "i_am_called": is_called,
    }
