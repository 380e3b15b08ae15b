"""What the E5 makes of texts: its layers, reckoned with NumPy from the numbers in its file.

The package that brings the file has an engine of its own, which takes a text piece by piece. Here all pieces of a text go
through a table together, and of a text of some length it takes half the time. Large tables stay in eight bits, and become other
numbers some columns at a time, so that those are still in the processor's own memory when they are multiplied.
[Vaswani et al.: Attention is all you need, 2017; Devlin et al.: BERT, 2019]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import Changes
from nawzajem.core.language.e5 import BLOCK, Model, in_steps, unpacked
from nawzajem.core.language.heads import Table

LARGE = ("q", "k", "v", "ao", "fi", "fo")  # a layer's large tables: asks, offers, says, what comes of it; in and out
NORMS = ("aln", "oln")
COLUMNS = 192  # of a large table, that become numbers of 32 bits at once
SIDE_BY_SIDE = 256  # pieces of texts that go through the layers together
FEW = 16  # rows whose numbers are bent at once
MOST = 160  # pieces of one text. Those of 200 letters are 60, seldom 90; a single letter may be read as eighteen others


@dataclass(frozen=True, eq=False)
class Large:
    """A large table in parts: whole steps, (parts, blocks of numbers in, `BLOCK`, numbers out), and how long those of each
    block are."""

    steps: NDArray[np.int8]
    long: Table
    bias: Table

    @classmethod
    def of(cls, model: Model, name: str) -> Large:
        bias = model.table(f"{name}.b")
        steps, long = in_steps(model.blocks(f"{name}.w"))
        parts = len(bias) // gcd(len(bias), COLUMNS)
        inward = (parts, len(bias) // parts, -1, BLOCK)
        return cls(
            np.ascontiguousarray(steps.reshape(inward).transpose(0, 2, 3, 1)),
            np.ascontiguousarray(long.reshape(*inward[:3], 1).transpose(0, 2, 3, 1)),
            bias,
        )

    def __call__(self, rows: Table) -> Table:
        found, now = np.empty((len(rows), len(self.bias)), np.float32), np.empty(self.steps.shape[1:], np.float32)
        into = now.reshape(rows.shape[1], -1)
        for at, (steps, long) in enumerate(zip(self.steps, self.long, strict=True)):
            np.copyto(now, steps)
            np.multiply(now, long, out=now)
            np.matmul(rows, into, out=found[:, at * into.shape[1] : (at + 1) * into.shape[1]])
        found += self.bias
        return found


class Norm(NamedTuple):
    weight: Table
    bias: Table
    eps: float

    @classmethod
    def of(cls, model: Model, name: str) -> Norm:
        return cls(model.table(f"{name}.w"), model.table(f"{name}.b"), model.eps)

    def __call__(self, rows: Table) -> Table:
        rows = rows - rows.mean(axis=1, keepdims=True)
        rows *= 1 / np.sqrt((rows**2).mean(axis=1, keepdims=True) + self.eps)
        rows *= self.weight
        rows += self.bias
        return rows


class Layer:
    """One layer: what the pieces of a text have to do with each other, then each piece by itself."""

    def __init__(self, model: Model, number: int) -> None:
        self._heads = model.heads
        self._asks, self._offers, self._says, self._after, self._inner, self._outer = (
            Large.of(model, f"l{number}.{name}") for name in LARGE
        )
        self._norm, self._last = (Norm.of(model, f"l{number}.{name}") for name in NORMS)

    def __call__(self, rows: Table, texts: Sequence[slice]) -> Table:
        """A row for each piece of all texts; each text hears itself alone."""
        asks, offers, says = self._asks(rows), self._offers(rows), self._says(rows)
        heard = np.empty_like(rows)
        for one in texts:
            heard[one] = self._heard(asks[one], offers[one], says[one])
        rows = self._norm(rows + self._after(heard))
        return self._last(rows + self._outer(_gelu(self._inner(rows))))

    def _heard(self, asks: Table, offers: Table, says: Table) -> Table:
        parted = (len(asks), self._heads, -1)
        by_asks, by_offers, by_says = (one.reshape(parted).swapaxes(0, 1) for one in (asks, offers, says))
        fits = by_asks @ by_offers.swapaxes(1, 2)
        fits *= 1 / np.sqrt(np.float32(by_asks.shape[2]))
        fits -= fits.max(axis=2, keepdims=True)
        np.exp(fits, out=fits)
        fits /= fits.sum(axis=2, keepdims=True)
        return (fits @ by_says).swapaxes(0, 1).reshape(asks.shape)


class Reader:
    """Texts to rows of length one, as the model's first so many layers have them: the mean of a text's pieces."""

    def __init__(self, model: Model, layers: int) -> None:
        self._model, self._layers = model, [Layer(model, number) for number in range(layers)]
        self._places = model.table("emb.pos").reshape(-1, model.width) + model.table("emb.type")[: model.width]
        self._pieces = model.blocks("emb.word").reshape(-1, model.width // BLOCK)
        self._norm = Norm.of(model, "emb.ln")

    def taught(self, changes: Changes) -> Reader:
        """The same, where some tables of the model's file say something else; layers that do not differ are not kept twice."""
        other = copy(self)
        other._model = model = self._model.taught(changes)
        other._layers = [Layer(model, at) if model.is_taught(at) else one for at, one in enumerate(self._layers)]
        return other

    def __call__(self, texts: Sequence[str]) -> Table:
        return np.array([_mean(rows) for rows in self.pieces(texts)], np.float32).reshape(-1, self._model.width)

    def pieces(self, texts: Sequence[str]) -> Iterator[Table]:
        """A row for each piece of each text."""
        most = min(MOST, len(self._places))
        parted = ([*one[: most - 1], one[-1]] if len(one) > most else one for one in self._model.parted(texts))
        for some in _together(parted):
            ends = np.cumsum([0, *map(len, some)]).tolist()
            each = [slice(start, end) for start, end in pairwise(ends)]
            rows = unpacked(self._pieces[np.concatenate(some)]).reshape(-1, self._model.width)
            rows = self._norm(rows + np.concatenate([self._places[: len(one)] for one in some]))
            for layer in self._layers:
                rows = layer(rows, each)
            yield from (rows[one] for one in each)


def _together(texts: Iterable[list[int]]) -> Iterator[list[list[int]]]:
    """So many that their pieces are few enough, and one at least."""
    some: list[list[int]] = []
    for one in texts:
        if some and sum(map(len, some)) + len(one) > SIDE_BY_SIDE:
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def _mean(rows: Table) -> Table:
    mean = rows.mean(axis=0)
    return mean / np.linalg.norm(mean)


ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def _gelu(rows: Table) -> Table:
    """Each number times how much of a normal distribution lies below it [Hendrycks, Gimpel 2016]. In place, a few rows at a time:
    what is reckoned on the way then stays in the processor's own memory."""
    for at in range(0, len(rows), FEW):
        some = rows[at : at + FEW]
        some *= np.float32(0.5) * (1 + np.copysign(_erf(np.abs(some) * np.float32(0.5**0.5)), some))
    return rows


def _erf(x: Table) -> Table:
    """The error function of numbers that are not below zero, within 1.5e-7 [Abramowitz, Stegun 1964, 7.1.26]."""
    by = 1 / (1 + np.float32(0.3275911) * x)
    rest = np.full_like(x, ERF[-1])
    for each in ERF[-2::-1]:
        rest *= by
        rest += np.float32(each)
    rest *= by
    rest *= np.exp(-x * x)
    return 1 - rest
