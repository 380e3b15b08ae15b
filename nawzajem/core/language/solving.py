"""Kernel ridge regression on tens of thousands of texts, the folds and the whole side by side, in minutes.

The matrix is never factored: conjugate gradients take one product with it for a step, and a few hundred texts that stand for
all of them make the steps few. [Hestenes, Stiefel 1952; Rudi, Carratino, Rosasco: FALKON, 2017]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.heads import Table

STEPS = 100  # at most; twenty are usual
CLOSE = 1e-3  # of what the goals are long, what may be left of them
FIRM = 1e-3  # texts that stand twice would make the corner flat
TINY = np.float32(1e-30)  # a goal that is reached already has no way left

Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Alike:
    """How alike each two of the texts are: as near as the carriers say, and by the parts of words that both hold, which
    are few and are not multiplied out."""

    near: Table
    words: Any  # sparse, a row for each text

    def __matmul__(self, pulls: Table) -> Table:
        return self.near @ pulls + self.words @ (self.words.T @ pulls)

    def to(self, some: NDArray[np.int64]) -> Table:
        """A column for each of some texts."""
        return self.near[:, some] + (self.words @ self.words[some].T).toarray()

    @property
    def to_themselves(self) -> Table:
        return self.near.diagonal() + np.asarray(self.words.multiply(self.words).sum(axis=1)).ravel()


def ridge(alike: Alike, goal: Table, ease: Table, of: Sequence[Chosen], some: NDArray[np.int64]) -> list[Table]:
    """For each mask in `of`, what every text weighs (a row each, a column for each goal; 0 for those that are masked):
    alike @ weights + ease * weights is the goal, less its mean. `some` are texts that stand for all.

    [Saunders, Gammerman, Vovk: Ridge regression learning algorithm in dual variables, 1998]
    """
    counts = np.repeat(np.column_stack(of), goal.shape[1], axis=1).astype(np.float32)
    left = np.hstack([goal - goal[mask].mean(axis=0) for mask in of]) * counts
    enough, ease = CLOSE**2 * _squares(left), ease[:, None]
    shortcut = _Shortcut(alike, ease, of, some)
    weights, way = np.zeros_like(left), shortcut(left) * counts
    gain = _products(left, way)
    for _step in range(STEPS):
        ahead = (alike @ way + ease * way) * counts
        far = gain / np.maximum(_products(way, ahead), TINY)
        weights, left = weights + far * way, left - far * ahead
        if (_squares(left) <= enough).all():
            break
        nearly, before = shortcut(left) * counts, gain
        gain = _products(left, nearly)
        way = nearly + gain / np.maximum(before, TINY) * way
    return np.hsplit(weights, len(of))


class _Shortcut:
    """Undoes alike + ease for each mask, nearly: as if some texts told all about the others. [Woodbury 1950]"""

    def __init__(self, alike: Alike, ease: Table, of: Sequence[Chosen], some: NDArray[np.int64]) -> None:
        to = alike.to(some).astype(np.float64)
        corner = np.linalg.cholesky(to[some] + FIRM * np.eye(len(some)))
        self.told = np.linalg.solve(corner, to.T).T.astype(np.float32)
        untold = np.maximum(alike.to_themselves - (self.told**2).sum(axis=1), 0)[:, None]
        self.ease = ease + untold / 2
        self.back = [self._back(mask) for mask in of]

    def _back(self, mask: Chosen) -> Table:
        told = self.told[mask]
        return np.linalg.inv(np.eye(told.shape[1]) + told.T @ (told / self.ease[mask])).astype(np.float32)

    def __call__(self, left: Table) -> Table:
        eased = left / self.ease
        parts = np.hsplit(self.told.T @ eased, len(self.back))
        return (
            eased
            - self.told @ np.hstack([back @ part for back, part in zip(self.back, parts, strict=True)]) / self.ease
        )


def _products(one: Table, other: Table) -> Table:
    return (one * other).sum(axis=0)


def _squares(one: Table) -> Table:
    return _products(one, one)
