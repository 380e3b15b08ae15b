"""Break-glass: two people, a reason, some hours, everything written down, and those concerned told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from nawzajem.conversations import acts as conversations
from nawzajem.conversations import reads as talks
from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Stale
from nawzajem.notify import chores as letters
from nawzajem.notify.models import Letter
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member, Unit
from nawzajem.safety import acts as safety
from nawzajem.safety import evidence
from nawzajem.safety.logbook import reads as logbook
from nawzajem.safety.openings import acts, chores, reads, rules
from nawzajem.safety.openings.forms import OpeningForm
from nawzajem.safety.openings.models import Opening
from tests.cast import HOUSE
from tests.rooms.at_once import at_once, refused
from tests.rooms.hostile import WORDS

DB = pytest.mark.django_db


def with_factor(person):
    return Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})


def ready(world):
    """A talk of Ania and Bartek, which Ania reports; Celina and Franek have second factors, Dawid comes in as an officer."""
    for name in ("celina", "franek"):
        with_factor(world.people[name])
    pair = world.pair()
    for n in range(1, 31):
        who = world.actor("ania" if n % 2 else "bartek")
        conversations.send(who, pair.conversation, text=f"{WORDS} {n}", client_key=f"message-{n:04}")
    return pair


def ask(world, pair, who="celina", **words):
    words = {"kind": "talk", "thing": pair.conversation_id, "seq": 20, "reason": "danger", "words": WORDS} | words
    people = talks.people_in(world.actor(who), pair.conversation_id)
    return acts.ask(world.actor(who), world.here, people, **words)


def opened(world, pair, *, later=False, **words):
    return acts.agree(world.actor("franek"), fresh(ask(world, pair, **words)), later=later)


def fresh(opening):
    return Opening.objects.select_related("programme").get(pk=opening.pk)


def soon(days):
    return house_clock.today() + timedelta(days=days)


@pytest.fixture
def pair(world):
    return ready(world)


# -- it takes two -----------------------------------------------------------------------------------------------------


@DB
def test_one_alone_sees_nothing_and_two_see_what_is_needed(world, pair):
    one = ask(world, pair)
    with pytest.raises(NotAllowed):
        conversations.look(world.actor("celina"), one)
    with pytest.raises(NotAllowed):
        acts.agree(world.actor("celina"), one, later=False)
    acts.agree(world.actor("franek"), one, later=False)
    for name in ("celina", "franek"):
        lines = conversations.look(world.actor(name), one)
        assert [line.seq for line in lines] == list(range(20 - talks.AROUND, 20 + talks.AROUND + 1))
        assert lines[8].text == f"{WORDS} 20"
        assert {line.author for line in lines} == {"Ania", "Bartek"}


@DB
def test_the_database_itself_refuses_one_person_as_two(world, pair):
    one = ask(world, pair)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.filter(pk=one.pk).update(answered_by=world.celina)


@DB
@pytest.mark.parametrize("name", ["ania", "bartek", "dawid"])
def test_without_a_duty_nobody_asks(world, pair, name):
    with pytest.raises(NotFound):
        talks.people_in(world.actor(name, world.here), pair.conversation_id)
    with pytest.raises(NotAllowed):
        acts.ask(
            world.actor(name, world.here), world.here, {world.ania.pk}, kind="talk", thing=pair.conversation_id,
            reason="danger", words="x",
        )  # fmt: skip


@DB
@pytest.mark.parametrize("lacking", ["celina", "franek"])
def test_both_need_a_second_factor_whatever_the_programme_says(world, pair, lacking):
    assert not world.here.options.duties_need_second_factor
    one = ask(world, pair)
    Authenticator.objects.filter(user=world.people[lacking]).delete()
    if lacking == "celina":
        with pytest.raises(NotAllowed):
            ask(world, pair)
    else:
        with pytest.raises(NotAllowed):
            acts.agree(world.actor("franek"), one, later=False)


@DB
def test_recovery_codes_alone_are_no_second_factor(world, pair):
    Authenticator.objects.filter(user=world.celina).update(type="recovery_codes")
    with pytest.raises(NotAllowed):
        ask(world, pair)


@DB
def test_no_token_and_no_other_door_asks_or_agrees(world, pair):
    one = ask(world, pair)
    for changes in ({"via": "api", "scopes": frozenset({"coordinate"})}, {"via": "live"}):
        with pytest.raises(NotAllowed):
            acts.agree(world.actor("franek", **changes), one, later=False)


@DB
def test_nobody_opens_a_talk_of_their_own(world, pair):
    """Bartek gets a duty; he neither asks nor is the second, and does not even see that it was asked for."""
    programmes.give_duty(HOUSE.within(world.here.pk), world.member("bartek"), kind="duty_officer")
    with_factor(world.bartek)
    with pytest.raises(NotAllowed):
        ask(world, pair, who="bartek")
    one = ask(world, pair)
    with pytest.raises(NotAllowed):
        acts.agree(world.actor("bartek"), one, later=False)
    assert not reads.openings(world.actor("bartek"))


@DB
def test_nobody_opens_what_concerns_people_they_lead_unless_the_programme_says_so(world, pair):
    force = Unit.objects.create(programme=world.here, name="Komenda")
    patrol = Unit.objects.create(programme=world.here, name="Patrol", parent=force)
    Member.objects.filter(person=world.celina).update(unit=force, leads=True)
    Member.objects.filter(person=world.ania).update(unit=patrol)
    with pytest.raises(NotAllowed):
        ask(world, pair)
    one = ask(world, pair, who="franek")
    with pytest.raises(NotAllowed):
        acts.agree(world.actor("celina"), one, later=False)
    programmes.choose(world.actor("celina"), world.here, superiors_may_open=True)
    acts.agree(world.actor("celina"), fresh(one), later=False)


@DB
def test_a_talk_of_another_programme_is_not_there(world, pair):
    programmes.give_duty(HOUSE.within(world.elsewhere.pk), Member.objects.get(person=world.dawid), kind="coordinator")
    with pytest.raises(NotFound):
        talks.people_in(world.actor("dawid", world.elsewhere), pair.conversation_id)


# -- it lasts some hours ----------------------------------------------------------------------------------------------


@DB
def test_it_closes_by_itself_and_nobody_looks_a_minute_later(world, pair, clock):
    one = opened(world, pair)
    clock(hours=world.here.options.opening_lasts, minutes=-1)
    assert conversations.look(world.actor("celina"), one)
    clock(minutes=2)
    with pytest.raises(NotAllowed):  # whether or not the chore has come by
        conversations.look(world.actor("celina"), one)
    chores.keep_time()
    assert fresh(one).state == Opening.State.OVER


@DB
def test_a_second_person_who_comes_too_late_opens_nothing(world, pair, clock):
    one = ask(world, pair)
    clock(hours=world.here.options.opening_answered_within, seconds=1)
    with pytest.raises(Stale):
        acts.agree(world.actor("franek"), one, later=False)
    assert chores.some_due()
    chores.keep_time()
    assert fresh(one).state == Opening.State.LAPSED
    assert not chores.some_due()


@DB
def test_either_closes_it_sooner_and_then_both_are_out(world, pair):
    one = opened(world, pair)
    acts.close(world.actor("celina"), one)
    with pytest.raises(NotAllowed):
        conversations.look(world.actor("franek"), one)
    with pytest.raises(Closed):
        acts.close(world.actor("franek"), one)


@DB
def test_whoever_loses_the_duty_looks_no_longer(world, pair):
    one = opened(world, pair)
    world.member("franek").duties.all().delete()
    with pytest.raises(NotAllowed):
        conversations.look(world.actor("franek"), one)


@DB
def test_a_third_on_duty_does_not_look(world, pair):
    world.add("gosia")
    programmes.give_duty(HOUSE.within(world.here.pk), world.member("gosia"), kind="duty_officer")
    with_factor(world.gosia)
    with pytest.raises(NotAllowed):
        conversations.look(world.actor("gosia"), opened(world, pair))


@DB
def test_refused_or_taken_back_it_stays_closed(world, pair):
    no, back = ask(world, pair), ask(world, pair)
    acts.refuse(world.actor("franek"), no)
    acts.withdraw(world.actor("celina"), back)
    for one in (no, back):
        with pytest.raises(Closed):
            acts.agree(world.actor("franek"), fresh(one), later=False)
        with pytest.raises(NotAllowed):
            conversations.look(world.actor("celina"), one)
    assert not reads.of_mine(world.actor("ania"))
    assert not chores.some_due()


# -- it is written down, and told -------------------------------------------------------------------------------------


@DB
def test_every_look_is_an_event_and_a_line_for_each_person_concerned(world, pair):
    one = opened(world, pair)
    for _time in range(2):
        conversations.look(world.actor("celina"), one)
    assert events.of(one).filter(kind="opening.looked").count() == 2
    for name in ("ania", "bartek"):
        assert [seen.why for seen in logbook.told(logbook.of_mine(world.actor(name)))] == [one.get_reason_display()] * 2


@DB
def test_those_concerned_are_told_at_once_who_when_and_why(world, pair, clock):
    for name in ("ania", "bartek"):
        EmailAddress.objects.create(user=world.people[name], email=f"{name}@example.org", verified=True, primary=True)
    letters.make()
    opened(world, pair)
    clock(minutes=1)
    letters.make()
    told = Letter.objects.filter(code="opened")
    assert {one.person_id for one in told} == {world.ania.pk, world.bartek.pk}
    [mine] = reads.of_mine(world.actor("ania"))
    assert (mine.by, mine.reason, mine.is_new) == (["Celina", "Franek"], fresh_reason(), True)
    assert reads.has_news(world.actor("ania"))
    acts.read(world.actor("ania"))
    assert not reads.has_news(world.actor("ania"))
    assert reads.has_news(world.actor("bartek"))
    assert not reads.of_mine(world.actor("celina"))


def fresh_reason():
    return str(dict(Opening._meta.get_field("reason").choices)["danger"])


@DB
def test_later_is_decided_by_two_and_the_day_comes(world, pair, clock):
    one = opened(world, pair, later=True, tell_on=soon(3), later_words=WORDS)
    conversations.look(world.actor("celina"), one)
    for name in ("ania", "bartek"):
        actor = world.actor(name)
        assert not reads.of_mine(actor)
        assert not reads.has_news(actor)
        assert not logbook.told(logbook.of_mine(actor))
    clock(days=2)
    chores.keep_time()
    assert not reads.of_mine(world.actor("ania"))
    clock(days=1)
    chores.keep_time()
    assert reads.has_news(world.actor("ania"))
    assert len(logbook.told(logbook.of_mine(world.actor("ania")))) == 1


@DB
def test_without_the_second_yes_to_later_they_are_told_at_once(world, pair):
    one = opened(world, pair, later=False, tell_on=soon(3), later_words=WORDS)
    assert fresh(one).tell_on is None
    assert reads.has_news(world.actor("ania"))


@DB
def test_later_that_nobody_asked_for_is_not_later(world, pair):
    opened(world, pair, later=True)
    assert reads.has_news(world.actor("ania"))


@DB
def test_either_of_the_two_tells_sooner_and_nobody_puts_it_off_again(world, pair):
    one = opened(world, pair, later=True, tell_on=soon(3), later_words=WORDS)
    acts.tell(world.actor("franek"), one)
    assert reads.has_news(world.actor("ania"))
    with pytest.raises(Stale):
        acts.tell(world.actor("celina"), one)


@DB
@pytest.mark.parametrize(("day", "why"), [(0, WORDS), (-1, WORDS), (61, WORDS), (3, "  ")])
def test_later_needs_a_day_and_a_reason(world, pair, day, why):
    with pytest.raises(Invalid):
        ask(world, pair, tell_on=soon(day), later_words=why)


@DB
def test_the_second_person_is_called_and_nobody_whom_it_concerns(world, pair, clock):
    for name in ("celina", "franek", "ania"):
        EmailAddress.objects.create(user=world.people[name], email=f"{name}@example.org", verified=True, primary=True)
    letters.make()
    ask(world, pair)
    clock(minutes=1)
    letters.make()
    assert [one.person_id for one in Letter.objects.filter(code="second")] == [world.franek.pk]


# -- who somebody is, and what was sealed -----------------------------------------------------------------------------


@DB
def test_an_identity_is_what_the_programme_holds_and_only_that_person_is_told(world, pair):
    EmailAddress.objects.create(user=world.bartek, email="b@example.org", verified=True, primary=True)
    who = world.member("bartek")
    one = acts.ask(
        world.actor("celina"), world.here, {world.bartek.pk}, kind="identity", thing=who.pk, reason="law", words=WORDS
    )
    acts.agree(world.actor("franek"), one, later=False)
    found = acts.identity(world.actor("celina"), one)
    assert (found.pseudonym, found.called, found.email) == ("Bartek", "Bartek", ["b@example.org"])
    assert logbook.of_mine(world.actor("bartek")).count() == 1
    assert not logbook.of_mine(world.actor("ania"))
    with pytest.raises(NotFound):
        conversations.look(world.actor("celina"), one)


@DB
def test_an_opened_talk_tells_no_identity(world, pair):
    with pytest.raises(NotFound):
        acts.identity(world.actor("celina"), opened(world, pair))


@DB
def test_what_was_sealed_with_a_report_is_as_it_stood_then(world, pair):
    """The message and three on either side; what its author takes back afterwards is still there."""
    me = world.actor("ania")
    message = talks.message(me, pair.conversation, 20)
    sealed = talks.evidence(me, pair.conversation, message)
    place = f"message:{pair.conversation_id}:20"
    report = safety.report(me, world.bartek, reason="pressure", place=place, evidence=sealed)
    conversations.erase_words_of(world.actor("bartek"), world.bartek)
    one = opened(world, pair, because=f"report:{report.pk}")
    pieces = evidence.read(acts.evidence(world.actor("celina"), one))
    assert [piece.text for piece in pieces] == [f"{WORDS} {n}" for n in range(17, 24)]
    assert [piece.by for piece in pieces] == ["reporter", "other"] * 3 + ["reporter"]
    assert [piece.meant for piece in pieces] == [False] * 3 + [True] + [False] * 3
    assert not conversations.look(world.actor("celina"), one)[8].text


@DB
def test_a_report_of_another_matter_is_not_opened_along(world, pair):
    assert acts.evidence(world.actor("celina"), opened(world, pair, because="concern:abcabcabcabc")) == ""


# -- forms, and two at once -------------------------------------------------------------------------------------------


def test_a_reason_and_words_are_needed_and_later_a_day():
    assert not OpeningForm({"reason": "danger"}).is_valid()
    assert "reason" in OpeningForm({"reason": "duty", "words": "x"}).errors
    plain = OpeningForm({"reason": "danger", "words": "x", "tell_on": "2030-01-01", "later_words": "y"})
    assert plain.is_valid()
    assert plain.cleaned_data["tell_on"] is None
    assert "tell_on" in OpeningForm({"reason": "danger", "words": "x", "later": "on"}).errors


def test_of_two_seconds_at_once_one_is_the_second(town):
    pair = ready(town)
    town.add("gosia")
    programmes.give_duty(HOUSE.within(town.here.pk), town.member("gosia"), kind="duty_officer")
    with_factor(town.gosia)
    one = ask(town, pair)
    deeds = [lambda who=who: acts.agree(town.actor(who), fresh(one), later=False) for who in ("franek", "gosia")]
    results = at_once(*deeds)
    assert len(refused(results)) == 1
    assert events.of(one).filter(kind="opening.begun").count() == 1
    assert rules.concerned(one) == {town.ania.pk, town.bartek.pk}
