"""What a sheet says, in plain types: people, what they ask, what they give. Nothing here knows a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nawzajem.core.matching.problem import Stage
from nawzajem.core.sheets.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """`key` is what the sheet calls them. `row` is the first that speaks of them."""

    row: int
    key: str
    languages: tuple[str, ...] = ()
    zone: str = ""  # empty: where the house is
    age: str = ""
    gender: str = ""
    unit: tuple[str, ...] = ()  # names from the outermost to the own one
    leads: bool = False
    backgrounds: tuple[str, ...] = ()
    known_as: str = ""  # a staff or student number


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRecord:
    row: int
    person: str
    topics: tuple[str, ...]
    stage: Stage
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    hours: str  # in the person's time zone
    languages: tuple[str, ...]
    words: str
    wish_age: Literal["", "near", "older", "younger"]
    wish_gender: str
    wish_gender_must: bool
    wish_backgrounds: tuple[str, ...]
    not_same_unit: bool
    avoids: tuple[str, ...]  # people, by key or by what they are known as
    asked_on: str  # "2026-05-31", or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceRecord:
    row: int
    topic: str
    stage: Stage
    since: str  # "2024", "2024-05", or empty
    until: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord:
    """One for each person, however many rows tell of it; all but the experiences is taken from the first."""

    row: int
    person: str
    experiences: tuple[ExperienceRecord, ...]
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    hours: str
    languages: tuple[str, ...]
    capacity: int
    taken: int
    not_same_unit: bool
    avoids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that could be read of a sheet, and all that could not. A row with a problem that is no mere note is in none of
    the records; whoever wants all or nothing looks at `clean`."""

    people: tuple[PersonRecord, ...] = ()
    asks: tuple[AskRecord, ...] = ()
    offers: tuple[OfferRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    # from a field and what is usual, taken where neither the sheet nor its mapping says anything, to the count of rows
    assumed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)  # how the sheet calls each field it has

    @property
    def clean(self) -> bool:
        return all(problem.note for problem in self.problems)
