"""What several rooms tell in the same shape: reasons in sentences, somebody without a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nawzajem.api.answers import Out
from nawzajem.api.tokens import Here
from nawzajem.core.matching import Change
from nawzajem.core.matching.hours import offset
from nawzajem.experiences.reads import Shown
from nawzajem.ground import clock
from nawzajem.ground.words import said
from nawzajem.pairs.reads import Card
from nawzajem.pairs.words import hint, sentences


class ShownOut(Out):
    """An experience of somebody else, as far as they show it."""

    topic: str
    stage: str
    since: str
    until: str
    words: str


class CardOut(Out):
    """Somebody who could be there, without a name."""

    offer: str
    score: float
    reasons: list[str]
    experiences: list[ShownOut]
    words: str
    languages: list[str]
    ways: list[str]
    kinds: list[str]


def card(here: Here, one: Card, *, reader: str) -> CardOut:
    return CardOut(
        offer=one.offer,
        score=round(one.score, 4),
        reasons=reasons(here, one.reasons, reader=reader),
        experiences=[_shown(each) for each in one.experiences],
        words=one.words,
        languages=one.languages,
        ways=one.forms,
        kinds=one.kinds,
    )


def _shown(one: Shown) -> ShownOut:
    return ShownOut(topic=one.topic, stage=one.stage, since=one.since, until=one.until, words=one.words)


def in_words(here: Here, change: Change) -> str:
    return hint(change, minutes=offset(here.actor.time_zone, clock.today()))


def reasons(here: Here, given: Sequence[Any], *, reader: str) -> list[str]:
    """In the person's language, and on their clock."""
    programme = here.programme
    return sentences(
        given,
        reader=reader,  # type: ignore[arg-type]
        topics={topic.code: topic.name for topic in programme.all_topics},
        kinds={one["code"]: said(one["words"]) for one in programme.kinds},
        backgrounds={one["code"]: said(one["words"]) for one in programme.backgrounds},
        minutes=offset(here.actor.time_zone, clock.today()),
    )
