"""Means and shares with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

Z = 1.959963984540054  # of the normal distribution, two-sided 95 %


class Interval(NamedTuple):
    """A value, and the bounds between which 95 of 100 such intervals hold what it estimates."""

    value: float
    low: float
    high: float


def share_interval(yes: int, of: int) -> Interval:
    """A share, 0 to 1. ValueError unless 0 <= yes <= of and somebody answered.

    Wilson's score interval: it never leaves 0 to 1, and is honest also at 0 of 5. [E. B. Wilson: Probable inference, the
    law of succession, and statistical inference, Journal of the American Statistical Association 22, 1927]
    """
    if of < 1 or not 0 <= yes <= of:
        raise ValueError("a share is of somebody, and of nobody more than there are")
    share, spread = yes / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * sqrt(share * (1 - share) / of + spread / (4 * of))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def mean_interval(values: Sequence[float]) -> Interval:
    """A mean with Student's t interval. ValueError for fewer than two values: one value says nothing of the others."""
    if len(values) < 2:
        raise ValueError("a mean with an interval needs two values at least")
    numbers = np.asarray(values, float)
    mean = float(numbers.mean())
    half = t_quantile(len(numbers) - 1) * float(numbers.std(ddof=1)) / sqrt(len(numbers))
    return Interval(mean, mean - half, mean + half)


def t_quantile(freedom: int) -> float:
    """Student's t, two-sided 95 %: exact for one and two degrees of freedom, within 0.01 from three on. ValueError below 1.

    The expansion of Cornish and Fisher around the normal quantile. [M. Abramowitz, I. Stegun: Handbook of mathematical
    functions, 26.7.5, 1964]
    """
    if freedom < 1:
        raise ValueError("degrees of freedom begin at 1")
    if freedom < 3:
        return (12.706204736, 4.302652730)[freedom - 1]
    z2 = Z * Z
    terms = (
        (z2 + 1) / 4,
        ((5 * z2 + 16) * z2 + 3) / 96,
        (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
        ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160,
    )
    return Z * (1 + sum(term / freedom**power for power, term in enumerate(terms, 1)))
