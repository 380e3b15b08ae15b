"""From records of a sheet to rows of the matching core, so that a sheet can be matched where there is no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from nawzajem.core.letters import fold
from nawzajem.core.matching import AskRow, Experience, OfferRow, hours
from nawzajem.core.sheets.records import AskRecord, ExperienceRecord, OfferRecord, PersonRecord, Reading

MID_YEAR = 6  # the month of an end of which only the year is known


def matching_rows(reading: Reading, *, on: date, zone: str) -> tuple[list[AskRow], list[OfferRow]]:
    """Asks and offers as things stand on that day. `zone` is where people are who did not say, and the common clock of the
    hours. All may be told in reasons: whoever has the sheet has read it."""
    people = {one.key.casefold(): one for one in reading.people}
    asks = [_ask(ask, people[ask.person.casefold()], on, zone) for ask in reading.asks]
    offers = [_offer(offer, people[offer.person.casefold()], on, zone) for offer in reading.offers]
    return asks, offers


def _ask(ask: AskRecord, person: PersonRecord, on: date, zone: str) -> AskRow:
    return AskRow(
        id=f"ask {ask.row:06}",
        topics=ask.topics,
        stage=ask.stage,
        kinds=frozenset(ask.kinds),
        wish_age=ask.wish_age,
        wish_gender=ask.wish_gender,
        wish_gender_must=ask.wish_gender_must,
        wish_backgrounds=frozenset(ask.wish_backgrounds),
        waited_hours=max((on - date.fromisoformat(ask.asked_on)).days * 24, 0) if ask.asked_on else 0,
        **_side(ask, person, on, zone),
    )


def _offer(offer: OfferRecord, person: PersonRecord, on: date, zone: str) -> OfferRow:
    return OfferRow(
        id=f"offer {offer.row:06}",
        experiences=tuple(_experience(one, on) for one in offer.experiences),
        kinds=frozenset(offer.kinds),
        capacity=offer.capacity,
        taken=offer.taken,
        says=frozenset({"age", "gender", "backgrounds"}),
        **_side(offer, person, on, zone),
    )


def _side(record: AskRecord | OfferRecord, person: PersonRecord, on: date, zone: str) -> dict[str, Any]:
    return {
        "person": person.key,
        "languages": frozenset(record.languages),
        "forms": frozenset(record.forms),
        "hours": hours.shift(record.hours, person.zone or zone, on, zone),
        "age": person.age,
        "gender": person.gender,
        "backgrounds": frozenset(person.backgrounds),
        "units": tuple("/".join(person.unit[: depth + 1]) for depth in range(len(person.unit))),
        "leads": person.leads,
        "not_same_unit": record.not_same_unit,
        "prints": _prints([person.key, person.known_as]),
        "not_prints": _prints(record.avoids),
    }


def _prints(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared: nobody is met because of a capital letter."""
    return frozenset(fold(name) for name in names if name)


def _experience(one: ExperienceRecord, on: date) -> Experience:
    return Experience(one.topic, one.stage, _months(one, on), frozenset({"topic", "stage", "when"}))


def _months(one: ExperienceRecord, on: date) -> float | None:
    if one.stage != "been_through":
        return 0
    year, _, month = (one.until or one.since).partition("-")
    if not year:
        return None
    return max((on.year - int(year)) * 12 + on.month - int(month or MID_YEAR), 0)
