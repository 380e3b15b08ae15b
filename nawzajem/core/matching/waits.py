"""How long the wait honestly is, from those who waited and those who are waiting still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Wait:
    """Hours until a pair: a quarter of people had one within `soon`, half within `half`, three quarters within `late`. None
    where too few have come to a pair to say. `people` is how many stand behind it, `paired` how many of them found somebody.
    """

    soon: float | None
    half: float | None
    late: float | None
    people: int
    paired: int


def expected_wait(hours: Sequence[float], paired: Sequence[bool]) -> Wait:
    """From how long each person waited, in hours, and whether the wait ended in a pair; who still waits, or stopped
    waiting, counts for as long as they did wait. Leaving those out would make any wait look short.

    The estimator of Kaplan and Meier: the share still waiting falls, at each hour at which somebody came to a pair, by
    that hour's share of those who were waiting until then. It tells the wait of somebody who goes on waiting.
    ValueError for lists of different length or a wait below 0. [E. L. Kaplan, P. Meier: Nonparametric estimation from
    incomplete observations, Journal of the American Statistical Association 53, 1958]
    """
    waited, found = np.asarray(hours, float), np.asarray(paired, bool)
    if waited.shape != found.shape or (waited < 0).any():
        raise ValueError("each wait is a number of hours, 0 or more, with whether it ended in a pair")
    times, at = np.unique(waited[found], return_inverse=True)
    waiting = len(waited) - np.searchsorted(np.sort(waited), times)
    left = np.cumprod(1 - np.bincount(at, minlength=len(times)) / waiting)
    soon, half, late = (next(iter(times[left <= 1 - share + 1e-12].tolist()), None) for share in (0.25, 0.5, 0.75))
    return Wait(soon, half, late, len(waited), int(found.sum()))
