"""Offers as they are at this moment, by the million: each change is seen by the next answer, and every answer is exact.

They stand on three shelves. A change takes an offer from where it stood and puts it among the fresh ones, who are few; when
these become many they go to the middle shelf together, and from there to the large one, so that what is large is sorted
anew very seldom. An ask takes the best of each shelf, and of these the best.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np

from nawzajem.core.matching.compact import LANGUAGES, Asked, Compact, Lexicon
from nawzajem.core.matching.explain import reasons
from nawzajem.core.matching.now import Suggestion, Suggestions
from nawzajem.core.matching.problem import AskRow, OfferRow
from nawzajem.core.matching.rules import RULES, Bounds
from nawzajem.core.matching.scores import PARTS, POINTS, Weights
from nawzajem.core.matching.shelf import Shelf, compiled, left_after, measure
from nawzajem.core.matching.topics import Topics

FRESH = 64  # offers
MIDDLE, SHARE = 1024, 64  # offers, or this share of all
AT_ONCE = 50_000  # rows turned into records together, so that a million of them need not be there at the same time


class Live:
    """The offers of a programme, to be asked and changed in turns by one thread at a time."""

    def __init__(self, topics: Topics, weights: Weights | None = None, bounds: Bounds | None = None) -> None:
        self.topics, self.weights, self.bounds = topics, weights or Weights(), bounds or Bounds()
        self.words = Lexicon(topics)
        nobody = Shelf.of(Compact.of([], self.words), self.words, self.weights)
        self._large, self._middle, self._few = nobody, nobody, nobody
        self._fresh: dict[str, OfferRow] = {}
        self._stale = False

    @classmethod
    def of(cls, rows: Iterable[OfferRow], topics: Topics, **by: Any) -> Live:
        """About 20 microseconds a row. ValueError for a topic that is not in the tree. Of two rows of one id both count."""
        live, left = cls(topics, **by), iter(rows)
        whole = live._large.offers
        while some := list(islice(left, AT_ONCE)):
            whole = whole.with_(Compact.of(some, live.words))
        live._large = live._shelf(whole)
        return live

    def __len__(self) -> int:
        return sum(int(shelf.there.sum()) for shelf in (self._large, self._middle)) + len(self._fresh)

    @property
    def nbytes(self) -> int:
        """Of everything that grows with the offers."""
        return sum(shelf.nbytes for shelf in self._shelves())

    def put(self, row: OfferRow) -> None:
        """An offer that is new, or is other than it was."""
        self.remove(row.id)
        self._fresh[row.id] = row
        if len(self._fresh) > FRESH:
            self._move_on()

    def remove(self, offer: str) -> None:
        """An offer that is no more; one that is not there stays away."""
        self._stale = True
        self._fresh.pop(offer, None)
        for shelf in (self._large, self._middle):
            row = shelf.row_of(offer)
            if row is not None:
                shelf.there[row] = 0

    def suggest(self, ask: AskRow, *, top: int = 5, later: float = 0) -> Suggestions:
        """As `now.suggest` over the same offers, `later` days after their rows were told. What each rule left is reckoned
        only where nobody is left. ValueError for a topic that is not in the tree."""
        from nawzajem.core.matching import _ranking

        asked, by = Asked([ask], self.words), measure(self.weights, self.bounds, later=later)
        shelves, words = self._shelves(), compiled(self.words)
        ready = [(shelf, shelf.asks(asked), shelf.compiled()) for shelf in shelves if len(shelf)]
        found: list[tuple[int, bytes, int, int]] = []
        for place, (shelf, asks, offers) in enumerate(ready):
            slots = np.empty(max(min(top, len(shelf)), 1), np.int64)
            for code in slots[: _ranking.few(asks, offers, words, by, slots)].tolist():
                row = int(shelf.by_rank[_ranking.LOW - (code & _ranking.LOW)])
                found.append((-(code >> 32), bytes(shelf.offers.ids[row]), place, row))
        spoken = Spoken(shelves, self.words)
        best = []
        for points, _id, place, row in sorted(found)[: max(top, 0)]:
            shelf, asks, offers = ready[place]
            parts = np.empty(len(PARTS))
            _ranking.parts_of(row, asks, offers, words, by, parts)
            named = dict(zip(PARTS, parts.tolist(), strict=True))
            offer = shelf.offers.offer(row, self.words)
            told = reasons(ask, offer, _Told(self.topics, spoken), named, self.weights)
            best.append(Suggestion(offer, -points / POINTS, MappingProxyType(named), told))
        if best:
            return Suggestions(tuple(best), MappingProxyType({}))
        stops = [_ranking.stops(0, asks, offers, words, by) for _shelf, asks, offers in ready]
        return Suggestions((), left_after(np.sum([np.zeros(len(RULES) + 1, np.int64), *stops], axis=0)))

    def _shelves(self) -> tuple[Shelf, Shelf, Shelf]:
        if self._stale:
            self._few = self._shelf(Compact.of(list(self._fresh.values()), self.words))
            self._stale = False
        return self._large, self._middle, self._few

    def _move_on(self) -> None:
        fresh = Compact.of(list(self._fresh.values()), self.words)
        self._fresh.clear()
        self._middle = self._shelf(self._middle.left().with_(fresh))
        if len(self._middle) > max(MIDDLE, len(self._large) // SHARE):
            self._large = self._shelf(self._large.left().with_(self._middle.offers))
            self._middle = self._shelf(Compact.of([], self.words))

    def _shelf(self, offers: Compact) -> Shelf:
        return Shelf.of(offers, self.words, self.weights)


class Spoken:
    """What share of all offers speak a language; counted when it is asked, and once."""

    def __init__(self, shelves: Iterable[Shelf], words: Lexicon) -> None:
        self.shelves, self.words, self._known = tuple(shelves), words, dict[str, float]()

    def share(self, language: str) -> float:
        if language not in self._known:
            self._known[language] = self._counted(language)
        return self._known[language]

    def _counted(self, language: str) -> float:
        holds = np.array([field == LANGUAGES and language in codes for field, codes in self.words.sets.kept], bool)
        speaks = sum(int((holds[shelf.offers.rows["languages"]] & (shelf.there > 0)).sum()) for shelf in self.shelves)
        return speaks / max(sum(int(shelf.there.sum()) for shelf in self.shelves), 1)


class _Told:
    """What reasons look at beside the two rows."""

    def __init__(self, topics: Topics, languages: Spoken) -> None:
        self.topics, self.languages = topics, languages
