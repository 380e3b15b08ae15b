"""Learned heads for screening: how pressing, of which kind, how sure; on the carriers, where they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nawzajem.core.language.carriers import Carrier, Heard, hearing, tuned
from nawzajem.core.language.heads import Heads, Table
from nawzajem.core.screening.finding import Kind, Score, Tier

HEARS = 150  # characters that the E5 hears of a message; with 200 heads are hardly better, and a message takes a fifth longer
KEPT = Path(__file__).with_name("heads.npz")
SIGN = "sign"  # the head for any sign at all
TIERS = {"imminent": Tier.IMMINENT, "high": Tier.HIGH}
KINDS = (Kind.SUICIDE, Kind.SELF_HARM, Kind.ABUSE, Kind.DANGER_TO_OTHERS)
USUAL = 10  # words of a message
WORDY = 0.5  # how much more a message must say (in log odds) for each time that it is e times as long; then ordinary
# messages of all lengths are taken for a sign about as often
LONG = 60  # words; of a longer message its most telling part is heard once more, so that it is not quieter than a short one
NEARLY = 2.0  # if as a whole it says nearly enough: in log odds


class LearnedHeads:
    """What `screen` is given as `heads`."""

    def __init__(self, heads: Heads, carrier: Carrier) -> None:
        self._heads, self._carrier, self.version = heads, carrier, heads.version

    def __call__(self, sentences: Sequence[str], language: str) -> list[Score]:
        """The message as a whole, and of a long one that nearly says something the most telling part: every sentence has the
        score of the more pressing."""
        if not sentences:
            return []
        told = self.scored([whole := " ".join(sentences)], [language])
        if self._is_nearly_one(told[0].certainty, whole, language):
            parts = self._most_telling(_parts(sentences))
            told += self.scored(parts, [language] * len(parts))
        return [max(told, key=lambda one: (one.tier, one.certainty))] * len(sentences)

    def _is_nearly_one(self, certainty: float, text: str, language: str) -> bool:
        """Most long messages of ordinary days are far from it, and are heard once."""
        loud = for_its_length(np.array([certainty], np.float32), [text])
        return bool(_odds(loud)[0] > _odds(self._from_on(language)[SIGN]) - NEARLY)

    def _most_telling(self, parts: list[str]) -> list[str]:
        """By parts of words alone, which cost next to nothing."""
        if not parts:
            return []
        column = self._heads.labels.index(SIGN)
        return [parts[int(self._heads.by_words(parts)[:, column].argmax())]]

    def scored(self, texts: Sequence[str], languages: Sequence[str]) -> list[Score]:
        """One score for each text, as it stands."""
        if not texts:
            return []
        sure = self._heads.probabilities(self._heads.scores(texts, self._carrier.encode(texts)))
        loud = for_its_length(sure[:, self._heads.labels.index(SIGN)], texts)
        return [
            self._score(dict(zip(self._heads.labels, row, strict=True)), said, self._from_on(language))
            for row, said, language in zip(sure, loud, languages, strict=True)
        ]

    def _from_on(self, language: str) -> dict[str, float]:
        return dict(zip(self._heads.labels, map(float, self._heads.told_from(language)), strict=True))

    def _score(self, sure: dict[str, float], loud: float, from_on: dict[str, float]) -> Score:
        """Certainty is that there is any sign at all, whichever tier and kind are likeliest."""
        certainty = round(float(sure[SIGN]), 3)
        if loud < from_on[SIGN]:
            return Score(Tier.NONE, Kind.NONE, certainty)
        tier = next((tier for name, tier in TIERS.items() if sure[name] >= from_on[name]), Tier.CONCERN)
        return Score(tier, max(KINDS, key=lambda kind: sure[kind.value]), certainty)


def for_its_length(sure: Table, texts: Sequence[str]) -> Table:
    """Probabilities of a sign as the threshold sees them: there is more in a long message that may sound like one."""
    words = np.array([max(1, len(text.split())) for text in texts], np.float32)
    return (1 / (1 + np.exp(WORDY * np.log(words / USUAL) - _odds(sure)))).astype(np.float32)


def _odds(sure: Table | float) -> Any:
    told = np.clip(sure, 1e-6, 1 - 1e-6)
    return np.log(told / (1 - told))


@cache
def kept() -> Heads | None:
    return Heads.load(KEPT) if KEPT.exists() else None


@cache
def _ear(carrier: Carrier, heads: Heads) -> Carrier | None:
    """The carrier as it was taught for these heads; loaded once."""
    ear = hearing(carrier, HEARS)
    return tuned(ear, heads.changes) if heads.carrier == ear.name else None


def learned(carrier: Carrier | None, at_once: Sequence[str] = ()) -> LearnedHeads | None:
    """None where there is no carrier, or another one than the heads were learned on. Texts that are known beforehand are heard
    at once, which is several times faster."""
    heads = kept()
    ear = _ear(carrier, heads) if carrier and heads else None
    return LearnedHeads(heads, Heard(ear, at_once) if at_once else ear) if heads and ear else None


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
