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

FINE = 2**16  # of the highest score, where being served at all comes first
SERVED = 64 * FINE  # what that is worth; the rare case that needs more is left to the chains
RUNGS = 64  # of the ladder from the level of the worst served up to the floor
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
    start = table.copy()
    if table.lift(play.line, 1, _within(terms.heed, 0.2, 0.4)):
        return Assignment(_where_scarce(play), found.certificate)
    table.back_to(start)
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


def _where_scarce(play: Play) -> Wholes:
    """First one offer for each of as many asks as can be, the worst of those as good as can be; then what is left of the
    seats, and levels by all that an ask has."""
    from nawzajem.core.matching._table import Table, prices

    edges, terms, top = play.edges, play.terms, int(play.edges.score.max())
    one = replace(edges, demand=np.minimum(edges.demand, 1))
    score = (SERVED + edges.score.astype(np.int64) * FINE // top).astype(np.int32)
    unserved = np.where(play.got > 0, 0, one.demand).astype(np.int32)
    found = best(replace(one, demand=unserved, score=score), Terms(terms.seed))
    table = Table(one, play.got, found.edge, prices(found, FINE / top))
    if terms.waited is None:
        play = replace(play, spared=table.lift(play.line, 1, _within(terms.heed, 0.2, 0.3)))
    else:
        table.lift_in_turn(play.line, 1, _within(terms.heed, 0.2, 0.3))
        play = replace(play, line=play.line[table.has()[play.line] > 0])
    _levels(table, replace(play, reach=play.got + table.most()))
    rest, kept = edges.besides(table.edge(), NONE)
    more = kept[best(rest, Terms(terms.seed)).edge]
    table = Table(edges, play.got, np.append(table.edge(), more), table.graph.price, SERVED // FINE * top)
    levels = _levels(table, play)
    if play.spared:
        table.state.pooled[play.line] = play.got[play.line] == 0
    table.hold(play.line, levels[play.line])
    table.improve(_within(terms.heed, 0.7, 1))
    return table.edge()


def _levels(table: Table, play: Play) -> Wholes:
    """Lifts the worst served as high as can be, and with a floor the next worst after them. [asks]: what each then keeps."""
    line, floor = play.line, play.terms.floor
    high = int(np.partition(play.reach[line], play.spared)[play.spared])
    low = _highest(table, play, high if floor is None else min(high, floor))
    levels = np.zeros(len(play.got), np.int64)
    levels[line] = low if floor is None else _climbed(table, play, low, floor)
    return levels


def _highest(table: Table, play: Play, high: int) -> int:
    """The highest level that all can have, but for those that may be left out; found by halving."""

    def worst() -> int:
        return min(int(np.partition(table.has()[play.line], play.spared)[play.spared]), high)

    start = reached = table.copy()
    low, trial, share = worst(), high, 0.6
    while low < high:
        table.back_to(start)
        if table.lift(play.line, trial, _within(play.terms.heed, 0.6 - share / 3, 0.6 - share * 0.3)) <= play.spared:
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
