"""The compiled part of `quick`: one pass over edges that stand in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)
def take(order: Wholes, ask: Places, offer: Places, wanted: Places, seats: Places) -> npt.NDArray[np.uint8]:
    """Marks each edge whose ask still wants one and whose offer has a seat, in this order; counts down both."""
    taken = np.zeros(len(order), np.uint8)
    for e in order:
        if wanted[ask[e]] > 0 and seats[offer[e]] > 0:
            wanted[ask[e]] -= 1
            seats[offer[e]] -= 1
            taken[e] = 1
    return taken
