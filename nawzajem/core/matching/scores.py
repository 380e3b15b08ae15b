"""How well an ask and each offer fit: six parts, each from 0 to 1, and their weighted mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import curves, hours
from nawzajem.core.matching.problem import UNSAID, AskRow, Columns, Experiences, age_place
from nawzajem.core.matching.topics import Topics

PARTS = ("topic", "stage", "hours", "wishes", "load", "waiting")
POINTS = 1_000_000  # a total of 1, in the whole numbers that ranking and solving use
ANYTHING = 0.5  # the topic of an ask that names none: better than nothing near, worse than the same
COVERS = 0.25  # of the topic part, for knowing the other topics of the ask as well
UNKNOWN = 0.5  # a wish about something that the other did not say
NEXT_AGE = 0.5  # an age group away
ENOUGH = curves.enough_hours(np.arange(hours.HOURS + 1))

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts. Only their proportions matter; ValueError unless one is above 0 and none below."""

    topic: float = 4
    stage: float = 2
    hours: float = 1
    wishes: float = 1.5
    load: float = 1
    waiting: float = 1

    def __post_init__(self) -> None:
        if min(self) < 0 or not sum(self):
            raise ValueError("a weight is 0 or more, and one of them more")

    def __iter__(self) -> Iterator[float]:
        return (getattr(self, part) for part in PARTS)


def parts(ask: AskRow, offers: Columns, topics: Topics) -> Numbers:
    """Each part for each offer, [6, n], in the order of PARTS, whether or not the rules allow the two to meet."""
    topic, stage = _lived(ask, offers.experiences, topics)
    time = ENOUGH[hours.shared(offers.hours, ask.hours)]
    waiting = np.full(len(offers), curves.patience(ask.waited_hours))
    return np.array([topic, stage, time, _wishes(ask, offers), offers.ease, waiting], float)


def points(parts: Numbers, weights: Weights) -> npt.NDArray[np.int64]:
    """The weighted mean of the parts in millionths, [n]. Whole numbers, so that noise in the last bits parts no equals."""
    total = sum((weight * part for weight, part in zip(weights, parts, strict=True)), start=np.zeros(parts.shape[1]))
    return np.rint(total * (POINTS / sum(weights))).astype(np.int64)


def _lived(ask: AskRow, lived: Experiences, topics: Topics) -> tuple[Any, Any]:
    """Topic and stage. Topic: how near the nearest experience is, over the ask's topics three quarters of the nearest and
    a quarter of their mean, so that of two who know the same thing the one who knows the other thing too comes first.
    Stage: how well an experience's stage and age fit, to the degree that its topic is near."""
    fit = lived.fit[curves.STAGES.index(ask.stage)]
    if not ask.topics:
        return np.full(len(lived), ANYTHING), ANYTHING * lived.best(fit)
    none = np.zeros((len(ask.topics), 1), np.float32)
    near = np.append(topics.near[topics.at(ask.topics)], none, axis=1)[:, lived.topic]
    each = np.array([lived.best(one) for one in near])
    return (1 - COVERS) * each.max(axis=0) + COVERS * each.mean(axis=0), lived.best(near.max(axis=0) * fit)


def _wishes(ask: AskRow, offers: Columns) -> Numbers:
    """The mean over the kinds of wish that were made; 1 without any."""
    made = []
    if ask.kinds:
        made.append(np.where(offers.kinds.none(), 1, offers.kinds.count_of(ask.kinds) / len(ask.kinds)))
    if ask.wish_age:
        made.append(_age(ask, offers.age))
    if ask.wish_gender:
        made.append(np.where(offers.gender.none(), UNKNOWN, offers.gender.any_of((ask.wish_gender,))))
    if ask.wish_backgrounds:
        made.append(offers.backgrounds.count_of(ask.wish_backgrounds) / len(ask.wish_backgrounds))
    return np.mean(made, axis=0) if made else np.ones(len(offers))


def _age(ask: AskRow, age: npt.NDArray[np.int8]) -> Numbers:
    """Near: the same group 1, the next one half. Older, younger: beyond one's own group 1, in it half."""
    own = age_place(ask.age)
    apart = age - own
    granted = {
        "near": np.select([apart == 0, abs(apart) == 1], [1, NEXT_AGE]),
        "older": np.select([apart > 0, apart == 0], [1, NEXT_AGE]),
        "younger": np.select([apart < 0, apart == 0], [1, NEXT_AGE]),
    }[ask.wish_age]
    return np.where((age == UNSAID) | (own == UNSAID), UNKNOWN, granted)
