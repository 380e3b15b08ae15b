"""Learned heads for screening: how pressing, of which kind, how sure; on the carriers, where they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from nawzajem.core.language.carriers import Carrier
from nawzajem.core.language.heads import Heads, Table
from nawzajem.core.screening.finding import Kind, Score, Tier

KEPT = Path(__file__).with_name("heads.npz")
SIGN = "sign"  # the head for any sign at all
TIERS = {"imminent": Tier.IMMINENT, "high": Tier.HIGH}
KINDS = (Kind.SUICIDE, Kind.SELF_HARM, Kind.ABUSE, Kind.DANGER_TO_OTHERS)
USUAL = 10  # words of a message
WORDY = 0.5  # how much more a message must say (in log odds) for each time that it is e times as long; then ordinary
# messages of all lengths are taken for a sign about as often
LONG = 60  # words; of a longer message its most telling part is heard once more, so that it is not quieter than a short one


class LearnedHeads:
    """What `screen` is given as `heads`."""

    def __init__(self, heads: Heads, carrier: Carrier) -> None:
        self._heads, self._carrier, self.version = heads, carrier, heads.version

    def __call__(self, sentences: Sequence[str], language: str) -> list[Score]:
        """The message as a whole, and of a long one the most telling part: every sentence has the score of the more pressing."""
        if not sentences:
            return []
        told = self.scored([" ".join(sentences), *self._most_telling(_parts(sentences))])
        return [max(told, key=lambda one: (one.tier, one.certainty))] * len(sentences)

    def _most_telling(self, parts: list[str]) -> list[str]:
        """By parts of words alone, which cost next to nothing."""
        if not parts:
            return []
        column = self._heads.labels.index(SIGN)
        return [parts[int(self._heads.by_words(parts)[:, column].argmax())]]

    def scored(self, texts: Sequence[str]) -> list[Score]:
        """One score for each text, as it stands."""
        sure = self._heads.probabilities(self._heads.scores(texts, self._carrier.encode(texts)))
        column = self._heads.labels.index(SIGN)
        enough = for_its_length(sure[:, column], texts) >= self._heads.threshold[column]
        return [
            self._score(dict(zip(self._heads.labels, row, strict=True)), is_sign)
            for row, is_sign in zip(sure, enough, strict=True)
        ]

    def _score(self, sure: dict[str, float], is_sign: bool) -> Score:
        """Certainty is that there is any sign at all, whichever tier and kind are likeliest."""
        from_on = dict(zip(self._heads.labels, self._heads.threshold, strict=True))
        certainty = round(float(sure[SIGN]), 3)
        if not is_sign:
            return Score(Tier.NONE, Kind.NONE, certainty)
        tier = next((tier for name, tier in TIERS.items() if sure[name] >= from_on[name]), Tier.CONCERN)
        return Score(tier, max(KINDS, key=lambda kind: sure[kind.value]), certainty)


def for_its_length(sure: Table, texts: Sequence[str]) -> Table:
    """Probabilities of a sign as the threshold sees them: there is more in a long message that may sound like one."""
    words = np.array([max(1, len(text.split())) for text in texts], np.float32)
    told = np.clip(sure, 1e-6, 1 - 1e-6)
    odds = np.log(told / (1 - told)) - WORDY * np.log(words / USUAL)
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


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
