"""Whom to recruit: what a round lacks, and how many more asks somebody new would serve.

What is lacking is read from the prices of a solved round: an ask that found nobody lacks a whole person, and another as
much as its seats cost others. Summed by kinds of people, that says whom to look for first; how many more asks they would
serve comes from solving again with them added.
[Prices as what one more seat is worth: R. Dorfman, P. A. Samuelson, R. M. Solow: Linear programming and economic
analysis, 1958]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import hours
from nawzajem.core.matching.assignment import PLAIN, Assignment, Strategy, Terms, solve
from nawzajem.core.matching.best import best
from nawzajem.core.matching.candidates import Edges, Round, candidates
from nawzajem.core.matching.certificate import Certificate
from nawzajem.core.matching.problem import AGES, MINORS, AskRow, Experience, OfferRow, Offers
from nawzajem.core.matching.rules import Bounds
from nawzajem.core.matching.scores import POINTS
from nawzajem.core.matching.topics import Topics

Wholes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

COPIES = (1, 3, 5)  # people of one kind
HELD = 1e-3  # how much a price counts beside an ask that has nobody
AMPLE = 10  # shared hours a week; more make a kind no better
TOLD = 5  # kinds tried by solving again
MORE = 15  # further kinds from which those together are chosen
TOGETHER = 3  # people of different kinds, chosen one after the other


@dataclass(frozen=True, slots=True)
class Kind:
    """Somebody who is not here yet: has been through `topic` (empty: nothing that anybody asks for by name), speaks
    `language`, has time in `part` of the week, talks in every form that is asked for, holds every certificate that is needed, and says no age unless `minor`."""

    topic: str
    language: str
    part: str
    minor: bool = False
    gender: str = ""  # said only where somebody wishes for it as a must


@dataclass(frozen=True, slots=True)
class Recruit:
    """What people of one kind would bring, by how many of them, each with `seats` places: `more` asks that find somebody,
    and by how much the total rises (`gained`; a pair is worth up to 1). Both come from solving again with them added."""

    kind: Kind
    seats: int
    more: Mapping[int, int]
    gained: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Advice:
    """`each` kind by itself, those that serve most asks first. `together`: one person after the other, each the one who
    helps most once those before are there; the figures are of all so far."""

    each: tuple[Recruit, ...] = ()
    together: tuple[Recruit, ...] = ()


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a round lacks, three times the same sum: 1 for each ask that found nobody, and for the others the price of the
    seats that they hold. What an ask would take of several is parted among them."""

    topics: Mapping[str, float]  # by topic as asked for; '' for asks without one
    languages: Mapping[str, float]
    hours: Numbers  # [168], in the clock of the rows


def lacking(round_: Round, assignment: Assignment) -> Lacking:
    """By topic, language and hour of the week."""
    topics, languages = defaultdict[str, float](float), defaultdict[str, float](float)
    free = np.zeros(hours.HOURS)
    much = _lacks(round_.edges, assignment)
    for ask in np.flatnonzero(much):
        row = round_.asks[ask]
        for sums, codes in ((topics, row.topics or ("",)), (languages, row.languages)):
            for code in codes:
                sums[code] += float(much[ask]) / len(codes)
        own = list(hours.hours_in(row.hours))
        free[own] += much[ask] / max(len(own), 1)
    return Lacking(dict(topics), dict(languages), free)


def recruit(
    round_: Round,
    assignment: Assignment,
    *,
    strategy: Strategy = best,
    terms: Terms = PLAIN,
    parts: Mapping[str, str] = hours.WEEK_PARTS,
) -> Advice:
    """Whom to look for: the kinds of which most is lacking, one for each topic at the top and each language, with how much
    they would bring. Nobody is named who would not serve one ask more. `strategy` and `terms` are those that
    made the assignment, `parts` of the week are told in the clock of the rows. Time: `candidates` of all asks for twenty
    offers, and up to eighteen times solving again."""
    lacks = _lacks(round_.edges, assignment)
    wanted = _Wanted.of(round_, parts) if (lacks == 1).any() else None
    if not wanted or not wanted.kinds:
        return Advice()
    seats = max(int(np.median([row.capacity for row in round_.offers.rows] or [1])), 1)
    tried, further = wanted.most(lacks, round_.offers.topics)
    added = _added(round_, tried + further, seats, parts)
    trial = _Trial(round_, assignment, strategy, terms, seats, tried + further, added)
    each = [trial.alone(kind) for kind in range(len(tried))]
    helping = [one for one in each if max(one.more.values()) > 0]
    order = sorted(helping, key=lambda one: (-max(one.more.values()), -max(one.gained.values())))
    return Advice(tuple(order), tuple(trial.together(wanted)))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which kinds each ask would take, sparse: of each of these pairs the ask, the kind, and how easily the two would find
    time, up to 1."""

    kinds: list[Kind]  # of parts of the week at which most have time first
    ask: Wholes
    kind: Wholes
    ease: Numbers

    @classmethod
    def of(cls, round_: Round, parts: Mapping[str, str]) -> _Wanted:
        found = [(place, *one) for place, ask in enumerate(round_.asks) for one in _taken(ask, round_.bounds, parts)]
        order = list(parts)
        kinds = sorted({kind for _, kind, _ in found}, key=lambda kind: (order.index(kind.part), astuple(kind)))
        at = {kind: place for place, kind in enumerate(kinds)}
        asks, which, ease = zip(*found, strict=True) if found else ((), (), ())
        return cls(
            kinds, np.array(asks, np.int64), np.array([at[one] for one in which], np.int64), np.array(ease, float)
        )

    def lacking(self, lacks: Numbers) -> Numbers:
        """How much the asks lack that would take it, by kind. Who has nobody comes first; prices decide between kinds that
        would serve as many."""
        first = np.where(lacks < 1, lacks * HELD, 1)
        return np.bincount(self.kind, self.ease * first[self.ask], len(self.kinds)).astype(float).round(6)

    def most(self, lacks: Numbers, topics: Topics) -> tuple[list[Kind], list[Kind]]:
        """The few to be tried, which differ in more than the topic below one top and the part of the week; and further
        ones, of all by how much is lacking."""
        order = [self.kinds[place] for place in np.argsort(-self.lacking(lacks), kind="stable")]
        found: dict[Kind, Kind] = {}
        for kind in order:
            top = topics.top[topics.place[kind.topic]] if kind.topic else ""
            found.setdefault(replace(kind, topic=top, part=""), kind)
        tried = list(found.values())[:TOLD]
        return tried, [kind for kind in order[: TOLD + MORE] if kind not in tried]


def _taken(ask: AskRow, bounds: Bounds, parts: Mapping[str, str]) -> Iterator[tuple[Kind, float]]:
    minor = ask.age in AGES[:MINORS] and not bounds.minors_with_adults
    gender = ask.wish_gender if ask.wish_gender_must else ""
    shared = {part: _shared(ask.hours, week) for part, week in parts.items()}
    fitting = [part for part, count in shared.items() if count >= bounds.least_hours]
    for topic, language, part in product(ask.topics or ("",), sorted(ask.languages), fitting):
        yield Kind(topic, language, part, minor, gender), min(shared[part] / AMPLE, 1)


@lru_cache(maxsize=10_000)
def _shared(one: str, week: str) -> int:
    return int(hours.shared(hours.pack([one]), week)[0])


@dataclass(frozen=True, slots=True)
class _Trial:
    """A round, and what would be added to its edges by one offer of each kind."""

    round_: Round
    before: Assignment
    strategy: Strategy
    terms: Terms
    seats: int
    kinds: list[Kind]
    added: Edges  # of all asks with one offer of each kind

    def alone(self, column: int) -> Recruit:
        """So many people of one kind, by themselves."""
        return self._told(column, {count: self._solved([column] * count) for count in COPIES})

    def together(self, wanted: _Wanted) -> Iterator[Recruit]:
        """One after the other, each the kind of which most is lacking by then, as long as each serves one ask more."""
        at = np.array([wanted.kinds.index(kind) for kind in self.kinds])
        chosen: list[int] = []
        solved, served = (self.round_.edges, self.before), 0
        while len(chosen) < TOGETHER:
            chosen.append(int(wanted.lacking(_lacks(*solved))[at].argmax()))
            solved = self._solved(chosen)
            one = self._told(chosen[-1], {len(chosen): solved})
            if one.more[len(chosen)] <= served:
                return
            served = one.more[len(chosen)]
            yield one

    def _told(self, column: int, solved: Mapping[int, tuple[Edges, Assignment]]) -> Recruit:
        served, total = _worth(self.round_.edges, self.before)
        after = {count: _worth(*one) for count, one in solved.items()}
        more = {count: now - served for count, (now, _) in after.items()}
        gained = {count: (now - total) / POINTS for count, (_, now) in after.items()}
        return Recruit(self.kinds[column], self.seats, more, gained)

    def _solved(self, columns: Sequence[int]) -> tuple[Edges, Assignment]:
        """The round with these offers added, what was locked and forbidden as before."""
        wider, now_at = _wider(self.round_.edges, self.added, columns, self.seats)
        locked, forbidden = now_at[self.before.locked], now_at[self.before.forbidden]
        start = Assignment(now_at[self.before.edge], _with_free(self.before.certificate, len(columns)))
        terms = replace(self.terms, before=start)
        return wider, solve(wider, self.strategy, terms, locked=locked, forbidden=forbidden)


def _wider(edges: Edges, added: Edges, columns: Sequence[int], seats: int) -> tuple[Edges, Wholes]:
    """Edges with these columns of others added as further offers, and where each of the old edges stands now."""
    asks, mine = added.asks(), [np.flatnonzero(added.offer == column) for column in columns]
    found = np.concatenate(mine)
    new = np.repeat(len(edges.capacity) + np.arange(len(columns)), [len(one) for one in mine])
    order = np.lexsort((new, asks[found]))
    found, new = found[order], new[order]
    at, more = edges.start[asks[found] + 1], np.bincount(asks[found], minlength=len(edges.demand))
    before = np.concatenate([[0], np.cumsum(more)])
    wider = Edges(
        demand=edges.demand,
        capacity=np.append(edges.capacity, np.full(len(columns), seats, np.int32)),
        start=edges.start + before,
        offer=np.insert(edges.offer, at, new),
        score=np.insert(edges.score, at, added.score[found]),
    )
    return wider, np.arange(len(edges.score)) + before[edges.asks()]


def _with_free(told: Certificate | None, more: int) -> Certificate | None:
    """Prices with those of further offers, whose seats cost nothing yet: where to start from."""
    return told and replace(told, price=np.append(told.price, np.zeros(more, np.int64)))


def _worth(edges: Edges, assignment: Assignment) -> tuple[int, int]:
    """How many asks have somebody, and the total in points."""
    served = len(np.unique(edges.asks_of(assignment.edge)))
    return served, int(edges.score[assignment.edge].sum(dtype=np.int64))


def _priced(edges: Edges, assignment: Assignment) -> Certificate:
    """The prices of a round: its own, or those of the best total where its strategy names none."""
    if assignment.certificate is not None:
        return assignment.certificate
    found = solve(edges, best, locked=assignment.locked, forbidden=assignment.forbidden).certificate
    assert found is not None, "the best total is proved"
    return found


def _lacks(edges: Edges, assignment: Assignment) -> Numbers:
    """Of each ask, [asks]: 1 without a pair, else the price of the seats that it holds; what is locked has none."""
    priced, free = _priced(edges, assignment), np.setdiff1d(assignment.edge, assignment.locked)
    price = priced.price[edges.offer[free]] / (priced.unit * POINTS)
    lacks = np.bincount(edges.asks_of(free), price, len(edges.demand)).astype(float)
    lacks[np.setdiff1d(np.arange(len(lacks)), edges.asks_of(assignment.edge))] = 1
    return lacks


def _added(round_: Round, kinds: list[Kind], seats: int, parts: Mapping[str, str]) -> Edges:
    """The edges of all asks with one offer of each kind."""
    offers = Offers.of(
        [_row(place, kind, round_, seats, parts) for place, kind in enumerate(kinds)], round_.offers.topics
    )
    return candidates(round_.asks, offers, weights=round_.weights, bounds=round_.bounds).edges


def _row(place: int, kind: Kind, round_: Round, seats: int, parts: Mapping[str, str]) -> OfferRow:
    return OfferRow(
        id=f"{place:04}",
        person=f"somebody new, {place}",
        experiences=(Experience(kind.topic, months=None),) if kind.topic else (),
        languages=frozenset({kind.language}),
        forms=frozenset().union(*(ask.forms for ask in round_.asks)),
        certificates=frozenset().union(*(ask.needs for ask in round_.asks)),
        hours=parts[kind.part],
        age=AGES[MINORS - 1] if kind.minor else "",
        gender=kind.gender,
        capacity=seats,
    )
