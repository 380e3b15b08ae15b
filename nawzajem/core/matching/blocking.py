"""The check of stability, which trusts nothing that a strategy says: which pairs would rather have each other?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.assignment import Assignment
from nawzajem.core.matching.candidates import Edges

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


def blocking(edges: Edges, assignment: Assignment) -> Wholes:
    """The edges that block an assignment: not taken, though to both of their sides they are worth more than something that
    side holds, or the side has a place left. None of them: the assignment is stable. Equals are no reason to change.

    What was locked cannot be given up and what was forbidden cannot be taken; the rest is checked among itself.
    ValueError for what is no assignment of these edges: an edge taken twice, or more than an ask wants or an offer has.
    """
    if not _possible(edges, assignment):
        raise ValueError("this is no assignment of these edges")
    free, kept = edges.besides(assignment.locked, assignment.forbidden)
    taken = np.isin(kept, assignment.edge)
    back = free.score if free.back is None else free.back
    wanted = _would(free.asks(), free.score, free.demand, taken) & _would(free.offer, back, free.capacity, taken)
    return kept[wanted & ~taken]


def _possible(edges: Edges, assignment: Assignment) -> bool:
    """Whether each edge is there, once, none forbidden and all locked ones among them; and nobody has more than they can."""
    edge = assignment.edge
    if len(edge) and (edge.min() < 0 or edge.max() >= len(edges.score) or len(np.unique(edge)) < len(edge)):
        return False
    kept = np.isin(assignment.locked, edge).all() and not np.isin(assignment.forbidden, edge).any()
    asks = np.bincount(edges.asks()[edge], minlength=len(edges.demand))
    offers = np.bincount(edges.offer[edge], minlength=len(edges.capacity))
    return bool(kept and (asks <= edges.demand).all() and (offers <= edges.capacity).all())


def _would(
    side: npt.NDArray[np.integer], score: Places, places: Places, taken: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Of each edge, whether this side of it would rather have it: for a place left, or for the worst that it holds."""
    worst = np.full(len(places), np.iinfo(np.int64).max)
    np.minimum.at(worst, side[taken], score[taken].astype(np.int64))
    left = np.bincount(side[taken], minlength=len(places)) < places
    return np.asarray(left[side] | (score > worst[side]))
