"""The coach's rules: words that are a pitfall wherever they stand, and how somebody asks for advice."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from nawzajem.core.coaching.noticed import Noticed, Pitfall
from nawzajem.core.screening.wording import Line, Phrases

LANGUAGES = ("pl", "en")
SURE = 0.9  # of the phrases in the files, on sentences written for this: docs/coach-card.md tells the share


def ruled(found: Sequence[Line]) -> Iterator[Noticed]:
    """Each pitfall once, where it stands first. All languages are looked through: people mix them."""
    seen: set[str] = set()
    for line in found:
        for phrases in map(_pitfalls, LANGUAGES):
            for hit in phrases.find(line):
                if hit.code not in seen:
                    seen.add(hit.code)
                    yield Noticed(Pitfall(hit.code), SURE, line.spans[hit.first][0], line.spans[hit.last - 1][1])


def asks_for_advice(found: Sequence[Line]) -> bool:
    return any(next(_asking(code).find(line), None) for line in found for code in LANGUAGES)


@cache
def version() -> str:
    return f"rules-{crc32(b''.join(_file(code).read_bytes() for code in LANGUAGES)):08x}"


@cache
def _pitfalls(code: str) -> Phrases:
    book = _book(code)
    return Phrases(((name, one) for name, many in book["pitfalls"].items() for one in many), book["words"])


@cache
def _asking(code: str) -> Phrases:
    book = _book(code)
    return Phrases((("asked", one) for one in book["asked"]["advice"]), book["words"])


def _book(code: str) -> dict[str, Any]:
    return tomllib.loads(_file(code).read_text(encoding="utf-8"))


def _file(code: str) -> Path:
    return Path(__file__).with_name(f"rules-{code}.toml")
