"""The strategy `best`: the highest total there is, with prices that prove it.

Maximum-weight b-matching on sparse scores: asks bid for offers at rising prices, and shortest augmenting paths place what
the bidding leaves open. Where many want few seats, bidding goes in coarse steps first, and paths from the other side lower
what became too dear. Scores are made distinct by a draw so small that it never outweighs one unit of score; it decides
between equals, and without it equals bid against each other for very long.
[R. Jonker, A. Volgenant: A shortest augmenting path algorithm for dense and sparse linear assignment problems, Computing
38, 1987; D. P. Bertsekas, D. A. Castanon: A forward/reverse auction algorithm for asymmetric assignment problems,
Computational Optimization and Applications 1, 1992]
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nawzajem.core.matching.assignment import PLAIN, Assignment, Heed, Terms, Wholes
from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.certificate import Certificate

if TYPE_CHECKING:
    from nawzajem.core.matching._kernel import Market

FINE = 1  # passes over the edges in exact bids; what is open then is placed by paths
COARSE = 32  # passes at most in coarse bids
MANY = 64  # coarse bids where more than one place in so many is still open after the exact ones
STEP = 3  # a coarse bid goes up by the mean score over this
SLICES = 16  # of the paths, between which progress is told
MOST = 2**60  # of a score in the finest unit


def best(edges: Edges, terms: Terms = PLAIN) -> Assignment:
    """An assignment of the highest total, and its certificate. The seed draws the order of equals, and nothing else is
    left to chance.

    From `terms.before` prices and pairs are taken over where they still fit, which makes solving again after a small
    change cheap; its asks and offers must be the same, in the same order, though demand, capacity and edges may differ.
    OverflowError where scores times seats leave no room for the draw, ValueError for a certificate of others.
    """
    from nawzajem.core.matching import (
        _kernel as kernel,  # compiled: loaded where a round is solved, not in every process
    )

    market = _market(edges, terms.seed)
    terms.heed(0.05)
    if terms.before and terms.before.certificate:
        market.price[:] = np.where(edges.capacity > 0, _prices(terms.before.certificate, market), market.price)
        wish = np.zeros(len(edges.score), np.uint8)
        wish[terms.before.edge] = 1
        market.held[:] = kernel.marked_too(edges.start, edges.offer, edges.score, market.offer, market.score, wish)
        kernel.settle(market)
    kernel.auction(market, 0, FINE * len(edges.score))
    terms.heed(0.2)
    if int(market.missing.sum()) * MANY > int(market.wanted.sum()):
        _coarsely(market, _slowly(terms.heed, 0.2, 0.6))
        kernel.settle(market)
        kernel.auction(market, 0, FINE * len(edges.score))
    _place(market, _slowly(terms.heed, 0.6, 0.8))
    if (market.price[market.filled < np.diff(market.seats)] > 0).any():
        _place(kernel.transposed(market), _slowly(terms.heed, 0.8, 1))
    terms.heed(1)
    chosen = kernel.marked_too(edges.start, market.offer, market.score, edges.offer, edges.score, market.held)
    return Assignment(np.flatnonzero(chosen), Certificate(market.value, market.price, market.unit))


def _market(edges: Edges, seed: int) -> Market:
    """Nobody holds anything yet, and nothing costs anything, but what has no seat."""
    from nawzajem.core.matching._kernel import DRAWS, Market, ranked

    seats = np.concatenate([[0], np.cumsum(edges.capacity, dtype=np.int64)])
    unit, count = _unit(edges, DRAWS), int(seats[-1])
    top = (int(edges.score.max(initial=0)) + 1) * unit
    offer, score, draw = ranked(edges.start, edges.offer, edges.score, seed)
    return Market(
        start=edges.start,
        offer=offer,
        score=score,
        draw=draw,
        unit=unit,
        held=np.zeros(len(score), np.uint8),
        wanted=edges.demand,
        missing=edges.demand.copy(),
        value=np.full(len(edges.demand), top),
        price=np.where(edges.capacity > 0, 0, top),
        seats=seats,
        filled=np.zeros(len(edges.capacity), np.int32),
        edge=np.empty(count, np.int32),
        ask=np.empty(count, np.int32),
        stake=np.empty(count, np.int64),
        here=np.empty(0, np.int32),
    )


def _coarsely(market: Market, heed: Heed) -> None:
    from nawzajem.core.matching import _kernel as kernel

    edges, scans = max(len(market.score), 1), 0
    step = int(market.score.sum(dtype=np.int64)) * market.unit // edges // STEP
    while market.missing.any() and scans < COARSE * edges:
        scans += max(kernel.auction(market, step, 2 * edges), 1)
        heed(min(scans / (COARSE * edges), 1))


def _place(market: Market, heed: Heed) -> None:
    from nawzajem.core.matching import _kernel as kernel

    count = len(market.wanted)
    ends = sorted({count * number // SLICES for number in range(SLICES + 1)})  # of few asks, each its own
    for first, last in pairwise(ends):
        kernel.augment(market, first, last)
        heed(last / count)


def _slowly(heed: Heed, first: float, last: float) -> Heed:
    return lambda done: heed(first + (last - first) * done)


def _prices(certificate: Certificate, market: Market) -> Wholes:
    """Its prices in the unit of this market."""
    if len(certificate.price) != len(market.price) or len(certificate.value) != len(market.value):
        raise ValueError("values and prices belong to other asks and offers")
    whole, rest = np.divmod(certificate.price, certificate.unit)
    return np.minimum(whole * market.unit + rest * market.unit // certificate.unit, MOST)


def _unit(edges: Edges, draws: int) -> int:
    """So many draws that all of them together stay under one unit of score: in powers of two, so that it seldom changes when
    somebody comes or goes."""
    places = min(int(edges.demand.sum(dtype=np.int64)), int(edges.capacity.sum(dtype=np.int64)))
    unit = draws << max(places, 1).bit_length()
    if int(edges.score.max(initial=0)) * unit >= MOST:
        raise OverflowError("these scores are too large for so many places; divide them by a common number")
    return unit
