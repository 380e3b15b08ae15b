"""What a benchmark asks of the house's own models, in a process of its own: python -m bench.inside make|places|everything."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def make(talks: int) -> list[dict[str, Any]]:
    """People two by two, with a talk that has begun, one that has ended, a session and a token each."""
    from nawzajem.ground.actor import Actor
    from nawzajem.management.opening import collect_static, prepare_tables
    from nawzajem.programmes import acts
    from nawzajem.programmes.blueprint import load

    prepare_tables(lambda _said: None)
    collect_static(lambda _said: None)
    programme = acts.create(Actor(via="command"), blueprint=load("open-community"), slug="bench")
    house = Actor(via="command").within(programme.pk)
    programme = acts.choose(house, programme, newcomer_hours=0)  # everybody here has been here for long
    return [_two(programme, n) for n in range(talks)]


def _two(programme: Any, n: int) -> dict[str, Any]:
    from nawzajem.conversations import acts
    from nawzajem.conversations.models import Conversation, Participant
    from nawzajem.ground.actor import Actor
    from nawzajem.people import acts as people

    both = [_somebody(programme, f"{name}{n:05}") for name in ("one", "two")]
    actors = [Actor(person=one.pk, programme=programme.pk, via="api", takes_part=True) for one in both]
    talk, ended = (Conversation.objects.create(programme=programme) for _ in range(2))
    for of in (talk, ended):
        Participant.objects.bulk_create(Participant(conversation=of, person=one) for one in both)
    acts.send(actors[0], talk, text="Hello.", client_key=f"first-{talk.pk}")
    acts.close(actors[0], ended)
    made = [
        people.make_token(actor, one, name="x", scopes=["talk"], expires_on=None)
        for actor, one in zip(actors, both, strict=True)
    ]
    tokens = [secret for _token, secret in made]
    return {"talk": talk.pk, "ended": ended.pk, "sessions": [_session(one) for one in both], "tokens": tokens}


def _somebody(programme: Any, name: str) -> Any:
    from nawzajem.people.models import Person
    from nawzajem.programmes.models import Member

    person = Person.objects.create(pseudonym=name, language="pl", password="!" + name)
    Member.objects.create(
        programme=programme, person=person, called=name, agreed_version=1, code=name[-9:], code_print=name
    )
    return person


def _session(person: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = person.pk, person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.create()
    return str(session.session_key)


def places() -> dict[str, int]:
    from nawzajem.conversations.models import Conversation

    return dict(Conversation.objects.filter(closed_at=None).values_list("pk", "last_seq"))


def everything() -> dict[str, Any]:
    """All messages of each talk in order, as sealed bytes opened; how many places are taken twice or by nothing; and of how
    many messages or changes there is not exactly one event."""
    from nawzajem.conversations.models import Conversation
    from nawzajem.ground.models import Event
    from nawzajem.ground.seal import unseal

    told: dict[str, Any] = {"talks": {}, "places": [], "events_that_differ": 0}
    for talk in Conversation.objects.filter(closed_at=None):
        rows = list(talk.messages.order_by("seq"))
        told["talks"][talk.pk] = [
            (one.seq, one.client_key, unseal(talk.vault, one.body, about=one.about)) for one in rows
        ]
        events = Event.objects.filter(thing=talk.pk)
        sent = sorted(facts["seq"] for facts in events.filter(kind="message.sent").values_list("facts", flat=True))
        changes = events.filter(kind__in=["message.edited", "message.withdrawn"]).values_list("facts", flat=True)
        changed = sorted(facts["place"] for facts in changes)
        told["events_that_differ"] += sent != [one.seq for one in rows]
        told["places"].append(int(sorted(sent + changed) != list(range(1, talk.last_seq + 1))))
    return told


def main() -> None:
    import nawzajem  # noqa: F401  which exchanges the SQLite for its own

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    what, *words = sys.argv[1:]
    asked = {"make": make, "places": places, "everything": everything}[what]
    print(json.dumps(asked(*map(int, words))))


if __name__ == "__main__":
    main()
