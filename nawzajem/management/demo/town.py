"""Who and what is in the town by now: accounts, places, offers, and when everybody has to have come."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.management.demo.moments import said_at
from nawzajem.management.demo.script import Open, Place, Resident, Script, Talk
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Invitation, Member, Programme, Topic, Unit

HOUSE = Actor(via="command")
ALL_OF_PAIR = ("conversation", "ask__programme", "offer", "asker", "giver", "programme")
SEED = 1918  # any number; the same town every time


@dataclass
class Town:
    script: Script
    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  no secret hangs on it
    people: dict[str, Person] = field(default_factory=dict)
    places: dict[Place, Programme] = field(default_factory=dict)
    codes: dict[Place, Invitation] = field(default_factory=dict)
    actors: dict[tuple[str, Place], Actor] = field(default_factory=dict)
    trees: dict[Place, dict[str, Topic]] = field(default_factory=dict)
    units: dict[tuple[Place, str], Unit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = make_password(self.script.town.passphrase)  # once: it takes a fifth of a second, on purpose

    # -- time

    def ago(self, span: timedelta) -> datetime:
        return self.now - span

    def within(self, least: timedelta, most: timedelta) -> timedelta:
        """Some time between the two."""
        return least + (most - least) * self.chance.random()

    def day(self, days: int) -> date:
        """So many days from the moment at which it is asked."""
        return clock.today() + timedelta(days=days)

    # -- people

    def account(self, name: str, one: Resident) -> Person:
        """The same person in every programme."""
        if name not in self.people:
            language = one.speaks[0] if one.speaks[0] in Person.Language else Person.Language.POLISH
            fields = {"language": language, "speaks": one.speaks, "gender": one.gender, "time_zone": one.zone}
            [made] = people.prepare(HOUSE, accounts=[{"pseudonym": name} | fields])
            self.people[name] = people.change(Actor(person=made.pk), made, password=self.key)
        return self.people[name]

    def actor(self, name: str, place: Place) -> Actor:
        """Somebody as the door makes them, with a second factor where one has a duty."""
        if (name, place) not in self.actors:
            person, here = self.people[name], self.places[place]
            member = programmes.membership(person, here)
            self.actors[name, place] = programmes.actor(person, here, member, via="web", second_factor=lambda: True)
        return self.actors[name, place]

    def coordinator(self, place: Place) -> Actor:
        return self.actor(self.script.town.places[place].coordinator, place)

    def member(self, name: str, place: Place) -> Member:
        return Member.objects.select_related("programme", "person").get(
            person=self.people[name], programme=self.places[place]
        )

    def offer(self, name: str, place: Place) -> Offer:
        here = Offer.objects.filter(person=self.people[name], programme=self.places[place])
        return here.select_related("person").get()

    def topics(self, place: Place, codes: list[str]) -> list[Topic]:
        if place not in self.trees:
            self.trees[place] = {topic.code: topic for topic in self.places[place].topics.all()}
        return [self.trees[place][code] for code in codes]

    def unit(self, place: Place, name: str) -> Unit | None:
        if name and (place, name) not in self.units:
            self.units[place, name] = Unit.objects.get(programme=self.places[place], name=name)
        return self.units[place, name] if name else None

    def pair(self, pk: str) -> Pair:
        """As it stands this moment."""
        return Pair.objects.select_related(*ALL_OF_PAIR).get(pk=pk)

    def new_key(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128)))

    # -- when

    def begins(self, code: str, talk: Talk) -> tuple[datetime, list[datetime]]:
        """When both had said yes, and when each message was written."""
        zone = self.script.people[talk.place][talk.asker].zone
        times = said_at(talk, now=self.now, zone=zone, seed=f"{SEED}/{code}")
        return times[0] - timedelta(minutes=5 + len(code)), times

    def arrivals(self) -> dict[tuple[str, Place], datetime]:
        """When everybody comes: early enough for the first thing that they have a part in."""
        first: dict[tuple[str, Place], datetime] = {}
        for name, place, moment in self._parts():
            first[name, place] = min(moment, first.get((name, place), moment))
        return {
            (name, place): self._arrival(one, place, first.get((name, place)))
            for place, here in self.script.people.items()
            for name, one in here.items()
        }

    def _arrival(self, one: Resident, place: Place, needed: datetime | None) -> datetime:
        opened = self.ago(self.script.town.places[place].opened) + timedelta(hours=3)
        lead = self.within(timedelta(hours=2), timedelta(days=9))
        wished = self.ago(one.joined) if one.joined else needed - lead if needed else self._some_day(opened)
        if needed and wished > needed - timedelta(hours=1):
            wished = needed - lead
        return max(opened, wished)

    def _some_day(self, opened: datetime) -> datetime:
        return opened + self.within(timedelta(days=2), self.now - opened - timedelta(days=2))

    def _parts(self) -> Iterator[tuple[str, Place, datetime]]:
        for code, talk in self.script.talks.items():
            asked = self.begins(code, talk)[0] - talk.wait
            yield talk.asker, talk.place, asked
            for name in (talk.giver, *(one.who for one in talk.tried)):
                yield name, talk.place, asked
        for ask in self.script.town.asks:
            for name in _involved(ask):
                yield name, ask.place, self.ago(ask.opened)
        for place, here in self.script.people.items():
            for name, one in here.items():
                if one.turns:
                    yield name, place, self.ago(max(one.turns))
        yield from self._parts_at_once()
        for report in self.script.town.reports:
            for name in filter(None, (report.by, report.about, report.taken_by)):
                yield name, report.place, self.ago(report.raised)
        for danger in self.script.town.dangers:
            for name in filter(None, (danger.who, danger.worried, danger.taken_by)):
                yield name, danger.place, self.ago(danger.raised)

    def _parts_at_once(self) -> Iterator[tuple[str, Place, datetime]]:
        for wait in self.script.town.pressed:
            for name in filter(None, (wait.who, wait.by)):
                yield name, wait.place, self.ago(wait.pressed)
        for ready in self.script.town.here:
            yield ready.who, ready.place, self.ago(ready.since)


def _involved(ask: Open) -> Iterator[str]:
    yield ask.who
    if ask.out:
        yield ask.out.to
    yield from (one.who for one in ask.tried)
