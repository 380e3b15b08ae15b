"""How much room a house takes on PostgreSQL, and what keeping messages in parts costs and gives: python -m bench.sizes [--messages N]

Made by a seed, on a PostgreSQL of the benchmark's own. Rows go in as the house writes them: sealed bodies, events, two who
take part in each conversation. Asked whole first, then in parts, both warm; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable

TALK = 100  # messages in a conversation
PARTS = 32
AGAIN = 7
ASKED = 200


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--messages", type=int, default=200_000)
    n = words.parse_args().messages
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"NAWZAJEM_DATA": data, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": _server()}
        print(json.dumps(measured(n)))


def _server() -> str:
    from tests import postgresql

    return postgresql.start()


def measured(n: int) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command

    from nawzajem.management import partitions

    with contextlib.redirect_stdout(None):
        call_command("migrate", verbosity=0)
    talks = filled(n)
    told: dict[str, object] = {"messages": n} | sizes(n, len(talks))
    whole = asked(talks, 1)
    began = time.perf_counter()
    partitions.part(PARTS)
    told |= {"parts": PARTS, "parting_seconds_per_million": round((time.perf_counter() - began) * 1e6 / n, 1)}
    parted = asked(talks, 2)
    told |= {f"parts_over_whole_{name}": round(parted[name] / whole[name], 2) for name in whole}
    told["part_index_share"] = round(
        _bytes("nawzajem_message_000", "pg_indexes_size") / _bytes_of_parts("pg_indexes_size"), 4
    )
    return told


def filled(n: int) -> list[str]:
    """Conversations of two with a hundred messages each; bodies as long as sealed texts of some 200 letters."""
    from nawzajem.ground.models import Event, new_id
    from nawzajem.models import Conversation, Member, Message, Participant, Person, Programme

    draw = random.Random(20261122)
    programme = Programme.objects.create(slug="size", name_words={"en": "Size"}, purpose_words={"en": "Size"})
    talks = [new_id() for _ in range(max(2, n // TALK))]
    people = Person.objects.bulk_create((Person(pseudonym=f"p{i}") for i in range(2 * len(talks))), batch_size=1000)
    Member.objects.bulk_create(
        (Member(programme=programme, person=one, called=one.pseudonym) for one in people), batch_size=1000
    )
    Conversation.objects.bulk_create(
        (Conversation(pk=pk, programme=programme, last_seq=TALK, unscreened=True) for pk in talks), batch_size=1000
    )
    seats = [
        Participant(conversation_id=talk, person=people[2 * i + side])
        for i, talk in enumerate(talks)
        for side in (0, 1)
    ]
    Participant.objects.bulk_create(seats, batch_size=1000)
    for seq in range(1, TALK + 1):  # as it comes about: all talks grow together
        rows = [
            Message(conversation_id=talk, seq=seq, latest_seq=seq, author=seats[2 * i + seq % 2],
                    client_key=f"{draw.getrandbits(120):030x}", body=draw.randbytes(29 + draw.randint(20, 400)))
            for i, talk in enumerate(talks)
        ]  # fmt: skip
        Message.objects.bulk_create(rows, batch_size=2000)
        events = (
            Event(kind="message.sent", by=people[2 * i].pk, via="live", programme=programme.pk, thing_kind="conversation",
                  thing=talk, facts={"seq": seq})
            for i, talk in enumerate(talks)
        )  # fmt: skip
        Event.objects.bulk_create(events, batch_size=2000)
    _do("VACUUM ANALYZE")
    return talks


def sizes(n: int, talks: int) -> dict[str, object]:
    def each(table: str, rows: int) -> int:
        return round(_bytes(f"nawzajem_{table}", "pg_total_relation_size") / rows)

    return {
        "bytes_message": each("message", n),
        "bytes_message_indexes": round(_bytes("nawzajem_message", "pg_indexes_size") / n),
        "bytes_event": each("event", n),
        "bytes_conversation": each("conversation", talks),
        "bytes_person": each("person", 2 * talks) + each("member", 2 * talks) + each("participant", 2 * talks),
    }


def asked(talks: list[str], seed: int) -> dict[str, float]:
    """Medians of seconds: the last page of a conversation, what is newer than a place, one more message."""
    from nawzajem.models import Message, Participant

    draw = random.Random(seed)
    chosen = draw.sample(talks, min(ASKED, len(talks)))
    seats = dict(Participant.objects.filter(conversation__in=chosen).values_list("conversation", "pk"))
    places = dict.fromkeys(chosen, seed * 10**6)

    def last_page(talk: str) -> None:
        list(Message.objects.filter(conversation=talk).order_by("-seq")[:50])

    def newer(talk: str) -> None:
        list(Message.objects.filter(conversation=talk, latest_seq__gt=TALK - 1).order_by("latest_seq"))

    def one_more(talk: str) -> None:
        places[talk] += 1
        key = f"{draw.getrandbits(120):030x}"
        at = places[talk]
        Message.objects.create(
            conversation_id=talk, seq=at, latest_seq=at, author_id=seats[talk], client_key=key, body=b"x" * 230
        )

    return {"page": timed(last_page, chosen), "newer": timed(newer, chosen), "insert": timed(one_more, chosen)}


def timed(do: Callable[[str], None], talks: list[str]) -> float:
    rounds = []
    for _ in range(AGAIN):
        began = time.perf_counter()
        for talk in talks:
            do(talk)
        rounds.append(time.perf_counter() - began)
    return statistics.median(rounds)


def _do(sentence: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sentence)


def _bytes(table: str, how: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {how}(%s)", [table])
        return int(cursor.fetchone()[0])


def _bytes_of_parts(how: str) -> int:
    return sum(_bytes(f"nawzajem_message_{i:03}", how) for i in range(PARTS))


if __name__ == "__main__":
    main()
