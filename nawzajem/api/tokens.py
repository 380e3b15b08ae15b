"""Who comes with a token, what it may do, and how often. No cookie opens anything here."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.patience import Patience
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound
from nawzajem.people import acts
from nawzajem.people.models import Person, Token
from nawzajem.people.reads import token_for
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme


class Request(HttpRequest):
    """A request whose token was looked at."""

    auth: Token


class Bearer(HttpBearer):
    """A token with all of these scopes."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        if "%00" in request.META["QUERY_STRING"] or "\0" in request.path:  # no database takes it in
            raise Invalid
        found = token_for(token)
        if found is None:
            return None
        translation.activate(found.person.language_code(formal=False))
        if missing := [scope for scope in self.scopes if scope not in found.scopes]:
            raise NotAllowed(
                _("This token may not do that; it lacks: %(scopes)s.") % {"scopes": ", ".join(missing)}, code="scope"
            )
        _was_here(found)
        return found


READ, WRITE, TALK, COORDINATE = Bearer("read"), Bearer("write"), Bearer("talk"), Bearer("coordinate")
EVERYTHING_READ = Bearer("read", "talk")


def _was_here(token: Token) -> None:
    """Once a day, as on the pages."""
    if token.used_on != clock.today():
        actor = Actor(person=token.person_id, via="api")
        with contextlib.suppress(OperationalError):  # where nothing can be kept, everything can still be read
            acts.used(actor, token)
            acts.seen(actor, token.person)


class Rate(BaseThrottle):
    """Per token: enough for a program that looks every second, too little for one that tries everything."""

    most, period = 300, 300  # requests, seconds
    _waits = 0
    grows = Patience("api", free=0, first=5, longest=900)  # and what comes while it waits makes it wait longer

    def allow_request(self, request: HttpRequest) -> bool:
        token: Token = request.auth  # type: ignore[attr-defined]
        self._waits = self.grows.wait(token.pk)
        if not self._waits and self._is_within(token):
            return True
        self.grows.refused(token.pk)
        return False

    def _is_within(self, token: Token) -> bool:
        key = f"api-rate:{token.pk}:{int(clock.now().timestamp()) // self.period}"
        cache.add(key, 0, timeout=self.period)
        return cache.incr(key) <= self.most

    def wait(self) -> float:
        return self._waits or self.period - clock.now().timestamp() % self.period


# -- the actor --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Here:
    """A member of a programme, as the pages' doorway makes them."""

    actor: Actor
    person: Person
    programme: Programme
    member: Member


def outside(request: Request) -> Actor:
    """Somebody, in no programme."""
    person = request.auth.person
    return Actor(
        person=person.pk,
        via="api",
        language=person.language_code(formal=False),
        time_zone=person.time_zone,
        scopes=frozenset(request.auth.scopes),
    )


def inside(request: Request, slug: str, *, before_agreement: bool = False) -> Here:
    """A member, who has agreed to the present text on confidentiality unless the operation comes before that."""
    person, programme = request.auth.person, programmes.programme(slug)
    member = programmes.membership(person, programme)
    if member is None:
        raise NotFound
    scopes = frozenset(request.auth.scopes)
    actor = programmes.actor(
        person, programme, member, via="api", scopes=scopes, second_factor=lambda: is_mfa_enabled(person)
    )
    translation.activate(actor.language)
    if not (before_agreement or actor.takes_part) and programmes.must_agree(member, programme):
        sentence = _("The text on confidentiality has changed. Please read it and agree to it first.")
        raise NotAllowed(sentence, code="must_agree")
    if member.is_suspended and not before_agreement:
        raise NotAllowed(_("Taking part is paused here by a decision. It stands on your page."), code="paused")
    return Here(actor, person, programme, member)


def on_duty(request: Request, slug: str, *duties: str) -> Here:
    """A member with one of these duties, which does not rest for want of a second factor. Else there is nothing here."""
    here = inside(request, slug)
    if here.actor.has(*duties):
        return here
    if {duty.kind for duty in here.member.duties.all()} & set(duties):
        raise NotAllowed(_("This duty rests until you have set up a second factor."), code="second_factor")
    raise NotFound
