"""A row as plain words, numbers and dates, for the parts of the download."""

from __future__ import annotations

from typing import Any

Plain = dict[str, Any]  # words, numbers, yes and no, dates, and lists and dicts of them


def fields(row: object, *names: str) -> Plain:
    return {name: getattr(row, name) for name in names}
