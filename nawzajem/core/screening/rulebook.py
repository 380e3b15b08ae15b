"""The rules of a language: signs with kind and tier, and what makes a sign weigh more, less, or nothing.

They stand in `rules/LANGUAGE.toml`, so that whoever knows a language better than its program can put them right.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from nawzajem.core.screening.finding import Kind, Reason, Tier
from nawzajem.core.screening.wording import Hit, Line, Phrases, plain

HERE = Path(__file__).parent / "rules"
LANGUAGES = ("pl", "en")
NEAR = 4  # words between a "not" and what it denies
WITHIN = 10  # words around the first of some blocks, in which the others stand


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
    unless: frozenset[str]  # beside one of these, it is no sign, unless they say that they mean it


_Together = tuple[str, tuple[frozenset[str], ...]]


class Rulebook:
    """A sign is found by a phrase of its own, or by blocks that stand together: who, a deed, an hour, a means, a place."""

    def __init__(self, written: bytes) -> None:
        told: dict[str, Any] = tomllib.loads(written.decode("utf-8"))
        lists = told["words"]
        self.version = sha256(written).hexdigest()[:8]
        self._rules = {one["code"]: _rule(one) for one in told["sign"]}
        self._signs = Phrases(_coded({one["code"]: one.get("phrases", ()) for one in told["sign"]}), lists)
        self._marks = Phrases(_coded(told["marks"] | told.get("blocks", {})), lists)
        self._together = _by_first(told["sign"])
        self._denials = {plain(word) for word in lists["denial"].split()}

    def signs(self, found: Sequence[Line], before: str = "") -> Iterator[Sign]:
        """Of each sentence, weighed with the marks of its own and, for the hour and excuses, of those beside it."""
        marks = [list(self._marks.find(line)) for line in found]
        for at, line in enumerate(found):
            around = {hit.code for hits in marks[max(at - 1, 0) : at + 2] for hit in hits}
            excuses = frozenset[str]() if "meant" in around else around
            for hit in chain(self._signs.find(line), self._joined(at, found, marks)):
                if not self._is_nothing(hit, line, marks[at]) and not self._rules[hit.code].unless & excuses:
                    yield self._weighed(hit, line, marks[at], soon="soon" in around)
        yield from self._answered(found, marks, before)

    def _joined(self, at: int, found: Sequence[Line], marks: Sequence[Sequence[Hit]]) -> Iterator[Hit]:
        """Blocks of one sign near each other, in whatever order, also over the end of a sentence, under the first."""
        firsts = [(hit, sign) for hit in marks[at] for sign in self._together.get(hit.code, ())]
        if not firsts:
            return
        near = [(hit.first + away, hit.last + away, hit.code) for away, hit in _beside(at, found, marks)]
        for hit, (code, others) in firsts:
            beside = {one for first, last, one in near if first <= hit.last + WITHIN and last >= hit.first - WITHIN}
            if all(beside & either for either in others):
                yield Hit(code, hit.first, hit.last)

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
        unless=frozenset(told.get("unless", ())),
    )


def _coded(phrases: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    return ((code, phrase) for code, several in phrases.items() for phrase in several)


def _by_first(signs: Iterable[Mapping[str, Any]]) -> dict[str, list[_Together]]:
    """First block -> which sign it is, where one of each of the other blocks stands beside it."""
    told: dict[str, list[_Together]] = defaultdict(list)
    for one in signs:
        for blocks in one.get("together", ()):
            firsts, *others = (frozenset(either.split("|")) for either in blocks.split())
            for first in firsts:
                told[first].append((one["code"], tuple(others)))
    return dict(told)


def _beside(at: int, found: Sequence[Line], marks: Sequence[Sequence[Hit]]) -> Iterator[tuple[int, Hit]]:
    """What stands in the sentence, in the one before it and the one after, each with how many words away from it they
    begin. An hour belongs to its own sentence."""
    yield from ((0, hit) for hit in marks[at])
    if at:
        yield from ((-len(found[at - 1].words), hit) for hit in marks[at - 1] if hit.code != "soon")
    if at + 1 < len(found):
        yield from ((len(found[at].words), hit) for hit in marks[at + 1] if hit.code != "soon")
