"""One message, or several sentences of one, screened: rules always, learned heads beside them where they are installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nawzajem.core.screening.finding import Finding, Heads, Kind, Reason, Score, Tier
from nawzajem.core.screening.rulebook import LANGUAGES, Sign, rulebook
from nawzajem.core.screening.wording import Line, Phrases, bent, lines


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Words that a programme adds, as it writes them, with what they mean there."""

    phrase: str
    tier: Tier
    kind: Kind
    language: str = "pl"


def screen(
    text: str, language: str, *, words: Sequence[OwnWords] = (), before: str = "", heads: Heads | None = None
) -> Finding:
    """What `text` may be a sign of.

    `language` is "pl" or "en", the one its writer reads: the rules of every language are looked through all the same, for
    people write in the language they are upset in. `words` are the programme's own. `before` is what the other side said
    last: a bare "yes" means what was asked. With `heads`, the more pressing of the two counts, and of equals the surer.
    """
    found = lines(text)
    seen = [*_ruled(found, before), *_own(found, tuple(words))]
    scores = list(heads(_sentences(text, found), language)) if heads else []
    version = "+".join([_version(), *([heads.version] if heads else [])])
    return _joined(seen, scores, version)


def _sentences(text: str, found: Sequence[Line]) -> list[str]:
    """As they were written, with the marks that end them; what holds no word is no sentence."""
    starts = [line.spans[0][0] for line in found if line.spans]
    return [text[start:end].strip() for start, end in pairwise([*starts, len(text)])]


def _ruled(found: Sequence[Line], before: str) -> Iterable[Sign]:
    for code in LANGUAGES:
        yield from rulebook(code).signs(found, before)


def _own(found: Sequence[Line], words: tuple[OwnWords, ...]) -> Iterable[Sign]:
    if not words:
        return
    phrases = _phrases(words)
    for line in found:
        for hit in phrases.find(line):
            own = words[int(hit.code)]
            yield Sign(own.tier, own.kind, OWN, _reason("own_words", line, hit.first, hit.last))


OWN = 0.8  # a programme that names a phrase means it


@lru_cache(maxsize=64)
def _phrases(words: tuple[OwnWords, ...]) -> Phrases:
    phrases = ((str(number), bent(own.phrase, own.language)) for number, own in enumerate(words))
    return Phrases((code, phrase) for code, phrase in phrases if phrase)


def _reason(code: str, line: Line, first: int, last: int) -> Reason:
    return Reason(code, line.spans[first][0], line.spans[last - 1][1])


def _joined(seen: Sequence[Sign], scores: Sequence[Score], version: str) -> Finding:
    """The most pressing sign gives tier and kind. Several of its kind make surer, as independent witnesses would."""
    top = max(seen, key=lambda sign: (sign.tier, sign.certainty), default=None)
    learned = max(scores, key=lambda score: (score.tier, score.certainty), default=None)
    reasons = tuple(sorted({sign.reason for sign in seen}, key=lambda one: (one.start, one.code, one.end)))
    if top is None or (learned and (learned.tier, learned.certainty) > (top.tier, top.certainty)):
        if learned is None or learned.tier is Tier.NONE:
            return Finding(Tier.NONE, Kind.NONE, learned.certainty if learned else 0.0, (), version)
        return Finding(learned.tier, learned.kind, round(learned.certainty, 3), reasons, version)
    doubt = 1.0
    for certainty in {sign.reason.code: sign.certainty for sign in seen if sign.tier is top.tier}.values():
        doubt *= 1 - certainty
    return Finding(top.tier, top.kind, round(1 - doubt, 3), reasons, version)


def _version() -> str:
    return "rules-" + "-".join(rulebook(code).version for code in LANGUAGES)
