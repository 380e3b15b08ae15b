"""Whether more people ask than on other days, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log

FEWEST = 6  # asks: fewer are never a surge, however quiet it was before
RARE = 0.001  # a surge begins where chance would bring so many asks less often than once in so many times
USUAL = 0.05  # and is over where chance brings them at least so often


def chance(asks: int, before: Sequence[int]) -> float:
    """How likely at least so many asks are in a stretch of hours, if all goes as in the same stretch on days `before`.

    Asks come independently at a rate that is not known exactly: with Jeffreys' prior, a gamma distribution, the number of
    the next stretch has a negative binomial distribution, wide where few days are known. 1 where none is known. The days
    themselves are taken to be alike. [A. Gelman and others: Bayesian Data Analysis, third edition 2013, section 2.6]
    """
    if not before or asks <= 0:
        return 1.0
    shape, days = sum(before) + 0.5, len(before)
    fewer = sum(exp(_log_chance(n, shape, days)) for n in range(asks))
    return max(0.0, 1.0 - fewer)


def _log_chance(n: int, shape: float, days: int) -> float:
    """Of exactly n, negative binomial: `shape` successes at odds of days to one."""
    ways = lgamma(shape + n) - lgamma(shape) - lgamma(n + 1)
    return ways + shape * log(days / (days + 1)) - n * log(days + 1)


def begins(asks: int, before: Sequence[int]) -> bool:
    return asks >= FEWEST and chance(asks, before) < RARE


def is_over(asks: int, before: Sequence[int]) -> bool:
    return asks < FEWEST or chance(asks, before) >= USUAL
