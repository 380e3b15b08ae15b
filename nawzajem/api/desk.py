"""For those who look after a programme: the worklist, people, ways in, reports, figures. No words of anybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, done, file, gives, made
from nawzajem.api.asks import ChooseForm
from nawzajem.api.tokens import COORDINATE, Here, Request, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import CardOut, card
from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.core.scales import Interval
from nawzajem.offers import acts as offer_acts
from nawzajem.offers import reads as offers
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Proposal
from nawzajem.programmes import acts, reads
from nawzajem.programmes.forms import DutyForm, InviteForm, PauseForm
from nawzajem.programmes.models import Invitation, Member
from nawzajem.reports import reads as reports
from nawzajem.safety import acts as safety_acts
from nawzajem.safety import reads as safety
from nawzajem.safety.forms import CloseForm
from nawzajem.safety.models import Report

router = Router(tags=["Desk"])


def at_desk(request: Request, slug: str) -> Here:
    return on_duty(request, slug, "coordinator")


# -- the worklist -----------------------------------------------------------------------------------------------------


class WaitingOut(Out):
    id: str
    state: str
    called: str
    topics: list[str]
    opened_at: datetime | None
    asked_before: int


class LapsingOut(Out):
    id: str
    ask: str
    asker: str
    giver: str
    answer_by: datetime


class SilentOut(Out):
    id: str
    asker: str
    giver: str
    last_at: datetime | None


class DeskOut(Out):
    waiting: list[WaitingOut]
    lapsing: list[LapsingOut]
    silent: list[SilentOut]
    reports: int
    free_places: int


class SuggestedOut(Out):
    suggestions: list[CardOut]
    why_none: str | None


@router.get("/p/{programme}/desk", response=gives(DeskOut), auth=COORDINATE)
def desk(request: Request, programme: str) -> DeskOut:
    """The morning's worklist: what waits longest, what is about to lapse, who has gone silent, what was reported."""
    here = at_desk(request, programme)
    called = dict(Member.objects.filter(programme=here.programme).values_list("person", "called"))
    waiting, days = list(asks.waiting(here.actor)[:100]), here.programme.options.silent_pair_after
    return DeskOut(
        waiting=_waiting(waiting, called),
        lapsing=[
            LapsingOut(
                id=one.pk,
                ask=one.ask_id,
                asker=called.get(one.ask.person_id, ""),
                giver=called.get(one.offer.person_id, ""),
                answer_by=one.answer_by,
            )
            for one in pairs.soon_lapsing(here.actor)
        ],
        silent=[
            SilentOut(
                id=one.pk,
                asker=called.get(one.asker_id or "", ""),
                giver=called.get(one.giver_id or "", ""),
                last_at=one.conversation.last_at,
            )
            for one in pairs.silent(here.programme, days=days)[:100]
        ],
        reports=safety.waiting_reports(here.actor).count(),
        free_places=offers.free_seats(here.actor),
    )


def _waiting(waiting: Iterable[Ask], called: dict[str, str]) -> list[WaitingOut]:
    tried = pairs.tried_count(waiting)
    return [
        WaitingOut(
            id=one.pk,
            state=one.state,
            called=called.get(one.person_id, ""),
            topics=[topic.code for topic in one.topics.all()],
            opened_at=one.opened_at,
            asked_before=tried.get(one.pk, 0),
        )
        for one in waiting
    ]


@router.get("/p/{programme}/desk/asks/{ask}/suggestions", response=gives(SuggestedOut), auth=COORDINATE)
def suggestions(request: Request, programme: str, ask: str) -> SuggestedOut:
    """Who could be there for an ask, with reasons; without words and without what is hidden."""
    here = at_desk(request, programme)
    cards, why_none = pairs.cards(here.actor, asks.ask(here.actor, ask), top=8)
    return SuggestedOut(suggestions=[card(here, one, reader="coordinator") for one in cards], why_none=why_none)


@router.post(
    "/p/{programme}/desk/asks/{ask}/propose", response=NOTHING, auth=COORDINATE, openapi_extra=takes(ChooseForm)
)
def propose(request: Request, programme: str, ask: str) -> Status:
    """By hand: both are asked as always, and each says yes or no."""
    here = at_desk(request, programme)
    one = asks.ask(here.actor, ask)
    offer = pairs.candidate(one, typed(request, ChooseForm)["offer"])
    pair_acts.put(here.actor, one, offer, origin=Proposal.Origin.COORDINATOR)
    return done()


# -- people -----------------------------------------------------------------------------------------------------------


class MemberOut(Out):
    id: str
    called: str
    state: str
    unit: str
    duties: list[str]
    away_until: date | None
    paused_until: date | None
    joined_at: datetime


@router.get("/p/{programme}/desk/members", response=gives(list[MemberOut]), auth=COORDINATE)
def members(request: Request, programme: str, called: str = "") -> list[MemberOut]:
    """Everybody here; with `called`, those whose name holds it."""
    return [_member(one) for one in reads.members(at_desk(request, programme).actor, called=called)]


@router.post(
    "/p/{programme}/desk/members/{member}/pause",
    response=gives(MemberOut),
    auth=COORDINATE,
    openapi_extra=takes(PauseForm),
)
def pause(request: Request, programme: str, member: str) -> MemberOut:
    """Taking part rests, until a day or until it is resumed."""
    here = at_desk(request, programme)
    return _member(acts.pause(here.actor, reads.member(here.actor, member), **typed(request, PauseForm)))


@router.post("/p/{programme}/desk/members/{member}/resume", response=gives(MemberOut), auth=COORDINATE)
def resume(request: Request, programme: str, member: str) -> MemberOut:
    here = at_desk(request, programme)
    return _member(acts.resume(here.actor, reads.member(here.actor, member)))


@router.post("/p/{programme}/desk/members/{member}/pause-offer", response=NOTHING, auth=COORDINATE)
def pause_offer(request: Request, programme: str, member: str) -> Status:
    """The offer of somebody who has fallen silent, so that nobody waits for an answer."""
    here = at_desk(request, programme)
    theirs = offers.all_here(here.actor).filter(person=reads.member(here.actor, member).person_id)
    offer_acts.pause(
        here.actor, offers.offer(here.actor, theirs.values_list("pk", flat=True).first() or ""), why="coordinator"
    )
    return done()


@router.post(
    "/p/{programme}/desk/members/{member}/duties",
    response=gives(MemberOut, 201),
    auth=COORDINATE,
    openapi_extra=takes(DutyForm),
)
def give_duty(request: Request, programme: str, member: str) -> Status:
    here = at_desk(request, programme)
    acts.give_duty(here.actor, reads.member(here.actor, member), **typed(request, DutyForm))
    return made(_member(reads.member(here.actor, member)))


@router.delete("/p/{programme}/desk/members/{member}/duties/{kind}", response=NOTHING, auth=COORDINATE)
def lay_down(request: Request, programme: str, member: str, kind: str) -> Status:
    """The last coordinator stays."""
    here = at_desk(request, programme)
    found = {duty.kind: duty.pk for duty in reads.member(here.actor, member).duties.all()}
    acts.lay_down(here.actor, reads.duty(here.actor, found.get(kind, "")))
    return done()


def _member(one: Member) -> MemberOut:
    return MemberOut(
        id=one.pk,
        called=one.called,
        state=one.state,
        unit=one.unit.name if one.unit else "",
        duties=[duty.kind for duty in one.duties.all()],
        away_until=one.away_until,
        paused_until=one.paused_until,
        joined_at=one.joined_at,
    )


# -- ways in ----------------------------------------------------------------------------------------------------------


class InvitationOut(Out):
    id: str
    code: str
    secret: str  # of a link for one person; told once, when it is made
    duty: str
    unit: str
    uses_left: int
    expires_at: datetime


@router.get("/p/{programme}/desk/invitations", response=gives(list[InvitationOut]), auth=COORDINATE)
def invitations(request: Request, programme: str) -> list[InvitationOut]:
    """Those that still hold."""
    return [_invitation(one) for one in reads.invitations(at_desk(request, programme).actor)]


@router.post(
    "/p/{programme}/desk/invitations",
    response=gives(InvitationOut, 201),
    auth=COORDINATE,
    openapi_extra=takes(InviteForm),
)
def invite(request: Request, programme: str) -> Status:
    """A link for one person, or with `many` a code to read out."""
    here = at_desk(request, programme)
    wanted = typed(request, InviteForm, programme=here.programme)
    if wanted["many"]:
        code = acts.make_code(here.actor, here.programme, unit=wanted["unit"], days=wanted["days"])
        return made(_invitation(code))
    one, secret = acts.invite(here.actor, here.programme, unit=wanted["unit"], duty=wanted["duty"], days=wanted["days"])
    return made(_invitation(one, secret))


@router.delete("/p/{programme}/desk/invitations/{invitation}", response=NOTHING, auth=COORDINATE)
def withdraw_invitation(request: Request, programme: str, invitation: str) -> Status:
    here = at_desk(request, programme)
    acts.withdraw_invitation(here.actor, reads.an_invitation(here.actor, invitation))
    return done()


def _invitation(one: Invitation, secret: str = "") -> InvitationOut:
    return InvitationOut(
        id=one.pk,
        code=one.code,
        secret=secret,
        duty=one.duty,
        unit=one.unit.name if one.unit else "",
        uses_left=one.uses_left,
        expires_at=one.expires_at,
    )


# -- reports ----------------------------------------------------------------------------------------------------------


class ReportOut(Out):
    id: str
    state: str
    at: datetime
    reason: str
    words: str  # what the reporter wrote to those who look into it
    outcome: str
    by: str
    about: str


@router.get("/p/{programme}/desk/reports", response=gives(list[ReportOut]), auth=COORDINATE)
def waiting_reports(request: Request, programme: str) -> list[ReportOut]:
    """Those not closed yet; never one in which oneself is involved. Also for those on duty."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    return [_report(here, one) for one in safety.waiting_reports(here.actor)]


@router.post("/p/{programme}/desk/reports/{report}/take", response=gives(ReportOut), auth=COORDINATE)
def take_report(request: Request, programme: str, report: str) -> ReportOut:
    """I look into it."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    return _report(here, safety_acts.take(here.actor, safety.report(here.actor, report)))


@router.post(
    "/p/{programme}/desk/reports/{report}/close",
    response=gives(ReportOut),
    auth=COORDINATE,
    openapi_extra=takes(CloseForm),
)
def close_report(request: Request, programme: str, report: str) -> ReportOut:
    """What was done."""
    here = on_duty(request, programme, "coordinator", "duty_officer")
    one = safety.report(here.actor, report)
    return _report(here, safety_acts.close(here.actor, one, **typed(request, CloseForm)))


def _report(here: Here, one: Report) -> ReportOut:
    called = Member.objects.filter(programme=here.programme, person__in=filter(None, [one.by_id, one.about_id]))
    names = dict(called.values_list("person", "called"))
    return ReportOut(
        id=one.pk,
        state=one.state,
        at=one.at,
        reason=one.reason,
        words=safety.words_of(here.actor, one),
        outcome=one.outcome,
        by=names.get(one.by_id or "", ""),
        about=names.get(one.about_id or "", ""),
    )


# -- figures ----------------------------------------------------------------------------------------------------------


class IntervalOut(Out):
    value: float
    low: float
    high: float


class NeedOut(Out):
    topic: str
    waiting: int | None
    free: int | None


class FiguresOut(Out):
    """Groups smaller than `floor` are not told: there stands nothing."""

    floor: int
    members: int | None
    asks: dict[str, int | None]
    offers: dict[str, int | None]
    proposals: dict[str, int | None]
    pairs: dict[str, int | None]
    endings: dict[str, int | None]
    half_waited_hours: float | None
    needs: list[NeedOut]
    understood: IntervalOut | None
    helped: IntervalOut | None
    again: IntervalOut | None


@router.get("/p/{programme}/desk/figures", response=gives(FiguresOut), auth=COORDINATE)
def figures(request: Request, programme: str) -> FiguresOut:
    """Counts, waits, wants and ratings; never one person."""
    told = reports.figures(at_desk(request, programme).actor)
    plain: dict[str, Any] = {
        name: getattr(told, name) for name in ("floor", "members", "asks", "offers", "proposals", "pairs", "endings")
    }
    return FiguresOut(
        half_waited_hours=told.wait.half if told.wait else None,
        needs=[NeedOut(topic=one.topic, waiting=one.waiting, free=one.free) for one in told.needs],
        understood=_interval(told.said.understood),
        helped=_interval(told.said.helped),
        again=_interval(told.said.again),
        **plain,
    )


def _interval(one: Interval | None) -> IntervalOut | None:
    return IntervalOut(value=one.value, low=one.low, high=one.high) if one else None


TABLE = {
    "responses": {
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                    "schema": {"type": "string", "format": "binary"}
                },
            }
        }
    }
}
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@router.get("/p/{programme}/desk/tables/{what}.{form}", response=gives(None), auth=COORDINATE, openapi_extra=TABLE)
def table(request: Request, programme: str, what: str, form: str) -> HttpResponse:
    """`asks`, `offers` or `pairs`, as `csv` or `xlsx`: ids, states, dates, topics."""
    data = reports.export(at_desk(request, programme).actor, what, form=form)
    return file(data, KINDS[form], f"{what}.{form}")
