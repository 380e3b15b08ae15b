"""How heads are learned: logistic regression on carriers and parts of words, calibrated on batches that it has not seen.

Needs SciPy, which only those have who learn; running a head needs NumPy alone. The same sentences and the same carriers give
the same heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import Carrier
from nawzajem.core.language.grams import WIDTH, grams
from nawzajem.core.language.heads import Heads, Table

FOLDS = 4
APART = 6  # one batch of so many is never learned from: the card is measured on them
LOOSE = 4.0  # how far the data may pull the weights (C); flat between 2 and 16
STEPS = 60

Labels = NDArray[np.bool_]


def is_kept_apart(batch: str) -> bool:
    return crc32(f"apart {batch}".encode()) % APART == 0


@dataclass(frozen=True)
class Lesson:
    """What is learned from: texts, what the carriers say of them, their batches, and a column of labels for each head."""

    texts: Sequence[str]
    carried: Table
    batches: Sequence[str]
    labels: Mapping[str, Labels]


@dataclass(frozen=True)
class Learned:
    """`unseen` are scores that each text got from heads which had not seen its batch."""

    weights: Table
    bias: Table
    unseen: Table


def learn(lesson: Lesson) -> Learned:
    """Heads from all of the lesson, and what they are worth on what they have not seen."""
    features = _Features.of(lesson)
    fold = np.array([crc32(f"fold {batch}".encode()) % FOLDS for batch in lesson.batches])
    unseen = np.zeros((len(lesson.texts), len(lesson.labels)), np.float32)
    for out in range(FOLDS):
        weights, bias = _fit_all(features[fold != out], [label[fold != out] for label in lesson.labels.values()])
        unseen[fold == out] = features[fold == out] @ weights + bias
    weights, bias = _fit_all(features, list(lesson.labels.values()))
    return Learned(weights, bias, unseen)


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


def made(learned: Learned, lesson: Lesson, carrier: str, threshold: Mapping[str, float]) -> Heads:
    """The heads as they are kept, their version taken from what they weigh."""
    steps = [calibrated(learned.unseen[:, at], label) for at, label in enumerate(lesson.labels.values())]
    slope, offset = (np.array(column, np.float32) for column in zip(*steps, strict=True))
    told = np.array([threshold[name] for name in lesson.labels], np.float32)
    version = f"heads-{crc32(np.round(learned.weights, 3).tobytes()):08x}"
    return Heads(version, carrier, tuple(lesson.labels), learned.weights, learned.bias, slope, offset, told)


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


@dataclass(frozen=True)
class _Features:
    """The carriers' part dense, the parts of words sparse: each is multiplied as suits it."""

    carried: Table
    words: Any
    turned: Any  # the words the other way round, made once

    @classmethod
    def of(cls, lesson: Lesson) -> _Features:
        from scipy import sparse

        parts = [grams(text) for text in lesson.texts]
        start = np.concatenate([[0], np.cumsum([len(places) for places, _values in parts])])
        places, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        words = sparse.csr_matrix((values, places, start), shape=(len(parts), WIDTH))
        return cls(lesson.carried, words, words.T.tocsr())

    def __getitem__(self, some: Labels) -> _Features:
        words = self.words[some]
        return _Features(self.carried[some], words, words.T.tocsr())

    def __matmul__(self, weights: NDArray[Any]) -> NDArray[Any]:
        width = self.carried.shape[1]
        return self.carried @ weights[:width].astype(np.float32) + self.words @ weights[width:]

    def pulled(self, by: NDArray[Any]) -> NDArray[Any]:
        """The features' sum, each text's weighed with its pull."""
        return np.concatenate([by.astype(np.float32) @ self.carried, self.turned @ by])


def _fit_all(features: _Features, labels: Sequence[Labels]) -> tuple[Table, Table]:
    fitted = [_fit(features, label) for label in labels]
    weights = np.column_stack([one[:-1] for one in fitted]).astype(np.float32)
    return weights, np.array([one[-1] for one in fitted], np.float32)


def _fit(features: _Features, label: Labels) -> NDArray[np.float64]:
    from scipy.optimize import minimize

    sign = np.where(label, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (features @ at[:-1] + at[-1])
        pull = -sign / (1 + np.exp(np.clip(margin, -40, 40)))
        value = LOOSE * float(np.logaddexp(0, -margin).sum()) + 0.5 * float(at[:-1] @ at[:-1])
        return value, np.append(LOOSE * features.pulled(pull) + at[:-1], LOOSE * pull.sum())

    start = np.zeros(features.carried.shape[1] + WIDTH + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
