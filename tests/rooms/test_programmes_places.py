"""One's place in a programme: changed, left, come back to, paused; duties taken on and laid down; what each may read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.actor import CHORE
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound, Stale
from nawzajem.programmes import acts, chores, reads
from nawzajem.programmes.models import Duty, Invitation, Member, Programme
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, LONG

pytestmark = pytest.mark.django_db

KEEPER, OFFICER, MEMBER, STRANGER = "celina", "franek", "ania", "dawid"


def last(thing, kind):
    return events.last(thing, kind)


# -- one's own place --------------------------------------------------------------------------------------------------


def test_somebody_changes_their_own_place(world):
    acts.change_place(world.actor(MEMBER), world.member(MEMBER), called="Anka", backgrounds=["shifts"])
    assert world.member(MEMBER).called == "Anka"
    assert last(world.member(MEMBER), "member.changed").facts == {"fields": 2}


def test_a_new_code_takes_the_place_of_the_old(world):
    before = world.member(MEMBER)
    acts.new_code_for(world.actor(MEMBER), world.member(MEMBER))
    now = world.member(MEMBER)
    assert now.code != before.code
    assert now.code_print == reads.print_of(world.here, now.code.upper())
    assert last(now, "member.code_changed")


@pytest.mark.parametrize("name", [KEEPER, "bartek", STRANGER])
def test_nobody_changes_the_place_of_another(world, name):
    actor, member = world.actor(name), world.member(MEMBER)
    for deed in (
        lambda: acts.change_place(actor, member, called="x"),
        lambda: acts.new_code_for(actor, member),
        lambda: acts.agree(actor, member, version=1),
        lambda: acts.leave(actor, member),
    ):
        with pytest.raises(NotAllowed):
            deed()


@pytest.mark.parametrize("version", [0, 2, 10**20])
def test_nobody_agrees_to_a_text_that_is_not_the_present_one(world, version):
    with pytest.raises(Stale):
        acts.agree(world.actor(MEMBER), world.member(MEMBER), version=version)


# -- leaving and coming back ------------------------------------------------------------------------------------------


def test_who_leaves_is_gone_with_their_duties(world):
    acts.leave(world.actor(OFFICER), world.member(OFFICER))
    gone = Member.objects.get(person=world.franek)
    assert gone.state == Member.State.LEFT
    assert not gone.duties.exists()
    assert (gone.known_print, gone.backgrounds, gone.agreed_version) == ("", [], 0)
    assert reads.membership(world.franek, world.here) is None
    assert world.actor(OFFICER).member is None
    assert last(gone, "member.left")


def test_nobody_leaves_twice(world):
    member = world.member(MEMBER)
    acts.leave(world.actor(MEMBER), member)
    with pytest.raises(NotAllowed):
        acts.leave(world.actor(MEMBER), member)
    assert events.of(member).filter(kind="member.left").count() == 1


@pytest.mark.parametrize("how", ["paused", "must agree"])
def test_one_may_always_leave(world, how):
    if how == "paused":
        acts.pause(world.actor(KEEPER), world.member(MEMBER))
    else:
        acts.rewrite(world.actor(KEEPER), world.here, code="confidentiality", words={"en": "x"})
    acts.leave(world.actor(MEMBER), world.member(MEMBER))
    assert reads.membership(world.ania, world.here) is None


def test_who_comes_back_has_the_same_place_and_says_everything_anew(world):
    before = Member.objects.get(person=world.ewa)
    back = world.join("ewa", world.here, age="35_49")
    assert (back.pk, back.code) == (before.pk, before.code)
    assert world.actor("ewa").takes_part
    assert events.of(back).filter(kind="member.joined").count() == 2


def test_a_pause_is_not_ended_by_leaving_and_coming_back(world, clock):
    acts.pause(world.actor(KEEPER), world.member(MEMBER), until=house_clock.today() + timedelta(days=30))
    acts.leave(world.actor(MEMBER), world.member(MEMBER))
    back = world.join(MEMBER, world.here)
    assert back.state == Member.State.PAUSED
    assert not world.actor(MEMBER).takes_part
    clock(days=30)
    chores.end_pauses()
    assert world.actor(MEMBER).takes_part


def test_a_pause_that_was_over_before_is_over(world):
    acts.pause(world.actor(KEEPER), world.member(MEMBER))
    acts.resume(world.actor(KEEPER), world.member(MEMBER))
    acts.leave(world.actor(MEMBER), world.member(MEMBER))
    assert world.join(MEMBER, world.here).state == Member.State.ACTIVE


# -- a pause ----------------------------------------------------------------------------------------------------------


def test_a_coordinator_pauses_somebody_until_a_day(world, clock):
    day = house_clock.today() + timedelta(days=3)
    acts.pause(world.actor(KEEPER), world.member(MEMBER), until=day)
    assert not world.actor(MEMBER).takes_part
    assert last(world.member(MEMBER), "member.paused").facts == {"until": str(day), "why": ""}
    clock(days=2)
    assert not reads.rested(world.here).exists()
    clock(days=1)
    assert [one.pk for one in reads.rested(world.here)] == [world.member(MEMBER).pk]
    acts.resume(CHORE.within(world.here.pk), world.member(MEMBER))
    assert last(world.member(MEMBER), "member.resumed").via == "chore"
    assert world.member(MEMBER).paused_until is None


def test_a_pause_without_a_day_lasts(world, clock):
    acts.pause(world.actor(KEEPER), world.member(MEMBER))
    clock(days=1000)
    chores.end_pauses()
    assert world.member(MEMBER).state == Member.State.PAUSED


def test_a_coordinator_does_not_pause_themselves(world):
    with pytest.raises(NotAllowed):
        acts.pause(world.actor(KEEPER), world.member(KEEPER))


def test_a_second_pause_came_too_late(world):
    member = world.member(MEMBER)
    acts.pause(world.actor(KEEPER), world.member(MEMBER))
    with pytest.raises(Stale):
        acts.pause(world.actor(KEEPER), member)
    with pytest.raises(Stale):
        acts.resume(world.actor(KEEPER), member)


# -- duties -----------------------------------------------------------------------------------------------------------


def test_a_duty_is_given_once_and_taken_back(world):
    duty = acts.give_duty(world.actor(KEEPER), world.member(MEMBER), kind="teacher")
    assert acts.give_duty(world.actor(KEEPER), world.member(MEMBER), kind="teacher") == duty
    assert [one.facts for one in events.of(world.member(MEMBER)).filter(kind="duty.given")] == [{"duty": "teacher"}]
    assert world.actor(MEMBER).has("teacher")
    acts.lay_down(world.actor(KEEPER), duty)
    assert last(world.member(MEMBER), "duty.laid_down").facts == {"duty": "teacher"}
    assert world.actor(MEMBER).duties == frozenset()


def test_everybody_lays_down_their_own_duty_and_nobody_anothers(world):
    duty = Duty.objects.get(member=world.member(OFFICER))
    for name in (MEMBER, STRANGER):
        with pytest.raises(NotAllowed):
            acts.lay_down(world.actor(name), duty)
    acts.lay_down(world.actor(OFFICER), duty)
    assert not Duty.objects.filter(member=world.member(OFFICER)).exists()


def test_the_last_coordinator_stays(world):
    duty = Duty.objects.get(kind="coordinator", member__programme=world.here)
    with pytest.raises(Invalid):
        acts.lay_down(world.actor(KEEPER), duty)
    acts.give_duty(world.actor(KEEPER), world.member(MEMBER), kind="coordinator")
    acts.lay_down(world.actor(KEEPER), duty)
    assert not world.actor(KEEPER).has("coordinator")


def test_a_duty_laid_down_already_is_stale(world):
    duty = acts.give_duty(world.actor(KEEPER), world.member(MEMBER), kind="teacher")
    acts.lay_down(world.actor(KEEPER), Duty.objects.get(pk=duty.pk))
    with pytest.raises(Stale):
        acts.lay_down(world.actor(KEEPER), duty)


def test_duties_rest_without_a_second_factor_where_one_is_asked_for(world):
    acts.choose(world.actor(KEEPER), world.here, duties_need_second_factor=True)
    world.here.refresh_from_db()
    assert world.actor(KEEPER).duties == frozenset()
    assert world.actor(KEEPER, second_factor=lambda: True).has("coordinator")


def test_a_token_does_duties_only_with_that_scope(world):
    assert world.actor(KEEPER, via="api", scopes=frozenset({"read", "write"})).duties == frozenset()
    assert world.actor(KEEPER, via="api", scopes=frozenset({"coordinate"})).has("coordinator")


# -- who reads what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [OFFICER, MEMBER, STRANGER])
def test_only_coordinators_read_who_is_here(world, name):
    actor = world.actor(name)
    for read in (reads.members, reads.invitations, reads.on_duty):
        with pytest.raises(NotAllowed):
            read(actor)
    with pytest.raises(NotAllowed):
        reads.member(actor, world.member("bartek").pk)
    with pytest.raises(NotFound):
        reads.duty(actor, Duty.objects.get(kind="coordinator", member__programme=world.here).pk)


def test_a_coordinator_reads_the_people_of_their_programme_only(world):
    actor = world.actor(KEEPER)
    assert {one.called for one in reads.members(actor)} == {"Ania", "Bartek", "Celina", "Franek"}
    assert [one.called for one in reads.members(actor, called="ani")] == ["Ania"]
    assert not reads.members(actor, called=LONG)
    assert {kind: [one.called for one in people] for kind, people in reads.on_duty(actor) if people} == {
        "coordinator": ["Celina"],
        "duty_officer": ["Franek"],
    }
    for one in (Member.objects.get(person=world.dawid), Member.objects.get(person=world.ewa)):
        with pytest.raises(NotFound):
            reads.member(actor, one.pk)


def test_a_paused_coordinator_reads_nothing(world):
    acts.pause(HOUSE.within(world.here.pk), world.member(KEEPER))
    with pytest.raises(NotAllowed):
        reads.members(world.actor(KEEPER))


def test_invitations_are_read_by_their_programme(world):
    mine, theirs = acts.make_code(HOUSE, world.here), acts.make_code(HOUSE, world.elsewhere)
    assert reads.an_invitation(world.actor(KEEPER), mine.pk) == mine
    with pytest.raises(NotFound):
        reads.an_invitation(world.actor(KEEPER), theirs.pk)


@pytest.mark.parametrize("typed", [one for one in CODES if "\x00" not in one])
def test_no_other_secret_is_a_way_in(world, typed):
    acts.invite(world.actor(KEEPER), world.here)
    with pytest.raises(NotFound):
        reads.invitation(typed)


def test_everybody_reads_their_own_place(world):
    assert reads.own_place(world.actor(MEMBER)).called == "Ania"
    with pytest.raises(NotFound):
        reads.own_place(world.actor(STRANGER))


def test_closed_programmes_are_nowhere(world):
    Programme.objects.filter(pk=world.here.pk).update(state="closed")
    with pytest.raises(NotFound):
        reads.programme("here")
    assert not reads.mine(world.ania)
    assert world.here not in reads.open_programmes()
    assert world.here not in reads.kept()


def test_keepers_are_active_people_with_the_duty(world):
    assert [one.called for one in reads.keepers(world.here, "coordinator", "duty_officer").order_by("called")] == [
        "Celina",
        "Franek",
    ]
    acts.pause(world.actor(KEEPER), world.member(OFFICER))
    assert not reads.keepers(world.here, "duty_officer")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zaloba", "grief"),
        ("ŻAŁOBA", "grief"),
        ("wdow", "grief.partner"),
        ("mother", "grief.parent"),
        ("zwolnili mnie z pracy", "work"),
        ("lonel", "lonely"),
    ],
)
def test_a_topic_is_found_by_what_people_type(world, typed, found):
    assert found in [topic.code for topic in reads.find_topics(world.here, typed)][:2]


@pytest.mark.parametrize("typed", [*CODES, "a", "qqqq"])
def test_what_is_no_word_finds_no_topic(world, typed):
    assert reads.find_topics(world.here, typed) == []


def test_units_that_lie_in_a_ring_do_not_turn_for_ever(world):
    one = acts.add_unit(world.actor(KEEPER), world.here, name="one")
    two = acts.add_unit(world.actor(KEEPER), world.here, name="two", parent=one)
    one.parent = two
    one.save()
    assert set(reads.lines(world.here)[one.pk]) == {one.pk, two.pk}


def test_codes_are_alike_in_one_programme_and_tell_nothing_in_another(world):
    assert reads.print_of(world.here, " AB-cd ") == reads.print_of(world.here.pk, "abcd")
    assert reads.print_of(world.here, "abcd") != reads.print_of(world.elsewhere, "abcd")
    assert reads.print_of(world.here, "-") == ""


# -- what the tables hold ---------------------------------------------------------------------------------------------


def test_a_person_has_one_place_in_a_programme_and_an_invitation_no_uses_below_none(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(programme=world.here, person=world.ania, called="x", code_print="x")
    made = acts.make_code(HOUSE, world.here)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=made.pk).update(uses_left=-1)
