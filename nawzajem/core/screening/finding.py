"""What a screening tells: how pressing, of which kind, how sure, and which words led there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Tier(IntEnum):
    """How pressing it is; `docs/labels.md` says which message has which. They stand in an order, so that they compare."""

    NONE = 0
    CONCERN = 1
    HIGH = 2
    IMMINENT = 3

    @property
    def code(self) -> str:
        return self.name.lower()


class Kind(StrEnum):
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    ABUSE = "abuse"
    DANGER_TO_OTHERS = "danger_to_others"
    NONE = "none"


class Band(StrEnum):
    """How much a finding is to be relied on. There is no word for "no risk": nobody can read that from a message."""

    SURE = "sure"
    UNSURE = "unsure"
    NO_SIGN = "no_sign"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the rules, and the words it was found in: `text[start:end]`."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    tier: Tier
    kind: Kind
    certainty: float  # 0 to 1: of messages that look like this one, about how many are what the finding says
    reasons: tuple[Reason, ...]
    version: str

    @property
    def band(self) -> Band:
        if self.tier is Tier.NONE:
            return Band.NO_SIGN
        return Band.SURE if self.certainty >= SURE else Band.UNSURE


SURE = 0.75


@dataclass(frozen=True, slots=True)
class Score:
    """What learned heads think of one sentence."""

    tier: Tier
    kind: Kind
    certainty: float


class Heads(Protocol):
    """Learned heads, where they are installed: sentences in one language -> one score each, in the same order."""

    version: str

    def __call__(self, sentences: Sequence[str], language: str) -> Sequence[Score]: ...
