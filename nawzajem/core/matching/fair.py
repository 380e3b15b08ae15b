"""The strategy `fair`: the worst served first, and then the highest total that leaves them there.

As many asks as can be get somebody; the worst served of them gets as much as can be; and with that settled, the total is as
high as can be. It starts from the best total, lifts whoever is under the level by chains of exchanges, and then looks for
what raises the total and brings nobody under the level (`_table`, `_chains`, `_weighing`).
[C. Berge: Two theorems in graph theory, PNAS 43, 1957 (chains). J. Edmonds, D. R. Fulkerson: Transversals and matroid
partition, 1965 (the served can always grow to as many as can be). J. Kleinberg, Y. Rabani, E. Tardos: Fairness in routing
and load balancing, FOCS 1999 (the worst first, then the next)]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.assignment import NONE, PLAIN, Assignment, Heed, Terms
from nawzajem.core.matching.best import best
from nawzajem.core.matching.candidates import Edges

if TYPE_CHECKING:
    from nawzajem.core.matching._table import Table

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Reals = npt.NDArray[np.float64]

FINE = 2**20  # of the highest score, where being served at all comes first
SERVED = 64 * FINE  # what that is worth; the rare case that needs more is left to the chains
RUNGS = 64  # of the ladder from the level of the worst served up to the floor
TIMES = 6  # that it is solved until nobody has the same offer twice
HIGHEST = 2**62


@dataclass(frozen=True, slots=True)
class Play:
    """Who is to be lifted: those who can have more than they hold by locked pairs, in turn; `spared` of them may be left
    out for the others."""

    edges: Edges
    terms: Terms
    got: Wholes  # [asks]
    reach: Wholes  # [asks], points of each that alone could choose
    line: Wholes
    spared: int = 0


def fair(edges: Edges, terms: Terms = PLAIN) -> Assignment:
    """As many served as can be, the worst of them as well as can be, and at that a high total.

    With a floor the worst are lifted up to so many points and no further; those who cannot be lifted so far stay as high as
    they can, and the next are lifted, up to the floor. Where not everybody can be served, those who waited longest come
    first; without `waited`, whoever leaves the highest total. The certificate is that of the highest total at all: what is
    missing to it is what fairness costs. For asks that want one offer the level is exact; for others finding it is NP-hard,
    and the docs say how near this comes.
    """
    from nawzajem.core.matching._table import Table, prices  # compiled: loaded where a round is solved
    from nawzajem.core.matching._weighing import weighed

    terms = replace(terms, heed=_rising(terms.heed))
    found = best(edges, replace(terms, heed=_within(terms.heed, 0, 0.2)))
    got = np.zeros(len(edges.demand), np.int64) if terms.got is None else terms.got
    table = Table(edges, got, found.edge, prices(found))
    play = _play(table, edges, terms, got)
    if (table.has()[play.line] >= _goal(play)).all():
        return found
    if not (table.has()[play.line] > 0).all():
        one, first = _one_each(play)
        if first.spared or len(first.line) < len(play.line):
            return Assignment(_where_scarce(one, first, found), found.certificate)
        table.lift(play.line, 1, _within(terms.heed, 0.3, 0.4))
    levels = _levels(table, play)
    chosen = weighed(play.edges, got, levels, table.edge(), found, _within(terms.heed, 0.6, 1))
    return Assignment(chosen, found.certificate)


def _play(table: Table, edges: Edges, terms: Terms, got: Wholes) -> Play:
    most = table.most()
    line, chance = np.flatnonzero(most > 0), np.random.default_rng(terms.seed).permutation(len(most))
    longest = np.zeros(len(most)) if terms.waited is None else -terms.waited
    order = np.lexsort((chance[line], table.has()[line], longest[line]))
    return Play(edges, terms, got, got + most, line[order])


def _goal(play: Play) -> Wholes | int:
    """What everybody would have at the least, if nobody stood in anybody's way."""
    reach = play.reach[play.line]
    return int(reach.min(initial=HIGHEST)) if play.terms.floor is None else np.minimum(reach, play.terms.floor)


def _one_each(play: Play) -> tuple[Table, Play]:
    """As many asks as can be with one offer each, and who is to be lifted further."""
    from nawzajem.core.matching._table import Table, prices

    edges, terms = play.edges, play.terms
    one = replace(edges, demand=np.minimum(edges.demand, 1))
    found = best(replace(one, demand=_unserved(play), score=_first(edges)), Terms(terms.seed))
    table = Table(one, play.got, found.edge, prices(found, FINE / int(edges.score.max())))
    if terms.waited is None:
        return table, replace(play, spared=table.lift(play.line, 1, _within(terms.heed, 0.2, 0.3)))
    table.lift_in_turn(play.line, 1, _within(terms.heed, 0.2, 0.3))
    return table, replace(play, line=play.line[table.has()[play.line] > 0])


def _where_scarce(one: Table, play: Play, found: Assignment) -> Wholes:
    """From one offer for as many as can be: the worst of those as good as can be; then, with a first offer of that level for
    as many, the highest total; and levels by all that an ask has."""
    from nawzajem.core.matching._table import Table

    edges, terms = play.edges, play.terms
    levels = _levels(one, replace(play, reach=play.got + one.most()))
    edge, price = _both(play, levels, one.edge(), found)
    rest, kept = edges.besides(edge, NONE)
    more = kept[best(rest, Terms(terms.seed)).edge]
    table = Table(edges, play.got, np.append(edge, more), price, SERVED // FINE * int(edges.score.max()))
    levels = _levels(table, play, bold=False)
    if play.spared:
        table.state.pooled[play.line] = play.got[play.line] == 0
    table.hold(play.line, levels[play.line])
    table.improve(_within(terms.heed, 0.7, 1))
    return table.edge()


def _unserved(play: Play) -> Places:
    return np.where(play.got > 0, 0, np.minimum(play.edges.demand, 1)).astype(np.int32)


def _first(edges: Edges) -> Places:
    """What a first offer is worth: to be served at all, and the score."""
    return SERVED + _fine(edges)


def _fine(edges: Edges) -> Places:
    return np.maximum(edges.score.astype(np.int64) * FINE // int(edges.score.max()), 1).astype(np.int32)


def _both(play: Play, levels: Wholes, served: Wholes, found: Assignment) -> tuple[Wholes, Reals]:
    """Edges of a high total with a first offer for whoever is to have one, and the prices of seats.

    Each ask stands there twice: for its first offer, and for those that follow. What it takes as its first is worth nothing
    to it as another.
    """
    from nawzajem.core.matching._table import prices

    edges, asks = play.edges, play.edges.asks()
    chance = np.zeros(len(edges.demand), np.bool_)
    chance[play.line] = _unserved(play)[play.line]
    enough = play.got[asks] + edges.score >= np.maximum(levels[asks], 1)
    enough[served] = True
    firsts = np.flatnonzero(chance[asks] & enough)
    others = np.flatnonzero((edges.demand - chance > 0)[asks])
    place = np.concatenate([firsts, others])
    start = np.searchsorted(np.concatenate([asks[firsts], asks[others] + len(chance)]), np.arange(2 * len(chance) + 1))
    demand = np.concatenate([chance, edges.demand - chance]).astype(np.int32)
    score = np.concatenate([_first(edges)[firsts], _fine(edges)[others]])
    taken, solved = _highest_of_each(edges, found.edge), None
    for _ in range(TIMES):
        own = np.concatenate([np.zeros(len(firsts), np.bool_), np.isin(others, taken)])
        twice = Edges(demand, edges.capacity, start, edges.offer[place], np.where(own, 1, score).astype(np.int32))
        solved = best(twice, Terms(play.terms.seed, before=solved))
        taken = firsts[solved.edge[solved.edge < len(firsts)]]
        edge, count = np.unique(place[solved.edge], return_counts=True)
        if (count == 1).all():
            break
    assert solved
    return edge, prices(solved, FINE / int(edges.score.max()))


def _highest_of_each(edges: Edges, edge: Wholes) -> Wholes:
    """Of some edges the best of each ask."""
    asks = edges.asks_of(edge)
    order = np.lexsort((-edges.score[edge], asks))
    return edge[order[np.flatnonzero(np.diff(asks[order], prepend=-1))]]


def _levels(table: Table, play: Play, *, bold: bool = True) -> Wholes:
    """Lifts the worst served as high as can be, and with a floor the next worst after them. [asks]: what each then keeps.
    `bold` where much may be expected: the highest level is tried first, else the next."""
    line, floor = play.line, play.terms.floor
    high = int(np.partition(play.reach[line], play.spared)[play.spared])
    low = _highest(table, play, high if floor is None else min(high, floor), bold)
    levels = np.zeros(len(play.got), np.int64)
    levels[line] = low if floor is None else _climbed(table, play, low, floor)
    return levels


def _highest(table: Table, play: Play, high: int, bold: bool) -> int:
    """The highest level that all can have, but for those that may be left out.

    Found by halving; and where asks want several, so that chains may miss one, again and again from other beginnings.
    """
    from nawzajem.core.matching._weighing import begun

    low = _halved(table, play, high, bold)
    while low < high and not play.spared and table.graph.demand.max() > 1:
        other = begun(play.edges, play.got, play.line, low + 1, table)
        if other is None:
            break
        table.back_to(other)
        low = _halved(table, play, high, bold=False)
    return low


def _halved(table: Table, play: Play, high: int, bold: bool) -> int:
    def worst() -> int:
        return min(int(np.partition(table.has()[play.line], play.spared)[play.spared]), high)

    start = reached = table.copy()
    most = None if table.graph.demand.max(initial=0) > 1 else play.spared
    low, share = worst(), 0.6
    trial = high if bold else low + 1
    while low < high:
        table.back_to(start)
        heed = _within(play.terms.heed, 0.6 - share / 3, 0.6 - share * 0.3)
        if table.lift(play.line, trial, heed, most) <= play.spared:
            low, reached = worst(), table.copy()
        else:
            high = trial - 1
        trial, share = (low + high + 1) // 2, share * 0.9
    table.back_to(reached)
    return low


def _climbed(table: Table, play: Play, low: int, floor: int) -> Wholes:
    """Rung after rung: whoever can, without bringing anybody back under what they have."""
    top = min(floor, int(play.reach[play.line].max()))
    for rung in np.unique(np.linspace(low, top, RUNGS + 1).astype(np.int64))[1:].tolist():
        table.climb(play.line, rung, play.terms.heed)
    return np.clip(table.has()[play.line], low, floor)


def _within(heed: Heed, begin: float, end: float) -> Heed:
    return lambda done: heed(begin + (end - begin) * done)


def _rising(heed: Heed) -> Heed:
    """Some parts of the work come twice."""
    so_far = 0.0

    def heard(done: float) -> None:
        nonlocal so_far
        so_far = max(so_far, done)
        heed(so_far)

    return heard
