"""What nobody could do better who knew everything beforehand: who comes, who would say yes, how long a pair lasts."""

from __future__ import annotations

import numpy as np

from nawzajem.core.matching.best import best
from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.certificate import bound
from nawzajem.core.matching.over_time.trace import Trace


def hindsight(trace: Trace) -> int:
    """No policy comes to a higher total of scores, in millionths.

    A pair keeps its seat for the time L of its offer, so within any stretch shorter than that a seat begins one pair at
    most. Time is cut, offer by offer, into stretches of L; each ask may begin, with one who would say yes, in any stretch
    that it lives to see; the best total of that, proved by its prices, is the bound.
    """
    edges, asks = trace.edges, trace.edges.asks()
    places = np.repeat(np.arange(len(edges.capacity)), edges.capacity)
    first_open = np.full(len(edges.capacity), np.inf)
    np.minimum.at(first_open, places, trace.opens)
    begin = np.maximum(trace.arrives[asks], first_open[edges.offer]) + trace.answers
    end = trace.arrives[asks] + trace.patience[asks]
    able = np.flatnonzero(trace.yes & (begin <= end))
    lasts = trace.lasts[edges.offer[able]]
    first, last = (begin[able] // lasts).astype(np.int64), (end[able] // lasts).astype(np.int64)
    times = last - first + 1
    edge = np.repeat(able, times)
    stretch = np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(first, times)
    slots, offer = np.unique(np.stack([edges.offer[edge], stretch], axis=1), axis=0, return_inverse=True)
    count = np.bincount(asks[edge], minlength=len(edges.demand))
    wide = Edges(
        demand=edges.demand,
        capacity=_seats(trace, slots),
        start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        offer=offer.reshape(-1).astype(np.int32),
        score=edges.score[edge],
    )
    proof = best(wide).certificate
    assert proof is not None
    return bound(wide, proof)


def _seats(
    trace: Trace, slots: np.ndarray[tuple[int, int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Of each offer and stretch, the seats that are open before the stretch is over."""
    places = np.repeat(np.arange(len(trace.lasts)), trace.edges.capacity)
    order = np.lexsort((trace.opens, places))
    start = np.concatenate([[0], np.cumsum(trace.edges.capacity)])
    opens = trace.opens[order]
    return np.array(
        [
            np.searchsorted(opens[start[o] : start[o + 1]], (stretch + 1) * trace.lasts[o], side="left")
            for o, stretch in slots.tolist()
        ],
        np.int32,
    )
