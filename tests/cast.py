"""The small stable world of the tests.

Ania asks, Bartek gives, Celina coordinates, Dawid is signed in elsewhere and a stranger here, Ewa has left,
Franek is on duty. There are two programmes, so that a stranger has somewhere to be a stranger from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nawzajem.asks import acts as asks
from nawzajem.asks.models import ANY_TIME, Ask
from nawzajem.experiences import acts as experiences
from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import Actor
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes import reads
from nawzajem.programmes.blueprint import load
from nawzajem.programmes.models import Member, Programme, Topic

HOUSE = Actor(via="command")
PASSPHRASE = "cztery zielone krzesla"
SMALL = Path(__file__).parent / "small.toml"


@dataclass
class World:
    """Two programmes and the cast; people by name, and whatever a test needs made through the ordinary acts."""

    here: Programme
    elsewhere: Programme
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def afresh(self) -> World:
        """The same people and programmes as the database has them now."""
        names = {person.pk: name for name, person in self.people.items()}
        people = {names[person.pk]: person for person in Person.objects.filter(pk__in=names)}
        programmes = Programme.objects.in_bulk([self.here.pk, self.elsewhere.pk])
        return World(programmes[self.here.pk], programmes[self.elsewhere.pk], people)

    def actor(self, name: str, programme: Programme | None = None, **changes: Any) -> Actor:
        """Somebody as the door makes them."""
        within = programme or self.here
        person = self.people[name]
        return reads.actor(person, within, reads.membership(person, within), via=changes.pop("via", "web"), **changes)

    def member(self, name: str) -> Member:
        return Member.objects.get(person=self.people[name], programme=self.here)

    def topic(self, code: str) -> Topic:
        return Topic.objects.get(programme=self.here, code=code)

    def add(self, name: str, programme: Programme | None = None, *, age: str = "25_34", **fields: Any) -> Person:
        """One more person, who has joined properly."""
        person = Person(
            pseudonym=name.title(), language=fields.pop("language", "pl"), speaks=fields.pop("speaks", ["pl"]), **fields
        )
        person.set_password(PASSPHRASE)
        person.save()
        self.people[name] = person
        self.join(name, programme or self.here, age=age)
        return person

    def join(self, name: str, programme: Programme, *, age: str = "25_34", **words: Any) -> Member:
        actor = Actor(person=self.people[name].pk)
        version = reads.confidentiality(programme).version
        words = {"age": age, "conditions": ["lives_here"], "agreed_version": version} | words
        return programmes.join(actor, programme, self.people[name], None, **words)

    def experience(self, name: str, code: str = "grief.partner", **fields: Any) -> Experience:
        fields = {"stage": "been_through", "since": "2023", "until": "2024-06"} | fields
        return experiences.add(self.actor(name), topic=self.topic(code), **fields)

    def offer(self, name: str, *codes: str, **fields: Any) -> Offer:
        """Somebody ready to be there, at any time, in writing."""
        lived = [self.experience(name, code) for code in codes or ("grief.partner",)]
        fields = {"forms": ["text"], "languages": ["pl"], "hours": ANY_TIME, "capacity": 2} | fields
        return offers.make(self.actor(name), experiences=lived, **fields)

    def draft(self, name: str, *codes: str, **fields: Any) -> Ask:
        topics = [self.topic(code) for code in codes or ("grief.partner",)]
        fields = {"forms": ["text"], "languages": ["pl"]} | fields
        return asks.draft(self.actor(name), topics=topics, **fields)

    def ask(self, name: str, *codes: str, whoever: bool = False, **fields: Any) -> Ask:
        """An open ask."""
        return asks.send(self.actor(name), self.draft(name, *codes, **fields), whoever=whoever)

    def proposal(self, asker: str = "ania", giver: str = "bartek", origin: str = "chosen") -> Proposal:
        """Ania's ask put to Bartek, who has not answered."""
        offer = Offer.objects.filter(person=self.people[giver]).first() or self.offer(giver)
        actor = (
            HOUSE.within(self.here.pk)
            if origin == "next"
            else self.actor("celina" if origin == "coordinator" else asker)
        )
        return pairs.put(actor, self.ask(asker), offer, origin=origin)

    def pair(self, asker: str = "ania", giver: str = "bartek") -> Pair:
        """Both have said yes."""
        proposal = pairs.answer(self.actor(giver), self.proposal(asker, giver), yes=True)
        return Pair.objects.select_related("conversation", "ask", "offer", "asker", "giver", "programme").get(
            proposal=proposal
        )


def build() -> World:
    here = programmes.create(HOUSE, blueprint=load(SMALL), slug="here")
    elsewhere = programmes.create(HOUSE, blueprint=load(SMALL), slug="elsewhere")
    world = World(here, elsewhere)
    for name in ("ania", "bartek", "celina", "ewa", "franek"):
        world.add(name)
    world.add("dawid", elsewhere)
    keeper = HOUSE.within(here.pk)
    programmes.give_duty(keeper, world.member("celina"), kind="coordinator")
    programmes.give_duty(keeper, world.member("franek"), kind="duty_officer")
    programmes.leave(world.actor("ewa"), world.member("ewa"))
    return world
