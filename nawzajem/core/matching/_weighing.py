"""The highest total at given levels: scores weigh more for whoever is under their level, until nobody is.

Solving by weighed scores gives an assignment near to the one that is sought, which chains then mend, and a bound that no
assignment at these levels can exceed: Lagrange's multipliers on the levels.
[A. M. Geoffrion: Lagrangean relaxation for integer programming, Mathematical Programming Study 2, 1974; B. T. Polyak:
Minimization of unsmooth functionals, USSR Computational Mathematics 9, 1969 (how long a step is)]
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching._chains import State
from nawzajem.core.matching._table import Table, prices
from nawzajem.core.matching.assignment import Assignment, Heed, Terms, unheeded
from nawzajem.core.matching.best import best
from nawzajem.core.matching.candidates import Edges

Wholes = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

CLOSE = 0.0004  # of the total, between it and what is possible: near enough
ROUNDS = 60
LOOKS = 30_000_000  # edges times rounds
FINE = 2**23  # of the highest score
HEAVIEST = 200  # that a point weighs more, to stay within 32 bits
NEARER = 0.5  # of what lies between: only then mending is tried again, where the round is not
SMALL = 2**14  # edges
BEGINNINGS = 20  # from which a level is tried
NEARLY = 0.95  # of the total, the step's measure where nobody knows what can be reached
STALE = 3  # rounds that bring no lower bound, after which steps are halved


def weighed(edges: Edges, got: Wholes, levels: Wholes, chosen: Wholes, found: Assignment, heed: Heed) -> Wholes:
    """From edges that keep everybody at their level [asks], and the assignment of the highest total, to the edges of the
    highest total that is found at these levels."""
    edges, kept = _promising(edges, chosen, found)
    table = _mended(edges, got, levels, np.searchsorted(kept, chosen), prices(found))
    assert table is not None
    best_yet, total, mended, solved = table.edge(), int(table.has().sum()), np.inf, None
    weights, has = _Weights(edges, levels), got + _points(edges, np.flatnonzero(np.isin(kept, found.edge)))
    rounds = min(ROUNDS, LOOKS // len(edges.score) + 1)
    for done in range(rounds):
        weights.hear(has, total)
        if weights.possible - total <= CLOSE * total:
            break
        heed(done / rounds)
        solved = best(replace(edges, score=weights.weigh()), Terms(before=solved))
        has = got + _points(edges, solved.edge)
        near = weights.possible - total
        if near > mended * NEARER and len(edges.score) > SMALL:
            continue
        table, mended = _mended(edges, got, levels, solved.edge, prices(solved, weights.unit)), near
        if table is not None and int(table.has().sum()) > total:
            best_yet, total = table.edge(), int(table.has().sum())
    return kept[best_yet]


def begun(edges: Edges, got: Wholes, line: Wholes, level: int, near: Table) -> State | None:
    """Everybody of the line at a level to which chains from the highest total do not lead, from the highest totals by
    weighed scores; None where these do not lead there either."""
    levels, has, solved = np.zeros(len(got), np.int64), near.has(), None
    levels[line] = level
    weights = _Weights(edges, levels)
    for _ in range(min(BEGINNINGS, LOOKS // len(edges.score) + 1)):
        weights.hear(has, int(has.sum() * NEARLY))
        solved = best(replace(edges, score=weights.weigh()), Terms(before=solved))
        table = Table(edges, got, solved.edge, prices(solved, weights.unit))
        has = table.copy().has
        if not table.lift(line, level, unheeded):
            return table.state
    return None


class _Weights:
    """What a point is worth to each ask beyond itself, by a subgradient with steps after Polyak."""

    def __init__(self, edges: Edges, levels: Wholes) -> None:
        self.levels, self.more = levels, np.zeros(len(levels))
        self.asks, self.score = edges.asks(), edges.score
        self.unit = FINE / int(edges.score.max())
        self.possible, self.step, self.stale = np.inf, 1.0, 0

    def hear(self, has: Wholes, total: int) -> None:
        """What asks have by the weights so far, and the highest total that is reached already."""
        under = np.where(self.levels > 0, self.levels - has, 0).astype(float)
        value = float(has.sum()) - float(self.more @ under)
        self.stale = 0 if value < self.possible else self.stale + 1
        self.possible = min(self.possible, value)
        if self.stale == STALE:
            self.step, self.stale = self.step / 2, 0
        under[(self.more <= 0) & (under < 0)] = 0
        length = self.step * (value - (1 - CLOSE / 2) * total) / max(float(under @ under), 1e-9)
        self.more = np.clip(self.more + length * under, 0, HEAVIEST)

    def weigh(self) -> npt.NDArray[np.int32]:
        """Scores as they weigh, in whole parts of a point: so many are its unit."""
        heavy = self.score * ((1 + self.more) * self.unit)[self.asks]
        return np.maximum(np.rint(heavy), 1).astype(np.int32)


def _promising(edges: Edges, chosen: Wholes, found: Assignment) -> tuple[Edges, Wholes]:
    """Without the edges that no assignment worth more than the chosen edges can have: by the prices of the highest total
    they would cost more than lies between."""
    proof = found.certificate
    assert proof is not None
    between = int(edges.score[found.edge].sum(dtype=np.int64)) - int(edges.score[chosen].sum(dtype=np.int64))
    cost = proof.value[edges.asks()] + proof.price[edges.offer] - edges.score * np.int64(proof.unit)
    hopeless = cost > (between + 1) * proof.unit
    hopeless[chosen] = hopeless[found.edge] = False
    return edges.besides(chosen[:0], np.flatnonzero(hopeless))


def _mended(edges: Edges, got: Wholes, levels: Wholes, edge: Wholes, price: Reals) -> Table | None:
    """Everybody at their level, and then nothing more to gain; None where chains do not bring everybody there."""
    table, line = Table(edges, got, edge, price), np.flatnonzero(levels)
    if table.lift(line, levels[line], unheeded):
        return None
    table.improve(unheeded)
    return table


def _points(edges: Edges, chosen: Wholes) -> Wholes:
    points = np.zeros(len(edges.demand), np.int64)
    np.add.at(points, edges.asks()[chosen], edges.score[chosen])
    return points
