"""Questions about accounts."""

from __future__ import annotations

import hashlib
import hmac

from django.db.models import Q, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import fingerprint
from nawzajem.people.models import Person, Token


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
