"""Sheets that people keep, CSV or XLSX, read into people, asks and offers, with a problem for everything that cannot be
read and never an exception. Knows no database: `match` works from its records alone, and `import` stores them.

    >>> words = Vocabulary.of([("grief", ["Grief", "Żałoba"], [])])
    >>> reading = read_sheet("osoba;rola;temat\\nAnia;prosi;żałoba\\n".encode("cp1250"), words)
    >>> reading.asks[0].person, reading.asks[0].topics
    ('Ania', ('grief',))
"""

from nawzajem.core.sheets.mapping import SheetMapping, read_mapping
from nawzajem.core.sheets.problems import Problem
from nawzajem.core.sheets.reading import read_sheet
from nawzajem.core.sheets.records import AskRecord, ExperienceRecord, OfferRecord, PersonRecord, Reading
from nawzajem.core.sheets.rows import matching_rows
from nawzajem.core.sheets.values import Vocabulary

__all__ = [
    "AskRecord",
    "ExperienceRecord",
    "OfferRecord",
    "PersonRecord",
    "Problem",
    "Reading",
    "SheetMapping",
    "Vocabulary",
    "matching_rows",
    "read_mapping",
    "read_sheet",
]
