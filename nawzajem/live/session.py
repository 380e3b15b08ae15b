"""Who is on the other end: session, person, place in the programme, exactly as for the pages.

What was found is believed for half a second, so that somebody who signed out, was removed or left hears nothing more
within a second. Many streams are looked after in one go: what decides who somebody is here is read again in two
queries for all of them, and only where it has changed is the person looked up afresh.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock, rows
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotAllowed, NotFound, Refusal
from nawzajem.live.readers import Readers
from nawzajem.live.together import Together
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Text

BELIEVED = 0.5  # seconds

Key = tuple[str, str]  # session, and the programme's name in addresses

PERSON = ("is_active", "password", "language", "address", "time_zone", "shows_presence")
MEMBER = ("state", "agreed_version", "paused_for")
PROGRAMME = ("state", "slug")
SESSIONS = """SELECT session_key, session_data FROM django_session
    WHERE expire_date > %s AND session_key IN (VALUES {})"""
# All that decides who somebody is here: the options of the programme, then the three above, and the version of its text.
STANDING = f"""SELECT here.id, person.id, here.differing, {", ".join(f"person.{one}" for one in PERSON)},
        {", ".join(f"place.{one}" for one in MEMBER)}, {", ".join(f"here.{one}" for one in PROGRAMME)},
        (SELECT max(version) FROM nawzajem_text WHERE programme_id = here.id AND code = %s)
    FROM nawzajem_member place JOIN nawzajem_person person ON person.id = place.person_id
    JOIN nawzajem_programme here ON here.id = place.programme_id
    WHERE (place.programme_id, place.person_id) IN (VALUES {{}})"""  # noqa: S608  names of ours


@dataclass(slots=True, eq=False)
class Visitor:
    """Somebody in one programme through one session."""

    session: str
    slug: str
    actor: Actor
    shows_presence: bool
    standing: int  # changes whenever something changes that decides who this is and what they may hear
    seen_at: float  # monotonic, like the next
    came_at: float = 0.0

    @property
    def me(self) -> tuple[str, str]:
        return self.actor.here, self.actor.me


class Doorkeeper:
    """Knows who came in, and asks again in time."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._known: dict[tuple[str, str], Visitor] = {}
        self._doubted_at: dict[str, float] = {}  # person: when something about them changed
        self._find = Together(self._look_at_new)
        self._may_stay = Together(self._look_at_known)

    async def visitor(self, session: str, slug: str) -> Visitor:
        """Whoever this is; refuses those who have no business here."""
        known = self._known.get((session, slug))
        if known:
            known.came_at = time.monotonic()
            if not self._doubtful([known]) or await self._may_stay(known):
                return known
        found = await self._find((session, slug))
        if isinstance(found, Refusal):
            raise found
        return self._known.setdefault((session, slug), found)

    def doubt(self, people: Iterable[str]) -> None:
        """Something about them has just changed: nothing found out before is believed any more."""
        self._doubted_at.update(dict.fromkeys(people, time.monotonic()))

    async def turned_away(self, visitors: Iterable[Visitor]) -> set[Visitor]:
        """Those who may no longer hear what they could hear when they came."""
        old = self._doubtful(visitors)
        return await self._look_again(old) if old else old

    async def _look_again(self, old: Iterable[Visitor]) -> set[Visitor]:
        gone = await self._readers.read(_check, list(old))
        for one in gone:
            self._known.pop((one.session, one.slug), None)
        return gone

    def _doubtful(self, visitors: Iterable[Visitor], *, after: float = BELIEVED) -> set[Visitor]:
        """Those of whom something has changed, or nothing was found out for so long."""
        since, doubted = time.monotonic() - after, self._doubted_at
        return {one for one in visitors if one.seen_at <= since or one.seen_at <= doubted.get(one.actor.me, 0)}

    async def _look_at_new(self, keys: Sequence[Key]) -> dict[Key, Visitor | Refusal]:
        return await self._readers.read(_look_at_each, keys)

    async def _look_at_known(self, asking: Sequence[Visitor]) -> dict[Visitor, bool]:
        """With those who came of late and would ask next: many cost hardly more than one."""
        since = time.monotonic() - 2 * BELIEVED
        lately = (one for one in self._known.values() if one.came_at > since)
        gone = await self._look_again({*asking, *self._doubtful(lately, after=BELIEVED / 2)})
        return {one: one not in gone for one in asking}

    def forget(self) -> None:
        """Those not seen for a minute."""
        before = time.monotonic() - 60
        self._known = {key: one for key, one in self._known.items() if one.seen_at > before}
        self._doubted_at = {person: at for person, at in self._doubted_at.items() if at > before}


class Stored(SessionStore):
    """A session that was read together with others."""

    def __init__(self, session: str, data: str) -> None:
        super().__init__(session)
        self._data = data

    @property
    def key_salt(self) -> str:
        """As the pages sign it: the library takes the name of the class."""
        return str(SessionStore().key_salt)

    def load(self) -> dict[str, Any]:
        return self.decode(self._data)


def _look_at_each(keys: Sequence[Key]) -> dict[Key, Visitor | Refusal]:
    """Many who come in one moment are read together."""
    found: dict[Key, Visitor | Refusal] = {}
    for slug in {slug for _session, slug in keys}:
        for session, one in _look_within(slug, [session for session, where in keys if where == slug]).items():
            found[session, slug] = one
    return found


def _look_within(slug: str, sessions: Sequence[str]) -> dict[str, Visitor | Refusal]:
    """What was stored of the session is read before all else, for it is compared with that later."""
    asked_at, stored = time.monotonic(), _stored(sessions)
    people = _people(stored)
    try:
        within = programmes.programme(slug)
        version = programmes.present_version(within)
    except NotFound as refusal:
        return {session: refusal if people.get(session) else _signed_out() for session in sessions}
    members = programmes.memberships((person.pk for person in people.values() if person), within)
    found: dict[str, Visitor | Refusal] = {}
    for session in sessions:
        person = people.get(session)
        member = members.get(person.pk) if person else None
        if person is None:
            found[session] = _signed_out()
        elif member is None:
            found[session] = NotFound()
        elif programmes.must_agree(member, within, version):
            found[session] = NotAllowed(
                _("The text on confidentiality has changed. Please read it first."), code="must_agree"
            )
        elif member.is_suspended:
            sentence = _("Taking part is paused here by a decision. It stands on your page.")
            found[session] = NotAllowed(sentence, code="paused")
        else:
            three = (*_of(person, PERSON), *_of(member, MEMBER), *_of(within, PROGRAMME))
            facts = (*three, version, repr(within.differing))
            actor = programmes.actor(person, within, member, via="live", version=version)
            standing = hash((stored[session], facts))
            found[session] = Visitor(session, slug, actor, person.shows_presence, standing, asked_at)
    return found


def _stored(sessions: Iterable[str]) -> dict[str, str]:
    """What is kept of each that has not run out."""
    kept = rows.read(SESSIONS, [(one,) for one in set(sessions)], first=[clock.now()])
    return dict(kept)


def _people(stored: dict[str, str]) -> dict[str, Person | None]:
    """Whose session each is. The library's own check asks for each person by itself, so it is asked only where the answer
    is not a plain yes: it alone says no, and knows what else there may be, such as keys that have been changed."""
    sessions = {key: Stored(key, data) for key, data in stored.items()}
    named = Person.objects.in_bulk({one.get(auth.SESSION_KEY, "") for one in sessions.values()})
    return {key: _plainly(one, named) or _as_library_says(one) for key, one in sessions.items()}


def _plainly(session: Stored, named: dict[str, Person]) -> Person | None:
    """The person, where nobody could doubt it: active, let in by a way that is still open, with the password of then."""
    person = named.get(session.get(auth.SESSION_KEY, ""))
    if person is None or not person.is_active:
        return None
    is_open = session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    is_same = constant_time_compare(session.get(auth.HASH_SESSION_KEY) or "", person.get_session_auth_hash())
    return person if is_open and is_same else None


def _as_library_says(session: Stored) -> Person | None:
    person = auth.get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    return person if isinstance(person, Person) else None


def _signed_out() -> Refusal:
    return NotAllowed(_("You are signed out. Please sign in again; what you wrote is still there."), code="signed_out")


def _of(thing: Any, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(thing, name) for name in names)


def _check(visitors: list[Visitor]) -> set[Visitor]:
    """Those who are not welcome any more. Whoever changed but may stay, only in another language, is told their new self."""
    asked_at = time.monotonic()
    standing = _standings(visitors)
    changed = [one for one in visitors if standing(one) != one.standing]
    gone = {one for one in changed if not _renew(one)}
    for one in visitors:
        one.seen_at = max(one.seen_at, asked_at)
    return gone


def _renew(one: Visitor) -> bool:
    now = _look_within(one.slug, [one.session])[one.session]
    if isinstance(now, Refusal):
        return False
    if now.me != one.me:  # signed in again as somebody else
        return False
    one.actor, one.shows_presence, one.standing = now.actor, now.shows_presence, now.standing
    return True


def _standings(visitors: list[Visitor]) -> Callable[[Visitor], int]:
    """A function that tells the present standing of each."""
    sessions = _stored(one.session for one in visitors)
    found = rows.read(STANDING, {one.me for one in visitors}, first=[Text.Code.CONFIDENTIALITY.value])
    facts = {row[:2]: (*row[3:], _read(row[2])) for row in found}
    return lambda one: hash((sessions.get(one.session), facts.get(one.me)))


@lru_cache(64)
def _read(differing: str) -> str:
    """The options in one spelling, however the database writes them."""
    return repr(json.loads(differing))
