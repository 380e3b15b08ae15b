"""From rows to scored edges: for each ask the offers that it may have, and how well they fit. Strategies see only edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.now import highest
from nawzajem.core.matching.problem import AskRow, Offers, Places, in_order
from nawzajem.core.matching.rules import Bounds, passing, why_none
from nawzajem.core.matching.scores import Weights, parts, points

Found = tuple[Places, npt.NDArray[np.int64]]  # offers of one ask and how well they fit


@dataclass(frozen=True, slots=True)
class Edges:
    """Scores between asks and offers, sparse by rows: the edges of ask a are start[a] to start[a + 1]."""

    demand: npt.NDArray[np.int32]  # [asks]: offers wanted
    capacity: npt.NDArray[np.int32]  # [offers]: seats free
    start: npt.NDArray[np.int64]  # [asks + 1]
    offer: npt.NDArray[np.int32]  # [edges]
    score: npt.NDArray[np.int32]  # [edges], whole numbers above 0

    def asks(self) -> npt.NDArray[np.intp]:
        """The ask of each edge, [edges]."""
        return np.repeat(np.arange(len(self.demand)), np.diff(self.start))


@dataclass(frozen=True, slots=True)
class Round:
    """One matching of all asks with all offers: its rows, both in the order of their ids, and its edges."""

    asks: tuple[AskRow, ...]
    offers: Offers
    edges: Edges
    why: tuple[str | None, ...]  # of each ask: the first rule that leaves nobody, None where somebody is left


def candidates(
    asks: Iterable[AskRow],
    offers: Offers,
    *,
    keep: int | None = None,
    weights: Weights | None = None,
    bounds: Bounds | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Round:
    """The `keep` best offers of every ask, or all of them. `progress` hears how many asks of how many are done.

    Each ask looks at every offer, so the time is asks times offers: about a second for two thousand of each.
    """
    ranked, weights = in_order(asks), weights or Weights()
    found: list[Found] = []
    why = []
    for done, ask in enumerate(ranked, 1):
        passed = passing(ask, offers, bounds)
        found.append(_edges(ask, offers, np.flatnonzero(passed.mask), keep, weights))
        why.append(why_none(passed.left))
        if progress:
            progress(done, len(ranked))
    return Round(ranked, offers, _joined(ranked, offers, found), tuple(why))


def _edges(ask: AskRow, offers: Offers, places: Places, keep: int | None, weights: Weights) -> Found:
    score = points(parts(ask, offers.columns.take(places), offers.topics), weights)
    if keep is not None:
        best = np.sort(np.array(highest(score, keep), np.intp))
        places, score = places[best], score[best]
    return places, np.maximum(score, 1)  # a pair that is allowed is worth more than none


def _joined(asks: tuple[AskRow, ...], offers: Offers, found: list[Found]) -> Edges:
    nothing = np.zeros(0, np.int32)
    return Edges(
        demand=np.array([ask.demand for ask in asks], np.int32),
        capacity=offers.free,
        start=np.cumsum([0, *(len(places) for places, _ in found)], dtype=np.int64),
        offer=np.concatenate([nothing, *(places for places, _ in found)], dtype=np.int32, casting="unsafe"),
        score=np.concatenate([nothing, *(scores for _, scores in found)], dtype=np.int32, casting="unsafe"),
    )
