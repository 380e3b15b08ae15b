"""Learned heads: one linear head for each label, with the step from its score to a probability.

They are kept as a small file of plain arrays (`.npz`, no pickle): weights in eight bits with one scale a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.grams import WIDTH, grams

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Heads:
    """`weights` has a row for each feature (the carriers' first, then the parts of words) and a column for each label."""

    version: str
    carrier: str
    labels: tuple[str, ...]
    weights: Table
    bias: Table
    slope: Table  # probability = 1 / (1 + exp(-(slope * score + offset))) [Platt 1999]
    offset: Table
    threshold: Table  # from this probability on a label is told

    def scores(self, texts: Sequence[str], carried: Table) -> Table:
        """Raw scores, a row for each text. `carried` are the carrier's rows (with all that a room puts beside them)."""
        dense = len(self.weights) - WIDTH
        found = carried @ self.weights[:dense] + self.bias
        for row, text in enumerate(texts):
            places, values = grams(text)
            found[row] += values @ self.weights[dense + places]
        return found

    def probabilities(self, scores: Table) -> Table:
        return 1 / (1 + np.exp(-(scores * self.slope + self.offset)))

    def save(self, path: Path) -> None:
        scale = np.maximum(np.abs(self.weights).max(axis=0), 1e-9) / 127
        np.savez_compressed(
            path,
            version=self.version,
            carrier=self.carrier,
            labels=np.array(self.labels),
            weights=np.round(self.weights / scale).astype(np.int8),
            scale=scale.astype(np.float32),
            **{name: getattr(self, name) for name in PLAIN},
        )

    @classmethod
    def load(cls, path: Path) -> Heads:
        with np.load(path, allow_pickle=False) as kept:
            weights = kept["weights"].astype(np.float32) * kept["scale"]
            labels = tuple(map(str, kept["labels"]))
            plain = {name: kept[name] for name in PLAIN}
            return cls(
                version=str(kept["version"]), carrier=str(kept["carrier"]), labels=labels, weights=weights, **plain
            )


PLAIN = ("bias", "slope", "offset", "threshold")
