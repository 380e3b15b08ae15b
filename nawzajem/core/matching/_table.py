"""An assignment on the table, as `fair` changes it, chain by chain; the compiled part does the looking."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import _chains as chains
from nawzajem.core.matching.assignment import Assignment, Heed
from nawzajem.core.matching.candidates import Edges

Wholes = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

FIRST = 16  # asks lifted before it is looked whether that leads anywhere; then twice as many, and so on
AT_ONCE = 1000  # asks lifted between two words on how far it is
SCANS = 10_000_000  # edges looked at, the same
TURNS = 12  # of these at most


class Table:
    """Some edges are taken; asks have points, and some of them a level below which nobody may bring them.

    `price` of each offer's seat, and `served`, what it is worth to be served at all, guide the searches; they decide nothing.
    """

    def __init__(self, edges: Edges, got: Wholes, edge: Wholes, price: Reals, served: int = 0) -> None:
        mine = np.concatenate([[0], np.cumsum(edges.demand, dtype=np.int64)])
        theirs = np.concatenate([[0], np.cumsum(edges.capacity, dtype=np.int64)])
        asks, offers = len(edges.demand), len(edges.capacity)
        self.price, self.served = price, served
        self.graph = chains.Graph(
            start=edges.start,
            offer=edges.offer,
            score=edges.score.astype(np.int64),
            ask_of=edges.asks().astype(np.int32),
            demand=edges.demand,
            capacity=edges.capacity,
            price=price.astype(np.int64),
        )
        self.state = chains.State(
            held=np.zeros(len(edges.score), np.uint8),
            has=got.copy(),
            least=np.zeros(asks, np.int64),
            target=np.zeros(asks, np.int64),
            pooled=np.zeros(asks, np.uint8),
            mine=np.zeros(mine[-1], np.int64),
            mine_start=mine,
            many=np.zeros(asks, np.int32),
            theirs=np.zeros(theirs[-1], np.int64),
            theirs_start=theirs,
            full=np.zeros(offers, np.int32),
        )
        chains.settle(self.graph, self.state, edge)

    def most(self) -> Wholes:
        """[asks]: the points of each that alone could choose, besides what it holds by locked pairs."""
        return chains.most(self.graph)

    def edge(self) -> Wholes:
        return np.flatnonzero(self.state.held)

    def has(self) -> Wholes:
        return self.state.has

    def copy(self) -> chains.State:
        """As it is now, to come back to."""
        return chains.State._make(part.copy() for part in self.state)

    def back_to(self, state: chains.State) -> None:
        self.state = chains.State._make(part.copy() for part in state)

    def hold(self, line: Wholes, level: Wholes | int) -> None:
        """Whoever of the line has so much keeps it from now on; who has less may lose it."""
        self.state.target[line] = level
        reached = self.state.has[line] >= self.state.target[line]
        self.state.least[line] = np.where(reached, self.state.target[line], 0)

    def lift(self, line: Wholes, level: Wholes | int, heed: Heed, most: int | None = None) -> int:
        """As many of the line as can be to their level, at the cost of those only who are not there. Returns how many are
        not; ends as soon as these are more than `most`, for where somebody whom no chain lifts is never lifted later: levels
        of at most 1, or asks that want one."""
        self.hold(line, level)
        return self._lift(line, heed, most)

    def lift_in_turn(self, line: Wholes, level: int, heed: Heed) -> int:
        """The same, but whoever is later in the line stands back for whoever is earlier."""
        self.hold(line, level)
        self.state.least[line] = 0
        self._chains(line, heed)
        return int((self.state.has[line] < level).sum())

    def climb(self, line: Wholes, level: int, heed: Heed) -> None:
        """The same, but nobody has less than before, or than the level."""
        self.state.target[line] = level
        self.state.least[line] = np.minimum(self.state.has[line], level)
        self._lift(line, heed)

    def _lift(self, line: Wholes, heed: Heed, most: int | None = None) -> int:
        has, level = self.state.has, self.state.target
        under, before = line[has[line] < level[line]], len(line) + 1
        while 0 < len(under) < before:  # one that wants several may find its way after others found theirs
            before = len(under)
            self._chains(under, heed, most)
            under = line[has[line] < level[line]]
            if most is not None:
                break
        return len(under)

    def _chains(self, line: Wholes, heed: Heed, most: int | None = None) -> None:
        search, searches, under = self._search(), np.int64(0), 0
        dead = np.zeros(len(self.graph.capacity), np.uint8)
        first, size = 0, FIRST
        while first < len(line):
            heed(first / len(line))
            part = line[first : first + size]
            first, size = first + size, min(2 * size, AT_ONCE)
            searches = chains.lift_all(self.graph, self.state, search, dead, part, searches)
            under += int((self.state.has[part] < self.state.target[part]).sum())
            if most is not None and under > most:
                return

    def improve(self, heed: Heed) -> None:
        """Until no ring of exchanges raises the total and leaves everybody their level; in very large rounds, where looking
        takes long, until little more is to be gained."""
        search, offers = self._search(), len(self.graph.capacity)
        search.dist[:offers], search.dist[-1] = np.rint(self.price * chains.LONGEST), self.served * chains.LONGEST
        search.mark[:] = 1
        line, at, epoch = np.arange(offers + 2), np.array([0, offers + 2]), np.int64(1)
        for turn in range(TURNS):
            heed(turn / TURNS)
            epoch = chains.improve(self.graph, self.state, search, line, at, epoch, SCANS)
            if not at[1]:
                return

    def _search(self) -> chains.Search:
        places = len(self.graph.capacity) + 2
        wholes, small = np.zeros((6, places), np.int64), np.zeros((3, places), np.int32)
        return chains.Search._make([*wholes[:5], np.zeros(places, np.uint8), wholes[5], *small])


def prices(found: Assignment, unit: float = 1) -> Reals:
    """Of each offer's seat, in points, where the solved scores were points times unit."""
    proof = found.certificate
    assert proof is not None
    return np.asarray(proof.price / (proof.unit * unit), np.float64)
