"""From rows to scored edges: for each ask the offers that it may have, and how well they fit. Strategies see only edges."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.compact import Asked, Compact
from nawzajem.core.matching.lexicon import Lexicon
from nawzajem.core.matching.problem import AskRow, Mask, Offers, in_order
from nawzajem.core.matching.rules import Bounds, passing, why_none
from nawzajem.core.matching.scores import Weights, parts, points
from nawzajem.core.matching.shelf import Shelf, compiled, left_after, measure

Wholes = npt.NDArray[np.int64]
Found = tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]  # offers of one ask and how well they fit
NONE: Found = (np.zeros(0, np.int64), np.zeros(0, np.int64))
CORES = os.cpu_count() or 1
LINE = 500  # asks that one thread goes through
LEAST = 1  # point: a pair that is allowed is worth more than none


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
    ready: Ready | None = None,
) -> Round:
    """All offers that every ask may have; or the `keep` best, and as many drawn from the others, because everybody's best
    are the same few and all seats shall be within reach of somebody. `progress` hears how many asks of how many are done.
    `ready` are these offers with these weights, where they are asked more than once.

    All of them take asks times offers: about a second for two thousand of each. The best are found without looking at most
    pairs: a hundred thousand of each in less than a minute on two cores.
    """
    ranked, weights, bounds = in_order(asks), weights or Weights(), bounds or Bounds()
    round_ = Round(ranked, offers, _joined(ranked, offers, [NONE] * len(ranked)), (), weights, bounds, keep)
    if keep is None:
        return _whole(round_, progress)
    ready = ready or Ready.of(offers, weights)
    found = _best(round_, ready, range(len(ranked)), offers.free > 0, progress)
    alone = [place for place, (places, _) in enumerate(found) if not len(places)]
    why = dict(zip(alone, _why(round_, ready, alone), strict=True))
    edges = _joined(ranked, offers, found)
    return replace(round_, edges=edges, why=tuple(why.get(place) for place in range(len(ranked))))


def _whole(round_: Round, progress: Callable[[int, int], None] | None) -> Round:
    found, why = [], []
    for place, ask in enumerate(round_.asks):
        passed = passing(ask, round_.offers, round_.bounds)
        found.append(_edges(ask, round_.offers, passed.mask, round_.weights))
        why.append(why_none(passed.left))
        if progress:
            progress(place + 1, len(round_.asks))
    return replace(round_, edges=_joined(round_.asks, round_.offers, found), why=tuple(why))


def widened(round_: Round, assigned: npt.NDArray[np.int64]) -> Round | None:
    """The round with further edges for every ask that these assigned edges leave alone although an offer that fits has a
    seat left; None where there is no such ask. Solving and widening in turn leaves no seat empty that could be taken."""
    if round_.keep is None:
        return None
    edges, asks = round_.edges, round_.edges.asks()
    left = edges.capacity > np.bincount(edges.offer[assigned], minlength=len(edges.capacity))
    found = [_of(edges, place) for place in range(len(round_.asks))]
    alone = np.setdiff1d(asks, asks[assigned]).tolist()
    more_of = _best(round_, Ready.of(round_.offers, round_.weights), alone, left)
    for place, more in zip(alone, more_of, strict=True):
        known, scores = found[place]
        found[place] = np.append(known, more[0]), np.append(scores, more[1])
    wider = _joined(round_.asks, round_.offers, found)
    return replace(round_, edges=wider) if len(wider.score) > len(edges.score) else None


# -- the best and as many others, without looking at most pairs -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """Offers on their shelf, for any number of asks."""

    words: Lexicon
    shelf: Shelf

    @classmethod
    def of(cls, offers: Offers, weights: Weights) -> Ready:
        words = Lexicon(offers.topics)
        return cls(words, Shelf.of(Compact.of(offers.rows, words), words.meanings(), weights))


def _best(
    round_: Round, ready: Ready, places: Sequence[int], left: Mask, progress: Callable[[int, int], None] | None = None
) -> list[Found]:
    """For the asks at these places, among the offers that are left and to which they have no edge yet."""
    from nawzajem.core.matching import _ranking

    keep = min(round_.keep or 0, len(round_.offers))
    if not len(places) or not keep:
        return [NONE] * len(places)
    shelf, asks, by = _compiled(round_, ready, places, left)
    offers, score = np.zeros((2, len(places), 2 * keep), np.int32)
    count = np.zeros(len(places), np.int64)
    lines = _in_lines(round_.asks[place] for place in places)
    told: tuple[Any, ...] = (asks, shelf, *by, offers, score, count)
    with ThreadPoolExecutor(CORES) as pool:
        done = 0
        for line, _ in zip(lines, pool.map(lambda line: _ranking.edges(line, *told), lines), strict=True):
            done += len(line)
            if progress:
                progress(done, len(places))
    return [(offers[at, :many], score[at, :many]) for at, many in enumerate(count.tolist())]


def _compiled(round_: Round, ready: Ready, places: Sequence[int], left: Mask) -> tuple[Any, Any, Any]:
    """What the compiled part reads: the offers, the asks, and by what both are measured."""
    words, shelf = ready.words, ready.shelf
    known = [round_.edges.offer[round_.edges.start[place] : round_.edges.start[place + 1]] for place in places]
    rows = shelf.by_rank[np.concatenate([np.zeros(0, np.int32), *known])]
    asking = np.repeat(np.arange(len(places)), [len(one) for one in known])
    asks = shelf.asks(Asked([round_.asks[place] for place in places], words), without=[(asking, rows)])
    there = left[shelf.rank].astype(np.uint8)
    return shelf.compiled(there), asks, (compiled(words), measure(round_.weights, round_.bounds, least_points=LEAST))


def _in_lines(asks: Iterable[AskRow]) -> list[Wholes]:
    """Their places, those that look for the same side by side, so that what one has looked at is at hand for the next."""
    alike = [(ask.topics, sorted(ask.languages)) for ask in asks]
    order = np.array(sorted(range(len(alike)), key=alike.__getitem__), np.int64)
    return np.array_split(order, max(len(order) // LINE, 1))


def _why(round_: Round, ready: Ready, places: list[int]) -> list[str | None]:
    """The first rule that leaves nobody, of each of these asks."""
    if not places:
        return []
    from nawzajem.core.matching import _ranking

    shelf, asks, by = _compiled(round_, ready, places, np.ones(len(round_.offers), bool))
    with ThreadPoolExecutor(CORES) as pool:
        stops = pool.map(lambda place: _ranking.stops(place, asks, shelf, *by), range(len(places)))
        return [why_none(left_after(one)) for one in stops]


def _of(edges: Edges, place: int) -> Found:
    mine = slice(edges.start[place], edges.start[place + 1])
    return edges.offer[mine].astype(np.intp), edges.score[mine].astype(np.int64)


def _edges(ask: AskRow, offers: Offers, mask: Mask, weights: Weights) -> Found:
    places = np.flatnonzero(mask)
    score = points(parts(ask, offers.columns.take(places), offers.topics), weights)
    return places, np.maximum(score, LEAST)


def _joined(asks: tuple[AskRow, ...], offers: Offers, found: list[Found]) -> Edges:
    nothing = np.zeros(0, np.int32)
    return Edges(
        demand=np.array([ask.demand for ask in asks], np.int32),
        capacity=offers.free,
        start=np.cumsum([0, *(len(places) for places, _ in found)], dtype=np.int64),
        offer=np.concatenate([nothing, *(places for places, _ in found)], dtype=np.int32, casting="unsafe"),
        score=np.concatenate([nothing, *(scores for _, scores in found)], dtype=np.int32, casting="unsafe"),
    )
