"""A file of bytes read as a table of text: CSV in whatever separator and letters it came in, or an XLSX workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from nawzajem.core.letters import fold
from nawzajem.core.sheets.problems import Problem

MOST_BYTES = 50_000_000
MOST_ROWS = 200_000
TOO_BIG = {"rows": MOST_ROWS, "megabytes": MOST_BYTES // 1_000_000}
SEPARATORS = ",;\t|"
SAMPLE = 60_000  # characters in which the separator shows itself
LOST = "\ufffd"  # stands where bytes make no letter
POLISH = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")


class Broken(Exception):
    """A file of which nothing can be read. Never let out of this package: it becomes its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Row:
    number: int  # as a spreadsheet program counts, the first line of the file being 1
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header; rows without any text are left out."""

    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(data: bytes, *, sheet: str = "") -> Table:
    """Whatever of a table there is in these bytes. `sheet` names one of a workbook, else its first that is shown."""
    try:
        if len(data) > MOST_BYTES:
            raise Broken(Problem("too_big", facts=TOO_BIG))
        if data[:4] == b"PK\x03\x04":
            from nawzajem.core.sheets.workbook import read_workbook

            rows, problems = read_workbook(data, sheet)
        else:
            text, problems = _text(data)
            rows = _rows(text)
        return _table(list(islice(rows, MOST_ROWS + 2)), problems)
    except Broken as broken:
        return Table(problems=(broken.problem,))


def _table(rows: list[Row], problems: list[Problem]) -> Table:
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise Broken(Problem("empty"))
    if len(filled) > MOST_ROWS + 1:
        raise Broken(Problem("too_big", facts=TOO_BIG))
    header = tuple(cell.strip() for cell in filled[0].cells)
    problems = [*problems, *_about_header(header), *_about_width(header, filled[1:]), *_about_letters(header, filled)]
    if len(filled) == 1:
        problems.append(Problem("no_rows"))
    return Table(header, tuple(filled[1:]), tuple(problems))


def _about_header(header: Sequence[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in header:
        if name and fold(name) in seen:
            yield Problem("twice", 1, name)
        seen.add(fold(name))


def _about_width(header: Sequence[str], rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        if any(cell.strip() for cell in row.cells[len(header) :]):
            yield Problem("more_cells", row.number)


def _about_letters(header: Sequence[str], rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        for name, cell in zip(header, row.cells, strict=False):
            if LOST in cell:
                yield Problem("bad_letters", row.number, name)


def _text(data: bytes) -> tuple[str, list[Problem]]:
    """Letters from bytes: UTF-8, UTF-16 where it says so, else one of the two old tables of Polish letters."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Broken(Problem("old_excel"))
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace"), []
    if b"\0" in data:
        raise Broken(Problem("not_text"))
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return _old_letters(data)


def _old_letters(data: bytes) -> tuple[str, list[Problem]]:
    """Where most of what is not ASCII makes sense as UTF-8 a few bytes are broken, and the letters lost are pointed out."""
    text = data.decode("utf-8-sig", errors="replace")
    whole = sum(letter > "\x7f" and letter != LOST for letter in text)
    if whole > text.count(LOST):
        return text, []
    tables = [data.decode(table, errors="replace") for table in ("cp1250", "iso8859_2")]
    return max(tables, key=lambda guess: sum(letter in POLISH for letter in guess)), []


def _rows(text: str) -> Iterator[Row]:
    text, separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield Row(number, tuple(cells))
    except csv.Error:  # a quotation mark that never closes swallows the rest, until the reader's limit
        raise Broken(Problem("quotes", number + 1)) from None


def _separator(text: str) -> tuple[str, str]:
    """What parts the cells: said in a first line 'sep=;', as some programs write it, or found by trying which of them
    parts the most rows into as many cells as the header has."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return rest, first.strip()[4]
    return text, max(SEPARATORS, key=lambda one: _evenness(text[:SAMPLE], one))


def _evenness(sample: str, separator: str) -> tuple[float, int]:
    try:
        widths = [
            len(cells)
            for cells in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), 100)
            if cells
        ]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] == 1:
        return 0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]
