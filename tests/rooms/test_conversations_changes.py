"""Changing one's own message and taking it back: who, for how long, and what everybody is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.conversations import acts, hearing, reads, rules
from nawzajem.conversations.models import Conversation, Message
from nawzajem.ground import events
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Stale
from nawzajem.ground.seal import unseal
from nawzajem.notify import letters
from nawzajem.notify.models import Letter
from nawzajem.pairs import acts as pairs
from nawzajem.programmes import acts as programmes
from nawzajem.rights import acts as rights
from nawzajem.rights import reads as my_data
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def opened(stage) -> Conversation:
    return stage.pair().conversation


@pytest.fixture
def talk(opened, world) -> Conversation:
    """Ania and Bartek have each said something."""
    for n, name in enumerate(("ania", "bartek", "ania"), 1):
        acts.send(world.actor(name), opened, text=f"words {n}", client_key=f"key-{n:05}")
    return now(opened)


def now(talk) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def one(talk, seq) -> Message:
    return talk.messages.get(seq=seq)


def told(world, talk, name, **words):
    return [(line.seq, line.latest, line.state, line.text) for line in reads.lines(world.actor(name), talk, **words)]


def test_other_words_stand_in_the_same_place_and_are_marked(world, talk):
    acts.edit(world.actor("ania"), one(talk, 1), text="better words")
    for name in ("ania", "bartek"):
        assert told(world, now(talk), name) == [
            (1, 4, "edited", "better words"),
            (2, 2, "said", "words 2"),
            (3, 3, "said", "words 3"),
        ]
    assert events.last(talk, "message.edited").facts == {"seq": 1, "place": 4}


def test_what_is_taken_back_has_no_words_anywhere_and_keeps_its_place(world, talk):
    acts.withdraw(world.actor("ania"), one(talk, 1))
    assert told(world, now(talk), "bartek")[0] == (1, 4, "withdrawn", "")
    assert bytes(one(talk, 1).body) == b""
    assert events.last(talk, "message.withdrawn").facts == {"seq": 1, "place": 4}
    with pytest.raises(NotFound):
        reads.own_message(world.actor("bartek"), talk, 1)
    with pytest.raises(Closed):
        reads.own_message(world.actor("ania"), talk, 1)


def test_asked_twice_it_is_done_once(world, talk):
    for _time in range(2):
        acts.edit(world.actor("ania"), one(talk, 1), text="better words")
    for _time in range(2):
        acts.withdraw(world.actor("ania"), one(talk, 3))
    assert now(talk).last_seq == 5
    assert events.of(talk).filter(kind__in=["message.edited", "message.withdrawn"]).count() == 2


def test_words_made_upon_what_has_become_another_undo_nothing_however_late_they_come(world, talk):
    ania = world.actor("ania")
    first = acts.edit(ania, one(talk, 1), text="first try", after=1)
    acts.edit(ania, one(talk, 1), text="second try", after=first.latest_seq)
    with pytest.raises(Stale):
        acts.edit(ania, one(talk, 1), text="first try", after=1)
    assert acts.edit(ania, one(talk, 1), text="second try", after=4).latest_seq == 5, "asked twice, it is the same"
    assert told(world, now(talk), "bartek")[0] == (1, 5, "edited", "second try")
    acts.edit(ania, one(talk, 1), text="whatever it says by now")
    acts.withdraw(ania, one(talk, 1))
    with pytest.raises(Closed):
        acts.edit(ania, one(talk, 1), text="second try", after=6)
    assert told(world, now(talk), "bartek")[0] == (1, 7, "withdrawn", "")


def test_whoever_was_away_is_told_of_changes_beside_what_is_new(world, talk):
    acts.edit(world.actor("ania"), one(talk, 1), text="first try")
    acts.send(world.actor("bartek"), talk, text="words 5", client_key="key-00005")
    acts.edit(world.actor("ania"), one(talk, 1), text="second try")
    acts.withdraw(world.actor("bartek"), one(talk, 2))
    missed = [(5, 5, "said", "words 5"), (1, 6, "edited", "second try"), (2, 7, "withdrawn", "")]
    assert told(world, now(talk), "ania", after=3) == missed
    assert told(world, now(talk), "ania", after=3, most=2) == missed[:2]
    assert told(world, now(talk), "ania", after=7) == []
    heard = hearing.heard_by(world.actor("ania"), hearing.news(talk.pk, after=0), after=3)
    assert heard == reads.lines(world.actor("ania"), now(talk), after=3)
    assert hearing.last_places([talk.pk]) == {talk.pk: 7}


def test_a_change_makes_nothing_unread_and_what_is_taken_back_is_not_waited_for(world, talk):
    ania, bartek = world.actor("ania"), world.actor("bartek")
    acts.read_to(bartek, now(talk), seq=3)
    acts.edit(ania, one(talk, 1), text="better words")
    assert reads.unread(bartek) == {}
    sent = [acts.send(ania, talk, text="x", client_key=f"key-new-{n}") for n in range(2)]
    acts.edit(ania, sent[0], text="y")
    assert reads.unread(bartek) == {talk.pk: 2}
    assert hearing.followed(world.here.pk, [bartek.me])[bartek.me][talk.pk] == hearing.Following(7, 2)
    letter = Letter(person=world.bartek, programme=world.here, kind="message", thing=talk.pk, code="message")
    assert letters.is_needed(letter)
    for one_of_them in sent:
        acts.withdraw(ania, one_of_them)
    assert reads.unread(bartek) == {}
    assert not letters.is_needed(letter)


@pytest.mark.parametrize("name", ["bartek", "celina", "franek", "dawid", "ewa"])
def test_nobody_changes_what_another_wrote(world, talk, name):
    for deed, words in ((acts.edit, {"text": "x"}), (acts.withdraw, {})):
        with pytest.raises(NotAllowed):
            deed(world.actor(name), one(talk, 1), **words)
    assert told(world, talk, "ania")[0] == (1, 1, "said", "words 1")


def test_words_can_be_changed_for_a_while_and_taken_back_later_too(world, talk, clock):
    clock(seconds=(rules.CHANGEABLE - timedelta(seconds=1)).total_seconds())
    acts.edit(world.actor("ania"), one(talk, 1), text="just in time")
    clock(seconds=2)
    with pytest.raises(Closed):
        acts.edit(world.actor("ania"), one(talk, 1), text="too late")
    clock(days=20)
    acts.withdraw(world.actor("ania"), one(talk, 1))
    with pytest.raises(Closed):
        acts.edit(world.actor("ania"), one(talk, 1), text="it has gone")


def test_once_the_talk_has_ended_it_stays_as_it_is(world, talk):
    acts.close(world.actor("bartek"), now(talk))
    assert not any(line.open for line in reads.lines(world.actor("ania"), now(talk)))
    for deed, words in ((acts.edit, {"text": "x"}), (acts.withdraw, {})):
        with pytest.raises(Closed):
            deed(world.actor("ania"), one(talk, 1), **words)


def test_behind_a_closed_door_nothing_is_taken_back(world, talk):
    """What hurt somebody does not vanish at the moment they close the door."""
    safety.block(world.actor("bartek"), world.ania)
    with pytest.raises(Closed):
        acts.withdraw(world.actor("ania"), one(talk, 1))


def test_who_is_paused_takes_back_and_does_not_write_anew(world, talk):
    programmes.pause(world.actor("celina"), world.member("ania"))
    with pytest.raises(NotAllowed):
        acts.edit(world.actor("ania"), one(talk, 1), text="x")
    acts.withdraw(world.actor("ania"), one(talk, 1))


def test_what_was_reported_stays_sealed_with_the_report(world, talk):
    line = reads.lines(world.actor("bartek"), talk)[0]
    report = safety.report(world.actor("bartek"), world.ania, reason="hurtful", place="x", evidence=line.text)
    acts.withdraw(world.actor("ania"), one(talk, 1))
    kept = Report.objects.get(pk=report.pk)
    assert unseal(kept.vault, kept.evidence, about=f"evidence:{kept.pk}") == "words 1"


def test_a_damaged_message_hides_none_of_the_others(world, talk):
    Message.objects.filter(pk=one(talk, 2).pk).update(body=b"\x01 these bytes are none of ours")
    lines = told(world, talk, "ania")
    assert lines == [(1, 1, "said", "words 1"), (2, 2, "damaged", ""), (3, 3, "said", "words 3")]
    heard = hearing.heard_by(world.actor("ania"), hearing.news(talk.pk, after=0), after=0)
    assert heard == reads.lines(world.actor("ania"), talk)
    acts.withdraw(world.actor("bartek"), one(talk, 2))
    assert told(world, now(talk), "ania")[1] == (2, 4, "withdrawn", "")


def test_the_download_says_what_became_of_each_message(world, talk):
    acts.edit(world.actor("ania"), one(talk, 1), text="better words")
    acts.withdraw(world.actor("ania"), one(talk, 3))
    ((said,),) = [[one["messages"] for one in my_data.everything(world.actor("ania"))["conversations"]]]
    assert [(line["state"], line["text"]) for line in said] == [
        ("edited", "better words"),
        ("said", "words 2"),
        ("withdrawn", ""),
    ]
    assert my_data.download(world.actor("ania"))


def test_erasing_oneself_empties_changed_messages_too(world, talk):
    acts.edit(world.actor("ania"), one(talk, 1), text="better words")
    pairs.end(world.actor("ania"), talk.pair, at_once=True)
    rights.erase(world.actor("ania"), world.ania, keep_messages=False)
    assert [line[2:] for line in told(world, now(talk), "bartek")] == [
        ("erased", ""),
        ("said", "words 2"),
        ("erased", ""),
    ]
