"""What a strategy returns, what it comes to, and what is told of it: each pair with reasons, each ask left over with why.

A strategy is a function from edges and terms to an assignment; `solve` lets what a coordinator decided stand first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.candidates import Edges, Round
from nawzajem.core.matching.certificate import Certificate, bound
from nawzajem.core.matching.explain import Reason
from nawzajem.core.matching.now import Suggestion, suggestion
from nawzajem.core.matching.scores import POINTS, parts

Wholes = npt.NDArray[np.int64]
NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who with whom: of each pair its edge, in the order of asks and then of offers; and, where the strategy seeks the
    best total, what proves it."""

    edge: Wholes  # [pairs], places in `Edges.offer` and `Edges.score`
    certificate: Certificate | None = None  # of what was free to choose
    locked: Wholes = field(default_factory=NONE.copy)  # of the pairs, those that were settled before
    forbidden: Wholes = field(default_factory=NONE.copy)  # edges that were not to be taken


@dataclass(frozen=True, slots=True)
class Figures:
    """What an assignment comes to. Scores from 0 to 1; `worst` is the lowest of the pairs, None without any."""

    asks: int
    offers: int
    seats: int
    paired: int  # asks that got at least one
    pairs: int
    total: float
    mean: float | None
    worst: float | None
    bound: float | None  # no assignment of these edges has a higher total; None where the strategy proves nothing


Heed = Callable[[float], None]  # hears what share of the work is done, 0 to 1; whatever it raises ends the solving


def unheeded(done: float) -> None:
    """For a round that nobody watches."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a round is solved under. A strategy reads what concerns it."""

    seed: int = 0  # decides between equals, and nothing else is left to chance
    got: Wholes | None = None  # [asks]: points that each holds already, by locked pairs
    waited: npt.NDArray[np.float64] | None = None  # [asks], hours: who waited longest is lifted first
    floor: int | None = None  # points up to which the worst served are lifted; None: as far as it goes
    before: Assignment | None = None  # of the same edges, or nearly: where to start from
    heed: Heed = unheeded


PLAIN = Terms()


class Strategy(Protocol):
    def __call__(self, edges: Edges, terms: Terms = PLAIN) -> Assignment: ...


def solve(
    edges: Edges,
    strategy: Strategy,
    terms: Terms = PLAIN,
    *,
    locked: Wholes = NONE,
    forbidden: Wholes = NONE,
) -> Assignment:
    """What the strategy finds when these edges are locked, so surely taken, and those forbidden, so surely not.

    ValueError for a locked edge that is forbidden too, or for more locked edges than an ask wants or an offer has seats.
    """
    held = np.zeros(len(edges.demand), np.int64)
    free, kept = edges.besides(locked, forbidden)
    np.add.at(held, edges.asks()[locked], edges.score[locked])
    found = strategy(free, replace(terms, got=held, before=_among(terms.before, edges, kept)))
    whole = np.sort(np.concatenate([kept[found.edge], locked]))
    return Assignment(whole, found.certificate, np.sort(locked), np.sort(forbidden))


def _among(before: Assignment | None, edges: Edges, kept: Wholes) -> Assignment | None:
    """An assignment by the places that its edges have among those kept."""
    if before is None:
        return None
    held = np.zeros(len(edges.score), np.bool_)
    held[before.edge] = True
    return replace(before, edge=np.flatnonzero(held[kept]), locked=NONE, forbidden=NONE)


def carried(before: Assignment, was: Round, now: Round) -> Assignment | None:
    """An assignment of an earlier round as a start for this one (`Terms.before`), by the ids of who is in both; None where it
    has no prices. Who is new costs nothing yet."""
    if before.certificate is None:
        return None
    paid = dict(zip((row.id for row in was.offers.rows), before.certificate.price.tolist(), strict=True))
    price = np.array([paid.get(row.id, 0) for row in now.offers.rows], np.int64)
    asks, held = was.edges.asks(), set[tuple[str, str]]()
    for edge in before.edge.tolist():
        held.add((was.asks[asks[edge]].id, was.offers.rows[was.edges.offer[edge]].id))
    pairs = zip(now.edges.asks().tolist(), now.edges.offer.tolist(), strict=True)
    edge = [place for place, (a, o) in enumerate(pairs) if (now.asks[a].id, now.offers.rows[o].id) in held]
    proof = Certificate(np.zeros(len(now.asks), np.int64), price, before.certificate.unit)
    return Assignment(np.array(edge, np.int64), proof)


def highest_total(edges: Edges, assignment: Assignment) -> int | None:
    """No assignment that keeps to what was locked and forbidden is worth more; None where the strategy proves nothing."""
    if assignment.certificate is None:
        return None
    free, _ = edges.besides(assignment.locked, assignment.forbidden)
    return bound(free, assignment.certificate) + int(edges.score[assignment.locked].sum(dtype=np.int64))


def figures(edges: Edges, assignment: Assignment) -> Figures:
    score, highest = edges.score[assignment.edge] / POINTS, highest_total(edges, assignment)
    return Figures(
        asks=len(edges.demand),
        offers=len(edges.capacity),
        seats=int(edges.capacity.sum()),
        paired=len(np.unique(edges.asks()[assignment.edge])),
        pairs=len(score),
        total=float(score.sum()),
        mean=float(score.mean()) if len(score) else None,
        worst=float(score.min()) if len(score) else None,
        bound=None if highest is None else highest / POINTS,
    )


def pairs(round_: Round, assignment: Assignment) -> list[tuple[int, Suggestion]]:
    """Every pair with its parts and reasons, by the place of its ask."""
    edges, asks, weights = round_.edges, round_.edges.asks(), round_.weights
    told = []
    for edge in assignment.edge.tolist():
        place, offer = int(asks[edge]), int(edges.offer[edge])
        ask = round_.asks[place]
        each = parts(ask, round_.offers.columns.take(np.array([offer])), round_.offers.topics)[:, 0]
        points = int(edges.score[edge])
        told.append((place, suggestion(ask, round_.offers, offer, parts=each, points=points, weights=weights)))
    return told


def unmatched(round_: Round, assignment: Assignment) -> Mapping[int, Reason]:
    """Of each ask without a pair, by its place, why: the first rule that leaves nobody {}; forbidden {}, where all who fit
    were; or others_first {fitting}, the number of offers that would have fitted and whose seats went to other asks. Where
    the strategy names prices, others_first also has `worth`, what the ask would have got from the seat that was nearest to
    being its own, and `price`, what others would have lost by it; both from 0 to 1.
    """
    edges, allowed = round_.edges, np.ones(len(round_.edges.score), bool)
    allowed[assignment.forbidden] = False
    fitting = np.bincount(edges.asks()[allowed], minlength=len(round_.asks))
    without = np.setdiff1d(np.arange(len(round_.asks)), edges.asks_of(assignment.edge)).tolist()
    nearest = _nearest(edges, assignment, allowed, without)
    return {place: _why(round_.why[place], int(fitting[place]), nearest.get(place, {})) for place in without}


def _why(rule: str | None, fitting: int, nearest: Mapping[str, float]) -> Reason:
    if rule or not fitting:
        return Reason(rule or "forbidden", {})
    return Reason("others_first", {"fitting": fitting, **nearest})


def _nearest(
    edges: Edges, assignment: Assignment, allowed: npt.NDArray[np.bool_], asks: Iterable[int]
) -> dict[int, dict[str, float]]:
    """Of the seats that each of these asks may have, the one at which it falls least short of the price. What is locked has
    no price."""
    told, found = assignment.certificate, {}
    if told is None:
        return {}
    held = np.bincount(edges.offer[assignment.locked], minlength=len(edges.capacity))
    open_ = allowed & (edges.capacity > held)[edges.offer]
    for ask in asks:
        mine = np.flatnonzero(open_[edges.start[ask] : edges.start[ask + 1]]) + edges.start[ask]
        if len(mine):
            price, worth = told.price[edges.offer[mine]] / (told.unit * POINTS), edges.score[mine] / POINTS
            nearest = int((price - worth).argmin())
            found[ask] = {"worth": float(worth[nearest]), "price": float(price[nearest])}
    return found
