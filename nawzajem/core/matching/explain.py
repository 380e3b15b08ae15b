"""Why these two: reasons as codes with what they need to become a sentence, strongest first.

A reason speaks only of what its owner lets others know; what is hidden counts in the score and is told by no reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from nawzajem.core.matching import hours
from nawzajem.core.matching.problem import AskRow, Experience, OfferRow, age_place
from nawzajem.core.matching.scores import Weights
from nawzajem.core.matching.topics import Topics

MOST_HOURS = hours.HOURS // 2
ROOM = 0.75  # of the part for load
RARE = 0.5  # a language that less than half of the offers speak is worth telling


class Reason(NamedTuple):
    """A code and its facts; as JSON a list of the two."""

    code: str
    facts: Mapping[str, Any]


class Spoken(Protocol):
    def share(self, code: str, /) -> float: ...


class Pool(Protocol):
    """What reasons look at beside the two rows: all offers, or what stands for them."""

    @property
    def topics(self) -> Topics: ...
    @property
    def languages(self) -> Spoken: ...


Told = Iterator[tuple[str, Reason]]  # with the part of the score that it explains


def reasons(
    ask: AskRow, offer: OfferRow, offers: Pool, parts: Mapping[str, float], weights: Weights
) -> tuple[Reason, ...]:
    """Every reason that may be told, those that weigh most first; stage and time follow their topic. `parts` by name.

    same_topic, near_topic {topic}; close_to_it {} where the topic is hidden; been_through {months} or {}, coming_through,
    in_it, in_it_too {}; shared_hours {hours, start, length} in the clock of the rows, most_hours {}; kinds {kinds};
    wish_age {wish}; wish_gender {gender}; backgrounds {backgrounds}; has_room {}; same_language {language}.
    """
    told = [
        *_lived(ask, offer, offers.topics),
        ("hours", _time(ask, offer)),
        *_wishes(ask, offer),
        *_room(parts["load"]),
        *_languages(ask, offer, offers.languages),
    ]
    told.sort(key=lambda one: -getattr(weights, one[0], 0) * parts.get(one[0], 0))
    return tuple(reason for _, reason in told)


def _lived(ask: AskRow, offer: OfferRow, topics: Topics) -> Told:
    if not ask.topics:
        return
    asked = topics.at(ask.topics)
    best = max(_open(offer), key=lambda one: _near(asked, one, topics), default=None)
    if best is None or not _near(asked, best, topics):
        yield "topic", Reason("close_to_it", {})
        return
    yield "topic", Reason("same_topic" if best.topic in ask.topics else "near_topic", {"topic": best.topic})
    if "stage" in best.says:
        yield "topic", _stage(ask, best)  # right after the topic, for it speaks of it


def _open(offer: OfferRow) -> list[Experience]:
    """Experiences whose topic may be told. Stage and time of a hidden one would tell of it too."""
    return [one for one in offer.experiences if "topic" in one.says]


def _near(asked: Sequence[int], one: Experience, topics: Topics) -> float:
    place = topics.place[one.topic]
    return max(float(topics.near.item(one, place)) for one in asked)


def _stage(ask: AskRow, one: Experience) -> Reason:
    if one.stage == "been_through":
        when = {"months": round(one.months)} if "when" in one.says and one.months is not None else {}
        return Reason("been_through", when)
    return Reason("in_it_too" if one.stage == ask.stage == "in_it" else one.stage, {})


def _time(ask: AskRow, offer: OfferRow) -> Reason:
    both = hours.both(ask.hours, offer.hours)
    count, stretch = hours.count(both), hours.longest(both)
    if count >= MOST_HOURS or stretch is None:
        return Reason("most_hours", {})
    return Reason("shared_hours", {"hours": count, "start": stretch.start, "length": stretch.length})


def _wishes(ask: AskRow, offer: OfferRow) -> Told:
    """Wishes that are granted, and that the other lets be told."""
    if kinds := ask.kinds & (offer.kinds or ask.kinds):
        yield "wishes", Reason("kinds", {"kinds": sorted(kinds)})
    if "age" in offer.says and _age_granted(ask, offer):
        yield "wishes", Reason("wish_age", {"wish": ask.wish_age})
    if "gender" in offer.says and ask.wish_gender and ask.wish_gender == offer.gender:
        yield "wishes", Reason("wish_gender", {"gender": offer.gender})
    if "backgrounds" in offer.says and (both := ask.wish_backgrounds & offer.backgrounds):
        yield "wishes", Reason("backgrounds", {"backgrounds": sorted(both)})


def _age_granted(ask: AskRow, offer: OfferRow) -> bool:
    apart = age_place(offer.age) - age_place(ask.age)
    granted = {"near": abs(apart) <= 1, "older": apart > 0, "younger": apart < 0}
    return bool(ask.age and offer.age) and granted.get(ask.wish_age, False)


def _room(load: float) -> Told:
    if load >= ROOM:
        yield "load", Reason("has_room", {})


def _languages(ask: AskRow, offer: OfferRow, spoken: Spoken) -> Told:
    for language in sorted(ask.languages & offer.languages):
        if spoken.share(language) < RARE:
            yield "language", Reason("same_language", {"language": language})
