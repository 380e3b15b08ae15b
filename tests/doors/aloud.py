"""Somebody says something in the one conversation of a house, or hears what stands in it: python -m tests.doors.aloud [WORDS]"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from nawzajem.conversations import acts, reads  # noqa: E402
from nawzajem.conversations.models import Conversation  # noqa: E402
from nawzajem.ground.actor import Actor  # noqa: E402
from nawzajem.programmes import reads as programmes  # noqa: E402


def say(words: str) -> None:
    talk = Conversation.objects.get()
    person = talk.participants.all()[0].person
    assert person
    actor = programmes.actor(person, talk.programme, programmes.membership(person, talk.programme), via="web")
    acts.send(actor, talk, text=words, client_key="known")


def hear() -> list[str]:
    """What stands there, as the other side reads it."""
    talk = Conversation.objects.get()
    listener = Actor(person=talk.participants.last().person_id, programme=talk.programme_id)
    return [line.text for line in reads.lines(listener, talk)]


if __name__ == "__main__":
    for words in sys.argv[1:]:
        say(words)
    print(json.dumps(hear()))
