"""A talk as it is written down: who says what, in which sitting, after which pause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from nawzajem.management.demo.times import span

SCENE = re.compile(r"^\[(?:\+(\d+)d )?(\d{1,2}):(\d{2})\]$")
PAUSE = re.compile(r"^\[\+(\d+[mh])\]$")


@dataclass(frozen=True, slots=True)
class Beat:
    """One message, and the pause that was made before it."""

    who: str
    text: str
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Scene:
    """A sitting: so many days after the one before, from this time of the day on."""

    days: int
    at: time
    beats: tuple[Beat, ...]


def scenes(talk: str, names: set[str]) -> Iterator[Scene]:
    """ValueError for a line that nobody says."""
    for head, lines in _cut(talk):
        days, hour, minute = SCENE.fullmatch(head).groups()  # type: ignore[union-attr]
        yield Scene(int(days or 0), time(int(hour), int(minute)), tuple(_beats(lines, names)))


def _cut(talk: str) -> Iterator[tuple[str, list[str]]]:
    head, lines = "", list[str]()
    for line in talk.strip().split("\n"):
        if SCENE.match(line):
            if head:
                yield head, lines
            head, lines = line, []
        elif not head:
            raise ValueError("begins with the time of the first words: [21:40]")
        else:
            lines.append(line)
    yield head, lines


def _beats(lines: list[str], names: set[str]) -> Iterator[Beat]:
    """A message goes on until the next name or the next bracket."""
    who, said, pause = "", list[str](), timedelta()
    for line in [*lines, "[+0m]"]:
        name, colon, text = line.partition(": ")
        if (colon and name in names) or PAUSE.match(line):
            if who:
                yield Beat(who, "\n".join(said).strip(), pause)
                pause = timedelta()
            who, said = (name, [text]) if colon and name in names else ("", [])
            if not who:
                pause = span(PAUSE.match(line)[1])  # type: ignore[index]
        elif who:
            said.append(line)
        elif line.strip():
            raise ValueError(f"nobody says this: {line}")
