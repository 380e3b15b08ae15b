"""How a foreign sheet is read: which of its columns is which field of the plain format, what its values mean, and which
rows ask and which give. Written as TOML; `docs/matching.md` explains every key to whoever writes one.

    blueprint = "open-community"         # whose topics; a command may name another
    sheet = "Answers"                    # of a workbook; else the first

    [columns]                            # field = column, or several columns joined
    person = "id"
    topics = ["topic", "second topic"]

    [values.topics]                      # what stands in the sheet = what it means
    "job crisis" = "work"
    "other" = ""                         # nothing

    [defaults]                           # where a cell is empty or there is no column
    languages = "en"

    [asks]                               # which rows ask, and defaults for them
    when = { experience = "current" }
    stage = "in_it"

    [offers]
    when = { experience = ["past", "long past"] }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nawzajem.core.letters import fold
from nawzajem.core.sheets.problems import Problem
from nawzajem.core.sheets.values import FIELDS

Texts = Mapping[str, str]
TABLES = ("columns", "values", "defaults", "asks", "offers")
NAMES = ("blueprint", "sheet")


@dataclass(frozen=True, slots=True)
class Side:
    """Which rows are on this side: those where each column holds one of these values, folded; None where the mapping does
    not say. And what holds for them where the sheet says nothing."""

    when: Mapping[str, frozenset[str]] | None = None
    defaults: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """Without any of it the sheet is in the plain format."""

    blueprint: str = ""
    sheet: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Texts] = field(default_factory=dict)  # by field, from a folded value to what it means
    defaults: Texts = field(default_factory=dict)
    asks: Side = field(default_factory=Side)
    offers: Side = field(default_factory=Side)


def read_mapping(text: str) -> tuple[SheetMapping, tuple[Problem, ...]]:
    """The mapping, and everything in it that means nothing; with any problem the mapping should not be used."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return SheetMapping(), (Problem("mapping_broken", facts={"found": str(error)}),)
    reader = _Reader()
    return reader.mapping(data), tuple(reader.problems)


class _Reader:
    """Goes through the file once and keeps what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def mapping(self, data: dict[str, Any]) -> SheetMapping:
        self.known(data, (*NAMES, *TABLES), "")
        return SheetMapping(
            blueprint=self.text(data.get("blueprint", ""), "blueprint"),
            sheet=self.text(data.get("sheet", ""), "sheet"),
            columns={name: self.names(value, f"columns.{name}") for name, value in self.fields(data, "columns")},
            values={name: self.meanings(value, f"values.{name}") for name, value in self.fields(data, "values")},
            defaults=self.defaults(data, "defaults"),
            asks=self.side(data, "asks"),
            offers=self.side(data, "offers"),
        )

    def fields(self, data: dict[str, Any], name: str, also: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
        """Entries of a table whose keys are fields."""
        table = self.table(data.get(name, {}), name)
        self.known(table, (*FIELDS, *also), name)
        return ((key, value) for key, value in table.items() if key in FIELDS)

    def defaults(self, data: dict[str, Any], name: str) -> Texts:
        return {key: self.text(value, f"{name}.{key}") for key, value in self.fields(data, name, ("when",))}

    def side(self, data: dict[str, Any], name: str) -> Side:
        table = self.table(data.get(name, {}), name)
        when = table.get("when")
        if when is None:
            return Side(None, self.defaults(data, name))
        wanted = self.table(when, f"{name}.when").items()
        held = {column: frozenset(map(fold, self.names(value, f"{name}.when.{column}"))) for column, value in wanted}
        return Side(held, self.defaults(data, name))

    def meanings(self, value: Any, where: str) -> Texts:
        return {fold(found).strip(): self.text(means, where) for found, means in self.table(value, where).items()}

    def names(self, value: Any, where: str) -> tuple[str, ...]:
        return tuple(self.text(one, where) for one in (value if isinstance(value, list) else [value]))

    def text(self, value: Any, where: str) -> str:
        """A value as it would stand in a cell; a list as several entries of one."""
        if isinstance(value, list):
            return "; ".join(self.text(one, where) for one in value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str | int):
            return str(value)
        self.problems.append(Problem("mapping_value", facts={"found": where, "wanted": "a text"}))
        return ""

    def table(self, value: Any, where: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.problems.append(Problem("mapping_value", facts={"found": where, "wanted": "a table"}))
        return {}

    def known(self, table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                found = f"{where}.{key}".lstrip(".")
                self.problems.append(Problem("mapping_key", facts={"found": found, "known": ", ".join(keys)}))
