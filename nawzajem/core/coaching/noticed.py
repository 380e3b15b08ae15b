"""What the coach can notice in a reply; `docs/labels.md` says which reply has which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pitfall(StrEnum):
    DIRECTIVE = "dir"
    MINIMISING = "min"
    REASSURANCE = "rea"
    HIJACKING = "hij"
    JUDGING = "jud"
    DIAGNOSING = "dia"
    SECRECY = "sec"
    RESCUING = "res"
    INTERROGATING = "int"
    PRIVATE = "pri"


class Help(StrEnum):
    REACTION = "er"
    INTERPRETATION = "ip"
    EXPLORATION = "ex"
    AFFIRMATION = "af"
    DISCLOSURE = "sd"


PITFALLS, HELPS = tuple(Pitfall), tuple(Help)


@dataclass(frozen=True, slots=True)
class Noticed:
    """One thing noticed, in the words `text[start:end]`."""

    code: Pitfall | Help
    certainty: float  # 0 to 1: of replies that look like this one, about how many are so
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Coached:
    """All of it, the surest first."""

    pitfalls: tuple[Noticed, ...]
    helps: tuple[Noticed, ...]
    version: str
