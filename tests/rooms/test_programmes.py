"""Programmes and people's places in them: made, kept, joined, left, come back to; duties; ways in."""

from __future__ import annotations

import pytest

from nawzajem.ground import events
from nawzajem.ground.actor import NOBODY, Actor
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Stale
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts, reads
from nawzajem.programmes.blueprint import load
from nawzajem.programmes.models import Member, Programme, Text
from tests.cast import HOUSE, SMALL

pytestmark = pytest.mark.django_db

KEEPER, OFFICER, MEMBER, STRANGER = "celina", "franek", "ania", "dawid"
not_a_keeper = pytest.mark.parametrize("name", [OFFICER, MEMBER, STRANGER])


def last(thing, kind):
    return events.last(thing, kind)


def rewritten(world, code="confidentiality"):
    return acts.rewrite(world.actor(KEEPER), world.here, code=code, words={"pl": "Inaczej.", "en": "Otherwise."})


# -- a programme ------------------------------------------------------------------------------------------------------


def test_the_house_makes_a_programme_from_a_blueprint(world):
    made = acts.create(HOUSE, blueprint=load(SMALL), slug="third")
    assert made.topics.count() == 6
    assert made.texts.count() == len(Text.Code.values)
    told = last(made, "programme.created")
    assert (told.facts, told.programme) == ({"topics": 6}, made.pk)
    parent = made.topics.get(code="grief.partner").parent
    assert parent
    assert parent.code == "grief"


def test_two_programmes_do_not_share_an_address(world):
    with pytest.raises(Invalid) as refusal:
        acts.create(HOUSE, blueprint=load(SMALL), slug="here")
    assert "slug" in refusal.value.fields


@pytest.mark.parametrize("name", [KEEPER, MEMBER])
def test_people_make_no_programmes(world, name):
    with pytest.raises(NotAllowed):
        acts.create(world.actor(name), blueprint=load(SMALL), slug="third")


def test_a_coordinator_chooses_options(world):
    acts.choose(world.actor(KEEPER), world.here, open_asks=3, capacity=5)
    kept = Programme.objects.get(pk=world.here.pk)
    assert kept.options.open_asks == 3
    assert "capacity" not in kept.differing  # as by default
    chosen = Event.objects.filter(kind="programme.option_chosen", thing=world.here.pk)
    assert [event.facts for event in chosen] == [{"option": "open_asks"}]


def test_a_coordinator_rewrites_a_text_and_everybody_is_asked_again(world):
    assert world.actor(MEMBER).takes_part
    assert rewritten(world).version == 2
    assert last(world.here, "programme.text_changed").facts == {"code": "confidentiality", "version": 2}
    assert not world.actor(MEMBER).takes_part
    acts.agree(world.actor(MEMBER), world.member(MEMBER), version=2)
    assert world.actor(MEMBER).takes_part
    assert last(world.member(MEMBER), "member.agreed").facts == {"version": 2}


def test_another_text_changes_nobodys_agreement(world):
    rewritten(world, "rules")
    assert world.actor(MEMBER).takes_part


def test_a_coordinator_adds_units(world):
    made = acts.add_unit(world.actor(KEEPER), world.here, name="Ward 3")
    within = acts.add_unit(world.actor(KEEPER), world.here, name="Night shift", parent=made)
    assert reads.lines(world.here)[within.pk] == (made.pk, within.pk)
    assert last(made, "programme.unit_added")
    with pytest.raises(Invalid):
        acts.add_unit(world.actor(KEEPER), world.here, name="ward 3")


@not_a_keeper
def test_nobody_else_keeps_the_programme(world, name):
    actor = world.actor(name)
    for deed in (
        lambda: acts.choose(actor, world.here, open_asks=9),
        lambda: acts.rewrite(actor, world.here, code="rules", words={}),
        lambda: acts.add_unit(actor, world.here, name="x"),
        lambda: acts.give_duty(actor, world.member(MEMBER), kind="coordinator"),
        lambda: acts.invite(actor, world.here),
        lambda: acts.make_code(actor, world.here),
        lambda: acts.pause(actor, world.member("bartek")),
        lambda: acts.resume(actor, world.member("bartek")),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_a_coordinator_keeps_no_other_programme(world):
    with pytest.raises(NotAllowed):
        acts.choose(world.actor(KEEPER), world.elsewhere, open_asks=9)
    with pytest.raises(NotAllowed):
        acts.pause(world.actor(KEEPER), Member.objects.get(person=world.dawid))


@pytest.mark.parametrize("how", ["paused", "must agree"])
def test_a_coordinator_who_does_not_take_part_keeps_nothing(world, how):
    if how == "paused":
        acts.pause(HOUSE.within(world.here.pk), world.member(KEEPER))
        assert world.actor(KEEPER).duties == frozenset()
    else:
        rewritten(world)
    with pytest.raises(NotAllowed):
        acts.give_duty(world.actor(KEEPER), world.member(MEMBER), kind="teacher")


# -- coming in --------------------------------------------------------------------------------------------------------


def test_somebody_comes_in_and_what_they_said_is_kept(world):
    unit = acts.add_unit(world.actor(KEEPER), world.here, name="Ward 3")
    member = world.join("dawid", world.here, unit=unit, leads=True, known_as="S-17")
    assert (member.called, member.unit, member.leads) == ("Dawid", unit, True)
    assert member.known_print == reads.print_of(world.here, "s 17")
    assert world.actor("dawid").takes_part
    told = last(member, "member.joined")
    assert (told.programme, told.by, told.facts) == (world.here.pk, world.dawid.pk, {"invited": False})


def test_nobody_leads_without_a_unit(world):
    assert world.join("dawid", world.here, leads=True).leads is False


@pytest.mark.parametrize("known_as", ["", "-", " . ", "–"])
def test_a_hyphen_is_no_number(world, known_as):
    assert world.join("dawid", world.here, known_as=known_as).known_print == ""


def test_nobody_comes_in_having_read_another_text(world):
    rewritten(world)
    with pytest.raises(Stale):
        world.join("dawid", world.here, agreed_version=1)
    assert world.dawid.memberships.count() == 1


def test_nobody_is_brought_in_by_another_or_by_a_machine(world):
    words = {"age": "25_34", "conditions": [], "agreed_version": 1}
    for actor in (world.actor(KEEPER), NOBODY, HOUSE, Actor(person=world.dawid.pk, scopes=frozenset({"write"}))):
        with pytest.raises(NotAllowed):
            acts.join(actor, world.here, world.dawid, None, **words)


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_nobody_comes_into_a_programme_that_is_not_open(world, state):
    world.here.state = state
    with pytest.raises(NotAllowed):
        world.join("dawid", world.here)


def test_who_is_in_already_does_not_come_in_once_more(world):
    """Neither by a double click, nor to be in another unit than their superior knows of."""
    before = Event.objects.filter(kind="member.joined").count()
    code = acts.make_code(world.actor(KEEPER), world.here)
    with pytest.raises(Stale):
        world.join("ania", world.here)
    with pytest.raises(Stale):
        acts.join(
            Actor(person=world.ania.pk), world.here, world.ania, code, age="25_34", conditions=[], agreed_version=1
        )
    assert Event.objects.filter(kind="member.joined").count() == before
    code.refresh_from_db()
    assert code.uses_left == acts.CODE_USES


def test_an_adult_does_not_come_in_as_a_minor(world):
    with pytest.raises(Invalid):
        world.join("dawid", world.here, age="16_17")
    assert world.dawid.memberships.count() == 1


# -- by invitation ----------------------------------------------------------------------------------------------------


@pytest.fixture
def closed_house(world):
    """A programme that asks for an invitation."""
    acts.choose(world.actor(KEEPER), world.here, joining="invited")
    world.here.refresh_from_db()
    return world


def come_in(world, name, invitation, **words):
    words = {"age": "25_34", "conditions": [], "agreed_version": 1} | words
    return acts.join(Actor(person=world.people[name].pk), world.here, world.people[name], invitation, **words)


def test_where_it_is_asked_for_nobody_comes_in_without_an_invitation(closed_house):
    with pytest.raises(NotAllowed):
        come_in(closed_house, "dawid", None)
    elsewhere = acts.make_code(HOUSE, closed_house.elsewhere)
    with pytest.raises(NotAllowed):
        come_in(closed_house, "dawid", elsewhere)


def test_a_link_brings_one_person_in_with_unit_and_duty(closed_house):
    world = closed_house
    unit = acts.add_unit(world.actor(KEEPER), world.here, name="Ward 3")
    made, secret = acts.invite(world.actor(KEEPER), world.here, unit=unit, duty="educator")
    assert last(made, "invitation.made").facts == {"uses": 1, "duty": "educator"}
    member = come_in(world, "dawid", reads.invitation(secret))
    assert member.unit == unit
    assert world.actor("dawid").duties == {"educator"}
    assert last(member, "member.joined").facts == {"invited": True}
    assert last(member, "duty.given").facts == {"duty": "educator"}
    with pytest.raises(NotFound):
        reads.invitation(secret)
    with pytest.raises(Closed):
        come_in(world, "ewa", made)


def test_the_secret_of_a_link_is_not_kept_and_a_code_can_be_read_again(world):
    made, secret = acts.invite(world.actor(KEEPER), world.here)
    code = acts.make_code(world.actor(KEEPER), world.here, uses=30)
    assert secret not in repr(vars(made))
    assert reads.invitation(code.code.upper().replace("-", " ")) == code
    assert {one.pk for one in reads.invitations(world.actor(KEEPER))} == {made.pk, code.pk}


def test_a_way_in_ends_in_time(world, clock):
    _made, secret = acts.invite(world.actor(KEEPER), world.here, days=1)
    clock(days=1, seconds=1)
    with pytest.raises(NotFound):
        reads.invitation(secret)


def test_a_withdrawn_way_in_lets_nobody_in(closed_house):
    world = closed_house
    made, secret = acts.invite(world.actor(KEEPER), world.here)
    with pytest.raises(NotAllowed):
        acts.withdraw_invitation(world.actor(OFFICER), made)
    acts.withdraw_invitation(world.actor(KEEPER), made)
    assert last(made, "invitation.withdrawn")
    with pytest.raises(NotFound):
        reads.invitation(secret)
    with pytest.raises(Closed):
        come_in(world, "dawid", made)


# -- an account that was prepared -------------------------------------------------------------------------------------


@pytest.fixture
def prepared(closed_house):
    """Halina was announced by her organisation."""
    world = closed_house
    house = HOUSE.within(world.here.pk)
    world.people["halina"] = people.prepare(house, accounts=[{"pseudonym": "Osoba 17"}])[0]
    fields = {"announced_print": reads.print_of(world.here, "h17")}
    acts.expect(house, world.here, announced=[(world.halina, fields)])
    return world


def link_for(world, name) -> str:
    return acts.invite_to_claim(HOUSE, world.here, people=[world.people[name]], days=14)[0]


def test_somebody_announced_does_not_take_part_before_they_came(prepared):
    assert prepared.member("halina").is_expected
    assert not prepared.actor("halina").takes_part
    assert last(prepared.member("halina"), "member.expected")


def test_the_link_makes_the_account_theirs_once_and_then_they_come_in(prepared):
    world, link = prepared, link_for(prepared, "halina")
    person = acts.claim(NOBODY, reads.invitation(link), pseudonym="Halina", passphrase="x y z")
    assert person.check_password("x y z")
    assert world.member("halina").called == "Halina"
    assert last(person, "person.claimed").by == ""
    with pytest.raises(NotFound):
        reads.invitation(link)
    come_in(world, "halina", None)
    assert world.actor("halina").takes_part


def test_a_newer_link_makes_the_older_void(prepared):
    older, newer = link_for(prepared, "halina"), link_for(prepared, "halina")
    with pytest.raises(NotFound):
        reads.invitation(older)
    assert reads.invitation(newer).claims == prepared.halina


def test_an_account_that_has_its_owner_is_not_claimed(prepared):
    first = reads.invitation(link_for(prepared, "halina"))
    acts.claim(NOBODY, first, pseudonym="Halina", passphrase="x y z")
    for name in ("halina", "ania"):
        with pytest.raises(NotAllowed):
            acts.claim(NOBODY, reads.invitation(link_for(prepared, name)), pseudonym="Zły", passphrase="mine now")
    assert Person.objects.get(pk=prepared.halina.pk).check_password("x y z")


def test_coordinators_make_no_links_to_accounts(prepared):
    with pytest.raises(NotAllowed):
        acts.invite_to_claim(prepared.actor(KEEPER), prepared.here, people=[prepared.halina], days=14)


def test_who_is_signed_in_claims_nothing_and_does_not_come_in_by_the_link_of_another(prepared):
    link = link_for(prepared, "halina")
    with pytest.raises(NotAllowed):
        acts.claim(prepared.actor("dawid"), reads.invitation(link), pseudonym="Zły", passphrase="x")
    with pytest.raises(NotAllowed):
        come_in(prepared, "dawid", reads.invitation(link))
    assert reads.invitation(link).uses_left == 1


def test_an_ordinary_link_gives_nobody_an_account(world):
    made, _secret = acts.invite(world.actor(KEEPER), world.here)
    with pytest.raises(NotAllowed):
        acts.claim(NOBODY, made, pseudonym="Zły", passphrase="x")
