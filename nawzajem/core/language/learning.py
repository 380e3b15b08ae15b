"""How heads are learned: kernel ridge regression on carriers and parts of words, calibrated on batches that it has not seen.

Needs SciPy, which only those have who learn; running a head needs NumPy alone. The same sentences and the same carriers give
the same heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import Carrier
from nawzajem.core.language.grams import WIDTH, grams
from nawzajem.core.language.heads import LANGUAGES, Heads, Reach, Table, nearness, places

FOLDS = 5
WORDS = 0.5  # how much the parts of words count beside the carriers
EASE = 0.5  # how little a single sentence may bend the heads (lambda)
KNOWN = 8000  # sentences that are kept to compare with; with all of them it is a little better, and larger and slower

Labels = NDArray[np.bool_]


def fold_of(batch: str) -> int:
    """A batch is learned from as a whole or not at all: its author writes alike, and a pair's two languages say the same."""
    return crc32(f"fold {batch}".encode()) % FOLDS


@dataclass(frozen=True)
class Lesson:
    """What is learned from: texts, what the carriers say of them, their batches, a column of labels for each head, what each
    text weighs, and which columns of the carriers are compared by themselves with which share. A head says 1 for yes and -1
    for no, unless `goals` say how loud it is to be for each text."""

    texts: Sequence[str]
    carried: Table
    batches: Sequence[str]
    labels: Mapping[str, Labels]
    weights: Table
    parts: Sequence[tuple[int, int, float]]
    goals: Mapping[str, Table] = field(default_factory=dict)

    @property
    def goal(self) -> Table:
        columns = [self.goals.get(name, np.where(label, 1.0, -1.0)) for name, label in self.labels.items()]
        return np.column_stack(columns).astype(np.float32)

    @property
    def folds(self) -> NDArray[np.int64]:
        return np.array([fold_of(batch) for batch in self.batches])


@dataclass(frozen=True)
class Learned:
    """`unseen` are scores that each text got from heads which had not seen its batch."""

    known: Table
    reaches: list[Reach]
    near: Table
    words: Table
    bias: Table
    unseen: Table


def learn(lesson: Lesson) -> Learned:
    """Heads from all of the lesson, and what they are worth on what they have not seen."""
    reaches = [_reach(lesson.carried, *part) for part in lesson.parts]
    words = _words(lesson.texts)
    near = nearness(lesson.carried, places(lesson.carried, reaches))
    alike = near + WORDS * (words @ words.T).toarray().astype(np.float32)
    goal = lesson.goal
    unseen = np.zeros_like(goal)
    for out in range(FOLDS):
        held = lesson.folds == out
        pulls, bias = _fit(alike[np.ix_(~held, ~held)], goal[~held], lesson.weights[~held])
        unseen[held] = alike[np.ix_(held, ~held)] @ pulls + bias
    pulls, bias = _fit(alike, goal, lesson.weights)
    some = _some(lesson)
    kept = _on_fewer(near, pulls, some)
    return Learned(lesson.carried[some], reaches, kept, WORDS * (words.T @ pulls), bias, unseen)


def _reach(carried: Table, start: int, stop: int, share: float) -> Reach:
    """Near is half the distance that is usual between two sentences."""
    some = carried[:: max(1, len(carried) // 500), start:stop]
    apart = ((some[:, None] - some[None]) ** 2).sum(2)
    return Reach(start, stop, float(np.median(apart)) / 2 or 1.0, share)


def _words(texts: Sequence[str]) -> Any:
    from scipy import sparse

    parts = [grams(text) for text in texts]
    start = np.concatenate([[0], np.cumsum([len(one) for one, _values in parts])])
    at, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return sparse.csr_matrix((values, at, start), shape=(len(parts), WIDTH))


def _fit(alike: Table, goal: Table, weights: Table) -> tuple[Table, Table]:
    """[Saunders, Gammerman, Vovk: Ridge regression learning algorithm in dual variables, 1998]"""
    from scipy.linalg import cho_factor, cho_solve

    eased = alike.copy()
    eased[np.diag_indices(len(eased))] += EASE / weights
    bias = goal.mean(axis=0)
    return cho_solve(cho_factor(eased, overwrite_a=True, check_finite=False), goal - bias), bias


def _some(lesson: Lesson) -> NDArray[np.int64]:
    """Drawn by what they say, so that the same are drawn each time."""
    order = np.argsort([crc32(text.encode()) for text in lesson.texts], kind="stable")
    return np.sort(order[:KNOWN])


def _on_fewer(near: Table, pulls: Table, some: NDArray[np.int64]) -> Table:
    """What fewer sentences must weigh to say nearly the same. [Williams, Seeger: Using the Nystroem method, 2001]"""
    fewer = near[:, some]
    square = (fewer.T @ fewer).astype(np.float64) + 1e-2 * np.eye(len(some))
    return np.linalg.solve(square, fewer.T @ (near @ pulls)).astype(np.float32)


def calibrated(scores: Table, label: Labels, *, rounds: int = 60) -> tuple[float, float]:
    """Slope and offset of Platt's step from scores to probabilities, by Newton. [Platt 1999; Lin, Lin, Weng 2007]"""
    target = np.where(label, (label.sum() + 1) / (label.sum() + 2), 1 / ((~label).sum() + 2))
    at = np.array([1.0, 0.0])
    column = np.column_stack([scores, np.ones(len(scores))]).astype(float)
    for _round in range(rounds):
        told = 1 / (1 + np.exp(-np.clip(column @ at, -40, 40)))
        bend = (column * (told * (1 - told))[:, None]).T @ column + 1e-9 * np.eye(2)
        at = at - np.linalg.solve(bend, column.T @ (told - target))
    return float(at[0]), float(at[1])


def made(learned: Learned, lesson: Lesson, carrier: str) -> Heads:
    """The heads as they are kept, their version taken from what they weigh; each label is told where it is likelier than
    not, until somebody sets another threshold."""
    steps = [calibrated(learned.unseen[:, at], label) for at, label in enumerate(lesson.labels.values())]
    slope, offset = (np.array(column, np.float32) for column in zip(*steps, strict=True))
    version = f"heads-{crc32(np.round(learned.words, 3).tobytes()):08x}"
    reaches = np.array([(one.start, one.stop, one.far, one.share) for one in learned.reaches], np.float32)
    return Heads(
        version,
        carrier,
        tuple(lesson.labels),
        learned.known,
        reaches,
        learned.near,
        learned.words.astype(np.float32),
        learned.bias,
        slope,
        offset,
        np.full((len(LANGUAGES), len(lesson.labels)), 0.5, np.float32),
    )


def told_from(heads: Heads, thresholds: Mapping[str, Mapping[str, float]]) -> Heads:
    """With these thresholds, for each language by label, instead of the heads' own."""
    at = [
        [thresholds[language].get(name, float(told)) for name, told in zip(heads.labels, own, strict=True)]
        for language, own in zip(LANGUAGES, heads.threshold, strict=True)
    ]
    return replace(heads, threshold=np.array(at, np.float32))


def carried(carrier: Carrier, texts: Sequence[str], cache: Path | None = None) -> Table:
    """The carriers' rows, each text once; with `cache`, a file that remembers those already carried."""
    known: dict[str, Table] = _remembered(cache, carrier) if cache else {}
    fresh = sorted(set(texts) - known.keys())
    for start in range(0, len(fresh), 256):
        part = fresh[start : start + 256]
        known.update(zip(part, carrier.encode(part), strict=True))
    if cache and fresh:
        np.savez(
            cache, carrier=carrier.name, texts=np.array(list(known)), rows=np.array(list(known.values()), np.float16)
        )
    return np.array([known[text] for text in texts], np.float32)


def _remembered(cache: Path, carrier: Carrier) -> dict[str, Table]:
    if not cache.exists():
        return {}
    with np.load(cache, allow_pickle=False) as kept:
        if str(kept["carrier"]) != carrier.name:
            return {}
        return dict(zip(kept["texts"].tolist(), kept["rows"].astype(np.float32), strict=True))
