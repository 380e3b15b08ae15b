"""Who may change an account: its owner, while signed in."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Device, Person, Token


def may_change(actor: Actor, person: Person) -> bool:
    return actor.person == person.pk and actor.scopes is None


def is_self(actor: Actor, person: Person) -> bool:
    return actor.person == person.pk


def may_drop_token(actor: Actor, token: Token) -> bool:
    return actor.person == token.person_id


def may_use_token(actor: Actor, token: Token) -> bool:
    return actor.person == token.person_id


def may_recover(actor: Actor, person: Person) -> bool:
    """The code itself is the proof, and it is checked before; only nobody needs to get back in."""
    return actor.person is None and person.is_active


def may_grow_older(person: Person, age: str) -> bool:
    """Bands follow a birthday. An adult never turns into a minor here: that is how adults would reach children."""
    bands = Person.Age.values
    return not person.age or person.is_minor or bands.index(age) >= bands.index(Person.Age.UNDER_25)


def may_prepare(actor: Actor) -> bool:
    """Accounts made for others to claim: an import by the house."""
    return actor.is_house


def may_sign_out(actor: Actor, person: Person) -> bool:
    """The keeper at the machine, for somebody whose device is lost."""
    return actor.is_house


def may_end(actor: Actor, device: Device) -> bool:
    """One's own, in person: a program with a token signs nobody out."""
    return actor.person == device.person_id and actor.scopes is None
