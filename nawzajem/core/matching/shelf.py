"""Offers on a shelf: compact, in the order of what they can be worth, and listed by topic and language. The compiled part
(`_ranking`) takes the best from it for one ask or for many; here the two are brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.compact import FACE, Asked, Compact
from nawzajem.core.matching.lexicon import Lexicon, Meanings, Numbers, Wholes
from nawzajem.core.matching.problem import UNSAID
from nawzajem.core.matching.rules import RULES, Bounds
from nawzajem.core.matching.scores import ENOUGH, POINTS, Weights

KEYS = np.iinfo(np.uint16).max
BITS = 12  # of each of the two numbers that faces give
LAST = 2**BITS - 1
PLACES = {code: place for place, code in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Nothing on it changes, but for offers that are taken away: `there` is 0 for these."""

    offers: Compact
    lived: npt.NDArray[np.void] = field(repr=False)  # EXPERIENCE, side by side
    rank: Numbers  # of each offer its place in the order of ids
    by_rank: Numbers  # the other way round
    there: npt.NDArray[np.uint8] = field(repr=False)
    start: Wholes
    face: npt.NDArray[np.void] = field(repr=False)  # FACE
    step: float
    talk: Numbers
    person: Numbers
    spoken: Numbers  # languages that the lists know, by their bits

    @classmethod
    def of(cls, offers: Compact, words: Meanings, weights: Weights) -> Shelf:
        """In any order. About two microseconds an offer."""
        from nawzajem.core.matching import _ranking

        lived = words.lived
        key = _ranking.worth(offers.rows, lived[offers.lived], float(weights.stage), float(weights.load))
        by_id = np.argsort(offers.ids, kind="stable").astype(np.int32)
        order = by_id[np.argsort(-key[by_id], kind="stable")]  # of equals, the first by id
        rank = np.empty(len(offers), np.int32)
        rank[by_id] = np.arange(len(offers), dtype=np.int32)
        placed, rank = offers.take(order), rank[order]
        by_rank = np.empty(len(offers), np.int32)
        by_rank[rank] = np.arange(len(offers), dtype=np.int32)
        told = lived[placed.lived]
        step = max(weights.stage + weights.load, 1e-9) / KEYS
        brief = np.empty((2, len(offers)), np.int32)
        brief[0] = np.minimum(key[order] / step + 1, KEYS)  # never less than the key
        first, talk = _numbered(placed.rows, ("forms", "kinds"))
        second, person = _numbered(placed.rows, ("backgrounds", "gender", "age"))
        brief[1] = first | second << BITS
        start, face = _lists(placed, told, words, brief)
        there = np.ones(len(offers), np.uint8)
        return cls(placed, told, rank, by_rank, there, start, face, step, talk, person, words.spoken)

    def __len__(self) -> int:
        return len(self.offers)

    def row_of(self, offer: str) -> int | None:
        """Where an offer stands, by its id; None if it is not there."""
        ids, row, name = self.offers.ids, 0, offer.encode()
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if ids[self.by_rank[middle]] < name else (low, middle)
        if low == len(self):
            return None
        row = int(self.by_rank[low])
        return row if ids[row] == name and self.there[row] else None

    def left(self) -> Compact:
        """Without those taken away."""
        return self.offers.take(np.flatnonzero(self.there))

    def compiled(self, there: npt.NDArray[np.uint8] | None = None) -> Any:
        """As the compiled part reads it, with only those offers that are `there`, if that is said."""
        from nawzajem.core.matching import _fit

        one, here = self.offers, self.there if there is None else there
        lists = (self.start, self.face, self.step, self.talk, self.person, self.spoken)
        return _fit.Shelf(one.rows, self.lived, self.rank, here, *lists)

    def asks(self, asked: Asked, without: Sequence[tuple[Wholes, Numbers]] = ()) -> Any:
        """What the compiled part reads of asks: with the offers that the rules about people leave out, and these further
        ones `without`, each an ask and an offer."""
        from nawzajem.core.matching import _fit

        ask, row, rule = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.int8)]
        for code, key, asking, number in asked.names:
            if len(number) and len(self.offers.keyed[key].number):
                which, rows = self.offers.keyed[key].found(number)
                ask.append(asking[which])
                row.append(rows)
                rule.append(np.full(len(rows), PLACES[code], np.int8))
        for asking, rows in without:
            ask.append(asking)
            row.append(rows)
            rule.append(np.zeros(len(rows), np.int8))
        if len(ask) == 1:
            nobody = np.zeros(len(asked.asks) + 1, np.int64)
            told: tuple[Any, ...] = (*asked.columns, nobody, row[0], rule[0])
            return _fit.Asks(*told)
        out = _in_order(len(asked.asks), np.concatenate(ask), np.concatenate(row), np.concatenate(rule))
        told = (*asked.columns, *out)
        return _fit.Asks(*told)

    @property
    def nbytes(self) -> int:
        arrays = (self.lived, self.rank, self.by_rank, self.there, self.start, self.face, self.talk, self.person)
        return self.offers.nbytes + sum(one.nbytes for one in arrays)


def compiled(words: Lexicon) -> Any:
    """The lexicon as the compiled part reads it."""
    from nawzajem.core.matching import _fit

    sets, units = words.sets, words.units
    return _fit.Words(
        near=words.near,
        bits=sets.bits,
        field=sets.field,
        top=words.top,
        genders=len(words.genders),
        way=units.way,
        own=units.own,
    )


def measure(weights: Weights, bounds: Bounds, *, later: float = 0, least_points: int = 0) -> Any:
    from nawzajem.core.matching import _fit

    return _fit.Measure(
        weights=np.array(list(weights), float),
        scale=float(POINTS / sum(weights)),
        enough=ENOUGH,
        later=float(later),
        least_hours=bounds.least_hours,
        minors_with_adults=bounds.minors_with_adults,
        least_points=least_points,
    )


def left_after(stops: Wholes) -> Mapping[str, int]:
    """From how many offers each rule is the first to stop, how many are left after each."""
    left = int(stops.sum()) - np.cumsum(stops)
    return dict(zip(RULES, left.tolist(), strict=False))


def _lists(offers: Compact, lived: npt.NDArray[np.void], words: Meanings, brief: Numbers) -> tuple[Wholes, Any]:
    from nawzajem.core.matching import _ranking

    spoken = words.spoken
    told = (offers.rows, lived, words.bits, spoken, words.top, brief)
    count = np.zeros((len(words.top) + 1) * len(spoken), np.int64)
    _ranking.fill(*told, count, np.zeros(0, FACE))
    start = np.concatenate([[0], np.cumsum(count)])
    face = np.empty(start[-1], FACE)
    if len(face):
        _ranking.fill(*told, start[:-1].copy(), face)
    return start, face


def _numbered(rows: npt.NDArray[np.void], fields: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Of each row a number of so many bits for what stands in these fields, and what each number means. Where there are too
    many the most frequent have numbers, and the others share the last, which means nothing: -1."""
    each = np.stack([rows[name].astype(np.int64) for name in fields], axis=1)
    one = ((each[:, 0] << 16) + each[:, 1] << 8) + each[:, -1] + 1 if len(fields) > 2 else each[:, 0] << 31 | each[:, 1]
    _, first, mine, count = np.unique(one, return_index=True, return_inverse=True, return_counts=True)
    number = np.empty(len(first), np.int32)
    often = np.argsort(-count, kind="stable")
    number[often] = np.minimum(np.arange(len(often)), LAST)
    means = np.full((min(len(often), LAST) + 1, len(fields)), UNSAID, np.int32)
    means[: min(len(often), LAST)] = each[first[often[:LAST]]]
    return number[mine], means


def _in_order(asks: int, ask: Wholes, row: Numbers, rule: npt.NDArray[np.int8]) -> tuple[Any, Any, Any]:
    """Of each ask the offers left out, in order, each by the first of its rules."""
    order = np.lexsort((rule, row, ask))
    ask, row, rule = ask[order], row[order], rule[order]
    first = np.ones(len(ask), bool)
    first[1:] = (ask[1:] != ask[:-1]) | (row[1:] != row[:-1])
    ask = ask[first]
    return np.searchsorted(ask, np.arange(asks + 1)).astype(np.int64), row[first], rule[first]
