"""Letters: which event, for whom, when, in which words; and that each goes once, or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.conversations import acts as conversations
from nawzajem.conversations.models import Participant
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import NotAllowed, NotFound, Stale
from nawzajem.notify import acts, chores, letters, post, reads, rules
from nawzajem.notify.models import Kind, Letter, Wish
from nawzajem.notify.words import WORDS
from nawzajem.pairs import acts as pairs
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety

pytestmark = pytest.mark.django_db


@pytest.fixture
def morning(clock):
    """Ten in the morning where the cast lives, so that no quiet hours are near."""
    local = clock().astimezone(ZoneInfo("Europe/Warsaw"))
    ten = (local + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    clock(seconds=(ten - local).total_seconds())
    return clock


@pytest.fixture
def postbox(world, morning):
    """Everybody has a confirmed address; `postbox(hours=1)` lets time pass and the post go, and says who got what."""
    for name, person in world.people.items():
        EmailAddress.objects.create(user=person, email=f"{name}@example.org", verified=True, primary=True)

    def go(**on):
        for _ in range(2):  # made of what happened, then sent when due
            morning(**(on or {"minutes": 2}))
            chores.make()
            post.carry()
        sent = [(message.to[0].split("@")[0], message.subject) for message in mail.outbox]
        mail.outbox.clear()
        return sent

    go()
    return go


def subject(code: str) -> str:
    return str(WORDS[code][0])


def write(world, pair, name, key="00000001"):
    conversations.send(world.actor(name), pair.conversation, text="Tajemnica", client_key=key)


# -- which, and for whom ----------------------------------------------------------------------------------------------


def test_who_has_not_answered_a_proposal_gets_a_letter(world, postbox):
    world.proposal()  # Ania chose, so only Bartek is asked
    assert postbox() == [("bartek", subject("proposal"))]


def test_both_get_a_letter_when_a_coordinator_proposes(world, postbox):
    world.proposal(origin="coordinator")
    assert sorted(postbox()) == [("ania", subject("proposal")), ("bartek", subject("proposal"))]


def test_whoever_says_the_second_yes_gets_no_letter_about_it(world, postbox):
    world.pair()
    assert postbox() == [("ania", subject("pair"))]


def test_a_message_is_told_of_when_it_was_not_read_for_some_minutes(world, postbox):
    pair = world.pair()
    postbox()
    write(world, pair, "ania")
    assert postbox(minutes=3) == []
    assert postbox(minutes=5) == [("bartek", subject("message"))]


def test_who_reads_live_gets_no_letter(world, postbox):
    pair = world.pair()
    postbox()
    write(world, pair, "ania")
    postbox(minutes=2)
    pair.conversation.refresh_from_db()
    conversations.read_to(world.actor("bartek"), pair.conversation, seq=1)
    assert postbox(hours=1) == []
    assert Letter.objects.get(kind="message").state == Letter.State.DROPPED


def test_ten_messages_are_one_letter_and_no_other_comes_until_one_has_looked(world, postbox):
    pair = world.pair()
    postbox()
    for number in range(10):
        write(world, pair, "ania", key=f"0000000{number}")
    assert postbox(minutes=8) == [("bartek", subject("message"))]
    write(world, pair, "ania", key="00000010")
    assert postbox(hours=1) == []
    pair.conversation.refresh_from_db()
    conversations.read_to(world.actor("bartek"), pair.conversation, seq=11)
    write(world, pair, "ania", key="00000011")
    assert postbox(hours=1) == [("bartek", subject("message"))]


def test_an_answered_proposal_needs_no_letter(world, postbox, morning):
    proposal = world.proposal()
    morning(seconds=40)
    chores.make()
    pairs.answer(world.actor("bartek"), proposal, yes=False)
    assert ("bartek", subject("proposal")) not in postbox()


def test_who_chose_in_vain_is_told_that_they_can_choose_again(world, postbox):
    proposal = world.proposal()
    postbox()
    pairs.answer(world.actor("bartek"), proposal, yes=False)
    assert postbox() == [("ania", subject("choose"))]


def test_an_ending_is_told_to_the_other_only(world, postbox):
    pair = world.pair()
    postbox()
    pairs.end(world.actor("ania"), pair)
    assert postbox() == [("bartek", subject("closing"))]


def test_a_report_is_told_to_those_who_may_look_into_it_and_never_to_whom_it_is_about(world, postbox):
    safety.report(world.actor("ania"), world.celina, reason="pressure", words="Tajemnica")
    assert postbox() == [("franek", subject("report"))]


def test_a_coordinator_gets_one_letter_a_day_about_the_worklist(world, postbox):
    from nawzajem.asks import acts as asks

    house = CHORE.within(world.here.pk)
    for name in ("ania", "bartek", "franek"):
        asks.ask_whether_still(house, world.ask(name))
    assert postbox(hours=4).count(("celina", subject("worklist"))) == 1
    asks.ask_whether_still(house, world.ask("ania"))
    assert ("celina", subject("worklist")) not in postbox(hours=4)


def test_every_occasion_has_words_and_every_word_an_occasion():
    assert set(WORDS) == set(letters.BY_CODE)


# -- who gets none ----------------------------------------------------------------------------------------------------


def test_without_a_confirmed_address_nothing_is_made(world, postbox):
    EmailAddress.objects.filter(user=world.bartek).update(verified=False)
    world.proposal()
    assert postbox() == []
    assert not Letter.objects.exists()


def test_what_somebody_does_not_want_does_not_come(world, postbox):
    acts.choose(world.actor("bartek"), world.bartek, kinds=["message"], quiet_from=21, quiet_until=7)
    world.proposal()
    assert postbox() == []


def test_a_letter_stopped_while_it_waits_does_not_go(world, postbox, morning):
    world.proposal()
    morning(seconds=40)
    chores.make()
    acts.stop(world.actor("bartek"), world.bartek, kinds=["proposal"])
    assert postbox() == []


def test_who_has_left_is_not_followed(world, postbox, morning):
    pair = world.pair()
    write(world, pair, "ania")
    morning(minutes=1)
    chores.make()
    programmes.leave(world.actor("bartek"), world.member("bartek"))
    assert ("bartek", subject("message")) not in postbox(hours=1)


def test_nobody_chooses_for_another(world):
    with pytest.raises(NotAllowed):
        acts.choose(world.actor("celina"), world.bartek, kinds=[], quiet_from=21, quiet_until=7)


# -- what stands in it ------------------------------------------------------------------------------------------------


def test_a_letter_names_nobody_and_nothing(world, postbox, morning):
    pair = world.pair()
    write(world, pair, "ania")
    pairs.suggest_agreement(world.actor("ania"), pair, aim="Tajemnica")
    safety.report(world.actor("ania"), None, reason="other", words="Tajemnica")
    world.proposal("franek", "bartek", origin="coordinator")
    morning(hours=1)
    chores.make()
    post.carry()
    told = [str(message.message()) for message in mail.outbox]
    assert {message.subject for message in mail.outbox} >= {subject("agreement"), subject("message"), subject("report")}
    for text in told:
        for secret in (
            "Ania",
            "Bartek",
            "Tajemnica",
            "Mały",
            "Small",
            "/here/",
            "grief",
            pair.pk,
            pair.conversation_id,
        ):
            assert secret not in text


def test_it_comes_in_the_readers_language(world, postbox, morning):
    Person.objects.filter(pk=world.bartek.pk).update(language="en")
    world.proposal()
    morning(minutes=2)
    chores.make()
    post.carry()
    assert mail.outbox[0].extra_headers["Content-Language"] == "en"
    assert "Somebody may fit" in mail.outbox[0].subject


def test_it_can_be_stopped_with_one_press_of_the_mailbox(world, postbox, morning):
    world.proposal()
    morning(minutes=2)
    chores.make()
    post.carry()
    letter = mail.outbox[0]
    address = re.fullmatch(r"<(https?://.+)>", letter.extra_headers["List-Unsubscribe"])
    assert address
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    person, kind = reads.stopped_by(address[1].rstrip("/").rsplit("/", 1)[1])
    assert (person, kind) == (world.bartek, Kind.PROPOSAL)


def test_a_changed_link_speaks_for_nobody(world, postbox):
    world.proposal()
    postbox()
    token = reads.stop_token(Letter.objects.get())
    with pytest.raises(NotFound):
        reads.stopped_by(token[:-1] + ("a" if token[-1] != "a" else "b"))


# -- quiet hours ------------------------------------------------------------------------------------------------------


def test_at_night_it_waits_until_the_morning_on_the_readers_clock(world, morning):
    Person.objects.filter(pk=world.bartek.pk).update(time_zone="America/New_York")
    EmailAddress.objects.create(user=world.bartek, email="bartek@example.org", verified=True, primary=True)
    world.proposal()  # ten in Warsaw, four at night in New York
    morning(minutes=2)
    chores.make()
    post.carry()
    assert not mail.outbox
    due = Letter.objects.get().due_at.astimezone(ZoneInfo("America/New_York"))
    assert (due.hour, due.minute) == (7, 0)
    morning(hours=3)
    post.carry()
    assert len(mail.outbox) == 1


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  as it wants them
    start=st.integers(0, 23),
    end=st.integers(0, 23),
    zone=st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_a_letter_never_comes_in_quiet_hours_nor_a_day_late(at, start, end, zone):
    wish = Wish(kinds=[], quiet_from=start, quiet_until=end)
    later = rules.after_quiet(at, wish, zone)
    assert at <= later <= at + timedelta(hours=25)
    hour = later.astimezone(ZoneInfo(zone)).hour
    assert not rules._quiet(hour, start, end)
    if not rules._quiet(at.astimezone(ZoneInfo(zone)).hour, start, end):
        assert later == at


# -- once -------------------------------------------------------------------------------------------------------------


def made(world, morning, *names):
    """A letter each, waiting and due."""
    for name in names:
        EmailAddress.objects.create(user=world.people[name], email=f"{name}@example.org", verified=True, primary=True)
    world.proposal(origin="coordinator")
    morning(minutes=2)
    chores.make()
    morning(minutes=1)
    return list(Letter.objects.filter(state="waiting").select_related("person", "programme"))


def test_of_two_who_read_the_same_events_one_writes(world, morning):
    EmailAddress.objects.create(user=world.bartek, email="b@example.org", verified=True, primary=True)
    world.proposal()
    morning(minutes=2)
    events = list(reads.news(letters.OCCASIONS, after=0))
    acts.make(CHORE, events=events, seen=0)
    with pytest.raises(Stale):
        acts.make(CHORE, events=events, seen=0)
    assert Letter.objects.count() == 1


def test_of_two_workers_one_carries_a_letter(world, morning):
    [letter] = made(world, morning, "bartek")
    same = Letter.objects.get(pk=letter.pk)
    acts.take(CHORE, letter)
    with pytest.raises(Stale):
        acts.take(CHORE, same)


def test_a_letter_in_the_hands_of_a_dead_worker_is_taken_over(world, morning):
    [letter] = made(world, morning, "bartek")
    acts.take(CHORE, letter)
    morning(minutes=5)
    post.carry()
    assert not mail.outbox
    morning(minutes=6)
    post.carry()
    morning(minutes=6)
    post.carry()
    assert len(mail.outbox) == 1


class Closed(EmailBackend):
    """A post office that answers as told."""

    answers: list = []

    def send_messages(self, messages):
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        return super().send_messages(messages)


@pytest.fixture
def office(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Closed"
    Closed.answers = []
    return Closed.answers


def test_what_could_not_be_sent_is_tried_again_later_each_time(world, morning, office):
    made(world, morning, "bartek")
    office.extend([SMTPServerDisconnected("gone"), OSError("gone")])
    post.carry()
    letter = Letter.objects.get()
    assert (letter.state, letter.tries) == ("waiting", 1)
    morning(minutes=6)
    post.carry()
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("waiting", 2)
    assert letter.due_at - morning() == timedelta(minutes=20)
    morning(minutes=21)
    post.carry()
    letter.refresh_from_db()
    assert (letter.state, letter.tries, len(mail.outbox)) == ("sent", 3, 1)


def test_an_address_refused_for_good_is_not_tried_again(world, morning, office):
    made(world, morning, "bartek")
    office.append(SMTPRecipientsRefused({"bartek@example.org": (550, b"no such user")}))
    post.carry()
    assert Letter.objects.get().state == Letter.State.FAILED


def test_a_mailbox_that_is_full_is_tried_again(world, morning, office):
    made(world, morning, "bartek")
    office.append(SMTPRecipientsRefused({"bartek@example.org": (452, b"full")}))
    post.carry()
    assert Letter.objects.get().state == Letter.State.WAITING


def test_one_letter_that_cannot_go_does_not_keep_the_others(world, morning, office):
    made(world, morning, "ania", "bartek")
    office.append(SMTPServerDisconnected("gone"))
    post.carry()
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["sent", "waiting"]


def test_a_letter_is_given_up_in_the_end(world, morning, office):
    made(world, morning, "bartek")
    for _ in range(acts.MOST_TRIES):
        office.append(OSError("gone"))
        Letter.objects.update(due_at=morning())
        post.carry()
        morning(minutes=1)
    assert Letter.objects.get().state == Letter.State.FAILED


def test_a_newer_letter_about_the_same_thing_replaces_one_that_could_not_be_sent(world, morning):
    [letter] = made(world, morning, "bartek")
    acts.take(CHORE, letter)
    Letter.objects.create(
        person=letter.person, programme=letter.programme, kind=letter.kind, thing=letter.thing, code=letter.code
    )
    acts.not_delivered(CHORE, letter)
    letter.refresh_from_db()
    assert letter.state == Letter.State.DROPPED


def test_old_letters_are_forgotten_and_waiting_ones_are_not(world, postbox, morning):
    world.proposal()
    postbox()
    morning(days=91)
    world.ask("celina")
    chores.forget()
    assert not Letter.objects.filter(state="sent").exists()


def test_unread_marks_alone_make_no_letter(world, postbox):
    pair = world.pair()
    postbox()
    Participant.objects.filter(conversation=pair.conversation).update(read_seq=0)
    assert postbox(hours=1) == []
