"""Learned heads: how near a text is to sentences that are known, which parts of words it holds, and what a carrier that was
taught says of it straight away, weighed for each label.

They are kept as a small file of plain arrays (`.npz`, no pickle), rows and weights in eight bits with a scale each. The rows stay
so in memory too: there are thousands of them, and they become other numbers only while they are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import Changes
from nawzajem.core.language.grams import grams

Table = NDArray[np.float32]
LANGUAGES = ("pl", "en")
PLAIN = ("near", "reaches", "bias", "slope", "offset", "threshold")
# Known rows and words take eight bits each. Not `near`: ten thousand errors of rounding would move every score the same way.
BESIDE = 256  # rows compared at once: as float numbers they fit into the processor's own memory


@dataclass(frozen=True)
class Reach:
    """A part of the carriers' rows that is compared by itself: its columns, how far "near" goes there (in squares of
    distance), and how much it counts beside the others."""

    start: int
    stop: int
    far: float
    share: float


def nothing() -> Table:
    return np.zeros((0, 1), np.float32)


@dataclass(frozen=True, eq=False)
class Heads:
    """Everything has a column for each label; `known` a row for each sentence that new ones are compared with."""

    version: str
    carrier: str
    labels: tuple[str, ...]
    known: Table
    reaches: Table  # a row for each Reach
    near: Table  # what it weighs to be near each of the known
    words: Table  # what each part of a word weighs
    bias: Table
    slope: Table  # probability = 1 / (1 + exp(-(slope * score + offset))) [Platt 1999]
    offset: Table
    threshold: Table  # from this probability on a label is told, a row for each of LANGUAGES
    straight: Table = field(default_factory=nothing)  # what each of the carriers' numbers weighs by itself
    changes: Changes = ()  # what the carriers were taught for these heads
    scale: Table = field(default_factory=nothing)  # what each column of `known` counts; 1 where there is none

    def scores(self, texts: Sequence[str], carried: Table) -> Table:
        """Raw scores, a row for each text. `carried` are the carriers' rows (with all that a room puts beside them)."""
        straight = carried[:, : len(self.straight)] @ self.straight
        return nearness(carried, self._there) @ self.near + straight + self.bias + self.by_words(texts)

    def by_words(self, texts: Sequence[str]) -> Table:
        """The part of the scores that parts of words give; it needs no carrier."""
        found = np.zeros((len(texts), len(self.labels)), np.float32)
        for row, text in enumerate(texts):
            at, values = grams(text)
            found[row] = values @ self.words[at]
        return found

    def told_from(self, language: str) -> Table:
        return self.threshold[LANGUAGES.index(language)]

    @cached_property
    def _there(self) -> list[Place]:
        return places(self.known, reaches(self.reaches), self.scale)

    def probabilities(self, scores: Table) -> Table:
        return 1 / (1 + np.exp(-(scores * self.slope + self.offset)))

    def save(self, path: Path) -> None:
        kept: dict[str, Any] = {name: getattr(self, name) for name in PLAIN}
        known = self.known * self.scale if len(self.scale) else self.known
        for name, table in {"known": known, "words": self.words}.items():
            kept[name], kept[f"{name}_scale"] = _packed(table)
        if self.changes:
            kept["straight"] = self.straight
            kept["changed"] = np.frombuffer(b"".join(those for _at, those in self.changes), np.uint8)
            kept["changed_at"] = np.array([(at, len(those)) for at, those in self.changes], np.int64)
        np.savez_compressed(path, version=self.version, carrier=self.carrier, labels=np.array(self.labels), **kept)

    @classmethod
    def load(cls, path: Path) -> Heads:
        with np.load(path, allow_pickle=False) as kept:
            plain = {name: kept[name] for name in PLAIN}
            words = kept["words"].astype(np.float32) * kept["words_scale"]
            plain |= {"known": kept["known"], "scale": kept["known_scale"], "words": words}
            version, carrier, labels = str(kept["version"]), str(kept["carrier"]), tuple(map(str, kept["labels"]))
            if "changed" in kept:
                plain |= {"straight": kept["straight"], "changes": list(_parted(kept["changed"], kept["changed_at"]))}
            return cls(version=version, carrier=carrier, labels=labels, **plain)


def _parted(changed: NDArray[np.uint8], changed_at: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    ends = np.cumsum(changed_at[:, 1])
    for (at, length), end in zip(changed_at.tolist(), ends.tolist(), strict=True):
        yield at, changed[end - length : end].tobytes()


@dataclass(frozen=True)
class Place:
    """What is known, where one reach looks, what each column counts, and the squares of the rows' length, made once."""

    reach: Reach
    known: Table
    scale: Table
    squares: Table


def places(known: Table, of: Sequence[Reach], scale: Table | None = None) -> list[Place]:
    counts = np.ones(known.shape[1], np.float32) if scale is None or not len(scale) else scale
    return [_place(one, known[:, one.start : one.stop], counts[one.start : one.stop]) for one in of]


def _place(reach: Reach, known: Table, scale: Table) -> Place:
    squares = [((some * scale) ** 2).sum(1) for _at, some in _beside(known)]
    return Place(reach, known, scale, np.concatenate(squares))


def _beside(known: Table) -> Iterator[tuple[slice, Table]]:
    """Some of the rows at a time, and where they stand."""
    for start in range(0, len(known), BESIDE):
        at = slice(start, start + BESIDE)
        yield at, known[at].astype(np.float32, copy=False)


def nearness(rows: Table, of: Sequence[Place]) -> Table:
    """1 for the same, towards 0 for what has nothing in common: a Gaussian kernel for each reach, added up by its share.

    [Schoelkopf, Smola: Learning with kernels, 2002]
    """
    near = np.zeros((len(rows), len(of[0].squares)), np.float32)
    for one in of:
        mine = rows[:, one.reach.start : one.reach.stop]
        own, twice = (mine**2).sum(1)[:, None], 2 * mine * one.scale
        for at, some in _beside(one.known):
            apart = own + one.squares[at] - twice @ some.T
            near[:, at] += np.float32(one.reach.share) * np.exp(-np.maximum(apart, 0) / np.float32(one.reach.far))
    return near


def reaches(table: NDArray[Any]) -> list[Reach]:
    return [Reach(int(start), int(stop), float(far), float(share)) for start, stop, far, share in table]


def _packed(table: Table) -> tuple[NDArray[np.int8], Table]:
    """Each column in eight bits."""
    scale = (np.maximum(np.abs(table).max(axis=0), 1e-9) / 127).astype(np.float32)
    return np.round(table / scale).astype(np.int8), scale
