"""What a strategy returns, what it comes to, and what is told of it: each pair with reasons, each ask left over with why.

A strategy is a function from edges and a seed to an assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.candidates import Edges, Round
from nawzajem.core.matching.certificate import Certificate, bound
from nawzajem.core.matching.explain import Reason
from nawzajem.core.matching.now import Suggestion, suggestion
from nawzajem.core.matching.scores import POINTS, parts


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who with whom: of each pair its edge, in the order of asks and then of offers; and, where the strategy seeks the
    best total, what proves it."""

    edge: npt.NDArray[np.int64]  # [pairs], places in `Edges.offer` and `Edges.score`
    certificate: Certificate | None = None


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


class Strategy(Protocol):
    def __call__(self, edges: Edges, *, seed: int = 0) -> Assignment: ...


def figures(edges: Edges, assignment: Assignment) -> Figures:
    score = edges.score[assignment.edge] / POINTS
    return Figures(
        asks=len(edges.demand),
        offers=len(edges.capacity),
        seats=int(edges.capacity.sum()),
        paired=len(np.unique(edges.asks()[assignment.edge])),
        pairs=len(score),
        total=float(score.sum()),
        mean=float(score.mean()) if len(score) else None,
        worst=float(score.min()) if len(score) else None,
        bound=bound(edges, assignment.certificate) / POINTS if assignment.certificate else None,
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
    """Of each ask without a pair, by its place, why: the first rule that leaves nobody {}, or others_first {fitting}, the
    number of offers that would have fitted and whose seats went to other asks."""
    asks = round_.edges.asks()
    without = np.setdiff1d(np.arange(len(round_.asks)), asks[assignment.edge])
    fitting = np.diff(round_.edges.start)
    return {int(place): _why(round_.why[place], int(fitting[place])) for place in without}


def _why(rule: str | None, fitting: int) -> Reason:
    return Reason(rule, {}) if rule else Reason("others_first", {"fitting": fitting})
