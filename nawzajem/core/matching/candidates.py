"""From rows to scored edges: for each ask the offers that it may have, and how well they fit. Strategies see only edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.now import highest
from nawzajem.core.matching.problem import AskRow, Mask, Offers, Places, in_order
from nawzajem.core.matching.rules import Bounds, passing, why_none
from nawzajem.core.matching.scores import Weights, parts, points

Wholes = npt.NDArray[np.int64]
Found = tuple[Places, Wholes]  # offers of one ask and how well they fit


@dataclass(frozen=True, slots=True)
class Edges:
    """Scores between asks and offers, sparse by rows: the edges of ask a are start[a] to start[a + 1]."""

    demand: npt.NDArray[np.int32]  # [asks]: offers wanted
    capacity: npt.NDArray[np.int32]  # [offers]: seats free
    start: npt.NDArray[np.int64]  # [asks + 1]
    offer: npt.NDArray[np.int32]  # [edges]
    score: npt.NDArray[np.int32]  # [edges], whole numbers above 0
    back: npt.NDArray[np.int32] | None = (
        None  # [edges]: how the offer ranks the ask, the higher the better; None: by score
    )

    def asks(self) -> npt.NDArray[np.intp]:
        """The ask of each edge, [edges]."""
        return np.repeat(np.arange(len(self.demand)), np.diff(self.start))

    def asks_of(self, edge: Wholes) -> npt.NDArray[np.intp]:
        """The asks of some edges."""
        return np.searchsorted(self.start, edge, side="right") - 1

    def besides(self, locked: Wholes, forbidden: Wholes) -> tuple[Edges, Wholes]:
        """What is left to choose from when the locked edges are taken and the forbidden ones gone; and of each edge that is
        left its place here. ValueError where what is locked cannot all be."""
        if not len(locked) and not len(forbidden):
            return self, np.arange(len(self.score))
        asks, gone = self.asks(), np.zeros(len(self.score), np.bool_)
        gone[forbidden] = True
        demand = self.demand - np.bincount(asks[locked], minlength=len(self.demand))
        capacity = self.capacity - np.bincount(self.offer[locked], minlength=len(self.capacity))
        if gone[locked].any() or len(np.unique(locked)) < len(locked) or min(demand.min(), capacity.min()) < 0:
            raise ValueError("these pairs cannot all be locked")
        gone[locked] = True
        kept = np.flatnonzero(~gone)
        start = np.concatenate([[0], np.cumsum(np.bincount(asks[kept], minlength=len(self.demand)))])
        back = None if self.back is None else self.back[kept]
        left = Edges(
            demand.astype(np.int32), capacity.astype(np.int32), start, self.offer[kept], self.score[kept], back
        )
        return left, kept


@dataclass(frozen=True, slots=True)
class Round:
    """One matching of all asks with all offers: its rows, both in the order of their ids, and its edges."""

    asks: tuple[AskRow, ...]
    offers: Offers
    edges: Edges
    why: tuple[str | None, ...]  # of each ask: the first rule that leaves nobody, None where somebody is left
    weights: Weights
    bounds: Bounds
    keep: int | None  # so many of the best offers of each ask have edges, and as many others; None for all


def candidates(
    asks: Iterable[AskRow],
    offers: Offers,
    *,
    keep: int | None = None,
    weights: Weights | None = None,
    bounds: Bounds | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Round:
    """All offers that every ask may have; or the `keep` best, and as many drawn from the others, because everybody's best
    are the same few and all seats shall be within reach of somebody. `progress` hears how many asks of how many are done.

    Each ask looks at every offer, so the time is asks times offers: about a second for two thousand of each.
    """
    ranked, weights, bounds = in_order(asks), weights or Weights(), bounds or Bounds()
    found: list[Found] = []
    why = []
    for place, ask in enumerate(ranked):
        passed = passing(ask, offers, bounds)
        found.append(_cut(*_edges(ask, offers, passed.mask, weights), keep, place))
        why.append(why_none(passed.left))
        if progress:
            progress(place + 1, len(ranked))
    return Round(ranked, offers, _joined(ranked, offers, found), tuple(why), weights, bounds, keep)


def widened(round_: Round, assigned: npt.NDArray[np.int64]) -> Round | None:
    """The round with further edges for every ask that these assigned edges leave alone although an offer that fits has a
    seat left; None where there is no such ask. Solving and widening in turn leaves no seat empty that could be taken."""
    if round_.keep is None:
        return None
    edges, asks = round_.edges, round_.edges.asks()
    left = edges.capacity > np.bincount(edges.offer[assigned], minlength=len(edges.capacity))
    found = [_of(edges, place) for place in range(len(round_.asks))]
    for place in np.setdiff1d(asks, asks[assigned]):
        ask, (known, scores) = round_.asks[place], found[place]
        mask = passing(ask, round_.offers, round_.bounds).mask & left
        mask[known] = False
        more = _cut(*_edges(ask, round_.offers, mask, round_.weights), round_.keep, int(place))
        found[place] = np.append(known, more[0]), np.append(scores, more[1])
    wider = _joined(round_.asks, round_.offers, found)
    return replace(round_, edges=wider) if len(wider.score) > len(edges.score) else None


def _of(edges: Edges, place: int) -> Found:
    mine = slice(edges.start[place], edges.start[place + 1])
    return edges.offer[mine].astype(np.intp), edges.score[mine].astype(np.int64)


def _edges(ask: AskRow, offers: Offers, mask: Mask, weights: Weights) -> Found:
    places = np.flatnonzero(mask)
    score = points(parts(ask, offers.columns.take(places), offers.topics), weights)
    return places, np.maximum(score, 1)  # a pair that is allowed is worth more than none


def _cut(places: Places, score: npt.NDArray[np.int64], keep: int | None, draw: int) -> Found:
    if keep is None or len(places) <= keep:
        return places, score
    best = np.array(highest(score, keep), np.intp)
    others = np.setdiff1d(np.arange(len(places)), best)
    drawn = np.random.default_rng(draw).choice(others, min(keep, len(others)), replace=False)
    kept = np.sort(np.append(best, drawn))
    return places[kept], score[kept]


def _joined(asks: tuple[AskRow, ...], offers: Offers, found: list[Found]) -> Edges:
    nothing = np.zeros(0, np.int32)
    return Edges(
        demand=np.array([ask.demand for ask in asks], np.int32),
        capacity=offers.free,
        start=np.cumsum([0, *(len(places) for places, _ in found)], dtype=np.int64),
        offer=np.concatenate([nothing, *(places for places, _ in found)], dtype=np.int32, casting="unsafe"),
        score=np.concatenate([nothing, *(scores for _, scores in found)], dtype=np.int32, casting="unsafe"),
    )
