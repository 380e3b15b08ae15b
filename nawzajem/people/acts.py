"""Changes to accounts. Signing up and in, passphrases, passkeys and second factors are the library's."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit, emit_each
from nawzajem.ground.models import ALPHABET, new_id
from nawzajem.ground.refusals import Invalid
from nawzajem.people import reads, rules
from nawzajem.people.models import Device, Person, Token
from nawzajem.people.reads import print_of


@act(may=rules.may_change)
def change(actor: Actor, person: Person, **fields: Any) -> Person:
    """Language, comfort, what others may know. `fields` as cleaned by the room's forms."""
    for name, value in fields.items():
        setattr(person, name, value)
    person.save(update_fields=list(fields))
    emit(actor, "person.changed", person, fields=len(fields))
    return person


@act(may=rules.may_change)
def say_age(actor: Actor, person: Person, *, age: str) -> Person:
    if not rules.may_grow_older(person, age):
        raise Invalid(
            fields={"age": [_("An adult cannot become a minor here. A coordinator can put a mistake right.")]}
        )
    if age != person.age:
        person.age = age
        person.save(update_fields=["age"])
        emit(actor, "person.age_said", person)
    return person


@act(may=rules.may_change)
def new_recovery_code(actor: Actor, person: Person) -> str:
    """A fresh code, the old one void. Shown once; only its keyed hash is kept."""
    return _new_code(actor, person)


@act(may=rules.may_recover)
def recover(actor: Actor, person: Person, *, passphrase: str) -> str:
    """A new passphrase for somebody who had the code; every session ends, and the next code is returned."""
    person.set_password(passphrase)
    person.save(update_fields=["password"])
    emit(actor, "person.recovered", person)
    return _new_code(actor, person)


def _new_code(actor: Actor, person: Person) -> str:
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(5))
    person.recovery = print_of(code)
    person.save(update_fields=["recovery"])
    emit(actor, "person.recovery_code_made", person)
    return code


@act(may=rules.may_change)
def make_token(
    actor: Actor, person: Person, *, name: str, scopes: list[str], expires_on: date | None, key: str = ""
) -> tuple[Token, str]:
    """The token and its secret, which is never seen again. Made twice with one `key` it is one token, and the later secret
    opens: nobody has seen the earlier."""
    secret = "nz_" + secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    said = {"name": name, "scopes": scopes, "expires_on": expires_on, "digest": digest}
    token, _new = Token.objects.update_or_create(pk=key or new_id(), person=person, used_on=None, defaults=said)
    emit(actor, "token.made", token, scopes=len(scopes))
    return token, secret


@act(may=rules.may_drop_token)
def drop_token(actor: Actor, token: Token) -> None:
    emit(actor, "token.dropped", token)
    token.delete()


@act(may=rules.may_use_token)
def used(actor: Actor, token: Token) -> None:
    """Once a day at most, so that its owner sees which tokens still serve. No event."""
    Token.objects.filter(pk=token.pk).update(used_on=clock.today())


@act(may=rules.may_prepare)
def prepare(actor: Actor, *, accounts: Iterable[Mapping[str, Any]]) -> list[Person]:
    """Accounts without a way in, waiting for their owners to claim them by an invitation."""
    made = [Person(**fields) for fields in accounts]
    for person in made:
        person.set_unusable_password()
    Person.objects.bulk_create(made)
    emit_each(actor, "person.prepared", ((person, {}) for person in made))
    return made


@act(may=rules.is_self)
def seen(actor: Actor, person: Person) -> None:
    """Once a day at most, and only the date: enough to notice that somebody has gone silent. No event: it is no fact of note."""
    Person.objects.filter(pk=person.pk).update(seen_on=clock.today())


@act(may=rules.is_self)
def seen_on(actor: Actor, person: Person, *, session: str, agent: str, device: str = "") -> Device:
    """A device on which they are signed in, once a day at most; it keeps its place when its session gets another key. No event:
    when somebody was where is nobody's business."""
    known = Device.objects.filter(pk=device, person=person).first() or Device(person=person)
    known.session, known.seen_on = session, clock.today()
    known.kind, known.browser = reads.device_of(agent)
    known.save()
    return known


@act(may=rules.may_sign_out)
def sign_out(actor: Actor, person: Person, *, sessions: list[str]) -> int:
    """Everywhere, by the keeper. How many sessions that were."""
    Session.objects.filter(pk__in=sessions).delete()
    Device.objects.filter(person=person).delete()
    emit(actor, "person.signed_out", person, sessions=len(sessions))
    return len(sessions)


@act(may=rules.may_end)
def end_device(actor: Actor, device: Device) -> None:
    """Signed out there, at once."""
    Session.objects.filter(session_key=device.session).delete()
    emit(actor, "person.signed_out_elsewhere", device.person, devices=1)
    device.delete()


@act(may=rules.may_change)
def end_other_devices(actor: Actor, person: Person, *, but: str) -> int:
    """Signed out everywhere but here."""
    others = Device.objects.filter(person=person).exclude(session=but)
    count = others.count()
    Session.objects.filter(session_key__in=list(others.values_list("session", flat=True))).delete()
    others.delete()
    emit(actor, "person.signed_out_elsewhere", person, devices=count)
    return count
