"""Saying that something was not right; and, for those who look after the programme, looking into it."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, a_page, gives, made
from nawzajem.api.tokens import COORDINATE, TALK, Here, Request, inside, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import NotFound
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.programmes import reads as programmes
from nawzajem.safety import acts, reads
from nawzajem.safety.forms import CloseForm, ReportForm
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.models import Report

router = Router(tags=["Safety"])


class ReportedOut(Out):
    at: datetime
    reason: str
    state: str


@router.post(
    "/p/{programme}/conversations/{conversation}/messages/{seq}/report",
    response=gives(ReportedOut, 201),
    auth=TALK,
    openapi_extra=takes(ReportForm),
)
def report(request: Request, programme: str, conversation: str, seq: int) -> Status:
    """About one message of somebody else. Its text is sealed as it stands; those who look into it do not read the talk."""
    here = inside(request, programme, before_agreement=True)
    of = conversations.conversation(here.actor, conversation)
    message = conversations.message(here.actor, of, seq)
    author = message.author.person
    if author is not None and author.pk == here.actor.person:
        raise NotFound
    said = typed(request, ReportForm)
    evidence = conversations.evidence(here.actor, of, message)
    raised = acts.report(
        here.actor,
        author,
        reason=said["reason"],
        words=said["words"],
        place=f"message:{of.pk}:{seq}",
        evidence=evidence,
    )
    if said["block"] and author is not None:
        pair_acts.close_door(here.actor, pairs.pair_of(here.actor, conversation))
    return made(ReportedOut(at=raised.at, reason=raised.reason, state=raised.state))


# -- for those who look into it ---------------------------------------------------------------------------------------


class ReportOut(Out):
    id: str
    state: str
    at: datetime
    reason: str
    words: str  # what the reporter wrote to those who look into it
    outcome: str
    by: str
    about: str


@router.get("/p/{programme}/desk/reports", response=gives(list[ReportOut]), auth=COORDINATE, tags=["Desk"])
def waiting_reports(request: Request, programme: str, page: int = 1) -> list[ReportOut]:
    """Those not closed yet; never one in which oneself is involved. Also for those on duty. 200 a page."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    reports = list(a_page(reads.waiting_reports(here.actor), page))
    logbook.note_list(here.actor, [(one.by_id, one.pk) for one in reports], what="report")
    names = programmes.called(here.programme, (person for one in reports for person in (one.by_id, one.about_id)))
    return [_report(here, one, names) for one in reports]


@router.post("/p/{programme}/desk/reports/{report}/take", response=gives(ReportOut), auth=COORDINATE, tags=["Desk"])
def take_report(request: Request, programme: str, report: str) -> ReportOut:
    """I look into it."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    return _report(here, acts.take(here.actor, reads.report(here.actor, report)))


@router.post(
    "/p/{programme}/desk/reports/{report}/close",
    response=gives(ReportOut),
    auth=COORDINATE,
    openapi_extra=takes(CloseForm),
    tags=["Desk"],
)
def close_report(request: Request, programme: str, report: str) -> ReportOut:
    """What was done."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    one = reads.report(here.actor, report)
    return _report(here, acts.close(here.actor, one, **typed(request, CloseForm)))


def _report(here: Here, one: Report, names: dict[str, str] | None = None) -> ReportOut:
    if names is None:  # one alone; to be shown its words is to look
        logbook.note(here.actor, [one.by_id], what="report", thing=one.pk)
        names = programmes.called(here.programme, [one.by_id, one.about_id])
    return ReportOut(
        id=one.pk,
        state=one.state,
        at=one.at,
        reason=one.reason,
        words=reads.words_of(here.actor, one),
        outcome=one.outcome,
        by=names.get(one.by_id or "", ""),
        about=names.get(one.about_id or "", ""),
    )
