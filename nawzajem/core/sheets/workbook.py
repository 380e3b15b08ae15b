"""XLSX: the cells of one sheet as text, dates as 2026-05-31, formulas as what they came to."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from nawzajem.core.sheets.problems import Problem
from nawzajem.core.sheets.table import MOST_ROWS, TOO_BIG, Broken, Row

MOST_UNPACKED = 300_000_000  # a few kilobytes can be packed so that they unpack to fill a disk
ERROR = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)")


def read_workbook(data: bytes, sheet: str) -> tuple[Iterable[Row], list[Problem]]:
    """Rows of the sheet of that name, or of the first that is shown, and what is wrong with single cells."""
    try:
        rows = _cells(data, sheet, formulas=False)
        problems = list(_errors(rows))
        if _has_formulas(data):
            problems += _without_result(rows, _cells(data, sheet, formulas=True))
    except Broken:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise Broken(Problem("broken_workbook")) from error
    return (Row(number, tuple(map(_text, cells))) for number, cells in enumerate(rows, 1)), problems


def _cells(data: bytes, sheet: str, *, formulas: bool) -> list[tuple[Any, ...]]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise Broken(Problem("too_big", facts=TOO_BIG))
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=not formulas)
    try:
        page = _page(book.worksheets, sheet)
        page.reset_dimensions()  # what the file says of its own size is often wrong
        return list(_no_more_than(page.iter_rows(values_only=True)))
    finally:
        book.close()


def _page(pages: list[Any], sheet: str) -> Any:
    if sheet:
        pages_by_name = {page.title: page for page in pages}
        if sheet not in pages_by_name:
            raise Broken(Problem("no_sheet", facts={"found": sheet, "known": ", ".join(pages_by_name)}))
        return pages_by_name[sheet]
    shown = [page for page in pages if page.sheet_state == "visible"]
    return next(chain(shown, pages))


def _no_more_than(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Stops at a limit of empty rows too: a format set for a whole column reaches down to row 1,048,576."""
    for number, cells in enumerate(rows):
        if number > MOST_ROWS + 1:
            return
        yield cells


def _has_formulas(data: bytes) -> bool:
    """Reading twice takes twice as long, so only where a sheet has any."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        pages = [name for name in packed.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(re.search(rb"<f[ >/]", packed.read(name)) for name in pages)


def _errors(rows: list[tuple[Any, ...]]) -> Iterator[Problem]:
    for number, cells in enumerate(rows, 1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and ERROR.fullmatch(cell):
                yield Problem("cell_error", number, _column(rows, place), {"found": cell})


def _without_result(rows: list[tuple[Any, ...]], formulas: list[tuple[Any, ...]]) -> Iterator[Problem]:
    for number, (results, written) in enumerate(zip(rows, formulas, strict=False), 1):
        for place, (result, cell) in enumerate(zip(results, written, strict=False)):
            if result is None and cell is not None:
                yield Problem("formula", number, _column(rows, place))


def _column(rows: list[tuple[Any, ...]], place: int) -> str:
    header = next((row for row in rows if any(cell is not None for cell in row)), ())
    name = _text(header[place]) if place < len(header) else ""
    return name or get_column_letter(place + 1)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
