"""One thing that was looked at: how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Weight(Enum):
    FINE = "fine"
    NOTE = "note"  # worth knowing
    WRONG = "wrong"  # must be mended


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    weight: Weight
    said: str
    remedy: str = ""


def fine(code: str, said: str) -> Finding:
    return Finding(code, Weight.FINE, said)


def note(code: str, said: str, remedy: str = "") -> Finding:
    return Finding(code, Weight.NOTE, said, remedy)


def wrong(code: str, said: str, remedy: str) -> Finding:
    return Finding(code, Weight.WRONG, said, remedy)
