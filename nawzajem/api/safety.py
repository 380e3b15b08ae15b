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
from nawzajem.pairs.models import Pair
from nawzajem.programmes import reads as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.rulings import reads
from nawzajem.safety import acts
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
    pair = pairs.pair_of(here.actor, conversation)
    side = _side(here, pair)
    said = typed(request, ReportForm, side=side)
    evidence = conversations.evidence(here.actor, of, message)
    raised = acts.report(
        here.actor,
        author,
        reason=said["reason"],
        words=said["words"],
        place=f"message:{of.pk}:{seq}",
        evidence=evidence,
        side=side,
    )
    if said["block"] and author is not None:
        pair_acts.close_door(here.actor, pair)
    return made(ReportedOut(at=raised.at, reason=raised.reason, state=raised.state))


def _side(here: Here, pair: Pair) -> str:
    return Report.Side.ASKER if pair.asker_id == here.actor.person else Report.Side.GIVER


class MyReportOut(Out):
    id: str
    at: datetime
    reason: str
    words: str
    state: str
    due_at: datetime | None  # by when somebody on duty takes it
    outcome: str
    anew: str  # how it was decided anew, where whoever it was about asked for that


@router.get("/p/{programme}/reports", response=gives(list[MyReportOut]), auth=TALK)
def my_reports(request: Request, programme: str) -> list[MyReportOut]:
    """What I reported here, and what came of it."""
    here = inside(request, programme, before_agreement=True)
    return [
        MyReportOut(**{name: getattr(one, name) for name in MyReportOut.model_fields})
        for one in reads.my_reports(here.actor)
    ]


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
    side: str  # who reports whom: asker, giver, member (about somebody on duty), keeper
    due_at: datetime | None
    is_grave: bool


@router.get("/p/{programme}/desk/reports", response=gives(list[ReportOut]), auth=COORDINATE, tags=["Desk"])
def waiting_reports(request: Request, programme: str, page: int = 1) -> list[ReportOut]:
    """Those not closed yet, the gravest first; never one in which oneself, a pair of one's own, or somebody above or below is involved. Also for those on duty. 200 a page."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    reports = list(a_page(reads.waiting_reports(here.actor), page))
    logbook.note_list(here.actor, [(one.by_id, one.pk) for one in reports], what="report")
    names = programmes.called(here.programme, (person for one in reports for person in (one.by_id, one.about_id)))
    words = reads.words_of_each(here.actor, reports)
    return [_report(here, one, names, words[one.pk]) for one in reports]


@router.post("/p/{programme}/desk/reports/{report}/take", response=gives(ReportOut), auth=COORDINATE, tags=["Desk"])
def take_report(request: Request, programme: str, report: str) -> ReportOut:
    """I look into it."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    return _report(here, rulings.take(here.actor, reads.report(here.actor, report)))


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
    return _report(here, rulings.close(here.actor, one, **typed(request, CloseForm)))


def _report(here: Here, one: Report, names: dict[str, str] | None = None, words: str = "") -> ReportOut:
    if names is None:  # one alone; to be shown its words is to look
        words = reads.words_of(here.actor, one)
        logbook.note(here.actor, [one.by_id], what="report", thing=one.pk)
        names = programmes.called(here.programme, [one.by_id, one.about_id])
    return ReportOut(
        id=one.pk,
        state=one.state,
        at=one.at,
        reason=one.reason,
        words=words,
        outcome=one.outcome,
        by=names.get(one.by_id or "", ""),
        about=names.get(one.about_id or "", ""),
        side=one.side,
        due_at=one.due_at,
        is_grave=one.is_grave,
    )
