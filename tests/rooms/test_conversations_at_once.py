"""Two at once in one conversation, with connections of their own: no gap, no double, nothing after the end."""

from __future__ import annotations

import pytest
from django.db import transaction

from nawzajem.conversations import acts, reads
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground.models import Event
from tests.rooms.at_once import at_once, refused, while_open


@pytest.fixture
def talk(town) -> Conversation:
    return town.pair().conversation


def say(town, talk, name, key):
    return lambda: acts.send(town.actor(name), talk, text=f"{name} {key}", client_key=f"key-{key:04}")


def many(town, talk, name, first):
    def write():
        return [say(town, talk, name, first + one)() for one in range(10)]

    return write


def test_messages_of_two_at_once_stand_without_gaps(town, talk):
    at_once(many(town, talk, "ania", 0), many(town, talk, "bartek", 100), many(town, talk, "ania", 200))
    seqs = list(Message.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 31))
    assert Conversation.objects.get(pk=talk.pk).last_seq == 30
    events = Event.objects.filter(kind="message.sent").order_by("pk").values_list("facts", flat=True)
    assert [one["seq"] for one in events] == seqs  # whoever reads events in their order misses none


def test_in_the_narrowest_moment_the_second_comes_after_the_first(town, talk):
    first, second = while_open(say(town, talk, "ania", 1), say(town, talk, "bartek", 2))
    assert (first.seq, second.seq) == (1, 2)


def test_one_key_from_two_windows_is_one_message(town, talk):
    one, other = while_open(say(town, talk, "ania", 1), say(town, talk, "ania", 1))
    assert one == other
    assert len({made.pk for made in at_once(*[say(town, talk, "ania", 2)] * 4)}) == 1
    assert Message.objects.count() == 2


def test_what_is_taken_back_leaves_no_gap(town, talk):
    def broken():
        with transaction.atomic():
            say(town, talk, "ania", 1)()
            transaction.set_rollback(True)

    while_open(broken, say(town, talk, "bartek", 2))
    say(town, talk, "ania", 3)()
    assert list(Message.objects.values_list("seq", flat=True)) == [1, 2]


def test_after_the_end_nothing_is_written(town, talk):
    close = lambda: acts.close(town.actor("bartek"), Conversation.objects.get(pk=talk.pk))  # noqa: E731
    results = while_open(close, say(town, talk, "ania", 1))
    assert refused(results) == ["closed"]
    assert not Message.objects.exists()


def test_a_word_in_the_last_moment_is_kept_or_told_not_to_be(town, talk):
    close = lambda: acts.close(town.actor("bartek"), Conversation.objects.get(pk=talk.pk))  # noqa: E731
    results = at_once(close, say(town, talk, "ania", 1))
    closed = Conversation.objects.get(pk=talk.pk)
    assert closed.closed_at
    assert Message.objects.count() == closed.last_seq == 1 - len(refused(results))


def test_two_who_close_at_once_close_it_once(town, talk):
    close = lambda name: lambda: acts.close(town.actor(name), Conversation.objects.get(pk=talk.pk))  # noqa: E731
    assert refused(while_open(close("ania"), close("bartek"))) == ["stale"]
    assert Event.objects.filter(kind="conversation.closed").count() == 1


def test_reading_in_two_windows_goes_forward_only(town, talk):
    many(town, talk, "bartek", 0)()
    here = Conversation.objects.get(pk=talk.pk)
    read = lambda seq: lambda: acts.read_to(town.actor("ania"), here, seq=seq)  # noqa: E731
    while_open(read(8), read(3))
    assert reads.read_to(town.actor("ania"), here) == 8
