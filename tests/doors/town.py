"""Moves the cast into a data folder of its own, for tests that start the whole house: python -m tests.doors.town

Prints, as JSON, the talk of Ania and Bartek, and for each of the cast a session with which they are signed in.
"""

from __future__ import annotations

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from nawzajem.people.models import Person  # noqa: E402


def session_of(person: Person) -> str:
    """Somebody signed in, as the library does it."""
    session = SessionStore()
    session[SESSION_KEY] = person.pk
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def move_in() -> dict[str, object]:
    from tests import cast

    call_command("migrate", verbosity=0)
    world = cast.build()
    pair = world.pair()
    return {
        "talk": pair.conversation_id,
        "pair": pair.pk,
        "sessions": {name: session_of(person) for name, person in world.people.items()},
    }


if __name__ == "__main__":
    print(json.dumps(move_in()))
