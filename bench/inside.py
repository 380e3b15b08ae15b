"""What a benchmark asks of the house's own models, in a process of its own: python -m bench.inside make|places|everything."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def make(talks: int) -> list[dict[str, Any]]:
    """People two by two, with a talk that has begun, one that has ended, a session and a token each."""
    from bench.live import make as move_in
    from nawzajem.conversations import acts
    from nawzajem.ground.actor import Actor

    town = move_in(talks)  # which also sets Django up
    from nawzajem.conversations.models import Conversation, Participant
    from nawzajem.people import acts as people

    for pair in town:
        talk = Conversation.objects.select_related("programme").get(pk=pair["talk"])
        both = [seat.person for seat in talk.participants.select_related("person").order_by("person__pseudonym")]
        actors = [Actor(person=one.pk, programme=talk.programme_id, via="api", takes_part=True) for one in both if one]
        acts.send(actors[0], talk, text="Hello.", client_key=f"first-{talk.pk}")
        ended = Conversation.objects.create(programme=talk.programme)
        Participant.objects.bulk_create(Participant(conversation=ended, person=one) for one in both)
        acts.close(actors[0], ended)
        made = [
            people.make_token(one, person, name="x", scopes=["talk"], expires_on=None)
            for one, person in zip(actors, both, strict=True)
        ]
        pair |= {"ended": ended.pk, "tokens": [secret for _token, secret in made]}
    return town


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
