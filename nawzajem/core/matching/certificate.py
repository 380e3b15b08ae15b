"""The proof that no assignment has a higher total, and the check of it, which trusts nothing that a strategy says.

With any value for each ask and any price for each offer, none below 0, no assignment can be worth more than
the values of all wanted places, the prices of all seats, and of each edge what it is worth beyond both together.
[Weak duality of the linear program of b-matching with edges used at most once]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.candidates import Edges

Wholes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Certificate:
    """`value` of one more offer to each ask [asks], `price` of one seat of each offer [offers]; both in 1/`unit` of score."""

    value: Wholes
    price: Wholes
    unit: int = 1


def bound(edges: Edges, certificate: Certificate) -> int:
    """The highest total of whole scores that this certificate leaves possible. ValueError if it is none at all."""
    value, price, unit = certificate.value, certificate.price, certificate.unit
    if len(value) != len(edges.demand) or len(price) != len(edges.capacity) or unit < 1:
        raise ValueError("values and prices belong to other asks and offers")
    if (value < 0).any() or (price < 0).any():
        raise ValueError("a value or a price is below 0")
    beyond = edges.score.astype(np.int64) * unit - value[edges.asks()] - price[edges.offer]
    above = _sum(value, edges.demand) + _sum(price, edges.capacity) + _sum(np.maximum(beyond, 0))
    return above // unit


def _sum(numbers: Wholes, times: npt.NDArray[np.int32] | None = None) -> int:
    """Exact where 64 bits would not hold it: high and low halves apart."""
    each = np.ones(len(numbers), np.int64) if times is None else times.astype(np.int64)
    high, low = numbers >> 32, numbers & 0xFFFFFFFF
    return (int((high * each).sum()) << 32) + int((low * each).sum())
