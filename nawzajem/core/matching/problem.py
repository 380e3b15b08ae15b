"""Who asks and who offers, in plain rows; and the offers as columns, built once and asked many times.

Everything here is what the programme already knows, in plain types. Hours are in one common clock (UTC, or the
programme's own; see `hours.shift`), people and units are ids, and whom somebody does not want to meet are opaque strings
that are equal when they mean the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import curves, hours
from nawzajem.core.matching.topics import Topics

AGES = ("13_15", "16_17", "18_24", "25_34", "35_49", "50_64", "65_up")
MINORS = 2  # the first two
UNSAID = -1

Stage = Literal["in_it", "coming_through", "been_through"]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]  # of offers
Index = Mapping[str, Places]
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """What is known of the person on either side."""

    id: str  # of the ask or the offer
    person: str
    languages: frozenset[str]
    forms: frozenset[str]
    hours: str = hours.ANY
    age: str = ""  # one of AGES
    gender: str = ""
    backgrounds: frozenset[str] = NOTHING
    units: tuple[str, ...] = ()  # from the outermost to the person's own
    leads: bool = False  # leads the last of them, so is a superior of everybody in it and within
    not_same_unit: bool = False
    prints: frozenset[str] = NOTHING  # by which others may have named this person
    not_prints: frozenset[str] = NOTHING  # of those this person does not want to meet
    blocked: frozenset[str] = NOTHING  # people, whoever of the two closed the door
    earlier: frozenset[str] = NOTHING  # people once paired with

    def __post_init__(self) -> None:
        if self.age and self.age not in AGES:
            raise ValueError(f"an age is one of {', '.join(AGES)}, not {self.age!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRow(Someone):
    topics: tuple[str, ...] = ()
    stage: Stage = "in_it"
    kinds: frozenset[str] = NOTHING
    wish_age: Literal["", "near", "older", "younger"] = ""
    wish_gender: str = ""
    wish_gender_must: bool = False
    wish_backgrounds: frozenset[str] = NOTHING
    waited_hours: float = 0
    demand: int = 1
    needs: frozenset[str] = NOTHING  # certificates that whoever gives must hold, all of them
    tried: frozenset[str] = NOTHING  # people already proposed to for this ask


@dataclass(frozen=True, slots=True)
class Experience:
    """Something lived through. `says` names what may be told to the other side; of the rest no reason speaks."""

    topic: str
    stage: Stage = "been_through"
    months: float | None = 0  # since it ended; None where nobody said when
    says: frozenset[Literal["topic", "stage", "when"]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow(Someone):
    experiences: tuple[Experience, ...] = ()
    kinds: frozenset[str] = NOTHING  # empty: any
    certificates: frozenset[str] = NOTHING  # that are held and have not run out
    capacity: int = 1
    taken: int = 0
    idle_days: float | None = None  # since the last proposal was answered; None when nobody asked yet
    says: frozenset[Literal["age", "gender", "backgrounds"]] = frozenset()


@dataclass(frozen=True, slots=True)
class Codes:
    """A set of codes for each row, as bits: bit `place[code]` of row i is set when the set of row i holds it."""

    place: Mapping[str, int]
    bits: npt.NDArray[np.uint64] = field(repr=False)  # [words, n]

    @classmethod
    def of(cls, sets: Sequence[frozenset[str]]) -> Codes:
        kinds = {codes: kind for kind, codes in enumerate(dict.fromkeys(sets))}
        place = {code: bit for bit, code in enumerate(sorted(frozenset().union(*kinds)))}
        table = np.array([_bits(codes, place) for codes in kinds], np.uint64).reshape(-1, len(place) // 64 + 1)
        return cls(place, np.ascontiguousarray(table[[kinds[codes] for codes in sets]].T))

    def any_of(self, codes: Collection[str]) -> Mask:
        """Rows that hold at least one of these."""
        return np.asarray((self.bits & self._column(codes)).any(axis=0))

    def count_of(self, codes: Collection[str]) -> npt.NDArray[np.uint8]:
        """How many of these each row holds."""
        return np.bitwise_count(self.bits & self._column(codes)).sum(axis=0, dtype=np.uint8)

    def share(self, code: str) -> float:
        """The part of all rows that hold it, 0 to 1."""
        return np.count_nonzero(self.any_of((code,))) / max(self.bits.shape[1], 1)

    def none(self) -> Mask:
        """Rows that hold nothing."""
        return np.asarray(~self.bits.any(axis=0))

    def take(self, places: Places) -> Codes:
        return Codes(self.place, self.bits[:, places])

    def _column(self, codes: Collection[str]) -> npt.NDArray[np.uint64]:
        return np.array(_bits(codes, self.place), np.uint64)[:, None]


@dataclass(frozen=True, slots=True)
class Experiences:
    """All experiences of all offers in one row, those of one offer side by side. Every offer has at least one: who gave
    none has one of no topic, near to nothing."""

    start: npt.NDArray[np.intp]  # [offers + 1]
    topic: npt.NDArray[np.intp]  # [experiences]; the number of topics stands for none
    fit: npt.NDArray[np.float32]  # [stages of the ask, experiences]

    @classmethod
    def of(cls, rows: Sequence[OfferRow], topics: Topics) -> Experiences:
        lists = [row.experiences or (None,) for row in rows]
        start = np.cumsum([0, *map(len, lists)])
        flat = list(chain.from_iterable(lists))
        topic = [len(topics.codes) if one is None else topics.at((one.topic,))[0] for one in flat]
        stage = np.array([curves.STAGES.index(one.stage) if one else 0 for one in flat], np.int8)
        months = np.array([one.months if one and one.months is not None else np.nan for one in flat], float)
        fit = np.array([curves.stage_fit(asked, stage, months) for asked in range(3)], np.float32)
        return cls(start, np.array(topic, np.intp), fit)

    def __len__(self) -> int:
        return len(self.start) - 1

    def best(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Of a value for each experience, the greatest of each offer."""
        return np.maximum.reduceat(values, self.start[:-1]) if len(values) else values

    def take(self, places: Places) -> Experiences:
        count = np.diff(self.start)[places]
        start = np.append(0, np.cumsum(count))
        mine = np.arange(start[-1]) + np.repeat(self.start[places] - start[:-1], count)
        return Experiences(start, self.topic[mine], self.fit[:, mine])


@dataclass(frozen=True, slots=True)
class Units:
    """Where each offer's person belongs: the way from the outermost unit to the own one."""

    place: Mapping[str, int]
    way: npt.NDArray[np.int32]  # [depth, n]; -1 below the own unit
    own: npt.NDArray[np.int32]  # [n]; -1 without one
    leads: Mask

    @classmethod
    def of(cls, rows: Sequence[OfferRow]) -> Units:
        place = {unit: index for index, unit in enumerate(sorted({unit for row in rows for unit in row.units}))}
        depth = max((len(row.units) for row in rows), default=0)
        way = np.full((depth, len(rows)), UNSAID, np.int32)
        for index, row in enumerate(rows):
            way[: len(row.units), index] = [place[unit] for unit in row.units]
        own = np.array([place[row.units[-1]] if row.units else UNSAID for row in rows], np.int32)
        return cls(place, way, own, np.array([row.leads and bool(row.units) for row in rows], bool))

    def within(self, unit: str) -> Mask:
        """Those whose unit this is, or lies within it."""
        return (self.way == self.place[unit]).any(axis=0) if unit in self.place else np.zeros(len(self.own), bool)

    def in_line(self, units: Collection[str]) -> Mask:
        """Those whose own unit is one of these."""
        return np.isin(self.own, [self.place[unit] for unit in units if unit in self.place])


@dataclass(frozen=True, slots=True)
class Columns:
    """What scores look at, offer by offer."""

    hours: hours.Weeks
    kinds: Codes
    backgrounds: Codes
    gender: Codes
    age: npt.NDArray[np.int8]  # place in AGES, -1 unsaid
    ease: npt.NDArray[np.float64]
    experiences: Experiences

    @classmethod
    def of(cls, rows: Sequence[OfferRow], topics: Topics) -> Columns:
        idle = np.array([row.idle_days for row in rows], float)
        return cls(
            hours=hours.pack([row.hours for row in rows]),
            kinds=Codes.of([row.kinds for row in rows]),
            backgrounds=Codes.of([row.backgrounds for row in rows]),
            gender=Codes.of([frozenset({row.gender} - {""}) for row in rows]),
            age=np.array([age_place(row.age) for row in rows], np.int8),
            ease=curves.ease(_free(rows), np.array([row.capacity for row in rows], np.int32), idle),
            experiences=Experiences.of(rows, topics),
        )

    def __len__(self) -> int:
        return len(self.age)

    def take(self, places: Places) -> Columns:
        """The same of only these offers, in this order."""
        return Columns(
            hours=self.hours[:, places],
            kinds=self.kinds.take(places),
            backgrounds=self.backgrounds.take(places),
            gender=self.gender.take(places),
            age=self.age[places],
            ease=self.ease[places],
            experiences=self.experiences.take(places),
        )


@dataclass(frozen=True, slots=True)
class Offers:
    """All offers of a programme, in the order of their ids: what scores look at, what only rules look at, and the rows."""

    rows: tuple[OfferRow, ...] = field(repr=False)
    topics: Topics
    columns: Columns
    languages: Codes
    forms: Codes
    certificates: Codes
    tops: Codes  # the topics at the top under which the experiences lie
    free: npt.NDArray[np.int32]  # seats
    units: Units
    not_same_unit: Mask
    by_person: Index
    by_print: Index
    closed_to_person: Index  # offers whose person blocked this one, or was blocked
    closed_to_print: Index
    earlier_with: Index

    @classmethod
    def of(cls, rows: Iterable[OfferRow], topics: Topics) -> Offers:
        """About 30 microseconds a row. ValueError for two rows of one id, or a topic that is not in the tree."""
        ranked = in_order(rows)
        return cls(
            rows=ranked,
            topics=topics,
            columns=Columns.of(ranked, topics),
            languages=Codes.of([row.languages for row in ranked]),
            forms=Codes.of([row.forms for row in ranked]),
            certificates=Codes.of([row.certificates for row in ranked]),
            tops=Codes.of([tops(topics, (one.topic for one in row.experiences)) for row in ranked]),
            free=_free(ranked),
            units=Units.of(ranked),
            not_same_unit=np.array([row.not_same_unit for row in ranked], bool),
            by_person=_index((row.person,) for row in ranked),
            by_print=_index(row.prints for row in ranked),
            closed_to_person=_index(row.blocked for row in ranked),
            closed_to_print=_index(row.not_prints for row in ranked),
            earlier_with=_index(row.earlier for row in ranked),
        )

    def __len__(self) -> int:
        return len(self.rows)


Row = TypeVar("Row", bound=Someone)


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows in the order of their ids, so that the order in which they came changes nothing. ValueError for a double."""
    ranked = tuple(sorted(rows, key=lambda row: row.id))
    for one, following in pairwise(ranked):
        if one.id == following.id:
            raise ValueError(f"two rows have the id {one.id!r}")
    return ranked


def tops(topics: Topics, codes: Iterable[str]) -> frozenset[str]:
    """The topics at the top that hold these."""
    return frozenset(topics.top[place] for place in topics.at(codes))


def age_place(age: str) -> int:
    return AGES.index(age) if age else UNSAID


def _free(rows: Sequence[OfferRow]) -> npt.NDArray[np.int32]:
    return np.array([max(row.capacity - row.taken, 0) for row in rows], np.int32)


def _bits(codes: Collection[str], place: Mapping[str, int]) -> list[int]:
    bits = sum(1 << place[code] for code in codes if code in place)
    return [bits >> 64 * word & (1 << 64) - 1 for word in range(len(place) // 64 + 1)]


def _index(keys: Iterable[Collection[str]]) -> Index:
    """From each key to the places of the rows that hold it."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(keys):
        for key in held:
            found[key].append(place)
    return {key: np.array(places, np.intp) for key, places in found.items()}
