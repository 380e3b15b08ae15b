"""Learned heads for screening: how pressing, of which kind, how sure; on the carriers, where they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nawzajem.core.language.carriers import Carrier
from nawzajem.core.language.heads import Heads
from nawzajem.core.screening.finding import Kind, Score, Tier

KEPT = Path(__file__).with_name("heads.npz")
SIGN = "sign"  # the head for any sign at all
TIERS = {"imminent": Tier.IMMINENT, "high": Tier.HIGH}
KINDS = (Kind.SUICIDE, Kind.SELF_HARM, Kind.ABUSE, Kind.DANGER_TO_OTHERS)
LONG = 60  # words; a longer message is also heard in parts, so that it is not quieter than a short one


class LearnedHeads:
    """What `screen` is given as `heads`."""

    def __init__(self, heads: Heads, carrier: Carrier) -> None:
        self._heads, self._carrier, self.version = heads, carrier, heads.version

    def __call__(self, sentences: Sequence[str], language: str) -> list[Score]:
        """The message as a whole, and each of its parts: every sentence has the score of the most pressing of them."""
        if not sentences:
            return []
        parts = [" ".join(sentences), *_parts(sentences)]
        told = self.scored(parts)
        return [max(told, key=lambda one: (one.tier, one.certainty))] * len(sentences)

    def scored(self, texts: Sequence[str]) -> list[Score]:
        """One score for each text, as it stands."""
        sure = self._heads.probabilities(self._heads.scores(texts, self._carrier.encode(texts)))
        return [self._score(dict(zip(self._heads.labels, row, strict=True))) for row in sure]

    def _score(self, sure: dict[str, float]) -> Score:
        """Certainty is that there is any sign at all, whichever tier and kind are likeliest."""
        from_on = dict(zip(self._heads.labels, self._heads.threshold, strict=True))
        certainty = round(float(sure[SIGN]), 3)
        if sure[SIGN] < from_on[SIGN]:
            return Score(Tier.NONE, Kind.NONE, certainty)
        tier = next((tier for name, tier in TIERS.items() if sure[name] >= from_on[name]), Tier.CONCERN)
        return Score(tier, max(KINDS, key=lambda kind: sure[kind.value]), certainty)


@cache
def kept() -> Heads | None:
    return Heads.load(KEPT) if KEPT.exists() else None


def learned(carrier: Carrier | None) -> LearnedHeads | None:
    """None where there is no carrier, or another one than the heads were learned on."""
    heads = kept() if carrier else None
    return LearnedHeads(heads, carrier) if heads and carrier and heads.carrier == carrier.name else None


def _parts(sentences: Sequence[str]) -> list[str]:
    """A long message in pieces of whole sentences; none for a short one."""
    if sum(len(one.split()) for one in sentences) <= LONG:
        return []
    pieces: list[list[str]] = [[]]
    for one in sentences:
        if sum(len(each.split()) for each in pieces[-1]) > LONG // 2:
            pieces.append([])
        pieces[-1].append(one)
    return [" ".join(piece) for piece in pieces]
