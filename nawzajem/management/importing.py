"""From what a sheet says to people, asks and offers of a programme: looked at first, then written by the acts that write
everything else, all of it or nothing.

A person is known again by a keyed hash of what the sheet calls them; the name itself, which may be a real one, is not
kept. Whoever is known already is left as they are: what they asked and offered since is theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from nawzajem.asks import acts as asks
from nawzajem.core.sheets import AskRecord, ExperienceRecord, OfferRecord, PersonRecord, Problem, Reading, Vocabulary
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import new_id
from nawzajem.management.sheet_rules import findings
from nawzajem.offers import acts as offers
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes import reads
from nawzajem.programmes.models import Member, Programme, Topic, Unit
from nawzajem.programmes.reads import print_of

LINK_DAYS = 60
AT_ONCE = 200  # people written in one go
NAMELESS = {"pl": "Osoba", "en": "Person"}  # with a few letters, the pseudonym until its owner chooses one

Told = TypeVar("Told", AskRecord, OfferRecord)


@dataclass(frozen=True, slots=True)
class Link:
    """A way for somebody to make their account their own."""

    key: str  # what the sheet calls them
    name: str  # how they are called here until they come
    secret: str


@dataclass(frozen=True)
class Plan:
    """What an import would write, and what speaks against it."""

    programme: Programme
    reading: Reading
    problems: tuple[Problem, ...]
    people: tuple[PersonRecord, ...]  # who would come new
    known: tuple[tuple[PersonRecord, Member], ...]  # who has a place already
    asks: tuple[AskRecord, ...]
    offers: tuple[OfferRecord, ...]

    @property
    def experiences(self) -> int:
        return sum(len(offer.experiences) for offer in self.offers)

    def stopped_by(self, *, skip_bad: bool) -> list[Problem]:
        """Problems because of which nothing may be written. One of the whole file cannot be left out with its row."""
        real = [problem for problem in self.problems if not problem.note]
        return [problem for problem in real if (problem.row or 0) <= 1] if skip_bad else real

    def waiting(self) -> Iterator[tuple[PersonRecord, Member]]:
        """Known people who were announced before and have not made their account their own."""
        for record, member in self.known:
            announced = member.announced_print == print_of(self.programme, record.key)
            if announced and member.is_expected and member.person.is_prepared:
                yield record, member


def vocabulary(programme: Programme) -> Vocabulary:
    """The words by which a sheet may call what the programme knows."""
    return Vocabulary.of(
        [
            (topic.code, topic.words.values(), [word for words in topic.also.values() for word in words])
            for topic in programme.topics.all()
        ],
        [(kind["code"], kind["words"].values()) for kind in programme.kinds],
        [(one["code"], one["words"].values()) for one in programme.backgrounds],
    )


def plan(programme: Programme, reading: Reading) -> Plan:
    """Looks at everything and changes nothing. Rows with a problem are in none of its records."""
    places = _Places(programme)
    known = [(record, member) for record in reading.people if (member := places.of(record))]
    found = findings(programme, reading, today=clock.today().isoformat(), known_prints=places.by_print)
    bad = frozenset(row for _problem, rows in found for row in rows)
    old = {record.key.casefold() for record, _member in known}
    good_asks = tuple(ask for ask in reading.asks if ask.row not in bad)
    good_offers = tuple(_without(bad, reading.offers))
    told_of = {ask.person.casefold() for ask in good_asks} | {offer.person.casefold() for offer in good_offers}
    problems = sorted([*reading.problems, *(problem for problem, _rows in found)], key=lambda one: one.row or 0)
    return Plan(
        programme=programme,
        reading=reading,
        problems=tuple(problems),
        people=tuple(one for one in reading.people if one.key.casefold() in told_of - old),
        known=tuple(known),
        asks=_of_new(good_asks, old),
        offers=_of_new(good_offers, old),
    )


class _Places:
    """Everybody who has a place in the programme, by every keyed hash they may be known by."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        members = list(reads.places(programme))
        self.by_print = {one: member for member in members for one in member.prints if one}
        self.announced = {member.announced_print: member for member in members if member.announced_print}
        self.numbered = {member.known_print: member for member in members if member.known_print}

    def of(self, record: PersonRecord) -> Member | None:
        """Announced before under this name; or here, however they came, with this staff or student number."""
        announced = self.announced.get(print_of(self.programme, record.key))
        numbered = self.numbered.get(print_of(self.programme, record.known_as)) if record.known_as else None
        return announced or numbered


def _without(bad: frozenset[int], told: Iterable[OfferRecord]) -> Iterator[OfferRecord]:
    for offer in told:
        left = tuple(one for one in offer.experiences if one.row not in bad)
        if left:
            yield replace(offer, experiences=left)


def _of_new(told: Iterable[Told], old: set[str]) -> tuple[Told, ...]:
    return tuple(record for record in told if record.person.casefold() not in old)


def carry_out(
    what: Plan, *, keep_links: Callable[[list[Link]], None] | None, progress: Callable[[int, int], None]
) -> list[Link]:
    """All of it or nothing. Links are made when there is somebody to keep them, who does so before anything holds."""
    with transaction.atomic():
        work = _Work(what)
        for start in range(0, len(what.people), AT_ONCE):
            work.take_in(what.people[start : start + AT_ONCE], with_links=keep_links is not None)
            progress(min(start + AT_ONCE, len(what.people)), len(what.people))
        if keep_links:
            work.link([(record, member.person) for record, member in what.waiting()])
            keep_links(work.links)
    return work.links


class _Work:
    """One import while it is being written."""

    def __init__(self, what: Plan) -> None:
        self.programme = what.programme
        self.house = Actor(via="command").within(what.programme.pk)
        self.asks, self.offers = _by_person(what.asks), _by_person(what.offers)
        self.topics: Mapping[str, Topic] = {topic.code: topic for topic in what.programme.topics.all()}
        self.taken = {name.casefold() for name in Person.objects.values_list("pseudonym", flat=True)}
        self.units = self._units(what.people)
        self.links: list[Link] = []

    def take_in(self, records: Sequence[PersonRecord], *, with_links: bool) -> None:
        """New accounts and places, and what the sheet tells of these people."""
        made = people.prepare(self.house, accounts=[self._account(one) for one in records])
        those = list(zip(records, made, strict=True))
        places = [(person, self._place(record)) for record, person in those]
        programmes.expect(self.house, self.programme, announced=places)
        told = [(person, ask) for record, person in those for ask in self.asks[record.key.casefold()]]
        asks.announce(self.house, [(person, self._ask(ask)) for person, ask in told])
        self._announce_offers([(one, offer) for record, one in those for offer in self.offers[record.key.casefold()]])
        if with_links:
            self.link(those)

    def link(self, those: Sequence[tuple[PersonRecord, Person]]) -> None:
        owners = [person for _record, person in those]
        secrets = programmes.invite_to_claim(self.house, self.programme, people=owners, days=LINK_DAYS)
        self.links += [Link(one.key, who.pseudonym, secret) for (one, who), secret in zip(those, secrets, strict=True)]

    def _account(self, record: PersonRecord) -> dict[str, Any]:
        language = next((one for one in record.languages if one in NAMELESS), settings.LANGUAGE_CODE[:2])
        return {
            "pseudonym": self._pseudonym(language),
            "language": language,
            "speaks": list(record.languages),
            "time_zone": record.zone or settings.TIME_ZONE,
            "age": record.age,
            "gender": record.gender,
        }

    def _pseudonym(self, language: str) -> str:
        while (name := f"{NAMELESS[language]} {new_id()[:5]}").casefold() in self.taken:
            continue
        self.taken.add(name.casefold())
        return name

    def _place(self, record: PersonRecord) -> dict[str, Any]:
        unit = self.units.get(record.unit)
        return {
            "unit": unit,
            "leads": bool(unit and record.leads),
            "backgrounds": list(record.backgrounds),
            "known_print": print_of(self.programme, record.known_as) if record.known_as else "",
            "announced_print": print_of(self.programme, record.key),
        }

    def _ask(self, ask: AskRecord) -> dict[str, Any]:
        return {
            "topics": [self.topics[code] for code in ask.topics],
            "words": ask.words,
            "since": _moment(ask.asked_on),
            "stage": ask.stage,
            "wish_age": ask.wish_age,
            "wish_gender": ask.wish_gender,
            "wish_gender_must": ask.wish_gender_must,
            "wish_backgrounds": list(ask.wish_backgrounds),
            **self._either(ask),
        }

    def _announce_offers(self, told: Sequence[tuple[Person, OfferRecord]]) -> None:
        lived = [(person, self._experience(one)) for person, offer in told for one in offer.experiences]
        own: defaultdict[str, list[Experience]] = defaultdict(list)
        for made in experiences.announce(self.house, lived):
            own[made.person_id].append(made)
        offers.announce(self.house, [(person, self._offer(offer, own[person.pk])) for person, offer in told])

    def _experience(self, one: ExperienceRecord) -> dict[str, Any]:
        told = {"stage": one.stage, "since": one.since, "until": one.until, "words": one.words}
        return {"topic": self.topics[one.topic], **told}

    def _offer(self, offer: OfferRecord, own: list[Experience]) -> dict[str, Any]:
        # pairs from before the sheet never end here, so their places would never be free
        return {"experiences": own, "capacity": offer.capacity - offer.taken, **self._either(offer)}

    def _either(self, record: AskRecord | OfferRecord) -> dict[str, Any]:
        """What an ask and an offer say alike."""
        return {
            "kinds": list(record.kinds),
            "forms": list(record.forms),
            "hours": record.hours,
            "languages": list(record.languages),
            "not_same_unit": record.not_same_unit,
            "not_prints": self._prints(record.avoids),
        }

    def _prints(self, names: Iterable[str]) -> list[str]:
        return [one for name in names if (one := print_of(self.programme, name))]

    def _units(self, records: Iterable[PersonRecord]) -> dict[tuple[str, ...], Unit]:
        """The unit at the end of each way through the tree, made where it is missing, the outermost first."""
        there = {unit.name.casefold(): unit for unit in reads.units(self.programme)}
        found: dict[tuple[str, ...], Unit] = {}
        for way in dict.fromkeys(one.unit[:depth] for one in records for depth in range(1, len(one.unit) + 1)):
            name = way[-1].casefold()
            if name not in there:
                above = found.get(way[:-1])
                there[name] = programmes.add_unit(self.house, self.programme, name=way[-1], parent=above)
            found[way] = there[name]
        return found


def _by_person(told: Iterable[Told]) -> defaultdict[str, list[Told]]:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for record in told:
        found[record.person.casefold()].append(record)
    return found


def _moment(day: str) -> datetime | None:
    """A day of a sheet as a moment: noon where the house is, or now if that is still to come."""
    if not day:
        return None
    return min(datetime.combine(date.fromisoformat(day), time(12), ZoneInfo(settings.TIME_ZONE)), clock.now())
