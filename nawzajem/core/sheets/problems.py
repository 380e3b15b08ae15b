"""What is wrong with a sheet: where, what was found, and what would be right. Never an exception: a sheet is somebody's
work, and they want all of it at once, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHORT = 40  # letters of a cell that are quoted back


def gettext_noop(sentence: str) -> str:
    """Marks a sentence for the catalogue of words. Translating is the doors' work: `gettext(problem.sentence) % problem.facts`."""
    return sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` as a spreadsheet program counts it, the header being row 1; None when it is about the whole file. With `note`
    the row was read all the same."""

    code: str
    row: int | None = None
    column: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: bool = False

    @property
    def sentence(self) -> str:
        """In English, with %(gaps)s for the facts."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        place = ", ".join(filter(None, [f"row {self.row}" if self.row else "", self.column]))
        said = self.sentence % self.facts
        return f"{place}: {said}" if place else said


class Unreadable(ValueError):
    """A cell that says nothing known. Caught where the row is known, never let out."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def quoted(text: str) -> str:
    """A cell as it is quoted back: one line, and not all of a long one."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"


SENTENCES = {
    # the file
    "empty": gettext_noop("There is nothing in this file."),
    "no_rows": gettext_noop("There is a header and no row under it."),
    "not_text": gettext_noop("This is neither a CSV file nor an XLSX workbook. Save it as one of the two."),
    "old_excel": gettext_noop("This is a workbook of the old kind (XLS). Save it as XLSX or CSV."),
    "broken_workbook": gettext_noop("This workbook cannot be opened. Save it again as XLSX, or as CSV."),
    "no_sheet": gettext_noop("There is no sheet named “%(found)s”. There are: %(known)s."),
    "too_big": gettext_noop("This file is too big. Up to %(rows)s rows and %(megabytes)s MB can be read at once."),
    "bad_letters": gettext_noop("Some letters cannot be read. Save the file as CSV in UTF-8."),
    "quotes": gettext_noop("A quotation mark opens here and does not close."),
    # the header
    "twice": gettext_noop("Two columns have this name. Only the first is read; rename or remove the other."),
    "unknown_column": gettext_noop("This column is not known and was not read."),
    "near_column": gettext_noop("This column is not known and was not read. Perhaps “%(near)s” is meant."),
    "no_column": gettext_noop("The mapping names this column, and the sheet has none of that name."),
    "no_person": gettext_noop("No column says who it is. Name one “person”."),
    "no_role": gettext_noop("No column says who asks and who gives. Name one “role”, with “asks”, “gives” or “both”."),
    # rows
    "more_cells": gettext_noop("This row has more cells than the header. Is there a separator inside a text?"),
    "formula": gettext_noop(
        "This cell holds a formula without a result. Open the file, save it again, or paste values."
    ),
    "cell_error": gettext_noop("This cell holds an error: %(found)s."),
    "missing": gettext_noop("This cell is empty, and something is needed here."),
    "left_out": gettext_noop("By the mapping this row neither asks nor gives, so it was left out."),
    "unknown": gettext_noop("“%(found)s” is not known here. It can be: %(known)s."),
    "unknown_topic": gettext_noop("“%(found)s” is no topic of this programme."),
    "near_topic": gettext_noop("“%(found)s” is no topic of this programme. Perhaps “%(near)s” is meant."),
    "hours": gettext_noop("“%(found)s” cannot be read as hours. It should be like “Mon-Fri 18-21; Sat 10-14”."),
    "month": gettext_noop("“%(found)s” is no year or month. It should be like “2024” or “2024-05”."),
    "day": gettext_noop("“%(found)s” is no date. It should be like “2026-05-31”."),
    "number": gettext_noop("“%(found)s” should be a whole number from %(least)s to %(most)s."),
    "zone": gettext_noop("“%(found)s” is no time zone. It should be like “Europe/Warsaw”."),
    "ends_before": gettext_noop("It ends before it begins."),
    "too_long": gettext_noop("There are %(found)s characters here. Up to %(most)s are kept."),
    "differs": gettext_noop("Row %(first)s says “%(kept)s” about the same person, and that was kept."),
    # the mapping
    "mapping_broken": gettext_noop("The mapping cannot be read: %(found)s."),
    "mapping_key": gettext_noop("The mapping has “%(found)s”, which means nothing here. Known are: %(known)s."),
    "mapping_value": gettext_noop("In the mapping, “%(found)s” should be %(wanted)s."),
}
