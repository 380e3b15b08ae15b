"""Tables as files. A cell that a spreadsheet would take for a formula is made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheet(NamedTuple):
    names: Sequence[str]
    rows: Sequence[Sequence[Any]]


def as_csv(sheet: Sheet, *, separator: str = ",") -> bytes:
    """With the mark at its head by which spreadsheets know that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(sheet.names)
    writer.writerows([harmless(cell) for cell in row] for row in sheet.rows)
    return file.getvalue().encode("utf-8-sig")


def as_workbook(sheets: Mapping[str, Sheet]) -> bytes:
    """XLSX, a page for each table."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, sheet in sheets.items():
        page = book.create_sheet(name)
        page.append(list(sheet.names))
        for row in sheet.rows:
            page.append([harmless(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def harmless(cell: Any) -> Any:
    """An apostrophe before what would begin a formula: it is then shown, and not run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
