"""Figures of a programme for those who coordinate it, and its asks, offers and pairs as tables. Small groups are withheld."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db.models import Count, F, QuerySet
from django.utils import timezone

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.core.matching import Wait
from nawzajem.core.privacy import told_count, told_counts
from nawzajem.core.scales import Interval, mean_interval, share_interval
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.ground.replica import may_be_late
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair, Proposal, Rating
from nawzajem.programmes.models import Member, Programme
from nawzajem.reports.sheets import Sheet, as_csv, as_workbook

LOOKED_BACK = timedelta(days=365)
T = TypeVar("T")
Told = int | None  # a count as it may be told; None where it is too small

# -- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """A topic with all beneath it: how many wait, and how many places are free with people who know it."""

    topic: str
    name: str
    waiting: Told
    free: Told


@dataclass(frozen=True, slots=True)
class Said:
    """How it was, on a scale of 1 to 5, and the share who would talk again; None where too few have said."""

    people: Told
    understood: Interval | None
    helped: Interval | None
    again: Interval | None


@dataclass(frozen=True, slots=True)
class Figures:
    floor: int  # smaller groups are not told
    members: Told
    asks: dict[str, Told]  # by state, in words
    offers: dict[str, Told]
    proposals: dict[str, Told]
    pairs: dict[str, Told]
    wait: Wait | None
    needs: list[Need]  # the greatest want first
    endings: dict[str, Told]  # why pairs ended, of the last year
    said: Said


@may_be_late
def figures(actor: Actor) -> Figures:
    here = _programme(actor)
    floor = here.options.small_group
    members = Member.objects.filter(programme=here, state=Member.State.ACTIVE).count()
    ended = Pair.objects.filter(programme=here, state=Pair.State.CLOSED, state_since__gte=clock.now() - LOOKED_BACK)
    return Figures(
        floor=floor,
        members=told_count(members, floor=floor),
        asks=_by(Ask.objects.filter(programme=here).exclude(state=Ask.State.DRAFT), "state", Ask.State, floor),
        offers=_by(Offer.objects.filter(programme=here), "state", Offer.State, floor),
        proposals=_by(Proposal.objects.filter(programme=here), "state", Proposal.State, floor),
        pairs=_by(Pair.objects.filter(programme=here), "state", Pair.State, floor),
        wait=_wait(here, floor),
        needs=_needs(here, floor),
        endings=_by(ended, "ending", Pair.Ending, floor),
        said=_said(here, floor),
    )


def _programme(actor: Actor) -> Programme:
    if not actor.has("coordinator"):
        raise NotAllowed
    return Programme.objects.get(pk=actor.here)


def _by(rows: QuerySet, field: str, words: Any, floor: int) -> dict[str, Told]:
    found = dict(rows.order_by().values_list(field).annotate(n=Count("pk")))
    counts = {str(words(code).label): found.get(code, 0) for code in words.values}
    return {name: count for name, count in told_counts(counts, floor=floor).items() if count != 0}


def _wait(here: Programme, floor: int) -> Wait | None:
    wait = asks.wait(here, [])
    return wait if wait.people >= floor else None


def _needs(here: Programme, floor: int) -> list[Need]:
    """Topics on which so many wait that it may be told."""
    waiting, people, seats = _waiting(here), *_free(here)
    needs = [
        Need(
            topic=topic.code,
            name=topic.name,
            waiting=told_count(waiting[topic.code], floor=floor),
            free=None if 0 < people[topic.code] < floor else seats[topic.code],
        )
        for topic in here.all_topics
        if waiting[topic.code] >= floor
    ]
    return sorted(needs, key=lambda need: (need.free or 0) - waiting[need.topic])


def _waiting(here: Programme) -> Counter[str]:
    """For each topic how many people wait for somebody who knows it or something beneath it."""
    state = [Ask.State.OPEN, Ask.State.PROPOSED]
    rows = Ask.objects.filter(programme=here, state__in=state).values_list("person", "topics__code")
    return Counter(code for codes in _grouped(rows).values() for code in _above(codes))


def _free(here: Programme) -> tuple[Counter[str], Counter[str]]:
    """For each topic how many people have a free place, and how many places. What is shown to nobody is not counted."""
    offers = Offer.objects.filter(programme=here).with_free_seat()
    told = offers.filter(experiences__see_topic__in=[Experience.Sight.MATCHED, Experience.Sight.MEMBERS])
    rows = told.values_list("pk", F("capacity") - F("taken"), "experiences__topic__code")
    people, seats = Counter[str](), Counter[str]()
    for (_offer, free), known in _grouped(((offer, free), code) for offer, free, code in rows).items():
        for code in _above(known):
            people[code] += 1
            seats[code] += free
    return people, seats


def _grouped(rows: Iterable[tuple[T, str | None]]) -> dict[T, set[str]]:
    found: dict[T, set[str]] = {}
    for one, code in rows:
        if code:
            found.setdefault(one, set()).add(code)
    return found


def _above(codes: Iterable[str]) -> set[str]:
    """The topics themselves, and those under which they lie."""
    return {above for code in codes for above in _way(code)}


@cache
def _way(code: str) -> tuple[str, ...]:
    steps = code.split(".")
    return tuple(".".join(steps[:length]) for length in range(1, len(steps) + 1))


def _said(here: Programme, floor: int) -> Said:
    rows = list(Rating.objects.filter(pair__programme=here, at__gte=clock.now() - LOOKED_BACK))
    people = len({rating.by_id or rating.pk for rating in rows})
    enough = people >= floor
    again = _enough([rating.again for rating in rows], floor)
    return Said(
        people=told_count(people, floor=floor),
        understood=mean_interval([rating.understood for rating in rows]) if enough else None,
        helped=mean_interval(helped) if (helped := _enough([rating.helped for rating in rows], floor)) else None,
        again=share_interval(sum(again), len(again)) if again else None,
    )


def _enough(answers: Iterable[Any], floor: int) -> list[Any]:
    given = [answer for answer in answers if answer is not None]
    return given if len(given) >= floor else []


# -- tables -----------------------------------------------------------------------------------------------------------


@may_be_late
def export(actor: Actor, what: str, *, form: str = "csv") -> bytes:
    """Asks, offers or pairs: ids, states, dates, topics. No name, no words, nothing that is hidden, no count of messages."""
    here = _programme(actor)
    if what not in SHEETS or form not in {"csv", "xlsx"}:
        raise NotFound
    sheet = SHEETS[what](here)
    if form == "xlsx":
        return as_workbook({what: sheet})
    return as_csv(sheet, separator=";" if actor.language.startswith("pl") else ",")


def _asks_sheet(here: Programme) -> Sheet:
    rows = Ask.objects.filter(programme=here).exclude(state=Ask.State.DRAFT).prefetch_related("topics")
    return Sheet(
        ["id", "state", "since", "opened", "paired", "ending", "topics"],
        [
            [one.pk, one.state, *map(_day, (one.state_since, one.opened_at, one.paired_at)), one.ending, _codes(one.topics.all())]
            for one in rows.order_by("opened_at", "pk")
        ],
    )  # fmt: skip


def _offers_sheet(here: Programme) -> Sheet:
    """Topics only of experiences that members may see; the others are for those who are matched."""
    rows = Offer.objects.filter(programme=here).prefetch_related("experiences__topic")
    return Sheet(
        ["id", "state", "since", "made", "resting until", "places", "taken", "topics"],
        [
            [one.pk, one.state, _day(one.state_since), _day(one.made_at), one.paused_until, one.capacity, one.taken, _shown(one)]
            for one in rows.order_by("made_at", "pk")
        ],
    )  # fmt: skip


def _shown(offer: Offer) -> str:
    return _codes(one.topic for one in offer.experiences.all() if one.see_topic == Experience.Sight.MEMBERS)


def _pairs_sheet(here: Programme) -> Sheet:
    """Why a pair ended is counted, and told of no single pair."""
    rows = Pair.objects.filter(programme=here)
    return Sheet(
        ["id", "state", "since", "begun", "ask", "offer"],
        [
            [one.pk, one.state, _day(one.state_since), _day(one.begun_at), one.ask_id or "", one.offer_id or ""]
            for one in rows.order_by("begun_at", "pk")
        ],
    )


def _day(at: datetime | None) -> Any:
    return timezone.localtime(at).date() if at else ""


def _codes(topics: Iterable[Any]) -> str:
    return " ".join(sorted(topic.code for topic in topics))


SHEETS = {"asks": _asks_sheet, "offers": _offers_sheet, "pairs": _pairs_sheet}
