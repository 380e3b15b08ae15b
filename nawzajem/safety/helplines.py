"""Help lines by country: who answers, when, for whom, what it costs, and where that was read.

The list comes with the house in `helplines.toml`; a file of the same name in the data folder replaces it. A broken file
of one's own never leaves anybody without a number: the shipped list is shown until it is put right.
"""

from __future__ import annotations

import logging
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from nawzajem.ground import toml
from nawzajem.ground.toml import BadFile, Part, Words

SHIPPED = Path(__file__).parent / "helplines.toml"
DAY_AND_NIGHT = Words(pl="całą dobę, codziennie", en="day and night, every day")

log = logging.getLogger(__name__)


class BadHelplines(BadFile):
    """A list that cannot be used. Its text names file, line and what would be right, for every problem."""


def _number(value: str) -> str:
    if not re.fullmatch(r"\+?\d[\d ()-]*\d", value):
        raise ValueError(f"should be a number as one dials it, such as '116 123', not '{value}'")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", value):
        raise ValueError(f"should be an address that begins with https://, not '{value}'")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError(f"should be the two capital letters of a country, such as PL, not '{value}'")
    return value


Number = Annotated[str, AfterValidator(_number)]
Address = Annotated[str, AfterValidator(_address)]
CountryCode = Annotated[str, AfterValidator(_country)]


class Line(Part):
    """One way to reach help. What a source did not tell is None, never a guess."""

    kind: Literal["emergency", "crisis", "children", "violence", "addiction", "grief", "directory"]
    name: Words
    whom: Words
    number: Number | None = None
    sms: Number | None = None
    sms_word: str | None = None
    address: Address | None = None
    always: bool = False
    told_hours: Words | None = Field(default=None, alias="hours")
    free: bool | None = None
    languages: list[str]
    source: Address
    checked: date

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not (self.number or self.sms or self.address):
            raise ValueError("has neither number, nor sms, nor address; nobody could reach it")
        if self.always and self.told_hours:
            raise ValueError("is open always, so it has no hours; keep one of the two")
        return self

    @property
    def hours(self) -> Words | str:
        """When somebody answers; empty when no source told."""
        return DAY_AND_NIGHT if self.always else self.told_hours or ""

    @property
    def dial(self) -> str:
        """The number as a link wants it: tel:116123."""
        return _dialled(self.number or "")

    @property
    def sms_dial(self) -> str:
        return _dialled(self.sms or "")

    @property
    def source_host(self) -> str:
        return urlsplit(self.source).netloc


class Country(Part):
    code: str = ""  # "" for a country without an entry of its own
    name: Words
    lines: list[Line] = Field(min_length=1)

    @property
    def emergency(self) -> str:
        """The number to call when a life is in danger; empty where it depends on a country we do not know."""
        return next((line.dial for line in self.lines if line.kind == "emergency"), "")


class EuropeanUnion(Country):
    members: list[CountryCode]


class Helplines(Part):
    countries: dict[CountryCode, Country]
    union: EuropeanUnion
    elsewhere: Country

    def of(self, code: str) -> Country:
        if code in self.countries:
            return self.countries[code].model_copy(update={"code": code})
        if code in self.union.members:
            return Country(name=self.union.name, lines=[*self.union.lines, *self.elsewhere.lines])
        return self.elsewhere


def lines_for(country: str, own: Path | None = None) -> Country:
    """Help in a country, given by its two letters; for one that is not listed, what holds for it all the same.

    `own` is where an organisation's own list would lie; nothing need be there.
    """
    return _current(own).of(country.strip().upper())


def countries(own: Path | None = None) -> list[Country]:
    """Every country with an entry of its own, in the order of the file."""
    held = _current(own)
    return [held.of(code) for code in held.countries]


def read(path: Path = SHIPPED) -> Helplines:
    """The list in a file, or `BadHelplines` with every problem and its line."""
    document = toml.read(path, BadHelplines)
    try:
        return Helplines.model_validate(document.data, strict=True)
    except ValidationError as error:
        problems = [document.problem(where, what) for where, what in toml.complaints(error, Helplines)]
        raise BadHelplines(path, problems) from None


def _current(own: Path | None) -> Helplines:
    try:
        changed = own.stat().st_mtime_ns if own else 0
    except OSError:
        return _shipped()
    return _held(own, changed) if own else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Helplines:
    return read(SHIPPED)


@lru_cache(maxsize=4)
def _held(own: Path, _changed: int) -> Helplines:
    """One's own list, read again when the file changes."""
    try:
        return read(own)
    except BadHelplines as bad:
        log.error("The list of help lines cannot be used, so the shipped one is shown.\n%s", bad)
        return _shipped()


def _dialled(number: str) -> str:
    return re.sub(r"[ ()-]", "", number)
