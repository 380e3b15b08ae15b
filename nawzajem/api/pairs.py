"""Proposals, and the pairs that come of them: what was settled, check-ins, the ending."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, a_page, done, gives
from nawzajem.api.tokens import READ, WRITE, Here, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import CardOut, card, reasons
from nawzajem.conversations import reads as conversations
from nawzajem.core.matching.hours import Stretch
from nawzajem.pairs import acts, reads
from nawzajem.pairs.forms import AgreementForm, AnswerForm, CheckInForm, EndForm, RatingForm
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating

router = Router(tags=["Pairs"])

# -- proposals --------------------------------------------------------------------------------------------------------


class HoursOut(Out):
    """Hours on end on the reader's clock: `start` is an hour of the week, Monday 0:00 first."""

    start: int
    length: int


class ProposalOut(Out):
    """Somebody may fit. What the other answered is not told before both have."""

    id: str
    state: str
    side: str
    i_said: bool | None
    answer_by: datetime
    pair: str | None
    topics: list[str]
    stage: str
    words: str
    kinds: list[str]
    ways: list[str]
    languages: list[str]
    shared_hours: list[HoursOut]
    reasons: list[str]
    who: CardOut | None


@router.get("/p/{programme}/proposals", response=gives(list[ProposalOut]), auth=READ)
def proposals(request: Request, programme: str) -> list[ProposalOut]:
    """Those that wait for my answer."""
    here = inside(request, programme)
    return [_put(here, one) for one in reads.with_all(reads.to_answer(here.actor))]


@router.get("/p/{programme}/proposals/{proposal}", response=gives(ProposalOut), auth=READ)
def proposal(request: Request, programme: str, proposal: str) -> ProposalOut:
    here = inside(request, programme)
    return _put(here, reads.proposal(here.actor, proposal))


@router.post(
    "/p/{programme}/proposals/{proposal}/answer",
    response=gives(ProposalOut),
    auth=WRITE,
    openapi_extra=takes(AnswerForm),
)
def answer(request: Request, programme: str, proposal: str) -> ProposalOut:
    """Yes or no. When both have said yes, `pair` is there."""
    here = inside(request, programme)
    acts.answer(here.actor, reads.proposal(here.actor, proposal), **typed(request, AnswerForm))
    return _put(here, reads.proposal(here.actor, proposal))


def _put(here: Here, one: Proposal) -> ProposalOut:
    put = reads.put(here.actor, one)
    return ProposalOut(
        id=one.pk,
        state=one.state,
        side=put.side,
        i_said=put.i_said,
        answer_by=one.answer_by,
        pair=one.pair.pk if hasattr(one, "pair") else None,
        topics=put.topics,
        stage=put.stage,
        words=put.words,
        kinds=put.kinds,
        ways=put.forms,
        languages=put.languages,
        shared_hours=[_hours(each) for each in put.shared],
        reasons=reasons(here, put.reasons, reader=put.side),
        who=card(here, put.card, reader="asker") if put.card else None,
    )


def _hours(one: Stretch) -> HoursOut:
    return HoursOut(start=one.start, length=one.length)


# -- pairs ------------------------------------------------------------------------------------------------------------


class AgreementOut(Out):
    aim: str
    safety_words: str
    rhythm: str
    turns: str
    ends_on: date | None
    i_agreed: bool
    other_agreed: bool
    version: str


class RatingOut(Out):
    understood: int
    helped: int | None
    again: bool | None


class PairOut(Out):
    id: str
    state: str
    i_asked: bool
    other: str  # the name they have here; empty for somebody who has left
    conversation: str
    begun_at: datetime
    next_check_in: date | None
    agreement: AgreementOut
    i_ended_it: bool
    my_rating: RatingOut | None
    their_rating: RatingOut | None


class CheckInOut(Out):
    id: str
    pair: str
    due_on: date


class VersionForm(forms.Form):
    version = forms.CharField(label="The `version` of the agreement that was read", max_length=40)


@router.get("/p/{programme}/pairs", response=gives(list[PairOut]), auth=READ)
def pairs(request: Request, programme: str, page: int = 1) -> list[PairOut]:
    """Mine, the one with the latest word first. 200 a page."""
    here = inside(request, programme)
    mine = list(a_page(reads.mine(here.actor).prefetch_related("ratings", "checkins"), page))
    names = conversations.names(here.actor, [one.conversation_id for one in mine])
    return [_told(here, one, names) for one in mine]


@router.get("/p/{programme}/pairs/{pair}", response=gives(PairOut), auth=READ)
def pair(request: Request, programme: str, pair: str) -> PairOut:
    here = inside(request, programme)
    return _told(here, reads.pair(here.actor, pair))


@router.patch(
    "/p/{programme}/pairs/{pair}/agreement",
    response=gives(PairOut),
    auth=WRITE,
    openapi_extra=takes(AgreementForm, needs=()),
)
def suggest_agreement(request: Request, programme: str, pair: str) -> PairOut:
    """What I would settle. It holds once the other agrees."""
    here = inside(request, programme)
    own = reads.pair(here.actor, pair)
    settled = reads.agreement(here.actor, own)
    before = {"aim": settled.aim, "safety_words": settled.safety_words}
    before |= {"rhythm": own.rhythm, "turns": own.turns, "ends_on": own.ends_on}  # type: ignore[dict-item]
    return _told(here, acts.suggest_agreement(here.actor, own, **typed(request, AgreementForm, initial=before)))


@router.post("/p/{programme}/pairs/{pair}/agree", response=gives(PairOut), auth=WRITE, openapi_extra=takes(VersionForm))
def agree(request: Request, programme: str, pair: str) -> PairOut:
    """Yes to what the other suggested, in the version that was read."""
    here = inside(request, programme)
    acts.agree(here.actor, reads.pair(here.actor, pair), **typed(request, VersionForm))
    return _told(here, reads.pair(here.actor, pair))


@router.post("/p/{programme}/pairs/{pair}/rest", response=gives(PairOut), auth=WRITE)
def rest(request: Request, programme: str, pair: str) -> PairOut:
    """A break."""
    here = inside(request, programme)
    return _told(here, acts.rest(here.actor, reads.pair(here.actor, pair)))


@router.post("/p/{programme}/pairs/{pair}/go-on", response=gives(PairOut), auth=WRITE)
def go_on(request: Request, programme: str, pair: str) -> PairOut:
    """After a break, or after having wished to end."""
    here = inside(request, programme)
    return _told(here, acts.go_on(here.actor, reads.pair(here.actor, pair)))


@router.post("/p/{programme}/pairs/{pair}/end", response=gives(PairOut), auth=WRITE, openapi_extra=takes(EndForm))
def end(request: Request, programme: str, pair: str) -> PairOut:
    """At any time, without a reason. Some days stay for last words unless it is to be at once."""
    here = inside(request, programme, before_agreement=True)
    return _told(here, acts.end(here.actor, reads.pair(here.actor, pair), **typed(request, EndForm)))


@router.post("/p/{programme}/pairs/{pair}/close-door", response=NOTHING, auth=WRITE)
def close_door(request: Request, programme: str, pair: str) -> Status:
    """End at once, and never meet this person here again, in any programme."""
    here = inside(request, programme, before_agreement=True)
    acts.close_door(here.actor, reads.pair(here.actor, pair))
    return done()


@router.put("/p/{programme}/pairs/{pair}/rating", response=gives(PairOut), auth=WRITE, openapi_extra=takes(RatingForm))
def rate(request: Request, programme: str, pair: str) -> PairOut:
    """How it was. The other sees it when both have said."""
    here = inside(request, programme, before_agreement=True)
    own = reads.pair(here.actor, pair)
    acts.rate(here.actor, own, **typed(request, RatingForm))
    return _told(here, own)


# -- check-ins --------------------------------------------------------------------------------------------------------


@router.get("/p/{programme}/check-ins", response=gives(list[CheckInOut]), auth=READ)
def check_ins(request: Request, programme: str) -> list[CheckInOut]:
    """Those whose day has come and that I have not answered."""
    return [_check_in(one) for one in reads.checkins_due(inside(request, programme).actor)]


@router.post("/p/{programme}/check-ins/{checkin}", response=NOTHING, auth=WRITE, openapi_extra=takes(CheckInForm))
def check_in(request: Request, programme: str, checkin: str) -> Status:
    """How it is going."""
    here = inside(request, programme)
    acts.check_in(here.actor, reads.checkin(here.actor, checkin), **typed(request, CheckInForm))
    return done()


def _check_in(one: CheckIn) -> CheckInOut:
    return CheckInOut(id=one.pk, pair=one.pair_id, due_on=one.due_on)


def _told(here: Here, one: Pair, names: dict[str, str] | None = None) -> PairOut:
    names = conversations.names(here.actor, [one.conversation_id]) if names is None else names
    mine, theirs = reads.ratings(here.actor, one)
    return PairOut(
        id=one.pk,
        state=one.state,
        i_asked=one.asker_id == here.actor.person,
        other=names.get(one.conversation_id, ""),
        conversation=one.conversation_id,
        begun_at=one.begun_at,
        next_check_in=reads.next_checkin(one),
        agreement=_agreement(here, one),
        i_ended_it=one.ended_by_id == here.actor.person,
        my_rating=_rating(mine),
        their_rating=_rating(theirs),
    )


def _agreement(here: Here, one: Pair) -> AgreementOut:
    settled = reads.agreement(here.actor, one)
    return AgreementOut(
        aim=settled.aim,
        safety_words=settled.safety_words,
        rhythm=one.rhythm,
        turns=one.turns,
        ends_on=one.ends_on,
        i_agreed=settled.i_agreed,
        other_agreed=settled.other_agreed,
        version=settled.version,
    )


def _rating(one: Rating | None) -> RatingOut | None:
    return RatingOut(understood=one.understood, helped=one.helped, again=one.again) if one else None
