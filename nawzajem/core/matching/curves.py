"""The curves behind the scores: each takes what is known and gives a number from 0 to 1. All work on whole arrays.

Where a curve has a source it is named. Where it has none, it says what it was chosen to do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

IN_IT, COMING_THROUGH, BEEN_THROUGH = range(3)
STAGES = ("in_it", "coming_through", "been_through")

# How well somebody still in it, or coming through, fits an ask of each stage (rows: the ask's). Company in the same
# place helps, and costs the helper more, so it stands below every memory that is not very old. For those who ask
# while coming through, somebody still in it fits a little less.
STILL_IN_IT = ((0.45, 0.85), (0.40, 0.80), (0.35, 0.70))

LONG_AGO = 0.5  # what remains of an experience however old it is
FADES = 36.0  # months in which half of the rest fades
UNKNOWN_WHEN = 0.75  # an end without a date counts like one three years ago

HOURS_HALF = 3.0  # shared hours a week that fill half of the part
REST = 14.0  # days after which somebody is rested
WAIT_HALF = 24.0 * 7  # hours of waiting that fill half of the part


def recency(months: Any) -> Numbers:
    """How fresh an experience is that ended so many months ago; nan where nobody said when.

    1 just after, 0.75 after three years, never under 0.5: who came through lately stands nearest to the one who asks,
    and who came through long ago still knows. That a peer close in experience is understood better is well described
    for learning (Lockspeiser et al., Advances in Health Sciences Education 13, 2008: social and cognitive congruence);
    no study gives the curve for hard times, so its numbers are a choice of this house.
    """
    fresh = LONG_AGO + (1 - LONG_AGO) * np.exp2(-np.asarray(months, float) / FADES)
    return np.where(np.isnan(fresh), UNKNOWN_WHEN, fresh)


def stage_fit(asked: int, stage: Any, months: Any) -> Numbers:
    """How well experiences of these stages, ended so many months ago, fit an ask at the stage `asked`."""
    in_it, coming = STILL_IN_IT[asked]
    stage = np.asarray(stage)
    return np.where(stage == BEEN_THROUGH, recency(months), np.where(stage == COMING_THROUGH, coming, in_it))


def enough_hours(hours: Any) -> Numbers:
    """How easily two find time in so many shared hours a week: 1 hour 0.2, 3 hours 0.5, 12 hours 0.94. Saturating, so
    that somebody free all week does not outweigh somebody who knows."""
    return 1 - np.exp2(-np.asarray(hours, float) / HOURS_HALF)


def ease(free: Any, capacity: Any, idle_days: Any) -> Numbers:
    """Room and rest in equal parts: the share of seats that are free, and the days since the last answer up to two
    weeks; nan where nobody was asked yet, which counts as rested. Spreads the load before anybody tires of it."""
    room = np.divide(free, capacity, out=np.zeros(np.shape(free)), where=np.asarray(capacity) > 0)
    rest = np.nan_to_num(np.minimum(np.asarray(idle_days, float) / REST, 1), nan=1.0)
    return (np.clip(room, 0, 1) + rest) / 2


def patience(waited_hours: Any) -> Numbers:
    """How long somebody has waited: a week fills half, four weeks nearly all. It orders asks against each other."""
    return 1 - np.exp2(-np.asarray(waited_hours, float) / WAIT_HALF)
