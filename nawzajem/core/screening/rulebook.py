"""The rules of a language: signs with kind and tier, and what makes a sign weigh more, less, or nothing.

They stand in `rules/LANGUAGE.toml`, so that whoever knows a language better than its program can put them right.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nawzajem.core.screening.finding import Kind, Reason, Tier
from nawzajem.core.screening.wording import Hit, Line, Phrases, plain

HERE = Path(__file__).parent / "rules"
LANGUAGES = ("pl", "en")
NEAR = 4  # words between a "not" and what it denies


@dataclass(frozen=True, slots=True)
class Sign:
    """Something found, weighed by what stands around it."""

    tier: Tier
    kind: Kind
    certainty: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Rule:
    tier: Tier
    kind: Kind
    certainty: float
    soon: bool  # with an hour or a day beside it, it is imminent
    past: bool  # long ago, it is no sign


class Rulebook:
    def __init__(self, written: bytes) -> None:
        told: dict[str, Any] = tomllib.loads(written.decode("utf-8"))
        lists = told["words"]
        self.version = sha256(written).hexdigest()[:8]
        self._rules = {one["code"]: _rule(one) for one in told["sign"]}
        self._signs = Phrases(((one["code"], phrase) for one in told["sign"] for phrase in one["phrases"]), lists)
        self._marks = Phrases(((code, phrase) for code, phrases in told["marks"].items() for phrase in phrases), lists)
        self._denials = {plain(word) for word in lists["denial"].split()}

    def signs(self, found: Sequence[Line], before: str = "") -> Iterator[Sign]:
        """Of each sentence, weighed with the marks of its own and, for the hour alone, of those beside it."""
        marks = [list(self._marks.find(line)) for line in found]
        for at, line in enumerate(found):
            around = {hit.code for hits in marks[max(at - 1, 0) : at + 2] for hit in hits}
            for hit in self._signs.find(line):
                if not self._is_nothing(hit, line, marks[at]):
                    yield self._weighed(hit, line, marks[at], soon="soon" in around)
        yield from self._answered(found, marks, before)

    def _is_nothing(self, hit: Hit, line: Line, marks: Sequence[Hit]) -> bool:
        codes = {mark.code for mark in marks}
        if any(mark.code == "idiom" and mark.first < hit.last and hit.first < mark.last for mark in marks):
            return True
        if self._rules[hit.code].past and "past" in codes and "again" not in codes:
            return True
        return self._denied(hit, line, marks)

    def _denied(self, hit: Hit, line: Line, marks: Sequence[Hit]) -> bool:
        """A "not" shortly before, in the same clause, unless what is denied is that it stops."""
        if line.words[hit.first] in self._denials:
            return False
        for at in range(hit.first - 1, max(hit.first - 1 - NEAR, -1), -1):
            if at + 1 in line.breaks:
                return False
            if any(mark.code == "undenied" and mark.first <= at < mark.last for mark in marks):
                return False
            if line.words[at] in self._denials:
                return True
        return False

    def _weighed(self, hit: Hit, line: Line, marks: Sequence[Hit], *, soon: bool) -> Sign:
        rule = self._rules[hit.code]
        reason = Reason(hit.code, line.spans[hit.first][0], line.spans[hit.last - 1][1])
        sign = Sign(rule.tier, rule.kind, rule.certainty, reason)
        if rule.soon and soon:
            sign = replace(sign, tier=Tier.IMMINENT)
        told = any(mark.code == "story" for mark in marks) or line.is_quoted(hit.first)
        return replace(sign, tier=Tier.CONCERN, certainty=round(sign.certainty / 3, 3)) if told else sign

    def _answered(self, found: Sequence[Line], marks: Sequence[Sequence[Hit]], before: str) -> Iterator[Sign]:
        """A bare "yes" to somebody who asked about it means what was asked; a yes with an hour, that it is soon."""
        if not (before and found and found[0].words and any(hit.code == "yes" and not hit.first for hit in marks[0])):
            return
        asked = Line.of(before)
        for hit in self._signs.find(asked):
            rule = self._rules[hit.code]
            soon = rule.soon and any(mark.code == "soon" for mark in marks[0])
            reason = Reason(f"yes_to_{hit.code}", *found[0].spans[0])
            yield Sign(Tier.IMMINENT if soon else rule.tier, rule.kind, rule.certainty, reason)


@lru_cache
def rulebook(code: str) -> Rulebook:
    return Rulebook((HERE / f"{code}.toml").read_bytes())


def _rule(told: dict[str, Any]) -> _Rule:
    return _Rule(
        tier=Tier[told["tier"].upper()],
        kind=Kind(told["kind"]),
        certainty=told["certainty"],
        soon=told.get("soon", False),
        past=told.get("past", True),
    )
