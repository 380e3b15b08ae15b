"""Questions about rounds: what a coordinator looks at before sending, and what became of it. Never anybody's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.offers.models import Offer
from nawzajem.pairs import problem
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.problem import Fit
from nawzajem.pairs.rounds.material import Problem
from nawzajem.pairs.rounds.models import Decision, Line, Material, Round
from nawzajem.programmes.models import Member, Programme, Topic

LEASE = timedelta(minutes=1)  # without a sign of life, after which another process goes on
State = Round.State
Two = tuple[str, str]

# -- which asks -------------------------------------------------------------------------------------------------------


def may_be_asked(actor: Actor) -> QuerySet[Ask]:
    """Asks that a round can take up: they wait, and their owners are here. The longest waiting first."""
    here = Member.objects.filter(programme=OuterRef("programme"), person=OuterRef("person"))
    present = here.filter(state=Member.State.ACTIVE, agreed_version__gte=1)
    asks = Ask.objects.visible_to(actor).filter(Exists(present), state=Ask.State.OPEN)
    return (asks if actor.has("coordinator") else asks.none()).order_by("opened_at", "pk")


def chosen(
    actor: Actor, *, after: Round | None = None, topics: Iterable[str] = (), days: int | None = None
) -> QuerySet[Ask]:
    """Of those the ones to which another round brought nobody; under these topics; who have waited so many days."""
    asks, codes = may_be_asked(actor), list(topics)
    if after is not None:
        asks = asks.filter(pk__in=Line.objects.filter(round=after).values("ask"))
    if codes:
        under = Q()
        for code in codes:
            under |= Q(topics__code=code) | Q(topics__code__startswith=f"{code}.")
        asks = asks.filter(pk__in=Ask.objects.filter(under, programme=actor.programme).values("pk"))
    if days:
        asks = asks.filter(opened_at__lte=clock.now() - timedelta(days=days))
    return asks


def left_over(actor: Actor, of: Round) -> int:
    """How many of its asks still wait for somebody."""
    return chosen(actor, after=of).count()


# -- rounds -----------------------------------------------------------------------------------------------------------


def rounds(actor: Actor) -> QuerySet[Round]:
    """The newest first, with how many asks and pairs each has."""
    here = Round.objects.visible_to(actor).annotate(
        asks=Count("lines"), pairs=Count("lines", filter=Q(lines__offer__isnull=False))
    )
    return here.order_by("-made_at", "pk")


def a_round(actor: Actor, round_id: str) -> Round:
    found = Round.objects.visible_to(actor).filter(pk=round_id).select_related("programme", "after").first()
    if found is None:
        raise NotFound
    return found


def latest_sent(actor: Actor) -> Round | None:
    return Round.objects.visible_to(actor).filter(state=State.SENT).order_by("-sent_at").first()


# -- its lines --------------------------------------------------------------------------------------------------------

WITH_ALL = ("ask__person", "offer", "proposal")
PAIRED, ALONE = Q(offer__isnull=False) | Q(points__isnull=False), Q(offer=None, points=None)


def pairs(actor: Actor, of: Round) -> QuerySet[Line]:
    """Those who are to be put together, the worst served first."""
    return _lines(actor, of).filter(PAIRED).order_by("points", "ask__opened_at", "pk")


def alone(actor: Actor, of: Round, *, why: str = "") -> QuerySet[Line]:
    """Those with nobody, the longest waiting first."""
    lines = _lines(actor, of).filter(ALONE).order_by("ask__opened_at", "pk")
    return lines.filter(why=why) if why else lines


def line(actor: Actor, of: Round, ask_id: str) -> Line:
    found = _lines(actor, of).filter(ask=ask_id).first()
    if found is None:
        raise NotFound
    return found


def has_line(of: Round, ask_id: str) -> bool:
    return Line.objects.filter(round=of, ask=ask_id).exists()


def _lines(actor: Actor, of: Round) -> QuerySet[Line]:
    if not Round.objects.visible_to(actor).filter(pk=of.pk).exists():
        raise NotFound
    return Line.objects.filter(round=of).select_related(*WITH_ALL).prefetch_related("ask__topics")


def reasons_alone(of: Round) -> dict[str, int]:
    """How many with nobody, by the reason's code; the most frequent first."""
    rows = Line.objects.filter(ALONE, round=of).values("why").annotate(n=Count("pk")).order_by("-n", "why")
    return dict(rows.values_list("why", "n"))


def topics_alone(of: Round) -> list[tuple[Topic, int]]:
    """Topics with how many of those with nobody named them; the most first."""
    lines = Line.objects.filter(ALONE, round=of).exclude(why="gone")
    named = Topic.objects.filter(asks__in=lines.values("ask")).annotate(n=Count("asks"))
    return [(topic, topic.n) for topic in named.order_by("-n", "place")]


def outdated(of: Round) -> int:
    """How many of its pairs could not be sent any more as they are: the ask or the place is gone."""
    ready = Offer.objects.with_free_seat().values("pk")
    lines = Line.objects.filter(round=of, offer__isnull=False)
    return lines.filter(~Q(ask__state=Ask.State.OPEN) | ~Q(offer__in=ready)).count()


def decisions(of: Round, lines: Iterable[Line]) -> dict[str, dict[str, str]]:
    """By ask, and then by offer: what was decided."""
    found: dict[str, dict[str, str]] = {one.ask_id: {} for one in lines}
    for ask, offer, kind in Decision.objects.filter(round=of, ask__in=found).values_list("ask", "offer", "kind"):
        found[ask][offer] = kind
    return found


def fits(of: Round, lines: Iterable[Line]) -> dict[str, Fit]:
    """By ask: why these two, as things stand this moment and as far as each lets it be seen."""
    twos = [(one.ask_id, one.offer_id) for one in lines if one.offer_id]
    return {ask: fit for (ask, _offer), fit in problem.fits(of.programme, twos).items()}


# -- who else ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody who would fit an ask as well: the offer, how well, and who has their places in this round so far."""

    offer: Offer
    points: int
    decision: str
    fit: Fit | None
    held_by: list[Line]
    free: int  # places that nobody has in this round


def others(of: Round, line: Line, *, most: int = 10) -> list[Other]:
    """The best by the scores that the round was solved with."""
    kept = Material.objects.filter(round=of).first()
    told = Problem.unpacked(bytes(kept.packed)) if kept else None
    if told is None or line.ask_id not in told.asks:
        return []
    edges = list(told.of_ask(told.asks.index(line.ask_id)))
    edges.sort(key=lambda edge: (-int(told.edges.score[edge]), edge))
    best = {told.offers[told.edges.offer[edge]]: int(told.edges.score[edge]) for edge in edges[:most]}
    return _others(of, line, best, told)


def _others(of: Round, line: Line, best: Mapping[str, int], told: Problem) -> list[Other]:
    offers, fit = Offer.objects.in_bulk(list(best)), problem.fits(of.programme, [(line.ask_id, one) for one in best])
    holders = Line.objects.filter(round=of, offer__in=best).select_related("ask").prefetch_related("ask__topics")
    held: dict[str, list[Line]] = {one: [] for one in best}
    for holder in holders:
        held[holder.offer_id or ""].append(holder)
    decided, seats = (
        decisions(of, [line])[line.ask_id],
        dict(zip(told.offers, told.edges.capacity.tolist(), strict=True)),
    )
    return [
        Other(
            offer=offers[one],
            points=points,
            decision=decided.get(one, ""),
            fit=fit.get((line.ask_id, one)),
            held_by=held[one],
            free=seats[one] - len(held[one]),
        )
        for one, points in best.items()
        if one in offers
    ]


def an_offer(of: Round, offer_id: str) -> Offer:
    found: Offer | None = Offer.objects.filter(programme=of.programme_id, pk=offer_id).first()
    if found is None:
        raise NotFound
    return found


# -- what became of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    """Of what was sent: by the state of the proposal; and what was not sent after all, by the reason."""

    sent: dict[str, int]
    dropped: dict[str, int]


def followed(of: Round) -> Followed:
    lines = Line.objects.filter(round=of)
    states = dict(
        lines.filter(proposal__isnull=False)
        .values("proposal__state")
        .annotate(n=Count("pk"))
        .values_list("proposal__state", "n")
    )
    dropped = dict(lines.exclude(dropped="").values("dropped").annotate(n=Count("pk")).values_list("dropped", "n"))
    return Followed({state: states[state] for state in Proposal.State.values if state in states}, dropped)


# -- for the house ----------------------------------------------------------------------------------------------------


def to_work_on() -> QuerySet[Round]:
    """Those that wait, and those whose process has given no sign of life for a while; the oldest first."""
    silent = Q(beat_at=None) | Q(beat_at__lt=clock.now() - LEASE)
    begun = Q(state__in=[State.SOLVING, State.SENDING]) & silent
    return Round.objects.filter(Q(state=State.WAITING) | begun).select_related("programme").order_by("state_since")


def to_put(of: Round) -> QuerySet[Line]:
    """What is still to be sent: the best fitting first, for a place may go meanwhile."""
    unsent = Line.objects.filter(round=of, offer__isnull=False, proposal=None, dropped="")
    return unsent.order_by("-points", "pk")


def over(programme: Programme) -> QuerySet[Round]:
    """Those that are kept no longer."""
    before = clock.now() - timedelta(days=programme.options.keep_rounds)
    resting = Round.objects.filter(programme=programme).exclude(state__in=[State.SOLVING, State.SENDING])
    return resting.filter(state_since__lt=before)
