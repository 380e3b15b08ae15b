"""Offers as they are at this moment, by the million: each change is seen by the next answer, and every answer is exact.

They stand on shelves. A change takes an offer from where it stood and puts it among the fresh ones, who are few; when these become
many they go to the middle shelf together, and from there to the large one, which is sorted anew very seldom, and in a thread of its
own: until it is there, what it is made from is asked. An ask takes the best of each shelf, and of these the best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np

from nawzajem.core.matching.compact import LOW, Asked, Compact
from nawzajem.core.matching.explain import reasons
from nawzajem.core.matching.lexicon import Lexicon, Meanings
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
        nobody = self._shelf(Compact.of([], self.words))
        self._large, self._going, self._middle, self._few = nobody, nobody, nobody, nobody
        self._spoken = Spoken()
        self._pool: ThreadPoolExecutor | None = None
        self._coming: Future[Shelf] | None = None  # the large shelf with those on their way to it
        self._gone: set[str] = set()  # since it is being sorted
        self._fresh: dict[str, OfferRow] = {}
        self._stale = False

    @classmethod
    def of(cls, rows: Iterable[OfferRow], topics: Topics, **by: Any) -> Live:
        """About 20 microseconds a row. ValueError for a topic that is not in the tree. Of two rows of one id both count."""
        live, left = cls(topics, **by), iter(rows)
        whole = live._large.offers
        while some := list(islice(left, AT_ONCE)):
            whole = whole.with_(Compact.of(some, live.words))
            for row in some:
                live._spoken.count(row.languages, 1)
        live._large = live._shelf(whole)
        return live

    def __len__(self) -> int:
        return self._spoken.all

    @property
    def nbytes(self) -> int:
        """Of everything that grows with the offers."""
        return sum(shelf.nbytes for shelf in self._shelves()) + self.words.nbytes

    def put(self, row: OfferRow) -> None:
        """An offer that is new, or is other than it was."""
        self.remove(row.id)
        self._fresh[row.id], self._stale = row, True
        self._spoken.count(row.languages, 1)
        if len(self._fresh) > FRESH:
            self._move_on()

    def remove(self, offer: str) -> None:
        """An offer that is no more; one that is not there stays away."""
        self._stale = self._stale or offer in self._fresh
        fresh = self._fresh.pop(offer, None)
        if fresh:
            self._spoken.count(fresh.languages, -1)
        for shelf in (self._large, self._going, self._middle):
            row = shelf.row_of(offer)
            if row is not None:
                shelf.there[row] = 0
                self._spoken.count(self.words.sets.kept[shelf.offers.rows["languages"][row]][1], -1)
        if self._coming:
            self._gone.add(offer)

    def suggest(self, ask: AskRow, *, top: int = 5, later: float = 0) -> Suggestions:
        """As `now.suggest` over the same offers, `later` days after their rows were told. What each rule left is reckoned
        only where nobody is left. ValueError for a topic that is not in the tree."""
        from nawzajem.core.matching import _ranking

        shelves, asked, by = self._shelves(), Asked([ask], self.words), measure(self.weights, self.bounds, later=later)
        words = compiled(self.words)
        ready = [(shelf, shelf.asks(asked), shelf.compiled()) for shelf in shelves if len(shelf)]
        found: list[tuple[int, bytes, int, Shelf, list[float]]] = []
        for shelf, asks, offers in ready:
            slots = np.empty(max(min(top, len(shelf)), 1), np.int64)
            parts = np.empty((len(slots), len(PARTS)))
            many = _ranking.few(0, asks, offers, words, by, slots, shelf.by_rank, parts)
            for code, each in zip(slots[:many].tolist(), parts[:many].tolist(), strict=True):
                row = int(shelf.by_rank[LOW - (code & LOW)])
                found.append((-(code >> 32), bytes(shelf.offers.ids[row]), row, shelf, each))
        best = sorted(found, key=lambda one: one[:2])[: max(top, 0)]
        if best:
            told = (self._told(ask, row, shelf, -points, each) for points, _id, row, shelf, each in best)
            return Suggestions(tuple(told), MappingProxyType({}))
        stops = [_ranking.stops(0, asks, offers, words, by) for _shelf, asks, offers in ready]
        return Suggestions((), left_after(np.sum([np.zeros(len(RULES) + 1, np.int64), *stops], axis=0)))

    def _told(self, ask: AskRow, row: int, shelf: Shelf, points: int, parts: list[float]) -> Suggestion:
        named = dict(zip(PARTS, parts, strict=True))
        return Suggestion(
            shelf.offers.ids[row].decode(),
            points / POINTS,
            MappingProxyType(named),
            lambda: shelf.offers.offer(row, self.words),
            lambda offer: reasons(ask, offer, _Told(self.topics, self._spoken), named, self.weights),
        )

    def _shelves(self) -> tuple[Shelf, ...]:
        self._arrived()
        if self._stale:
            self._few = self._shelf(Compact.of(list(self._fresh.values()), self.words))
            self._stale = False
        return self._large, self._going, self._middle, self._few

    def _move_on(self) -> None:
        self._arrived()
        fresh = Compact.of(list(self._fresh.values()), self.words)
        self._fresh.clear()
        self._stale = True
        self._middle = self._shelf(self._middle.left().with_(fresh))
        if not self._coming and len(self._middle) > max(MIDDLE, len(self._large) // SHARE):
            self._sort_large()

    def _sort_large(self) -> None:
        """In a thread of its own; until it is done the shelves from which it is made are asked."""
        self._going, self._middle = self._middle, self._shelf(Compact.of([], self.words))
        self._gone.clear()
        left = [(shelf.offers, shelf.there.copy()) for shelf in (self._large, self._going)]
        self._pool = self._pool or ThreadPoolExecutor(1)
        self._coming = self._pool.submit(_sorted, left, self.words.meanings(), self.weights)

    def _arrived(self) -> None:
        if not self._coming or not self._coming.done():
            return
        self._large, self._coming = self._coming.result(), None
        self._going = self._shelf(Compact.of([], self.words))
        for offer in self._gone:
            row = self._large.row_of(offer)
            if row is not None:
                self._large.there[row] = 0

    def _shelf(self, offers: Compact) -> Shelf:
        return Shelf.of(offers, self.words.meanings(), self.weights)


def _sorted(left: list[tuple[Compact, Any]], meanings: Meanings, weights: Weights) -> Shelf:
    large, going = (offers.take(np.flatnonzero(there)) for offers, there in left)
    return Shelf.of(large.with_(going), meanings, weights)


class Spoken:
    """What share of all offers speak a language; counted as offers come and go."""

    def __init__(self) -> None:
        self.all, self._speak = 0, Counter[str]()

    def count(self, languages: Iterable[str], by: int) -> None:
        """So many more offers with these languages."""
        self.all += by
        for language in languages:
            self._speak[language] += by

    def share(self, language: str) -> float:
        return self._speak[language] / max(self.all, 1)


class _Told:
    """What reasons look at beside the two rows."""

    def __init__(self, topics: Topics, languages: Spoken) -> None:
        self.topics, self.languages = topics, languages
