"""A town for the benchmark: people two by two, a circle, a hall; all signed in. Straight into the tables, for they are many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.live.loader import Post

HOUSE = Path(__file__).resolve().parents[2]
WORDS = "Dobrze, że jesteś. Opowiedz, jak dziś było."
EACH = 10  # streams of one person, below what the house allows
CIRCLE = 50


@dataclass
class Talk:
    """A conversation and the sessions of those in it."""

    talk: str
    sessions: list[str]

    def post(self, n: int = 0) -> Post:
        """How the n-th of them says something."""
        session = self.sessions[n % len(self.sessions)]
        path = f"/live/p/bench/talks/{self.talk}/messages"

        def request(key: str) -> bytes:
            body = urlencode({"text": WORDS, "client_key": key}).encode()
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nawzajem={session}\r\n"
                f"Origin: http://127.0.0.1\r\nX-Nawzajem: bench\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            return head.encode() + body

        return request

    def listen(self, n: int = 0) -> bytes:
        session = self.sessions[n % len(self.sessions)]
        return f"GET /live/p/bench/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nawzajem={session}\r\n\r\n".encode()


@dataclass
class Town:
    pairs: list[Talk]
    circle: Talk
    hall: Talk
    page: str  # one that is dear to render

    @classmethod
    def make(cls, variables: dict[str, str], *, pairs: int, hall: int) -> Town:
        run = [sys.executable, "-m", "bench.live.town", str(pairs), str(hall)]
        done = subprocess.run(run, env={**os.environ, **variables}, cwd=HOUSE, check=True, capture_output=True)
        told = json.loads(done.stdout.splitlines()[-1])
        return cls([Talk(*one) for one in told["pairs"]], Talk(*told["circle"]), Talk(*told["hall"]), told["page"])


def build(pairs: int, hall: int) -> dict[str, Any]:
    import nawzajem  # noqa: F401

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import transaction

    from nawzajem.conversations.models import Conversation, Participant
    from nawzajem.ground.actor import Actor
    from nawzajem.management.opening import collect_static
    from nawzajem.people.models import Person
    from nawzajem.programmes import acts
    from nawzajem.programmes.blueprint import load
    from nawzajem.programmes.models import Member

    call_command("migrate", verbosity=0)
    collect_static(lambda _said: None)
    programme = acts.create(Actor(via="command"), blueprint=load("open-community"), slug="bench")
    house = Actor(via="command").within(programme.pk)
    programme = acts.choose(house, programme, newcomer_hours=0)  # everybody here has been here for long

    def enter(name: str) -> tuple[Person, str]:
        person = Person.objects.create(pseudonym=name, language="pl", password="!" + name)
        Member.objects.create(
            programme=programme, person=person, called=name, agreed_version=1, code=name[-9:], code_print=name
        )
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = person.pk, person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.create()
        return person, str(session.session_key)

    def seat(people: list[tuple[Person, str]]) -> list[Any]:
        talk = Conversation.objects.create(programme=programme)
        Participant.objects.bulk_create(Participant(conversation=talk, person=person) for person, _session in people)
        return [talk.pk, [session for _person, session in people]]

    with transaction.atomic():
        two_by_two = [seat([enter(f"one{n:05}"), enter(f"two{n:05}")]) for n in range(pairs)]
        circle = seat([enter(f"cir{n:05}") for n in range(CIRCLE)])
        crowd = seat([enter(f"hal{n:05}") for n in range(hall)])
    return {"pairs": two_by_two, "circle": circle, "hall": crowd, "page": "/p/bench/home/"}


if __name__ == "__main__":
    print(json.dumps(build(int(sys.argv[1]), int(sys.argv[2]))))
