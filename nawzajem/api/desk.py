"""For those who look after a programme: the worklist, people, ways in. No words of anybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, a_page, done, gives, made
from nawzajem.api.asks import ChooseForm
from nawzajem.api.tokens import COORDINATE, Here, Request, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import CardOut, card
from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.offers import acts as offer_acts
from nawzajem.offers import reads as offers
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import acts, reads
from nawzajem.programmes.forms import DutyForm, InviteForm, PauseForm
from nawzajem.programmes.models import Invitation, Member
from nawzajem.rulings import reads as rulings
from nawzajem.safety.logbook import acts as logbook

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
def desk(request: Request, programme: str, page: int = 1) -> DeskOut:
    """The morning's worklist: what waits longest, what is about to lapse, who has gone silent, what was reported. 200 of
    each a page."""
    here = at_desk(request, programme)
    waiting, lapsing = list(a_page(asks.waiting(here.actor), page)), list(a_page(pairs.soon_lapsing(here.actor), page))
    silent = list(a_page(pairs.silent(here.programme, days=here.programme.options.silent_pair_after), page))
    people = [one.person_id for one in (*waiting, *(half for one in lapsing for half in (one.ask, one.offer)))]
    called = reads.called(here.programme, [*people, *(half for one in silent for half in (one.asker_id, one.giver_id))])
    return DeskOut(
        waiting=_waiting(waiting, called),
        lapsing=[_lapsing(one, called) for one in lapsing],
        silent=[_silent(one, called) for one in silent],
        reports=rulings.waiting_reports(here.actor).count(),
        free_places=offers.free_seats(here.actor),
    )


def _lapsing(one: Proposal, called: dict[str, str]) -> LapsingOut:
    return LapsingOut(
        id=one.pk,
        ask=one.ask_id,
        asker=called.get(one.ask.person_id, ""),
        giver=called.get(one.offer.person_id, ""),
        answer_by=one.answer_by,
    )


def _silent(one: Pair, called: dict[str, str]) -> SilentOut:
    return SilentOut(
        id=one.pk,
        asker=called.get(one.asker_id or "", ""),
        giver=called.get(one.giver_id or "", ""),
        last_at=one.conversation.last_at,
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
    one = asks.ask(here.actor, ask)
    logbook.note(here.actor, [one.person_id], what="ask", thing=one.pk)
    cards, why_none = pairs.cards(here.actor, one, top=8)
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
def members(request: Request, programme: str, called: str = "", page: int = 1) -> list[MemberOut]:
    """Everybody here; with `called`, those whose name holds it. 200 a page."""
    return [_member(one) for one in a_page(reads.members(at_desk(request, programme).actor, called=called), page)]


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
def invitations(request: Request, programme: str, page: int = 1) -> list[InvitationOut]:
    """Those that still hold."""
    return [_invitation(one) for one in a_page(reads.invitations(at_desk(request, programme).actor), page)]


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
