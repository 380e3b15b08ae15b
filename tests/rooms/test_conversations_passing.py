"""Where a programme keeps no words: they go when they have had their time, and no backup can bring them back."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.conf import settings

from nawzajem.conversations import acts, reads
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground.models import Event, Passing
from nawzajem.ground.refusals import NotAllowed
from nawzajem.ground.seal import name_of, rewrapped, wrapped_by
from nawzajem.pairs import acts as pairs
from nawzajem.pairs import reads as pair_reads
from nawzajem.programmes import acts as programmes
from nawzajem.rights import chores
from nawzajem.rights import reads as rights
from nawzajem.safety import acts as safety

pytestmark = pytest.mark.django_db

SAID = "Nie wiem, czy dam radę wrócić na tę ulicę."


@pytest.fixture
def talking(world):
    """A pair in a programme whose words last only while two talk."""
    world.here = programmes.choose(world.actor("celina"), world.here, content="while_talking")
    return world.pair()


def say(world, pair, name, text=SAID):
    key = f"key-{name}-{Message.objects.count():04}"
    return acts.send(world.actor(name), now(pair), text=text, client_key=key)


def now(pair) -> Conversation:
    return Conversation.objects.get(pk=pair.conversation_id)


def heard(world, pair, name="bartek"):
    return [line.text for line in reads.lines(world.actor(name), now(pair))]


def read(world, pair, name="bartek"):
    acts.read_to(world.actor(name), now(pair), seq=now(pair).last_seq)


def test_while_two_talk_everything_is_there(world, talking, clock):
    say(world, talking, "ania")
    read(world, talking)
    clock(minutes=29)
    chores.let_words_pass()
    assert heard(world, talking) == [SAID]


def test_after_a_silence_what_was_read_is_gone_with_its_key(world, talking, clock):
    say(world, talking, "ania")
    read(world, talking)
    before, keys = bytes(now(talking).vault), set(Passing.objects.values_list("pk", flat=True))
    clock(minutes=31)
    chores.let_words_pass()
    assert heard(world, talking) == []
    assert bytes(now(talking).vault) != before
    assert keys.isdisjoint(Passing.objects.values_list("pk", flat=True))
    assert Event.objects.get(kind="conversation.passed").facts == {"messages": 1}


def test_what_nobody_has_read_waits_for_its_reader_but_not_for_ever(world, talking, clock):
    say(world, talking, "ania")
    clock(hours=23)
    chores.let_words_pass()
    assert heard(world, talking) == [SAID]
    clock(hours=2)
    chores.let_words_pass()
    assert heard(world, talking) == []
    assert reads.unread(world.actor("bartek")) == {talking.conversation_id: 0} or not reads.unread(
        world.actor("bartek")
    )


def test_the_talk_goes_on_after_its_words_have_gone(world, talking, clock):
    say(world, talking, "ania")
    read(world, talking)
    clock(minutes=31)
    chores.let_words_pass()
    assert say(world, talking, "bartek", "Jestem.").seq == 3, "that the first went took a place too"
    assert heard(world, talking) == ["Jestem."]


def test_the_end_of_a_talk_is_the_end_of_its_words(world, talking):
    say(world, talking, "ania")
    pairs.end(world.actor("ania"), pair_reads.pair(world.actor("ania"), talking.pk), at_once=True)
    chores.let_words_pass()
    assert heard(world, talking) == []


def test_where_words_expire_the_younger_stay_under_a_new_key(world, talking, clock):
    programmes.choose(world.actor("celina"), world.here, content="expires", content_hours=48)
    say(world, talking, "ania", "pierwsze")
    clock(hours=30)
    say(world, talking, "bartek", "drugie")
    before = bytes(now(talking).vault)
    clock(hours=20)
    chores.let_words_pass()
    assert heard(world, talking) == ["drugie"]
    assert bytes(now(talking).vault) != before


def test_that_words_went_is_nothing_that_waits_to_be_read(world, talking, clock):
    say(world, talking, "ania", "pierwsze")
    clock(hours=23)
    second = say(world, talking, "ania", "drugie")
    clock(hours=2)
    chores.let_words_pass()
    assert (heard(world, talking), now(talking).last_seq) == (["drugie"], 3)
    assert reads.begins_at(now(talking)) == second.seq
    assert reads.unread(world.actor("bartek")) == {talking.conversation_id: 1}
    acts.read_to(
        world.actor("bartek"), now(talking), seq=second.seq
    )  # as an open page says it: up to the last one it shows
    assert reads.unread(world.actor("bartek")) == {}
    chores.let_words_pass()
    assert (heard(world, talking), now(talking).last_seq) == ([], 4)
    assert reads.begins_at(now(talking)) == 5


def test_words_from_before_the_programme_said_so_go_as_well(world, clock):
    pair = world.pair()
    say(world, pair, "ania")
    pairs.suggest_agreement(world.actor("ania"), pair, aim="Wytrwać do świąt")
    read(world, pair)
    programmes.choose(world.actor("celina"), world.here, content="while_talking")
    clock(minutes=31)
    chores.let_words_pass()
    assert heard(world, pair) == []
    settled = pair_reads.agreement(world.actor("ania"), pair_reads.pair(world.actor("ania"), pair.pk))
    assert (settled.aim, settled.safety_words) == ("", "")


def test_what_two_settle_there_has_no_words_of_their_own(world, talking):
    talking.refresh_from_db()
    settled = pairs.suggest_agreement(world.actor("ania"), talking, aim="Wytrwać", safety_words="stop", rhythm="weekly")
    assert (settled.aim, settled.safety_words, settled.rhythm) == (None, None, "weekly")


def test_where_words_are_kept_nothing_passes(world, clock):
    pair = world.pair()
    say(world, pair, "ania")
    read(world, pair)
    clock(days=300)
    chores.let_words_pass()
    assert heard(world, pair) == [SAID]
    assert not Passing.objects.exists()


@pytest.mark.parametrize("name", ["ania", "celina"])
def test_nobody_lets_words_pass_by_hand(world, talking, clock, name):
    with pytest.raises(NotAllowed):
        acts.let_pass(world.actor(name), now(talking), before=clock())


def test_without_its_key_as_after_a_backup_the_words_stay_shut_and_the_talk_begins_anew(world, talking, clock):
    say(world, talking, "ania")
    Passing.objects.all().delete()  # what no backup brings back
    assert heard(world, talking) == [""]
    clock(minutes=1)
    chores.let_words_pass()
    assert heard(world, talking) == []
    say(world, talking, "bartek", "Jestem.")
    assert heard(world, talking, "ania") == ["Jestem."]


def test_a_report_keeps_the_one_message_that_it_is_about(world, talking, clock):
    told = say(world, talking, "ania")
    report = safety.report(world.actor("bartek"), world.ania, reason="danger", evidence=SAID, place=told.about)
    read(world, talking)
    clock(minutes=31)
    chores.let_words_pass()
    report.refresh_from_db()
    assert report.evidence


def test_a_download_is_no_recording(world, talking):
    say(world, talking, "ania")
    [told] = rights.everything(world.actor("ania"))["conversations"]
    assert (told["words_kept"], told["messages"]) == (False, [])
    assert SAID not in json.dumps(rights.everything(world.actor("ania")), default=str)


def test_once_passed_no_table_holds_the_words_in_any_form(world, talking, clock):
    sealed = bytes(say(world, talking, "ania").body)
    read(world, talking)
    clock(minutes=31)
    chores.let_words_pass()
    for model in apps.get_app_config("nawzajem").get_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                held = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                assert sealed not in held
                assert SAID.encode() not in held


def test_a_new_master_key_leaves_the_way_to_a_passing_key_as_it_is(world, talking):
    vault = now(talking).vault
    assert rewrapped(vault) == bytes(vault)
    assert wrapped_by(vault) == name_of(settings.KEYS.newest)
