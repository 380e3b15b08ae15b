"""Moves the cast into a house of its own, for tests that start the whole of it: python -m tests.doors.town. Its tables are there already.

Prints, as JSON, the talk of Ania and Bartek, and for each of the cast a session with which they are signed in.
"""

from __future__ import annotations

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402


def move_in() -> dict[str, object]:
    from tests import cast
    from tests.doors.sessions import session_of

    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # nobody signs in by a passphrase here
    world = cast.build()
    pair = world.pair()
    return {
        "talk": pair.conversation_id,
        "pair": pair.pk,
        "sessions": {name: session_of(person) for name, person in world.people.items()},
    }


if __name__ == "__main__":
    print(json.dumps(move_in()))
