"""The file of the E5's model: where each table stands in it, and what it says.

Large tables stand in blocks of 32 numbers, four bits each beside a scale of sixteen (Q4_0); small ones as they are. Words are
parted by the model's own list of pieces (SentencePiece, Unigram), which the file holds too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import Changes
from nawzajem.core.language.heads import Table

MARK = b"E5S1"
BLOCK = 32
PACKED = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])  # a number and the sixteenth after it share a byte
STEPS = 8  # into how many the largest number of a block is parted; on the other side of zero there is one fewer
SPACE = "▁"
STRANGE = 10.0  # by how much a letter that stands in no piece is less likely than the least likely piece
ASKED = "query: "  # how the E5 wants a text introduced


@dataclass(frozen=True)
class Place:
    at: int  # bytes from the beginning of the file
    count: int  # of numbers
    packed: bool


class Pieces:
    """The model's own list of pieces, and how likely each is. There are 250,000: they stay in the file, and are found there by
    their marks (CRC-32)."""

    def __init__(self, blob: memoryview, starts: NDArray[np.uint32], weights: Table) -> None:
        self._blob, self._starts, self._weights = blob, starts, weights
        marks = np.fromiter((crc32(blob[a:b]) for a, b in pairwise(starts.tolist())), np.uint32, len(weights))
        self._order = np.argsort(marks, kind="stable").astype(np.uint32)
        self._marks = marks[self._order]
        self.strange = float(weights.min()) - STRANGE
        letters = np.append(0, np.cumsum((np.frombuffer(blob, np.uint8) & 0xC0) != 0x80))  # up to each byte
        self.longest = int(np.diff(letters[starts]).max())

    def among(self, parts: Sequence[str]) -> dict[str, tuple[float, int]]:
        """Those of the parts that are pieces: how likely each is, and its number."""
        marks = np.fromiter((crc32(part.encode()) for part in parts), np.uint32, len(parts))
        starts, ends = (np.searchsorted(self._marks, marks, side) for side in ("left", "right"))
        found = {}
        for number in np.flatnonzero(starts < ends).tolist():
            for at in self._order[starts[number] : ends[number]].tolist():
                if self._blob[self._starts[at] : self._starts[at + 1]] == parts[number].encode():
                    found[parts[number]] = (float(self._weights[at]), at)
        return found


class Model:
    """What of the file is needed to read texts, and to go on learning."""

    def __init__(self, file: Path) -> None:
        self._bytes: Any = np.memmap(file, np.uint8, "r")
        cursor = _Cursor(self._bytes.data)
        if bytes(cursor.take(4)) != MARK:
            raise ValueError("This is no model that can be read here.")
        cursor.take(4)  # its version
        self.width, self.layers, self.heads, self.inner, *_more = cursor.read("<7i")
        self.eps, _block = cursor.read("<fi")
        count, self.first, self.last, _pad, self._unknown = cursor.read("<5i")
        (length,) = cursor.read("<Q")
        starts = cursor.table(np.uint32, count + 1)
        weights = cursor.table(np.float32, count)
        self._pieces = Pieces(cursor.take(length), starts, weights)
        self._written = self._letters(cursor)
        self._told: dict[int, bytes] = {}
        self._places = self._tables(cursor)

    def _letters(self, cursor: _Cursor) -> dict[int, str]:
        """As what each letter is read that is read as another."""
        count, _length = cursor.read("<iI")
        written: dict[int, str] = {}
        for _each in range(count):
            letter, others = cursor.read("<IB")
            written[letter] = "".join(map(chr, cursor.read(f"<{others}I")))
        return written

    def _tables(self, cursor: _Cursor) -> dict[str, Place]:
        places = {}
        (count,) = cursor.read("<i")
        for _each in range(count):
            (length,) = cursor.read("<H")
            name = bytes(cursor.take(length)).decode()
            _kind, numbers, at, size = cursor.read("<BIQQ")
            places[name] = Place(at, numbers, size < 4 * numbers)
        return places

    def taught(self, changes: Changes) -> Model:
        """The same, where the file says these bytes in these places, each of them where a table of a layer begins."""
        layers = {place.at for name, place in self._places.items() if name.startswith("l")}
        if strange := {at for at, _those in changes} - layers:
            raise ValueError(f"Nothing of this model that can be taught begins at {sorted(strange)}.")
        other = copy(self)
        other._told = self._told | dict(changes)
        return other

    def is_taught(self, layer: int) -> bool:
        return any(place.at in self._told for name, place in self._places.items() if name.startswith(f"l{layer}."))

    def table(self, name: str) -> Table:
        """All numbers of a table, one after the other."""
        place = self._places[name]
        return unpacked(self.blocks(name)) if place.packed else self._read(place, np.float32, place.count).copy()

    def blocks(self, name: str) -> NDArray[Any]:
        """A large table as it stands there."""
        return self._read(self._places[name], PACKED, self._places[name].count // BLOCK)

    def _read(self, place: Place, kind: Any, count: int) -> NDArray[Any]:
        told = self._told.get(place.at)
        return np.frombuffer(self._bytes, kind, count, place.at) if told is None else np.frombuffer(told, kind, count)

    def changed(self, name: str, numbers: Table) -> tuple[int, bytes]:
        """Where in the file other bytes must stand so that a table says these numbers, and which."""
        place = self._places[name]
        there: NDArray[Any] = packed(numbers) if place.packed else np.ascontiguousarray(numbers, np.float32)
        return place.at, there.tobytes()

    def parted(self, texts: Sequence[str]) -> list[list[int]]:
        """The pieces of each text, as its own engine parts them: each word into those that are likeliest together.
        [Kudo: Subword regularization, 2018]"""
        return [[self.first, *self._pieces_of((ASKED + text).translate(self._written)), self.last] for text in texts]

    def _pieces_of(self, text: str) -> Iterator[int]:
        *words, last = text.split(" ")
        words = [SPACE + word for word in (*filter(None, words), last)]
        longest = range(1, self._pieces.longest + 1)
        parts = {
            word[at : at + long] for word in words for at in range(len(word)) for long in longest[: len(word) - at]
        }
        known = self._pieces.among(list(parts))
        for word in words:
            yield from self._likeliest(word, known)

    def _likeliest(self, word: str, known: dict[str, tuple[float, int]]) -> list[int]:
        """`best` holds for each place in the word how likely it is to get there, from where, and by which piece."""
        best: list[tuple[float, int, int]] = [(0.0, 0, 0), *[(-np.inf, 0, 0)] * len(word)]
        for start in range(len(word)):
            here = best[start][0]
            for end in range(start + 1, min(len(word), start + self._pieces.longest) + 1):
                weight, piece = known.get(word[start:end], (-np.inf, self._unknown))
                if end == start + 1:
                    weight, piece = max((weight, piece), (self._pieces.strange, self._unknown))
                if here + weight > best[end][0]:
                    best[end] = (here + weight, start, piece)
        found, end = [], len(word)
        while end:
            _weight, end, piece = best[end]
            found.append(piece)
        return found[::-1]


def in_steps(blocks: NDArray[Any]) -> tuple[NDArray[np.int8], Table]:
    """Of each block its numbers as whole steps, and how long a step is."""
    low, high = blocks["pairs"] & 15, blocks["pairs"] >> 4
    steps = np.concatenate([low, high], axis=-1).astype(np.int8) - np.int8(STEPS)
    return steps, blocks["scale"].astype(np.float32)[..., None]


def unpacked(blocks: NDArray[Any]) -> Table:
    steps, long = in_steps(blocks)
    return (steps * long).ravel()


def packed(numbers: Table) -> NDArray[Any]:
    rows = numbers.reshape(-1, BLOCK).astype(np.float32)
    farthest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    scale = (farthest / -STEPS).astype(np.float16)
    by = scale.astype(np.float32)
    each = np.clip(np.round(np.divide(rows, by, out=np.zeros_like(rows), where=by != 0)) + STEPS, 0, 2 * STEPS - 1)
    found = np.zeros(len(rows), PACKED)
    found["scale"] = scale[:, 0]
    found["pairs"] = each[:, : BLOCK // 2].astype(np.uint8) | (each[:, BLOCK // 2 :].astype(np.uint8) << 4)
    return found


class _Cursor:
    def __init__(self, raw: memoryview) -> None:
        self._raw, self._at = raw, 0

    def take(self, count: int) -> memoryview:
        self._at += count
        return self._raw[self._at - count : self._at]

    def read(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def table(self, kind: Any, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize), kind)
