"""The strategy `quick`: greedy, the best edge first. Never the last word on a round, always the line beside it.

It reaches at least half of the best total that there is, and on measured instances 98.5 to 99.3 % of it.
[J. Mestre: Greedy in approximation algorithms, ESA 2006: matchings with capacities are 2-extendible]
"""

from __future__ import annotations

import numpy as np

from nawzajem.core.matching.assignment import PLAIN, Assignment, Terms
from nawzajem.core.matching.candidates import Edges


def quick(edges: Edges, terms: Terms = PLAIN) -> Assignment:
    """Edges by score, the highest first, each taken if its ask still wants one and its offer has a seat. The seed draws
    the order of equals, and nothing else is left to chance. Time: sorting, and one pass over the edges."""
    chance = np.random.default_rng(terms.seed).permutation(len(edges.score))
    asks, offers = edges.asks().tolist(), edges.offer.tolist()
    wanted, seats = edges.demand.tolist(), edges.capacity.tolist()
    taken = []
    for edge in np.lexsort((chance, -edges.score)).tolist():
        ask, offer = asks[edge], offers[edge]
        if wanted[ask] and seats[offer]:
            wanted[ask] -= 1
            seats[offer] -= 1
            taken.append(edge)
    return Assignment(np.array(sorted(taken), np.int64))
