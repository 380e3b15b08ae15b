"""Somebody now: the waiting room, the knocks at my door, being here, and what comes after such a talk."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, gives, made
from nawzajem.api.tokens import COORDINATE, READ, WRITE, Here, Request, inside, on_duty
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import reasons
from nawzajem.asks import acts as ask_acts
from nawzajem.asks import reads as asks
from nawzajem.core.matching import Wait as Expected
from nawzajem.ground.refusals import NotFound
from nawzajem.offers import acts as offer_acts
from nawzajem.offers import reads as offers
from nawzajem.pairs import reads as pairs
from nawzajem.waiting import acts, reads
from nawzajem.waiting.forms import HereForm, NowForm, StayForm
from nawzajem.waiting.models import Knock, Wait

router = Router(tags=["Somebody now"])


class ExpectedOut(Out):
    """Hours until somebody came, for a quarter, half and three quarters of people; null where too few have waited to say."""

    soon: float | None
    half: float | None
    late: float | None
    people: int
    met: int


class WaitOut(Out):
    """waiting, coming, met, left, nobody. Numbers, and never who."""

    id: str
    ask: str
    state: str
    begun_at: datetime
    until: datetime
    waiting_longer: int
    asked: int
    not_answered: int
    expected: ExpectedOut
    pair: str | None


class KnockOut(Out):
    """Somebody needs company now. `words` are there once I have said yes."""

    id: str
    state: str
    topics: list[str]
    languages: list[str]
    ways: list[str]
    reasons: list[str]
    words: str
    somebody_is_on_the_way: bool
    pair: str | None


class HereOut(Out):
    here_until: datetime | None


class TalkOut(Out):
    pair: str
    state: str  # of the pair
    i_would_stay_in_touch: bool | None


class RoomOut(Out):
    waiting: int
    longest_since: datetime | None
    here: int
    met_today: int
    nobody_today: int
    left_today: int
    expected: ExpectedOut
    surge_since: datetime | None


# -- the one who waits ------------------------------------------------------------------------------------------------


@router.get("/p/{programme}/now", response=gives(WaitOut), auth=READ)
def my_wait(request: Request, programme: str) -> WaitOut:
    """Where I stand in the waiting room; 404 where I am not in it."""
    here = inside(request, programme)
    going = reads.my_wait(here.actor)
    if going is None:
        raise NotFound
    return _wait(going)


@router.post("/p/{programme}/now", response=gives(WaitOut, 201), auth=WRITE, openapi_extra=takes(NowForm, needs=()))
def begin(request: Request, programme: str) -> Status:
    """I need somebody now. Nothing has to be said."""
    here = inside(request, programme)
    fields = typed(request, NowForm, programme=here.programme, person=here.person)
    return made(_wait(acts.begin(here.actor, ask_acts.draft(here.actor, **fields))))


@router.post("/p/{programme}/asks/{ask}/now", response=gives(WaitOut, 201), auth=WRITE)
def begin_with(request: Request, programme: str, ask: str) -> Status:
    """The same, with an ask that is written down already and not sent."""
    here = inside(request, programme)
    return made(_wait(acts.begin(here.actor, asks.own_ask(here.actor, ask))))


@router.get("/p/{programme}/now/{wait}", response=gives(WaitOut), auth=READ)
def wait(request: Request, programme: str, wait: str) -> WaitOut:
    return _wait(reads.wait(inside(request, programme).actor, wait))


@router.post("/p/{programme}/now/{wait}/leave", response=gives(WaitOut), auth=WRITE)
def leave(request: Request, programme: str, wait: str) -> WaitOut:
    """Always fine. What was written is a draft again."""
    here = inside(request, programme, before_agreement=True)
    return _wait(acts.leave(here.actor, reads.wait(here.actor, wait)))


def _wait(one: Wait) -> WaitOut:
    stand = reads.standing(one)
    return WaitOut(
        id=one.pk,
        ask=one.ask_id,
        state=one.state,
        begun_at=one.begun_at,
        until=one.until,
        waiting_longer=stand.before,
        asked=stand.asked,
        not_answered=stand.open,
        expected=_expected(stand.expected),
        pair=stand.pair.pk if stand.pair else None,
    )


def _expected(of: Expected) -> ExpectedOut:
    return ExpectedOut(soon=of.soon, half=of.half, late=of.late, people=of.people, met=of.paired)


# -- those who are asked ----------------------------------------------------------------------------------------------


@router.get("/p/{programme}/knocks", response=gives(list[KnockOut]), auth=READ)
def knocks(request: Request, programme: str) -> list[KnockOut]:
    """Those that wait for my answer, or for me to come in."""
    here = inside(request, programme)
    return [_knock(here, one.knock) for one in reads.my_knocks(here.actor)]


@router.post(
    "/p/{programme}/knocks/{knock}/answer", response=gives(KnockOut), auth=WRITE, openapi_extra=takes(StayForm)
)
def answer(request: Request, programme: str, knock: str) -> KnockOut:
    """Yes, or not now. The first yes holds; after it there are two minutes to come in."""
    here = inside(request, programme)
    act = acts.say_yes if typed(request, StayForm)["yes"] else acts.say_not_now
    act(here.actor, reads.knock(here.actor, knock))
    return _knock(here, reads.knock(here.actor, knock))


@router.post("/p/{programme}/knocks/{knock}/come-in", response=gives(KnockOut), auth=WRITE)
def come_in(request: Request, programme: str, knock: str) -> KnockOut:
    """The talk begins for both: `pair` is there."""
    here = inside(request, programme)
    acts.come_in(here.actor, reads.knock(here.actor, knock))
    return _knock(here, reads.knock(here.actor, knock))


def _knock(here: Here, one: Knock) -> KnockOut:
    told, pair = reads.told(one), reads.pair_of(one)
    return KnockOut(
        id=one.pk,
        state=one.state,
        topics=told.topics,
        languages=told.languages,
        ways=told.forms,
        reasons=reasons(here, told.reasons, reader="giver"),
        words=told.words,
        somebody_is_on_the_way=told.on_the_way,
        pair=pair.pk if pair else None,
    )


@router.post("/p/{programme}/offer/here", response=gives(HereOut), auth=WRITE, openapi_extra=takes(HereForm))
def be_here(request: Request, programme: str) -> HereOut:
    """For so many hours I may be asked at once; with 0, no longer."""
    here = inside(request, programme)
    own = offer_acts.be_here(here.actor, offers.own_offer(here.actor), **typed(request, HereForm))
    return HereOut(here_until=own.here_until)


# -- the talk ---------------------------------------------------------------------------------------------------------


@router.post("/p/{programme}/pairs/{pair}/stay", response=gives(TalkOut), auth=WRITE, openapi_extra=takes(StayForm))
def stay(request: Request, programme: str, pair: str) -> TalkOut:
    """After a talk for now has ended: whether I would stay in touch. The other is not told."""
    here = inside(request, programme)
    own = pairs.pair(here.actor, pair)
    talk = acts.stay(here.actor, reads.own_talk(here.actor, own), **typed(request, StayForm))
    mine = talk.asker_stays if talk.pair.asker_id == here.actor.person else talk.giver_stays
    return TalkOut(pair=own.pk, state=talk.pair.state, i_would_stay_in_touch=mine)


# -- the desk ---------------------------------------------------------------------------------------------------------


@router.get("/p/{programme}/desk/now", response=gives(RoomOut), auth=COORDINATE)
def room(request: Request, programme: str) -> RoomOut:
    """The waiting room in numbers."""
    told = reads.room(on_duty(request, programme, "coordinator", "duty_officer").actor)
    return RoomOut(
        waiting=told.waiting,
        longest_since=told.longest,
        here=told.here,
        met_today=told.met,
        nobody_today=told.nobody,
        left_today=told.left,
        expected=_expected(told.expected),
        surge_since=told.surge.begun_at if told.surge else None,
    )


@router.post("/p/{programme}/desk/now/calm", response=gives(RoomOut), auth=COORDINATE)
def calm(request: Request, programme: str) -> RoomOut:
    """The surge is over, as far as a coordinator can see."""
    here = on_duty(request, programme, "coordinator")
    if (going := reads.surge(here.actor.here)) is not None:
        acts.end_surge(here.actor, going)
    return room(request, programme)
