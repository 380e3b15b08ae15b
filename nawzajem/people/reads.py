"""Questions about accounts."""

from __future__ import annotations

import hashlib
import hmac

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import fingerprint
from nawzajem.people.models import Device, Person, Token


def me(actor: Actor) -> Person:
    person = Person.objects.filter(pk=actor.person, is_active=True).first()
    if person is None:
        raise NotFound
    return person


def recoverable(pseudonym: str, code: str) -> Person | None:
    """The person whose pseudonym and recovery code these are."""
    person = Person.objects.filter(pseudonym__iexact=pseudonym.strip(), is_active=True).exclude(recovery="").first()
    given, kept = (
        print_of(code),
        person.recovery if person else "-",
    )  # the same work whether or not there is such a person
    return person if hmac.compare_digest(given.encode(), kept.encode()) else None


def whose_way(pseudonym: str | None, email: str | None) -> str | None:
    """Whose account somebody tried to open, if there is one: for the log, which tells it by a sign only."""
    named = Q(email__iexact=email) if email else Q(pseudonym__iexact=(pseudonym or "").strip())
    return Person.objects.filter(named).values_list("pk", flat=True).first()


def open_sessions() -> dict[str, list[str]]:
    """Their keys by person. A session says whose it is only to whoever opens it, so all of them are gone through once."""
    whose: dict[str, list[str]] = {}
    for one in Session.objects.iterator():
        if person := one.get_decoded().get(SESSION_KEY):
            whose.setdefault(person, []).append(one.pk)
    return whose


def confirmed_addresses(person: Person) -> list[str]:
    """Those that opened a letter of the house. What somebody only typed may be anybody's."""
    return list(EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True))


def print_of(code: str) -> str:
    """Of a recovery code as somebody typed it: case, spaces and hyphens do not matter."""
    return fingerprint("".join(filter(str.isalnum, code.lower())), purpose="recovery")


def tokens(actor: Actor) -> QuerySet[Token]:
    return Token.objects.filter(person=actor.person).order_by("-made_at")


def token(actor: Actor, token_id: str) -> Token:
    found = tokens(actor).filter(pk=token_id).first()
    if found is None:
        raise NotFound
    return found


def token_for(secret: str) -> Token | None:
    """The valid token with this secret, with its person."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    valid = Q(expires_on=None) | Q(expires_on__gte=clock.today())
    return Token.objects.filter(valid, digest=digest, person__is_active=True).select_related("person").first()


def devices(actor: Actor) -> list[Device]:
    """Where one is signed in, the one used last first. What has run out by itself is not told."""
    mine = Device.objects.filter(person=actor.person or "").order_by("-seen_on", "-began_at")
    there = Session.objects.filter(session_key__in=mine.values("session"), expire_date__gt=clock.now())
    return list(mine.filter(session__in=there.values("session_key")))


def device(actor: Actor, device_id: str) -> Device:
    found = Device.objects.filter(pk=device_id, person=actor.person or "").select_related("person").first()
    if found is None:
        raise NotFound
    return found


def device_of(agent: str) -> tuple[str, str]:
    """From what a browser says of itself: the kind of device and its name. The order matters: most claim to be several."""
    said = agent.lower()
    name = next((name for sign, name in Device.BROWSERS.items() if sign in said), "")
    is_phone = any(sign in said for sign in ("mobile", "android", "iphone", "ipad"))
    return (Device.Kind.PHONE if is_phone else Device.Kind.COMPUTER), name
