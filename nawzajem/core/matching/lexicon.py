"""What repeats from one person to the next, each kept once and known by its number: sets of codes, ways through units,
experiences. What the numbers in compact records mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from sys import getsizeof
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import curves
from nawzajem.core.matching.problem import UNSAID, Experience
from nawzajem.core.matching.topics import Topics

TOPS = 16  # bits
GUARDED = 16  # bytes beside each object for the collector
EXPERIENCE = np.dtype([("topic", np.int32), ("fit0", np.float32), ("fit1", np.float32), ("fit2", np.float32)])
FIELDS = LANGUAGES, FORMS, KINDS, BACKGROUNDS, CERTIFICATES = range(
    5
)  # whose sets of codes are kept as bits, side by side

UNKNOWN = -2  # no offer has it; -1 is for what was not said
Wholes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint64]


class Sets:
    """Sets of codes of any field, each kept once; as bits, [sets, words]."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, frozenset[str]]] = []
        self.codes: dict[tuple[int, str], int] = {}
        self._place: dict[tuple[int, frozenset[str]], int] = {}
        self._bits: Bits | None = None
        self._field: npt.NDArray[np.int8] | None = None

    def at(self, field: int, codes: frozenset[str]) -> int:
        place = self._place.get((field, codes))
        if place is None:
            place = self._place[field, codes] = len(self.kept)
            self.kept.append((field, codes))
            for code in sorted(codes):
                self.codes.setdefault((field, code), len(self.codes))
            self._bits = self._field = None
        return place

    @property
    def bits(self) -> Bits:
        if self._bits is None:
            self._bits = self.table(self.kept)
        return self._bits

    @property
    def field(self) -> npt.NDArray[np.int8]:
        if self._field is None:
            self._field = np.array([field for field, _codes in self.kept], np.int8)
        return self._field

    @property
    def spoken(self) -> Numbers:
        """The bits of the languages."""
        return np.array([bit for (field, _code), bit in self.codes.items() if field == LANGUAGES], np.int32)

    @property
    def nbytes(self) -> int:
        each = sum(getsizeof(codes) + getsizeof((0, codes)) + 2 * GUARDED for _field, codes in self.kept)
        return self.bits.nbytes + getsizeof(self.kept) + getsizeof(self._place) + 2 * each

    def table(self, sets: Iterable[tuple[int, frozenset[str]]]) -> Bits:
        """Those of these codes that are known here, for each set."""
        words, codes, known = len(self.codes) // 64 + 1, self.codes, dict[tuple[int, frozenset[str]], bytes]()
        rows = []
        for one in sets:
            if one not in known:
                bits = sum(1 << codes[one[0], code] for code in one[1] if (one[0], code) in codes)
                known[one] = bits.to_bytes(8 * words, "little")
            rows.append(known[one])
        return np.frombuffer(b"".join(rows), "<u8").reshape(-1, words).astype(np.uint64)


class Ways:
    """Ways from an outermost unit to an own one, each kept once; [ways, depth], -1 below the own unit."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, ...]] = []
        self.units: dict[str, int] = {}
        self._place: dict[tuple[str, ...], int] = {}
        self._table: Numbers | None = None

    def at(self, way: tuple[str, ...]) -> int:
        place = self._place.get(way)
        if place is None:
            place = self._place[way] = len(self.kept)
            self.kept.append(way)
            for unit in way:
                self.units.setdefault(unit, len(self.units))
            self._table = None
        return place

    @property
    def way(self) -> Numbers:
        if self._table is None:
            self._table = self.table(self.kept, UNSAID)
        return self._table

    @property
    def own(self) -> Numbers:
        return np.array([self.units[way[-1]] if way else UNSAID for way in self.kept], np.int32)

    def table(self, ways: Sequence[tuple[str, ...]], nothing: int) -> Numbers:
        found = np.full((len(ways), max(map(len, ways), default=0) + 1), nothing, np.int32)
        for place, way in enumerate(ways):
            found[place, : len(way)] = [self.units.get(unit, UNKNOWN) for unit in way]
        return found


class Lived:
    """Experiences, each kept once. The first is that of somebody who gave none: of no topic, near to nothing."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self.kept: list[Experience | None] = [None]
        self._place: dict[Experience, int] = {}
        self._says = dict[frozenset[Any], frozenset[Any]]()
        self._table = np.zeros(1, EXPERIENCE)  # has room for more
        self._told = 1
        self._table["topic"] = len(topics.codes)
        for asked in range(3):
            self._table[f"fit{asked}"] = curves.stage_fit(asked, 0, np.nan)

    def at(self, one: Experience) -> int:
        place = self._place.get(one)
        if place is None:
            self.topics.at((one.topic,))
            one = replace(one, says=self._says.setdefault(one.says, one.says))
            place = self._place[one] = len(self.kept)
            self.kept.append(one)
        return place

    @property
    def table(self) -> npt.NDArray[np.void]:
        """Of each its topic, and how well it fits an ask of each stage. Only what is new is told anew."""
        new = [one for one in self.kept[self._told :] if one]
        if len(self.kept) > len(self._table):
            self._table = np.append(self._table, np.zeros(len(self.kept), EXPERIENCE))
        self._tell(new, self._table[self._told : len(self.kept)])
        self._told = len(self.kept)
        return self._table[: self._told]

    def _tell(self, new: Sequence[Experience], table: npt.NDArray[np.void]) -> None:
        stage = np.array([curves.STAGES.index(one.stage) for one in new], np.int8)
        months = np.array([np.nan if one.months is None else one.months for one in new], float)
        table["topic"] = self.topics.at(one.topic for one in new)
        for asked in range(3):
            table[f"fit{asked}"] = curves.stage_fit(asked, stage, months)

    @property
    def nbytes(self) -> int:
        each = getsizeof(self.kept[-1]) + GUARDED
        return self._table.nbytes + getsizeof(self.kept) + getsizeof(self._place) + each * len(self.kept)


class Meanings(NamedTuple):
    """What lists are made by."""

    lived: npt.NDArray[np.void]  # EXPERIENCE
    bits: Bits
    spoken: Numbers
    top: Numbers


class Lexicon:
    """Everything that repeats from one offer to the next, each kept once."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self.near = np.append(topics.near, np.zeros((len(topics.codes), 1), np.float32), axis=1)
        tops = {top: place % TOPS for place, top in enumerate(dict.fromkeys(topics.top))}
        self.top = np.array([tops[top] for top in topics.top], np.int32)
        self.sets, self.units, self.lived = Sets(), Ways(), Lived(topics)
        self.genders: dict[str, int] = {"": 0}
        self.says: dict[frozenset[Any], int] = {}

    def meanings(self) -> Meanings:
        """As it is now, for work beside which it grows."""
        return Meanings(self.lived.table, self.sets.bits, self.sets.spoken, self.top)

    @property
    def nbytes(self) -> int:
        """Of what grows with the offers: experiences and sets; the ways through units and the tree are few."""
        return self.lived.nbytes + self.sets.nbytes
