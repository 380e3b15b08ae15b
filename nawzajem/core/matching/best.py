"""The strategy `best`: the highest total there is, with prices that prove it.

Maximum-weight b-matching on sparse scores: asks bid for offers at rising prices, and shortest augmenting paths place what
the bidding leaves open. Scores are made distinct first, by a draw so small that it never outweighs one unit of score; it
decides between equals, and without it equals bid against each other for very long.
[R. Jonker, A. Volgenant: A shortest augmenting path algorithm for dense and sparse linear assignment problems, Computing
38, 1987; D. P. Bertsekas: The auction algorithm, Annals of Operations Research 14, 1988]
"""

from __future__ import annotations

import numpy as np

from nawzajem.core.matching.assignment import PLAIN, Assignment, Terms
from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.certificate import Certificate

DRAWS = 1000
PASSES = 25  # over the edges, in bids; what is open then is placed by paths
MOST = 2**60  # of a score in the finest unit


def best(edges: Edges, terms: Terms = PLAIN) -> Assignment:
    """An assignment of the highest total, and its certificate. The seed draws the order of equals, and nothing else is
    left to chance. OverflowError where scores times seats leave no room for the draw."""
    from nawzajem.core.matching import (
        _kernel as kernel,
    )  # compiled: loaded where a round is solved, not in every process

    asks, unit = edges.asks().astype(np.int32), _unit(edges)
    worth = edges.score.astype(np.int64) * unit + np.random.default_rng(terms.seed).integers(0, DRAWS, len(edges.score))
    value = np.zeros(len(edges.demand), np.int64)
    np.maximum.at(value, asks, worth)
    price = np.where(edges.capacity > 0, 0, worth.max(initial=0) + 1)
    seats = np.concatenate([[0], np.cumsum(edges.capacity, dtype=np.int64)])
    taken, held = np.full(seats[-1], kernel.FREE, np.int64), np.zeros(len(worth), np.uint8)
    missing = edges.demand.astype(np.int32)
    state = (seats, taken, held, price, value, missing)
    kernel.auction(edges.start, edges.offer, worth, asks, edges.demand, *state, PASSES * len(worth))
    kernel.augment(edges.start, edges.offer, worth, asks, *state, 0, len(edges.demand))
    return Assignment(np.flatnonzero(held), Certificate(value, price, unit))


def _unit(edges: Edges) -> int:
    """So many draws that all of them together stay under one unit of score."""
    places = min(int(edges.demand.sum(dtype=np.int64)), int(edges.capacity.sum(dtype=np.int64)))
    unit = max(places, 1) * DRAWS
    if int(edges.score.max(initial=0)) * unit >= MOST:
        raise OverflowError("these scores are too large for so many places; divide them by a common number")
    return unit
