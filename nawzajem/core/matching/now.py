"""The best offers for one ask, now: exact, over all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.explain import Reason, reasons
from nawzajem.core.matching.problem import AskRow, OfferRow, Offers
from nawzajem.core.matching.rules import Bounds, passing
from nawzajem.core.matching.scores import PARTS, POINTS, Weights, parts, points


@dataclass(frozen=True)
class Suggestion:
    """An offer that fits an ask. `score` and each of the parts from 0 to 1. The offer as a row, and the reasons, are put together
    when they are first read: who ranks thousands reads few."""

    id: str
    score: float
    parts: Mapping[str, float]
    row: Callable[[], OfferRow] = field(repr=False, compare=False)
    why: Callable[[OfferRow], tuple[Reason, ...]] = field(repr=False, compare=False)

    @cached_property
    def offer(self) -> OfferRow:
        return self.row()

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        return self.why(self.offer)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best first; and how many offers each rule left, which `why_none` reads."""

    best: tuple[Suggestion, ...]
    left: Mapping[str, int]


def suggest(
    ask: AskRow, offers: Offers, *, top: int = 5, weights: Weights | None = None, bounds: Bounds | None = None
) -> Suggestions:
    """The `top` offers of the highest score among all that the rules allow, equal scores in the order of ids. Exact:
    every offer is looked at, which takes milliseconds for a hundred thousand. ValueError for a topic not in the tree."""
    weights = weights or Weights()
    passed = passing(ask, offers, bounds)
    places = np.flatnonzero(passed.mask)
    each = parts(ask, offers.columns.take(places), offers.topics)
    score = points(each, weights)
    best = (
        suggestion(ask, offers, int(places[one]), parts=each[:, one], points=int(score[one]), weights=weights)
        for one in highest(score, top)
    )
    return Suggestions(tuple(best), passed.left)


def highest(score: npt.NDArray[np.int64], top: int) -> list[int]:
    """Where the highest scores stand, best first; of equals the first."""
    among = np.arange(len(score))
    if 0 < top < len(score):
        among = np.flatnonzero(score >= np.partition(score, -top)[-top])
    order = np.argsort(-score[among], kind="stable")[: max(top, 0)]
    return [int(place) for place in among[order]]


def suggestion(
    ask: AskRow, offers: Offers, place: int, *, parts: npt.NDArray[np.float64], points: int, weights: Weights
) -> Suggestion:
    """One offer, by its place, with its score told part by part and in reasons."""
    offer, named = offers.rows[place], dict(zip(PARTS, parts.tolist(), strict=True))
    return Suggestion(
        offer.id,
        points / POINTS,
        MappingProxyType(named),
        lambda: offer,
        lambda row: reasons(ask, row, offers, named, weights),
    )
