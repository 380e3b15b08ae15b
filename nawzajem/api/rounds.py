"""Rounds for those who coordinate: made, looked at, decided in, sent, followed. No words of anybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, a_page, done, gives, made
from nawzajem.api.desk import at_desk
from nawzajem.api.tokens import COORDINATE, Here, Request
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import reasons
from nawzajem.pairs.rounds import acts, advice, reads
from nawzajem.pairs.rounds.forms import AgainForm, DecideForm, RoundForm
from nawzajem.pairs.rounds.models import Line, Round
from nawzajem.programmes import reads as programmes

router = Router(tags=["Rounds"])


class StrategyOut(Out):
    """Scores from 0 to 1; `bound`: no round of these asks and offers has a higher total; `changes`: asks that would have
    somebody else than in this round; `bins`: pairs by tenths of the score, the lowest first."""

    paired: int
    total: float
    mean: float | None
    worst: float | None
    bound: float | None
    changes: int
    bins: list[int]


class RoundOut(Out):
    id: str
    state: str
    strategy: str
    made_at: datetime
    solved_at: datetime | None
    sent_at: datetime | None
    progress: int  # percent, while it is worked on
    digest: str
    changes: int  # decisions that are not worked in yet
    asks: int
    pairs: int


class FoundOut(RoundOut):
    strategies: dict[str, StrategyOut]
    alone: dict[str, int]  # how many with nobody, by the reason's code
    outdated: int  # pairs that would be left out if it were sent now
    sent: dict[str, int]  # proposals by their state
    dropped: dict[str, int]  # what was not sent after all, by the reason's code
    left_over: int  # asks of a round that was sent that still wait
    to_recruit: list[str]


class LineOut(Out):
    ask: str
    offer: str | None
    asker: str
    giver: str
    topics: list[str]
    score: float | None
    why: str  # with nobody: why
    helps: str  # with nobody: the smallest change with which somebody would be there, where there is a small one
    reasons: list[str]
    decided: str  # locked, forbidden, or empty
    proposal: str  # its state
    dropped: str


class OtherOut(Out):
    """Somebody who would fit as well."""

    offer: str
    called: str
    score: float
    free: int
    held_by: list[str]  # asks
    decided: str


class SendForm(forms.Form):
    digest = forms.CharField(label="The `digest` of the round that was looked at", max_length=64)


class MakeForm(RoundForm):
    after = forms.CharField(
        label="An earlier round whose asks that still wait are taken up", max_length=12, required=False
    )


@router.get("/p/{programme}/desk/rounds", response=gives(list[RoundOut]), auth=COORDINATE)
def rounds(request: Request, programme: str, page: int = 1) -> list[RoundOut]:
    """The newest first. 200 a page."""
    here = at_desk(request, programme)
    return [RoundOut(**_round(one)) for one in a_page(reads.rounds(here.actor), page)]


@router.post(
    "/p/{programme}/desk/rounds", response=gives(RoundOut, 201), auth=COORDINATE, openapi_extra=takes(MakeForm)
)
def make(request: Request, programme: str) -> Status:
    """Of everybody who waits, or of some. It is worked out beside; ask for it again until it is `proposed`."""
    here = at_desk(request, programme)
    wanted = typed(request, MakeForm, programme=here.programme)
    strategy, after = wanted.pop("strategy"), wanted.pop("after")
    before = reads.a_round(here.actor, after) if after else None
    asks = reads.chosen(here.actor, after=before, **wanted)
    one = acts.make(here.actor, here.programme, asks=asks, strategy=strategy, after=before)
    return made(RoundOut(**_round(_counted(here, one.pk))))


@router.get("/p/{programme}/desk/rounds/{round}", response=gives(FoundOut), auth=COORDINATE)
def one(request: Request, programme: str, round: str) -> FoundOut:  # noqa: A002  as addresses name it
    """What it comes to, strategies side by side, and what became of it."""
    here = at_desk(request, programme)
    return _found(here, _counted(here, round))


@router.get("/p/{programme}/desk/rounds/{round}/lines", response=gives(list[LineOut]), auth=COORDINATE)
def lines(request: Request, programme: str, round: str, alone: bool = False, page: int = 1) -> list[LineOut]:  # noqa: A002
    """Its pairs, the worst served first; or with `alone` the asks with nobody, the longest waiting first. 200 a page."""
    here = at_desk(request, programme)
    of = reads.a_round(here.actor, round)
    return _lines(here, of, a_page((reads.alone if alone else reads.pairs)(here.actor, of), page))


@router.get("/p/{programme}/desk/rounds/{round}/asks/{ask}", response=gives(list[OtherOut]), auth=COORDINATE)
def others(request: Request, programme: str, round: str, ask: str) -> list[OtherOut]:  # noqa: A002
    """Who would fit one of its asks, the best first."""
    here = at_desk(request, programme)
    of = reads.a_round(here.actor, round)
    found = reads.others(of, reads.line(here.actor, of, ask))
    called = programmes.called(here.programme, [one.offer.person_id for one in found])
    return [
        OtherOut(
            offer=one.offer.pk,
            called=called.get(one.offer.person_id, ""),
            score=one.points / 1_000_000,
            free=max(one.free, 0),
            held_by=[line.ask_id for line in one.held_by],
            decided=one.decision,
        )
        for one in found
    ]


@router.post(
    "/p/{programme}/desk/rounds/{round}/asks/{ask}/decide",
    response=NOTHING,
    auth=COORDINATE,
    openapi_extra=takes(DecideForm),
)
def decide(request: Request, programme: str, round: str, ask: str) -> Status:  # noqa: A002
    """Before it is sent: two surely or surely not together, two asks change places, an ask is left out."""
    here = at_desk(request, programme)
    of, wanted = reads.a_round(here.actor, round), typed(request, DecideForm)
    line, offer, other = reads.line(here.actor, of, ask), wanted["offer"], wanted["other"]
    acts.decide(
        here.actor,
        of,
        line,
        what=wanted["what"],
        offer=reads.an_offer(of, offer) if offer else None,
        other=reads.line(here.actor, of, other) if other else None,
    )
    return done()


@router.post(
    "/p/{programme}/desk/rounds/{round}/solve",
    response=gives(RoundOut),
    auth=COORDINATE,
    openapi_extra=takes(AgainForm, needs=()),
)
def solve(request: Request, programme: str, round: str) -> RoundOut:  # noqa: A002
    """Once more, with what was decided; by another strategy; or with everybody read anew."""
    here = at_desk(request, programme)
    acts.solve_again(here.actor, reads.a_round(here.actor, round), **typed(request, AgainForm))
    return RoundOut(**_round(_counted(here, round)))


@router.post(
    "/p/{programme}/desk/rounds/{round}/send",
    response=gives(RoundOut),
    auth=COORDINATE,
    openapi_extra=takes(SendForm),
)
def send(request: Request, programme: str, round: str) -> RoundOut:  # noqa: A002
    """Both sides of every pair are asked. Only what was looked at is sent."""
    here = at_desk(request, programme)
    acts.send(here.actor, reads.a_round(here.actor, round), **typed(request, SendForm))
    return RoundOut(**_round(_counted(here, round)))


@router.post("/p/{programme}/desk/rounds/{round}/cancel", response=gives(RoundOut), auth=COORDINATE)
def cancel(request: Request, programme: str, round: str) -> RoundOut:  # noqa: A002
    """Stops the working out; a round that is not being worked out is put away."""
    here = at_desk(request, programme)
    acts.cancel(here.actor, reads.a_round(here.actor, round))
    return RoundOut(**_round(_counted(here, round)))


def _counted(here: Here, round_id: str) -> Any:
    return reads.rounds(here.actor).get(pk=reads.a_round(here.actor, round_id).pk)


def _round(one: Any) -> dict[str, Any]:
    told = ("state", "strategy", "made_at", "solved_at", "sent_at", "progress", "digest", "changes", "asks", "pairs")
    return {"id": one.pk} | {name: getattr(one, name) for name in told}


def _found(here: Here, of: Round) -> FoundOut:
    followed, topics = reads.followed(of), {topic.code: topic.name for topic in here.programme.all_topics}
    whom = advice.to_recruit(of.figures.get("advice", {}), topics=topics)
    return FoundOut(
        **_round(of),
        strategies={code: StrategyOut(**told) for code, told in of.figures.get("strategies", {}).items()},
        alone=reads.reasons_alone(of) if of.solved_at else {},
        outdated=reads.outdated(of) if of.state == Round.State.PROPOSED else 0,
        sent=followed.sent,
        dropped=followed.dropped,
        left_over=reads.left_over(here.actor, of) if of.state == Round.State.SENT else 0,
        to_recruit=[who for who, _brings in whom],
    )


def _lines(here: Here, of: Round, rows: Iterable[Line]) -> list[LineOut]:
    lines = list(rows)
    people = [one for row in lines for one in (row.ask.person_id, row.offer.person_id if row.offer else None)]
    called, fits = programmes.called(here.programme, people), reads.fits(of, lines)
    decided = reads.decisions(of, lines)
    return [
        LineOut(
            ask=row.ask_id,
            offer=row.offer_id,
            asker=called.get(row.ask.person_id, ""),
            giver=called.get(row.offer.person_id, "") if row.offer else "",
            topics=[topic.code for topic in row.ask.topics.all()],
            score=None if row.points is None else row.points / 1_000_000,
            why=advice.why(row.why, row.facts) if row.why else "",
            helps=advice.what_would_help(row.hint, minutes=0),
            reasons=reasons(here, fits[row.ask_id].reasons, reader="coordinator") if row.ask_id in fits else [],
            decided=decided[row.ask_id].get(row.offer_id or "", ""),
            proposal=row.proposal.state if row.proposal else "",
            dropped=row.dropped,
        )
        for row in lines
    ]
