"""Offers and asks as compact records: what a hundred bytes can hold of each, for the compiled part to look at.

Sets of codes, experiences and ways through units repeat from one person to the next, so each that differs is kept once, in a
`Lexicon`, and a record holds its number. Of people and of those whom they do not want to meet a record holds no name: these
are looked up by a number of 64 bits drawn from the name, where that anybody is left out by mistake is less likely than one
in a million million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import curves, hours
from nawzajem.core.matching.lexicon import (
    BACKGROUNDS,
    CERTIFICATES,
    FIELDS,
    FORMS,
    KINDS,
    LANGUAGES,
    UNKNOWN,
    Lexicon,
    Numbers,
    Wholes,
)
from nawzajem.core.matching.problem import AGES, UNSAID, AskRow, OfferRow, age_place

OFFER = np.dtype(
    [
        ("week0", np.uint64),
        ("week1", np.uint64),
        ("week2", np.uint64),
        ("idle", np.float64),  # days since the last answer; infinite where nobody asked yet
        ("languages", np.int32),
        ("forms", np.int32),
        ("kinds", np.int32),
        ("backgrounds", np.int32),
        ("certificates", np.int32),
        ("lived", np.int32),  # where the experiences begin
        ("units", np.int16),
        ("capacity", np.int16),
        ("taken", np.int16),
        ("lives", np.uint8),  # how many experiences
        ("gender", np.int8),
        ("age", np.int8),
        ("leads", np.bool_),
        ("not_same_unit", np.bool_),
        ("says", np.uint8),
    ],
    align=True,
)
ASK = np.dtype(
    [
        ("week0", np.uint64),
        ("week1", np.uint64),
        ("week2", np.uint64),
        ("patience", np.float64),
        ("kinds", np.int32),  # how many
        ("backgrounds", np.int32),
        ("needs", np.int32),
        ("unit", np.int32),  # the own one
        ("gender", np.int8),  # that is wished
        ("stage", np.int8),
        ("age", np.int8),
        ("wish_age", np.int8),  # place in WISHES
        ("must", np.bool_),
        ("leads", np.bool_),
        ("not_same_unit", np.bool_),
    ],
    align=True,
)
FACE = np.dtype(  # what a list holds of an offer: enough to tell, without a look at its record, that it cannot be among the best
    [
        ("week0", np.uint64),
        ("week1", np.uint64),
        ("week2", np.uint64),  # and two numbers in the 24 bits that a week leaves free
        ("key", np.uint16),
        ("tops", np.uint16),  # under which tops of the tree there is an experience; some share a bit
        ("row", np.int32),
    ]
)
WISHES = ("", "near", "older", "younger")
LOW = 0xFFFFFFFF  # of a code of points and, of equals, the first: what tells the place in the order of ids
KEYS = ("person", "prints", "closed_to_person", "closed_to_print", "earlier_with")
OUT = (  # by which key the rules find whom to leave out, and by which names of the ask
    ("yourself", "person", lambda ask: (ask.person,)),
    ("blocked", "person", lambda ask: ask.blocked),
    ("blocked", "closed_to_person", lambda ask: (ask.person,)),
    ("named", "prints", lambda ask: ask.not_prints),
    ("named", "closed_to_print", lambda ask: ask.prints),
    ("earlier", "person", lambda ask: ask.earlier),
    ("earlier", "earlier_with", lambda ask: (ask.person,)),
    ("tried", "person", lambda ask: ask.tried),
)


@dataclass(frozen=True, slots=True)
class Keyed:
    """Rows by the numbers of names, in the order of these numbers."""

    number: Wholes
    row: Numbers

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]]) -> Keyed:
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return cls.sorted(both[:, 0], both[:, 1].astype(np.int32))

    @classmethod
    def sorted(cls, number: Wholes, row: Numbers) -> Keyed:
        order = np.argsort(number, kind="stable")
        return cls(number[order], row[order])

    def moved(self, to: Numbers) -> Keyed:
        """The same when row i has gone to to[i]; below 0 it is no more."""
        kept = to[self.row] >= 0
        return Keyed(self.number[kept], to[self.row[kept]])

    def found(self, wanted: Wholes) -> tuple[Wholes, Numbers]:
        """Of each row under one of these numbers: which of them, and the row."""
        first = np.searchsorted(self.number, wanted)
        count = np.searchsorted(self.number, wanted, "right") - first
        which = np.repeat(np.arange(len(wanted)), count)
        places = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        return which, self.row[places]


@dataclass(frozen=True, slots=True)
class Compact:
    """Offers as records, in any order, with the lists that hang on them."""

    rows: npt.NDArray[np.void] = field(repr=False)  # OFFER
    lived: Numbers  # of all offers, by their place in the lexicon
    ids: npt.NDArray[np.bytes_]
    people: npt.NDArray[np.bytes_]
    keyed: Mapping[str, Keyed]

    @classmethod
    def of(cls, rows: Sequence[OfferRow], words: Lexicon) -> Compact:
        """About 15 microseconds a row. ValueError for a topic that is not in the tree."""
        lived = [[words.lived.at(one) for one in row.experiences] or [0] for row in rows]
        records = np.zeros(len(rows), OFFER)
        records["week0"], records["week1"], records["week2"] = hours.pack([row.hours for row in rows])
        records["idle"] = [np.inf if row.idle_days is None else row.idle_days for row in rows]
        records["lives"] = [len(some) for some in lived]
        records["lived"] = np.cumsum(records["lives"], dtype=np.int32) - records["lives"]
        for name, value in _records(words).items():
            records[name] = [value(row) for row in rows]
        return cls(
            rows=records,
            lived=np.fromiter(chain.from_iterable(lived), np.int32),
            ids=np.array([row.id.encode() for row in rows], np.bytes_),
            people=np.array([row.person.encode() for row in rows], np.bytes_),
            keyed={key: Keyed.of(list(_numbers(rows, key))) for key in KEYS},
        )

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, order: npt.NDArray[np.integer]) -> Compact:
        """Only these, in this order."""
        rows = self.rows[order]
        to = np.full(len(self.rows), UNSAID, np.int32)
        to[order] = np.arange(len(order))
        count = rows["lives"].astype(np.int64)
        start = np.cumsum(count) - count
        mine = np.arange(count.sum()) + np.repeat(rows["lived"] - start, count)
        rows["lived"] = start
        keyed = {key: one.moved(to) for key, one in self.keyed.items()}
        return Compact(rows, self.lived[mine], self.ids[order], self.people[order], keyed)

    def with_(self, other: Compact) -> Compact:
        """These and others after them."""
        rows = np.concatenate([self.rows, other.rows])
        rows["lived"][len(self) :] += len(self.lived)
        return Compact(
            rows,
            np.concatenate([self.lived, other.lived]),
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.people, other.people]),
            {
                key: Keyed.sorted(
                    np.concatenate([one.number, other.keyed[key].number]),
                    np.concatenate([one.row, other.keyed[key].row + np.int32(len(self))]),
                )
                for key, one in self.keyed.items()
            },
        )

    def offer(self, row: int, words: Lexicon) -> OfferRow:
        """An offer as a row again, but for the names of others that only rules look at."""
        one: dict[str, Any] = dict(zip(OFFER.names or (), self.rows[row].item(), strict=True))
        mine = self.lived[one["lived"] : one["lived"] + one["lives"]].tolist()
        week = f"{one['week0']:016x}{one['week1']:016x}{one['week2']:016x}"
        return OfferRow(
            id=self.ids[row].decode(),
            person=self.people[row].decode(),
            languages=words.sets.kept[one["languages"]][1],
            forms=words.sets.kept[one["forms"]][1],
            hours=week[: hours.DIGITS],
            age=AGES[one["age"]] if one["age"] != UNSAID else "",
            gender=list(words.genders)[one["gender"]],
            backgrounds=words.sets.kept[one["backgrounds"]][1],
            units=words.units.kept[one["units"]],
            leads=one["leads"],
            not_same_unit=one["not_same_unit"],
            experiences=tuple(told for place in mine if (told := words.lived.kept[place])),
            kinds=words.sets.kept[one["kinds"]][1],
            certificates=words.sets.kept[one["certificates"]][1],
            capacity=one["capacity"],
            taken=one["taken"],
            idle_days=one["idle"] if one["idle"] < np.inf else None,
            says=list(words.says)[one["says"]],
        )

    @property
    def nbytes(self) -> int:
        lists = sum(one.number.nbytes + one.row.nbytes for one in self.keyed.values())
        return self.rows.nbytes + self.lived.nbytes + self.ids.nbytes + self.people.nbytes + lists


def _records(words: Lexicon) -> Mapping[str, Any]:
    genders = words.genders
    return {
        "languages": lambda row: words.sets.at(LANGUAGES, row.languages),
        "forms": lambda row: words.sets.at(FORMS, row.forms),
        "kinds": lambda row: words.sets.at(KINDS, row.kinds),
        "backgrounds": lambda row: words.sets.at(BACKGROUNDS, row.backgrounds),
        "certificates": lambda row: words.sets.at(CERTIFICATES, row.certificates),
        "units": lambda row: words.units.at(row.units),
        "says": lambda row: words.says.setdefault(row.says, len(words.says)),
        "gender": lambda row: genders.setdefault(row.gender, len(genders)),
        "capacity": lambda row: row.capacity,
        "taken": lambda row: row.taken,
        "age": lambda row: age_place(row.age),
        "leads": lambda row: row.leads and bool(row.units),
        "not_same_unit": lambda row: row.not_same_unit,
    }


def _numbers(rows: Sequence[OfferRow], key: str) -> Iterable[tuple[int, int]]:
    names = {"closed_to_person": "blocked", "closed_to_print": "not_prints", "earlier_with": "earlier"}.get(key, key)
    for place, row in enumerate(rows):
        held = getattr(row, names)
        for name in (held,) if isinstance(held, str) else held:
            yield hash(name), place


def _sets(ask: AskRow) -> Iterable[tuple[int, frozenset[str]]]:
    return zip(FIELDS, (ask.languages, ask.forms, ask.kinds, ask.wish_backgrounds, ask.needs), strict=True)


@dataclass(frozen=True)
class Asked:
    """Asks as records, told in the words of a lexicon as it is now."""

    asks: Sequence[AskRow]
    words: Lexicon

    @cached_property
    def rows(self) -> npt.NDArray[np.void]:
        asks, records = self.asks, np.zeros(len(self.asks), ASK)
        records["week0"], records["week1"], records["week2"] = hours.pack([ask.hours for ask in asks])
        records["patience"] = curves.patience(np.array([ask.waited_hours for ask in asks], float))
        for name, value in self._values().items():
            records[name] = [value(ask) for ask in asks]
        return records

    def _values(self) -> Mapping[str, Any]:
        units, genders = self.words.units.units, self.words.genders
        return {
            "kinds": lambda ask: len(ask.kinds),
            "backgrounds": lambda ask: len(ask.wish_backgrounds),
            "needs": lambda ask: len(ask.needs),
            "unit": lambda ask: units.get(ask.units[-1], UNKNOWN) if ask.units else UNSAID,
            "gender": lambda ask: genders.get(ask.wish_gender, UNKNOWN),
            "stage": lambda ask: curves.STAGES.index(ask.stage),
            "age": lambda ask: age_place(ask.age),
            "wish_age": lambda ask: WISHES.index(ask.wish_age),
            "must": lambda ask: bool(ask.wish_gender and ask.wish_gender_must),
            "leads": lambda ask: ask.leads,
            "not_same_unit": lambda ask: ask.not_same_unit,
        }

    @cached_property
    def columns(self) -> tuple[Any, ...]:
        """What the compiled part reads beside the offers to be left out."""
        asks, words = self.asks, self.words
        topics = [words.topics.at(ask.topics) for ask in asks]
        return (
            self.rows,
            np.cumsum([0, *map(len, topics)], dtype=np.int64),
            np.fromiter(chain.from_iterable(topics), np.int32),
            words.sets.table(chain.from_iterable(map(_sets, asks))).reshape(len(asks), len(FIELDS), -1),
            words.units.table([ask.units for ask in asks], UNKNOWN),
        )

    @cached_property
    def names(self) -> list[tuple[str, str, Wholes, Wholes]]:
        """For each rule about names, and the key under which it looks: the ask and the number of each name."""
        found = []
        for rule, key, names in OUT:
            pairs = [(place, hash(name)) for place, ask in enumerate(self.asks) for name in names(ask)]
            both = np.array(pairs, np.int64).reshape(-1, 2)
            found.append((rule, key, both[:, 0], both[:, 1]))
        return found
