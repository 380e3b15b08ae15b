"""Offers that change while they are asked, in NumPy alone: nothing to compile and nothing to load, for up to some tens of
thousands of them. `live` does the same with compiled code, for more.

They stand on three shelves. A change takes an offer from where it stood and puts it among the fresh ones, who are few; when
these become many they go to the middle shelf together, and from there to the large one. An ask takes the best of each shelf,
and of these the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import curves
from nawzajem.core.matching.explain import reasons
from nawzajem.core.matching.now import Suggestion, Suggestions, highest
from nawzajem.core.matching.problem import AskRow, Columns, Mask, OfferRow, Offers, Places
from nawzajem.core.matching.rules import RULES, Bounds, passing
from nawzajem.core.matching.scores import PARTS, POINTS, Weights, parts, points
from nawzajem.core.matching.topics import Topics

FRESH = 64  # offers
MIDDLE, SHARE = 512, 8  # offers, or this share of all


@dataclass(frozen=True, slots=True)
class Shelf:
    """Offers as columns, with those that have left since marked."""

    offers: Offers
    place: dict[str, int]
    there: Mask
    capacity: npt.NDArray[np.int32]
    idle: npt.NDArray[np.float64]  # days, as the rows told; nan where nobody asked yet

    @classmethod
    def of(cls, rows: Iterable[OfferRow], topics: Topics) -> Shelf:
        offers = Offers.of(rows, topics)
        return cls(
            offers,
            {row.id: place for place, row in enumerate(offers.rows)},
            np.ones(len(offers), bool),
            np.array([row.capacity for row in offers.rows], np.int32),
            np.array([row.idle_days for row in offers.rows], float),
        )

    def __len__(self) -> int:
        return int(np.count_nonzero(self.there))

    def left(self) -> list[OfferRow]:
        return [row for row, here in zip(self.offers.rows, self.there.tolist(), strict=True) if here]

    def remove(self, offer: str) -> None:
        if offer in self.place:
            self.there[self.place[offer]] = False

    def columns(self, places: Places, later: float) -> Columns:
        """Of these offers, so many days after their rows were told."""
        rested = curves.ease(self.offers.free[places], self.capacity[places], self.idle[places] + later)
        return replace(self.offers.columns.take(places), ease=rested)

    def speak(self, language: str) -> int:
        return int(np.count_nonzero(self.offers.languages.any_of((language,)) & self.there))


class Plain:
    """The offers of a programme, to be asked and changed in turns by one thread at a time. As `Live`, with the same answers."""

    def __init__(self, topics: Topics, weights: Weights | None = None, bounds: Bounds | None = None) -> None:
        self.topics, self.weights, self.bounds = topics, weights or Weights(), bounds or Bounds()
        nobody = self._shelf(())
        self._large, self._middle, self._few = nobody, nobody, nobody
        self._fresh: dict[str, OfferRow] = {}
        self._stale = False

    @classmethod
    def of(cls, rows: Iterable[OfferRow], topics: Topics, **by: Any) -> Plain:
        """About 30 microseconds a row. ValueError for two rows of one id, or a topic that is not in the tree."""
        plain = cls(topics, **by)
        plain._large = plain._shelf(rows)
        return plain

    def __len__(self) -> int:
        return len(self._large) + len(self._middle) + len(self._fresh)

    def put(self, row: OfferRow) -> None:
        """An offer that is new, or is other than it was."""
        self.remove(row.id)
        self._fresh[row.id], self._stale = row, True
        if len(self._fresh) > FRESH:
            self._move_on()

    def remove(self, offer: str) -> None:
        """An offer that is no more; one that is not there stays away."""
        self._stale |= self._fresh.pop(offer, None) is not None
        for shelf in (self._large, self._middle):
            shelf.remove(offer)

    def suggest(self, ask: AskRow, *, top: int = 5, later: float = 0) -> Suggestions:
        """As `now.suggest` over the same offers, `later` days after their rows were told. ValueError for a topic that is not
        in the tree."""
        shelves = self._shelves()
        found: list[tuple[int, OfferRow, npt.NDArray[np.float64]]] = []
        left = dict.fromkeys(RULES, 0)
        for shelf in shelves:
            passed = passing(ask, shelf.offers, self.bounds, among=shelf.there)
            left = {code: left[code] + count for code, count in passed.left.items()}
            places = np.flatnonzero(passed.mask)
            each = parts(ask, shelf.columns(places, later), self.topics)
            score = points(each, self.weights)
            found += [(int(score[one]), shelf.offers.rows[places[one]], each[:, one]) for one in highest(score, top)]
        found.sort(key=lambda one: (-one[0], one[1].id))
        told = _Told(self.topics, _Spoken(shelves))
        best = (self._suggestion(ask, told, *one) for one in found[: max(top, 0)])
        return Suggestions(tuple(best), MappingProxyType(left))

    def _suggestion(
        self, ask: AskRow, told: _Told, points: int, offer: OfferRow, each: npt.NDArray[np.float64]
    ) -> Suggestion:
        named = dict(zip(PARTS, each.tolist(), strict=True))
        return Suggestion(
            offer.id,
            points / POINTS,
            MappingProxyType(named),
            lambda: offer,
            lambda row: reasons(ask, row, told, named, self.weights),
        )

    def _shelves(self) -> tuple[Shelf, Shelf, Shelf]:
        if self._stale:
            self._few, self._stale = self._shelf(self._fresh.values()), False
        return self._large, self._middle, self._few

    def _move_on(self) -> None:
        self._middle = self._shelf([*self._middle.left(), *self._fresh.values()])
        self._fresh.clear()
        self._stale = True
        if len(self._middle) > max(MIDDLE, len(self._large) // SHARE):
            self._large = self._shelf([*self._large.left(), *self._middle.left()])
            self._middle = self._shelf(())

    def _shelf(self, rows: Iterable[OfferRow]) -> Shelf:
        return Shelf.of(rows, self.topics)


@dataclass(frozen=True, slots=True)
class _Spoken:
    shelves: Sequence[Shelf]

    def share(self, language: str) -> float:
        return sum(shelf.speak(language) for shelf in self.shelves) / max(sum(map(len, self.shelves)), 1)


@dataclass(frozen=True, slots=True)
class _Told:
    """What reasons look at beside the two rows."""

    topics: Topics
    languages: _Spoken
