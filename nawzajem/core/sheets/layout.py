"""Where in a table each field stands, and which rows ask and which give: by plain headers, or by a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nawzajem.core.letters import fold
from nawzajem.core.sheets.mapping import SheetMapping, Side
from nawzajem.core.sheets.problems import Problem
from nawzajem.core.sheets.table import Row, Table
from nawzajem.core.sheets.values import field_of, near_header

Columns = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    header: tuple[str, ...]
    columns: Columns  # from each field to the places of its columns
    places: Mapping[str, int]  # from each folded name of a column to its place
    mapping: SheetMapping

    def texts(self, row: Row) -> dict[str, str]:
        """What a row says of each field, in the words of the plain format; nothing of fields it is silent about."""
        said = {name: "; ".join(filter(None, self._meant(name, row))) for name in self.columns}
        return {name: text for name, text in said.items() if text}

    def sides(self, row: Row) -> tuple[bool, bool] | None:
        """Whether a row asks and whether it gives, where the mapping says which rows do."""
        if not _says_when(self.mapping):
            return None
        return self._holds(row, self.mapping.asks), self._holds(row, self.mapping.offers)

    def column(self, name: str) -> str:
        """How the sheet calls a field."""
        return self.header[self.columns[name][0]] if name in self.columns else name

    def _meant(self, name: str, row: Row) -> list[str]:
        meanings = self.mapping.values.get(name, {})
        cells = [_cell(row, place) for place in self.columns[name]]
        return [meanings.get(fold(cell), cell) for cell in cells] if meanings else cells

    def _holds(self, row: Row, side: Side) -> bool:
        if side.when is None:
            return False
        return all(fold(_cell(row, self.places[fold(name)])) in held for name, held in side.when.items())


def lay_out(table: Table, mapping: SheetMapping) -> tuple[Layout, list[Problem]]:
    """The layout, and what is wrong with the header. With a problem that is no mere note nothing can be read by it."""
    # of two columns of one name the first
    places = {fold(name): place for place, name in reversed(list(enumerate(table.header)))}
    mapped = mapping.columns or _says_when(mapping)
    columns, problems = _mapped(places, mapping) if mapped else _plain(table)
    if "person" not in columns:
        problems.append(Problem("no_person", 1))
    if "role" not in columns and "role" not in mapping.defaults and not _says_when(mapping):
        problems.append(Problem("no_role", 1))
    return Layout(table.header, columns, places, mapping), problems


def _plain(table: Table) -> tuple[Columns, list[Problem]]:
    columns: Columns = {}
    problems = []
    for place, name in enumerate(table.header):
        known = field_of(name)
        if known:
            columns.setdefault(known, (place,))
        elif name:
            problems.append(_unknown(name))
    return columns, problems


def _unknown(name: str) -> Problem:
    near = near_header(name)
    if near:
        return Problem("near_column", 1, name, {"near": near}, note=True)
    return Problem("unknown_column", 1, name, note=True)


def _mapped(places: Mapping[str, int], mapping: SheetMapping) -> tuple[Columns, list[Problem]]:
    sides = (side.when or {} for side in (mapping.asks, mapping.offers))
    named = dict.fromkeys(name for names in [*mapping.columns.values(), *sides] for name in names)
    columns = {
        known: tuple(places[fold(name)] for name in names if fold(name) in places)
        for known, names in mapping.columns.items()
    }
    problems = [Problem("no_column", 1, name) for name in named if fold(name) not in places]
    return {known: at for known, at in columns.items() if at}, problems


def _says_when(mapping: SheetMapping) -> bool:
    return mapping.asks.when is not None or mapping.offers.when is not None


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""
