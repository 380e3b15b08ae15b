"""A full disk, a database that is locked or away: nothing is half done, everything can still be read, and what somebody was
sending stands on the page, to be sent again with one press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from nawzajem.conversations import acts as conversations
from nawzajem.ground.models import Event
from nawzajem.people import acts as people
from tests.doors.deeds import DEEDS, PLACE
from tests.doors.test_pages_twice import NO_FACT, things

pytestmark = pytest.mark.django_db

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@contextmanager
def gives_way(when: Callable[[str], bool]) -> Iterator[None]:
    """The database refuses what `when` says, as it does with a full disk; nothing of it is imitated but the refusal."""

    def refusing(execute: Any, sql: str, *rest: Any) -> Any:
        if when(sql.lstrip().upper()):
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refusing):
        yield


def is_full():
    return gives_way(lambda sql: sql.startswith(WRITES))


def is_away():
    return gives_way(lambda sql: not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")))


LIBRARY = {"sign_up", "sign_in", "sign_out"}
SECRETS = {
    "sign_up",
    "sign_in",
    "claim",
    "recover",
    "come_in_by_a_code",
}  # what is secret is not sent back to stand in a page


@pytest.mark.parametrize("name", DEEDS)
def test_what_could_not_be_kept_is_sent_again_with_one_press(name, world, comes):
    _address, make = DEEDS[name]
    one, form, answers = make(world, comes)
    before, facts = things(), Event.objects.count()
    with is_full():
        page = one.send(form, **answers)
    if name in LIBRARY:
        transaction.set_rollback(False)  # it writes outside of acts, and so marks the test's own transaction
    assert page.status == 503, page.words
    assert (things(), Event.objects.count()) == (before, facts), "half of it was done"
    assert (
        all(word in page.html for word in answers.values() if isinstance(word, str) and " " in word) or name in SECRETS
    )
    if name in SECRETS | LIBRARY:
        assert not [form for form in page.forms if form.action != "/language/"]
        return
    again = one.send(page.form(form.action))
    assert again.status == 200, again.words
    assert Event.objects.count() > facts or name in NO_FACT


READ = {
    "ania": ["home", "asks", "asks/{ask}", "pairs", "pairs/{pair}", "experiences", "offer", "me", "texts", "agree"],
    "celina": ["desk", "desk/people", "desk/invitations"],
}


@pytest.mark.parametrize("who", READ)
def test_everything_can_still_be_read(who, world, comes):
    pair, ask = world.pair(), world.ask("ania")
    conversations.send(world.actor("bartek"), pair.conversation, text="Jestem.", client_key="a" * 8)
    one = comes(who)
    with is_full():
        for page in READ[who]:
            read = one.open(f"{PLACE}/{page.format(ask=ask.pk, pair=pair.pk)}/")
            assert read.status == 200, read.words
            assert "Jestem." in read.words or page != "pairs/{pair}"


def test_nobody_is_looked_at_by_duty_while_the_look_cannot_be_written_down(world, comes):
    ask, one = world.ask("ania"), comes("celina")
    with is_full():
        assert one.open(f"{PLACE}/desk/asks/{ask.pk}/").status == 503
    assert one.open(f"{PLACE}/desk/asks/{ask.pk}/").status == 200


def test_a_program_reads_on_too_and_is_told_that_nothing_was_kept(world, client):
    _token, secret = people.make_token(
        world.actor("ania"), world.ania, name="x", scopes=["read", "write"], expires_on=None
    )
    with_token = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}"}}
    before, facts = things(), Event.objects.count()
    with is_full():
        assert client.get("/api/v1/p/here/asks", **with_token).status_code == 200
        told = client.post("/api/v1/p/here/asks", {"topics": ["lonely"], "words": "Nie śpię."}, **with_token)
    assert (told.status_code, told.json()["code"]) == (503, "cannot_keep")
    assert (things(), Event.objects.count()) == (before, facts)


def test_a_database_that_is_away_is_said_with_help_lines_in_both_languages(world, comes):
    one, form, answers = DEEDS["write_an_ask"][1](world, comes)
    one.client.raise_request_exception = False
    with is_away():
        for page in (one.send(form, **answers), one.open(f"{PLACE}/home/"), one.open("/help/")):
            assert page.status == 503
            assert "116 123" in page.words
            assert "These pages will be back in a moment." in page.words
            assert "Te strony zaraz wrócą." in page.words
