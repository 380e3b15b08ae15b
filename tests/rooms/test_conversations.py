"""People talking: who may write, in which order it stands, who reads it, how it ends."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from nawzajem.conversations import acts, hearing, reads, rules
from nawzajem.conversations.forms import LONGEST, MessageForm
from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE, NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, NotAllowed, NotFound, Stale
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NOTHING, NUL, WORDS

pytestmark = pytest.mark.django_db

outsiders = pytest.mark.parametrize("name", ["celina", "franek", "dawid", "ewa"])


@pytest.fixture(scope="module")
def opened(stage) -> Conversation:
    return stage.pair().conversation


@pytest.fixture
def talk(opened, world) -> Conversation:
    return now(opened)


def say(world, talk, name, text=WORDS, key=None):
    key = key or f"key-{name}-{Message.objects.count():04}"
    return acts.send(world.actor(name), talk, text=text, client_key=key)


def now(talk) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def ended(world, talk):
    acts.close(world.actor("ania"), now(talk))


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    programmes.pause(world.actor("celina"), world.member("ania"))


# -- opening ----------------------------------------------------------------------------------------------------------


def test_a_conversation_is_opened_between_people(world):
    people = [world.ania.pk, world.bartek.pk]
    made = acts.open_between(world.actor("ania"), people)
    assert {one.person_id for one in made.participants.all()} == set(people)
    assert events.last(made, "conversation.opened").facts == {"people": 2}
    assert made.vault


def test_none_is_opened_between_people_who_shall_not_meet(world):
    safety.block(world.actor("bartek"), world.ania)
    with pytest.raises(NotAllowed):
        acts.open_between(world.actor("ania"), [world.ania.pk, world.bartek.pk])
    with pytest.raises(NotAllowed):
        acts.open_between(NOBODY, [world.ania.pk, world.celina.pk])


def test_everybody_is_in_it_once(world, talk):
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(conversation=talk, person=world.ania)


# -- writing ----------------------------------------------------------------------------------------------------------


def test_what_is_written_stands_in_order_for_both(world, talk, clock):
    for name, text in (("ania", "one"), ("bartek", "two"), ("ania", "three")):
        clock(minutes=1)
        say(world, talk, name, text)
    for name in ("ania", "bartek"):
        lines = reads.lines(world.actor(name), talk)
        assert [(line.seq, line.text) for line in lines] == [(1, "one"), (2, "two"), (3, "three")]
    mine = [line.mine for line in reads.lines(world.actor("ania"), talk)]
    assert mine == [True, False, True]
    assert reads.lines(world.actor("ania"), talk)[1].author == "Bartek"
    assert (now(talk).last_seq, now(talk).last_at) == (3, clock())
    assert [one.facts for one in events.of(talk).filter(kind="message.sent")] == [{"seq": 1}, {"seq": 2}, {"seq": 3}]


@pytest.mark.parametrize(
    "text", [EMOJI, MARKS, "ż" * LONGEST, "\u200b", "<script>alert(1)</script>", "a\x00b", "\ud800"]
)
def test_whatever_is_written_comes_out_as_it_went_in(world, talk, text):
    say(world, talk, "ania", text)
    assert reads.lines(world.actor("bartek"), talk)[0].text == text.encode(errors="replace").decode()


def test_sent_again_with_the_same_key_it_is_the_same_message(world, talk):
    first = say(world, talk, "ania", "one", key="the-same-key")
    assert say(world, talk, "ania", "one", key="the-same-key") == first
    ended(world, talk)
    assert say(world, talk, "ania", "one", key="the-same-key") == first  # also when it ended meanwhile
    assert now(talk).last_seq == 1
    assert events.of(talk).filter(kind="message.sent").count() == 1


@outsiders
def test_nobody_else_writes(world, talk, name):
    with pytest.raises(NotAllowed):
        say(world, talk, name)
    assert not Message.objects.exists()


@pytest.mark.parametrize("how", [paused, must_agree_again])
def test_who_does_not_take_part_reads_and_does_not_write(world, talk, how):
    say(world, talk, "bartek")
    how(world)
    with pytest.raises(NotAllowed):
        say(world, talk, "ania")
    assert reads.lines(world.actor("ania"), reads.conversation(world.actor("ania"), talk.pk))
    acts.read_to(world.actor("ania"), talk, seq=1)
    acts.close(world.actor("ania"), talk)


def test_who_is_paused_here_does_not_write_by_way_of_another_programme(world, talk):
    world.join("ania", world.elsewhere)
    paused(world)
    with pytest.raises(NotAllowed):
        acts.send(world.actor("ania", world.elsewhere), talk, text="x", client_key="key-key-1")


def test_a_closed_conversation_takes_no_message(world, talk):
    seen = now(talk)
    ended(world, talk)
    for one in (seen, now(talk)):
        with pytest.raises(Closed):
            say(world, one, "bartek")
    assert now(talk).last_seq == 0


def test_a_closed_door_is_answered_as_any_ending(world, talk):
    """Whoever was blocked cannot tell it from a talk that simply ended."""
    safety.block(world.actor("bartek"), world.ania)
    assert not rules.may_write(world.actor("ania"), talk)
    with pytest.raises(Closed) as closed_door:
        say(world, talk, "ania")
    ended(world, talk)
    with pytest.raises(Closed) as just_ended:
        say(world, talk, "ania")
    assert str(closed_door.value.sentence) == str(just_ended.value.sentence)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_the_unread_is_counted_until_it_is_read(world, talk):
    for _line in range(3):
        say(world, talk, "bartek")
    ania = world.actor("ania")
    assert reads.unread(ania) == {talk.pk: 3}
    assert reads.unread(world.actor("bartek")) == {}
    acts.read_to(ania, now(talk), seq=2)
    assert (reads.unread(ania), reads.read_to(ania, talk)) == ({talk.pk: 1}, 2)


@pytest.mark.parametrize(("seq", "read"), [(-5, 2), (0, 2), (1, 2), (3, 3), (10**12, 3)])
def test_reading_goes_forward_and_not_past_the_end(world, talk, seq, read):
    for _line in range(3):
        say(world, talk, "bartek")
    acts.read_to(world.actor("ania"), now(talk), seq=2)
    before = Event.objects.count()
    acts.read_to(world.actor("ania"), now(talk), seq=seq)
    assert reads.read_to(world.actor("ania"), talk) == read
    assert Event.objects.count() == before  # nobody is told that somebody has read


def test_what_one_writes_oneself_one_has_read(world, talk):
    say(world, talk, "bartek")
    say(world, talk, "ania")
    assert reads.unread(world.actor("ania")) == {}


@outsiders
def test_nobody_else_reads_anything_of_it(world, talk, name):
    message = say(world, talk, "ania")
    actor = world.actor(name)
    for read in (
        lambda: reads.conversation(actor, talk.pk),
        lambda: reads.lines(actor, talk),
        lambda: reads.line(actor, talk, message),
        lambda: reads.message(actor, talk, 1),
        lambda: reads.others(actor, talk),
        lambda: hearing.heard_by(actor, hearing.news(talk.pk, after=0), after=0),
    ):
        with pytest.raises(NotFound):
            read()
    assert not reads.mine(actor)
    assert reads.unread(actor) == {}
    assert reads.read_to(actor, talk) == 0
    with pytest.raises(NotAllowed):
        acts.read_to(actor, talk, seq=1)


def test_nobody_is_not_somebody_who_was_erased(world, talk):
    """Their place in the conversation has no person any more; who is not signed in has none either."""
    message = say(world, talk, "bartek")
    Participant.objects.filter(person=world.bartek).update(person=None)
    for actor in (NOBODY, CHORE.within(world.here.pk), HOUSE.within(world.here.pk)):
        assert not Conversation.objects.visible_to(actor)
        assert not reads.mine(actor)
        for read in (lambda: reads.lines(actor, talk), lambda: reads.line(actor, talk, message)):  # noqa: B023
            with pytest.raises(NotFound):
                read()


def test_an_erased_author_has_no_name_and_their_words_stay_theirs(world, talk):
    say(world, talk, "bartek", "still here")
    Participant.objects.filter(person=world.bartek).update(person=None)
    ania, fresh = world.actor("ania"), now(talk)
    assert [(line.author, line.mine, line.text) for line in reads.lines(ania, fresh)] == [("", False, "still here")]
    heard = hearing.heard_by(ania, hearing.news(talk.pk, after=0), after=0)
    assert heard == reads.lines(ania, now(talk))
    assert [one.name for one in reads.others(ania, now(talk))] == [""]


def test_somebody_who_left_has_no_name_here(world, talk):
    programmes.leave(world.actor("bartek"), world.member("bartek"))
    ania = world.actor("ania")
    assert [(one.name, one.away_until) for one in reads.others(ania, talk)] == [("", None)]
    assert reads.names(ania, [talk.pk]) == {talk.pk: ""}


def test_a_page_of_lines_and_the_one_before(world, talk):
    for number in range(7):
        say(world, talk, "ania", str(number))
    ania = world.actor("ania")
    seqs = lambda **words: [line.seq for line in reads.lines(ania, talk, most=3, **words)]  # noqa: E731
    assert seqs() == [5, 6, 7]
    assert seqs(before=5) == [2, 3, 4]
    assert seqs(before=2) == [1]
    assert seqs(after=1) == [2, 3, 4]
    assert seqs(after=7) == seqs(after=10**30) == []
    assert seqs(before=10**30) == [5, 6, 7]


def test_listening_and_reading_give_the_same(world, talk):
    for name in ("ania", "bartek", "ania"):
        say(world, talk, name)
    news = hearing.news(talk.pk, after=1)
    for name in ("ania", "bartek"):
        assert hearing.heard_by(world.actor(name), news, after=2) == reads.lines(world.actor(name), talk, after=2)
    assert hearing.news("nothing", after=0) is None


def test_what_is_new_and_who_hears_it_are_of_one_moment(world, talk, django_assert_num_queries):
    for name in ("ania", "bartek", "ania"):
        say(world, talk, name)
    ania, bartek = world.actor("ania"), world.actor("bartek")
    with django_assert_num_queries(1):
        two = hearing.news(talk.pk, after=0, most=2)
    assert [line.seq for line in hearing.heard_by(ania, two, after=0)] == [1, 2]
    assert (two.upto, two.more) == (3, True)
    told = hearing.news(talk.pk, after=3)
    assert (told.people, told.upto, told.more) == ({ania.me, bartek.me}, 3, False)
    assert hearing.heard_by(ania, told, after=3) == []
    Participant.objects.filter(person_id=bartek.me).update(left_at="2026-11-23T12:00Z")
    one = hearing.news(talk.pk, after=0)
    assert one.people == {ania.me}
    with pytest.raises(NotFound):
        hearing.heard_by(bartek, one, after=0)
    Participant.objects.filter(person_id=ania.me).update(person=None)
    assert hearing.news(talk.pk, after=0) is None


# -- ending and erasing -----------------------------------------------------------------------------------------------


def test_either_closes_it_once(world, talk):
    acts.close(world.actor("bartek"), talk)
    assert now(talk).closed_at
    assert events.last(talk, "conversation.closed").facts == {}
    with pytest.raises(Stale):
        acts.close(world.actor("ania"), talk)


@outsiders
def test_nobody_else_closes_it(world, talk, name):
    with pytest.raises(NotAllowed):
        acts.close(world.actor(name), talk)


def test_the_house_erases_what_has_ended_and_nobody_else_does(world, talk):
    say(world, talk, "ania")
    house = HOUSE.within(world.here.pk)
    with pytest.raises(NotAllowed):
        acts.erase(house, now(talk))
    ended(world, talk)
    for name in ("ania", "celina", "dawid"):
        with pytest.raises(NotAllowed):
            acts.erase(world.actor(name), now(talk))
    acts.erase(house, now(talk))
    assert (now(talk).vault, bytes(Message.objects.get().body)) == (None, b"")
    assert (now(talk).last_seq, now(talk).unscreened, reads.begins_at(now(talk))) == (2, False, 1)
    assert events.last(talk, "conversation.erased").facts == {"messages": 1}


def test_somebody_erases_their_own_words_and_nobody_elses(world, talk):
    say(world, talk, "ania", "hers")
    say(world, talk, "bartek", "his")
    with pytest.raises(NotAllowed):
        acts.erase_words_of(world.actor("bartek"), world.ania)
    assert acts.erase_words_of(world.actor("ania"), world.ania) == 1
    assert [line.text for line in reads.lines(world.actor("bartek"), talk)] == ["", "his"]
    assert events.last(world.ania, "messages.erased").facts == {"messages": 1}


def test_an_open_page_is_told_what_was_erased_and_nothing_becomes_unread_by_it(world, talk):
    for words in ("one", "two"):
        say(world, talk, "ania", words)
    say(world, talk, "bartek", "his")
    assert acts.erase_words_of(world.actor("ania"), world.ania) == 2
    told = reads.lines(world.actor("bartek"), talk, after=3)
    assert [(line.seq, line.latest, line.state) for line in told] == [(1, 4, "erased"), (2, 5, "erased")]
    assert reads.unread(world.actor("bartek")) == {}
    assert acts.erase_words_of(world.actor("ania"), world.ania) == 0, "there is nothing left to be told"


# -- who is here ------------------------------------------------------------------------------------------------------


def test_company_is_those_one_talks_with_and_never_behind_a_closed_door(world, talk):
    ania = world.actor("ania")
    assert [one.person for one in hearing.company(ania)] == [world.bartek.pk]
    assert hearing.followed(world.here.pk, [world.ania.pk])[world.ania.pk].keys() == {talk.pk}
    safety.block(world.actor("bartek"), world.ania)
    assert hearing.company(ania) == []
    assert hearing.company(world.actor("dawid")) == []


# -- what may be typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", NOTHING, NUL, LONG])
def test_a_message_has_words_and_an_end(text):
    assert "text" in MessageForm({"text": text, "client_key": "key-key-1"}).errors


@pytest.mark.parametrize("key", [*CODES, "short", "a" * 37, "key key key", "key-key-\n1"])
def test_a_key_is_letters_digits_and_hyphens(key):
    assert "client_key" in MessageForm({"text": "a", "client_key": key}).errors


def test_a_message_is_typed():
    form = MessageForm({"text": EMOJI + MARKS, "client_key": MessageForm()["client_key"].initial})
    assert form.is_valid(), form.errors
