"""One reply looked at: rules always, learned heads in union with them where they and their carriers are here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from nawzajem.core.coaching import rules
from nawzajem.core.coaching.noticed import Coached, Help, Noticed, Pitfall
from nawzajem.core.language.carriers import Carrier
from nawzajem.core.language.heads import Heads, Table
from nawzajem.core.screening.wording import Line, lines

KEPT = Path(__file__).with_name("heads.npz")
ANSWERED = 0.5  # how loud the answered message is beside the reply, when heads listen to both


def coach(text: str, language: str, *, context: str = "", carrier: Carrier | None = None) -> Coached:
    """What `text`, a reply to `context`, may do to whoever reads it.

    `language` is the one its writer reads; the rules of both are looked through. Without a carrier only the rules speak: then
    pitfalls between the lines are missed, and no helps are seen. Where `context` asks for advice, advice is no pitfall.
    """
    return coach_all([(text, context)], language, carrier=carrier)[0]


def coach_all(replies: Sequence[tuple[str, str]], language: str, *, carrier: Carrier | None = None) -> list[Coached]:
    """The same of many replies (each with what it answers), which is several times faster."""
    heads = learned() if carrier else None
    if carrier is None or heads is None or heads.carrier != carrier.name:
        return [_joined(lines(text), lines(context), [], rules.version()) for text, context in replies]
    told = _told(replies, heads, carrier, language)
    version = f"{rules.version()}+{heads.version}"
    return [
        _joined(lines(text), lines(context), one, version) for (text, context), one in zip(replies, told, strict=True)
    ]


@cache
def learned() -> Heads | None:
    return Heads.load(KEPT) if KEPT.exists() else None


def rows(replies: Sequence[tuple[str, str]], carrier: Carrier) -> Table:
    """What heads are given of each reply: its own row, and beside it the row of what it answers (zeros for nothing)."""
    both = carrier.encode([*(text for text, _context in replies), *(context or "-" for _text, context in replies)])
    there = np.array([bool(context.strip()) for _text, context in replies], np.float32)[:, None]
    own, answered = both[: len(replies)], both[len(replies) :]
    return np.hstack([own, ANSWERED * there * answered])


def _told(replies: Sequence[tuple[str, str]], heads: Heads, carrier: Carrier, language: str) -> list[list[Noticed]]:
    texts = [text for text, _context in replies]
    sure = heads.probabilities(heads.scores(texts, rows(replies, carrier)))
    from_on = heads.told_from(language)
    return [_above(text, one, from_on, heads) for text, one in zip(texts, sure, strict=True)]


def _above(text: str, sure: Table, from_on: Table, heads: Heads) -> list[Noticed]:
    told = [at for at in range(len(heads.labels)) if sure[at] >= from_on[at]]
    places = _where(text, told, heads) if told else []
    return [
        Noticed(_code(heads.labels[at]), round(float(sure[at]), 3), *span)
        for at, span in zip(told, places, strict=True)
    ]


def _where(text: str, told: list[int], heads: Heads) -> list[tuple[int, int]]:
    """For each label the sentence whose words say it most. The carriers would know a little better, and take a hundred times
    as long."""
    spans = [(line.spans[0][0], _end(text, line)) for line in lines(text) if line.spans]
    if len(spans) < 2:
        return [spans[0] if spans else (0, len(text))] * len(told)
    scores = heads.by_words([text[start:end] for start, end in spans])
    return [spans[int(scores[:, at].argmax())] for at in told]


def _end(text: str, line: Line) -> int:
    """With the mark that ends the sentence."""
    end = line.spans[-1][1]
    while end < len(text) and text[end] in ".!?…":
        end += 1
    return end


def _code(label: str) -> Pitfall | Help:
    return Pitfall(label) if label in set(Pitfall) else Help(label)


def _joined(said: list[Line], answered: list[Line], heard: Iterable[Noticed], version: str) -> Coached:
    """Of each code the surest; a rule knows the words, so its place is kept."""
    found: dict[str, Noticed] = {one.code: one for one in heard}
    for one in rules.ruled(said):
        known = found.get(one.code)
        certainty = max(one.certainty, known.certainty if known else 0.0)
        found[one.code] = Noticed(one.code, certainty, one.start, one.end)
    if rules.asks_for_advice(answered):
        found.pop(Pitfall.DIRECTIVE, None)
    surest = sorted(found.values(), key=lambda one: -one.certainty)
    return Coached(
        tuple(one for one in surest if isinstance(one.code, Pitfall)),
        tuple(one for one in surest if isinstance(one.code, Help)),
        version,
    )
