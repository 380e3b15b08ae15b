"""From what a round was solved: ids and numbers in a fixed form, its digest, and the solving itself.

The same material gives the same pairs to the bit, on any day and any machine. It holds no words of anybody, and ids only: when
somebody is erased, theirs lead to nothing any more.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core import matching
from nawzajem.core.matching import STRATEGIES, AskRow, Assignment, Bounds, Edges, Offers, Terms, Topics, Weights
from nawzajem.core.matching.assignment import Heed, unheeded

SCORING = 1  # raised whenever the same people would get other scores or other edges

Array = npt.NDArray[Any]
Wholes = npt.NDArray[np.int64]
Two = tuple[str, str]  # the ids of an ask and an offer


def _nothing() -> Wholes:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Problem:
    """Edges with the ids of their asks and offers; why some asks have none; and what the solving is told."""

    edges: Edges
    asks: tuple[str, ...]
    offers: tuple[str, ...]
    why: tuple[str, ...]  # of each ask, the rule that leaves nobody, or empty
    waited: npt.NDArray[np.float64]  # [asks], hours
    weights: npt.NDArray[np.float64]  # behind the scores, told only
    strategy: str
    seed: int = 0
    scoring: int = SCORING
    locked: Wholes = field(default_factory=_nothing)  # edges
    forbidden: Wholes = field(default_factory=_nothing)

    def solved(self, strategy: str | None = None, heed: Heed = unheeded) -> Assignment:
        """By its own strategy, or by another for comparison."""
        how, terms = STRATEGIES[strategy or self.strategy], replace(self.terms(), heed=heed)
        return matching.solve(self.edges, how, terms, locked=self.locked, forbidden=self.forbidden)

    def terms(self) -> Terms:
        return Terms(seed=self.seed, waited=self.waited)

    def bare(self) -> matching.Round:
        """For what is told from edges alone: the people themselves are not kept."""
        nobody = AskRow(id="", person="", languages=frozenset(), forms=frozenset())
        return matching.Round(
            asks=(nobody,) * len(self.asks),
            offers=Offers.of([], Topics.of({})),
            edges=self.edges,
            why=tuple(why or None for why in self.why),
            weights=Weights(*self.weights.tolist()),
            bounds=Bounds(),
            keep=None,
        )

    def digest(self) -> str:
        """SHA-256 over every field: its name, type, shape and bytes."""
        told = hashlib.sha256()
        for name, array in self._arrays():
            told.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
            told.update(np.ascontiguousarray(array).tobytes())
        return told.hexdigest()

    def packed(self) -> bytes:
        """Compressed, for keeping."""
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **dict(self._arrays()))
        return file.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> Problem:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            edges = Edges(*(kept[name] for name in ("demand", "capacity", "start", "offer", "score")))
            return cls(
                edges=edges,
                waited=kept["waited"],
                weights=kept["weights"],
                seed=int(kept["seed"]),
                scoring=int(kept["scoring"]),
                locked=kept["locked"],
                forbidden=kept["forbidden"],
                strategy=_words(kept["strategy"])[0],
                **{name: _words(kept[name]) for name in ("asks", "offers", "why")},
            )

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        """In a fixed order, and of fixed types: not those of the machine."""
        edges = self.edges
        yield "scoring", np.array(self.scoring, "<i4")
        yield "strategy", _letters([self.strategy])
        yield "seed", np.array(self.seed, "<i8")
        for name in ("asks", "offers", "why"):
            yield name, _letters(getattr(self, name))
        for name in ("demand", "capacity", "offer", "score"):
            yield name, getattr(edges, name).astype("<i4")
        yield "start", edges.start.astype("<i8")
        yield "waited", self.waited.astype("<f8")
        yield "weights", self.weights.astype("<f8")
        yield "locked", np.sort(self.locked).astype("<i8")
        yield "forbidden", np.sort(self.forbidden).astype("<i8")

    # -- what was decided, and what has changed since

    def edge_of(self, pairs: Iterable[Two]) -> Mapping[Two, int]:
        """The edge of each pair of an ask and an offer that has one."""
        wanted = set(pairs)
        place = {ask: number for number, ask in enumerate(self.asks)}
        mine = {ask: self.of_ask(place[ask]) for ask, _offer in wanted if ask in place}
        return {
            (ask, offer): edge
            for ask, edges in mine.items()
            for edge in edges
            if (ask, offer := self.offers[self.edges.offer[edge]]) in wanted
        }

    def of_ask(self, place: int) -> range:
        """The edges of an ask."""
        return range(int(self.edges.start[place]), int(self.edges.start[place + 1]))

    def decided(self, locked: Iterable[Two], forbidden: Iterable[Two]) -> tuple[Problem, list[Two]]:
        """With these pairs locked and those forbidden; and of the locked ones those that cannot be any more, because the two
        do not fit by now or there is no place left: the weaker give way."""
        wanted = list(locked)
        edge = self.edge_of([*wanted, *(two := list(forbidden))])
        asks, held, lost = self.edges.asks(), [], [one for one in wanted if one not in edge]
        room, seats = self.edges.demand.copy(), self.edges.capacity.copy()
        for one in sorted(set(edge) & set(wanted), key=lambda one: (-int(self.edges.score[edge[one]]), one)):
            ask, offer = asks[edge[one]], self.edges.offer[edge[one]]
            if room[ask] and seats[offer]:
                room[ask] -= 1
                seats[offer] -= 1
                held.append(edge[one])
            else:
                lost.append(one)
        away = sorted(edge[one] for one in two if one in edge)
        return replace(self, locked=np.array(sorted(held), np.int64), forbidden=np.array(away, np.int64)), lost

    def as_things_stand(self, open_asks: set[str], seats: Mapping[str, int]) -> Problem:
        """With the asks that wait still, and the seats that are free by now: never more than there were."""
        demand = np.array([int(ask in open_asks) for ask in self.asks], np.int32)
        free = np.array([seats.get(offer, 0) for offer in self.offers], np.int32)
        edges = replace(
            self.edges,
            demand=np.minimum(demand, self.edges.demand),
            capacity=np.minimum(free, self.edges.capacity),
        )
        return replace(self, edges=edges)


def _letters(words: Iterable[str]) -> npt.NDArray[np.uint8]:
    """As bytes, a line each: NumPy's own strings are as wide as the machine likes."""
    return np.frombuffer("".join(f"{word}\n" for word in words).encode(), np.uint8)


def _words(letters: Array) -> tuple[str, ...]:
    return tuple(letters.tobytes().decode().split("\n")[:-1])
