"""What a programme does not take from a sheet, though it can be read: each with its row, and what would be right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_noop

from nawzajem.asks.forms import MOST_TOPICS
from nawzajem.core.sheets import AskRecord, OfferRecord, PersonRecord, Problem, Reading
from nawzajem.programmes.models import Programme
from nawzajem.programmes.reads import print_of

UNIT_NAME = 80  # letters
Finding = tuple[Problem, frozenset[int]]  # a problem, and the rows that cannot be taken because of it


class NotHere(Problem):
    """A problem that only this programme has with the sheet."""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


def findings(programme: Programme, reading: Reading, *, today: str, known_prints: Iterable[str]) -> list[Finding]:
    """All of them, notes among them. `known_prints` are of people who have a place in the programme already."""
    sheet = _Sheet(programme, reading, today)
    found = [one for person in reading.people for one in sheet.about_person(person)]
    found += sheet.about_units()
    found += [one for ask in reading.asks for one in sheet.about_ask(ask)]
    found += [one for offer in reading.offers for one in sheet.about_offer(offer)]
    return [*found, *sheet.about_strangers({"", *known_prints, *sheet.owner_of_print})]


@dataclass
class _Sheet:
    """The sheet as the checks go through it, in its order."""

    programme: Programme
    reading: Reading
    today: str  # as 2026-05-31
    rows: Mapping[str, frozenset[int]] = field(init=False)  # from a person's key to the rows that tell of them
    owner_of_print: dict[str, PersonRecord] = field(default_factory=dict)
    asks_of: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        rows = defaultdict(set)
        for ask in self.reading.asks:
            rows[ask.person.casefold()].add(ask.row)
        for offer in self.reading.offers:
            rows[offer.person.casefold()].update(one.row for one in offer.experiences)
        self.rows = {key: frozenset(told) for key, told in rows.items()}
        self.options = self.programme.options

    def about_person(self, person: PersonRecord) -> Iterator[Finding]:
        rows = self.rows[person.key.casefold()]
        if person.age and person.age not in self.options.ages:
            ages = ", ".join(self.options.ages)
            yield self._problem("age", person.row, "age", found=person.age, known=ages), rows
        if not any(map(str.isalnum, person.key)):
            yield self._problem("no_letters", person.row, "person", found=person.key), rows
            return
        for name in filter(None, {person.key, person.known_as}):
            other = self.owner_of_print.setdefault(print_of(self.programme, name), person)
            if other is not person:
                facts = {"found": name, "other": other.key, "first": other.row}
                yield self._problem("alike", person.row, "person", **facts), rows

    def about_units(self) -> Iterator[Finding]:
        """A unit is known by its name, so one name cannot stand in two places of the tree."""
        place = {unit.name.casefold(): _name_of(unit.parent) for unit in self.programme.units.select_related("parent")}
        for person in self.reading.people:
            for above, name in zip(("", *person.unit), person.unit, strict=False):
                held = place.setdefault(name.casefold(), above)
                facts = {"found": name, "above": above or "-", "held": held or "-"}
                rows = self.rows[person.key.casefold()]
                if held.casefold() != above.casefold():
                    yield self._problem("unit_place", person.row, "unit", **facts), rows
                if len(name) > UNIT_NAME:
                    yield self._problem("unit_long", person.row, "unit", found=name[:UNIT_NAME], most=UNIT_NAME), rows

    def about_ask(self, ask: AskRecord) -> Iterator[Finding]:
        row = frozenset({ask.row})
        yield from self._about_forms(ask, row)
        if len(ask.topics) > MOST_TOPICS:
            yield self._problem("many_topics", ask.row, "topics", found=len(ask.topics), most=MOST_TOPICS), row
        if ask.asked_on > self.today:
            yield self._problem("future", ask.row, "asked_on", found=ask.asked_on), row
        self.asks_of[ask.person.casefold()] += 1
        if self.asks_of[ask.person.casefold()] > self.options.open_asks:
            yield self._problem("many_asks", ask.row, "person", found=ask.person, most=self.options.open_asks), row

    def about_offer(self, offer: OfferRecord) -> Iterator[Finding]:
        rows = frozenset(one.row for one in offer.experiences)
        yield from self._about_forms(offer, rows)
        if offer.capacity > self.options.capacity:
            most = self.options.capacity
            yield self._problem("capacity", offer.row, "capacity", found=offer.capacity, most=most), rows
        elif offer.taken >= offer.capacity:
            yield self._problem("full", offer.row, "taken", found=offer.taken, capacity=offer.capacity), rows
        for one in offer.experiences:
            if one.since > self.today[: len(one.since)]:
                yield self._problem("future", one.row, "since", found=one.since), frozenset({one.row})

    def about_strangers(self, known: set[str]) -> Iterator[Finding]:
        """Names of people whom somebody avoids and who are nobody here: a slip of the finger would let the two meet."""
        told: list[AskRecord | OfferRecord] = [*self.reading.asks, *self.reading.offers]
        for record in told:
            for name in record.avoids:
                if print_of(self.programme, name) not in known:
                    yield replace(self._problem("stranger", record.row, "not", found=name), note=True), frozenset()

    def _about_forms(self, record: AskRecord | OfferRecord, rows: frozenset[int]) -> Iterator[Finding]:
        strange = [form for form in record.forms if form not in self.options.forms]
        if strange:
            facts = {"found": ", ".join(strange), "known": ", ".join(self.options.forms)}
            yield self._problem("form", record.row, "forms", **facts), rows

    def _problem(self, code: str, row: int, name: str, **facts: Any) -> Problem:
        return NotHere(code, row, self.reading.columns.get(name, name), facts)


def _name_of(unit: Any) -> str:
    return unit.name if unit else ""


SENTENCES = {
    "age": gettext_noop("This programme is not for the age “%(found)s”. It is for: %(known)s."),
    "no_letters": gettext_noop("“%(found)s” has neither letters nor digits, so this person could not be known again."),
    "alike": gettext_noop(
        "“%(found)s” cannot be told from “%(other)s” in row %(first)s: only letters and digits count. Change one of the two."
    ),
    "unit_place": gettext_noop(
        "“%(found)s” stands within “%(above)s” here and within “%(held)s” elsewhere. Give one of the two another name."
    ),
    "unit_long": gettext_noop("The name of the unit “%(found)s…” is too long. Up to %(most)s characters are kept."),
    "many_topics": gettext_noop("Too many topics for one ask: %(found)s. The most is %(most)s."),
    "many_asks": gettext_noop("“%(found)s” asks more often than one can at once here. The most is %(most)s."),
    "future": gettext_noop("“%(found)s” lies in the future."),
    "form": gettext_noop("“%(found)s” is no way of talking in this programme. It can be: %(known)s."),
    "capacity": gettext_noop("The most people at once here: %(most)s. The sheet says %(found)s."),
    "full": gettext_noop(
        "No place is free (taken: %(found)s of %(capacity)s), so there is nothing to offer yet. Leave the row out, or correct it."
    ),
    "stranger": gettext_noop(
        "“%(found)s” is nobody in this sheet or in the programme. It is kept, in case they come; check how it is written."
    ),
}
