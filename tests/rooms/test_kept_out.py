"""Whoever was removed does not come in again by the same confirmed address, for a time; and nobody learns whom that concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotAllowed
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.kept_out import reads
from nawzajem.programmes.kept_out.models import KeptOut
from nawzajem.programmes.models import Member
from nawzajem.rights import acts as rights
from nawzajem.rights import reads as data
from nawzajem.rulings import acts
from tests.cast import HOUSE
from tests.rooms.test_rulings import appealed, decided

pytestmark = pytest.mark.django_db

BOX = "bartek@example.org"


def confirmed(person: Person, address: str, *, verified: bool = True) -> None:
    EmailAddress.objects.create(user=person, email=address, verified=verified)


def removed(world, address: str = BOX, **fields):
    if address:
        confirmed(world.bartek, address)
    return decided(world, "removal", urgent=True, **fields)


def comes(world, name: str, address: str = "", *, verified: bool = True, programme=None) -> Member:
    """Somebody new, with this address."""
    person = Person.objects.create(pseudonym=name.title(), language="pl", speaks=["pl"])
    world.people[name] = person
    if address:
        confirmed(person, address, verified=verified)
    return world.join(name, programme or world.here)


def refused(world, name: str, address: str = "", **fields) -> str:
    with pytest.raises(NotAllowed) as no:
        comes(world, name, address, **fields)
    return no.value.code


def erase(world, name: str = "bartek") -> None:
    rights.erase(world.actor(name), world.people[name], keep_messages=True)


def test_after_erasing_the_account_the_address_does_not_come_in_under_another_name(world, clock):
    removed(world)
    erase(world)
    assert refused(world, "nowy", BOX) == "kept_out"
    assert comes(world, "ktos", "somebody.else@example.org")


@pytest.mark.parametrize("spelt", ["Bartek@Example.org", "bartek+nowy@example.org", "BARTEK@EXAMPLE.ORG"])
def test_another_spelling_of_the_same_box_is_the_same(world, spelt):
    removed(world)
    erase(world)
    assert refused(world, "nowy", spelt) == "kept_out"


def test_an_address_that_was_confirmed_after_the_removal_is_kept_out_too(world):
    removed(world)
    confirmed(world.bartek, "second@example.org")
    erase(world)
    assert refused(world, "nowy", "second@example.org") == "kept_out"


def test_who_only_types_an_address_learns_nothing_and_keeps_nobody_out(world):
    world.here = programmes.choose(world.actor("celina"), world.here, after_removal="address")
    """An address of somebody else, not confirmed, neither tells that its owner was removed nor has them kept out."""
    confirmed(world.bartek, "victim@example.org", verified=False)
    removed(world)
    erase(world)
    assert comes(world, "victim", "victim@example.org")
    assert refused(world, "curious", BOX, verified=False) == refused(world, "other", "x@example.org", verified=False)


def test_nobody_is_asked_for_an_address_because_somebody_else_was_removed(world):
    removed(world, address="")
    assert comes(world, "meanwhile")


def test_where_a_programme_asks_for_it_those_who_come_meanwhile_confirm_an_address(world, clock):
    world.here = programmes.choose(world.actor("celina"), world.here, after_removal="address")
    assert comes(world, "before")
    removed(world, address="")
    assert refused(world, "meanwhile") == "address_first"
    clock(days=30 * 24 + 1)
    assert comes(world, "later")


@pytest.mark.parametrize(
    ("chosen", "address", "code"),
    [("nothing", "", ""), ("address", "new@example.org", ""), ("invited", "new@example.org", "by_invitation")],
)
def test_what_others_need_meanwhile_is_the_programmes_choice(world, chosen, address, code):
    world.here = programmes.choose(world.actor("celina"), world.here, after_removal=chosen)
    removed(world)
    if code:
        assert refused(world, "nowy", address) == code
    else:
        assert comes(world, "nowy", address)


def test_an_invitation_opens_without_an_address_and_not_for_whoever_was_removed(world):
    removed(world)
    erase(world)
    assert reads.hindrance(world.here, world.dawid, invited=True) is None
    confirmed(world.dawid, BOX)
    no = reads.hindrance(world.here, world.dawid, invited=True)
    assert no is not None
    assert no.code == "kept_out"


def test_it_holds_in_this_programme_alone_and_its_hash_says_nothing_elsewhere(world):
    removed(world)
    erase(world)
    assert comes(world, "nowy", BOX, programme=world.elsewhere)
    assert reads.prints(world.here.pk, [BOX]) != reads.prints(world.elsewhere.pk, [BOX])


def test_lifted_or_made_milder_or_won_on_appeal_the_address_comes_in_again(world, clock):
    acts.lift(world.actor("franek"), removed(world))
    assert not KeptOut.objects.exists()
    one = decided(world, "removal", urgent=True)
    assert KeptOut.objects.count() == 2
    acts.decide(world.actor("celina"), appealed(world, one), outcome="changed", words="Łagodniej.", kind="warning")
    assert not KeptOut.objects.exists()


def test_when_its_time_is_over_the_hash_is_erased(world, clock):
    one = removed(world)
    erase(world)
    clock(days=30 * 24)
    rights.tidy(HOUSE)
    assert KeptOut.objects.count() == 2
    clock(days=2)
    rights.tidy(HOUSE)
    assert not KeptOut.objects.exists()
    rights.keep_to_time(HOUSE.within(world.here.pk), world.here)
    assert not type(one).objects.filter(pk=one.pk).exists()  # nobody's any more, and keeping nobody out
    assert comes(world, "nowy", BOX)


def test_its_time_is_counted_from_the_day_of_the_house_also_after_midnight(world, clock):
    today = clock(
        hours=(24 - clock().hour) % 24
    ).date()  # between midnight and one, when Greenwich still has the day before
    removed(world)
    assert set(KeptOut.objects.values_list("until", flat=True)) == {today + timedelta(days=30 * 24)}


def test_no_column_holds_the_address_and_no_event_says_whom(world):
    removed(world)
    erase(world)
    kept = KeptOut.objects.exclude(print="").get()
    assert "bartek" not in str(vars(kept)).lower()
    facts = Event.objects.get(kind="programme.kept_out")
    assert BOX not in str(facts.facts)


def test_whoever_was_removed_comes_back_to_what_was_decided(world):
    """With the same account: not to take part, but to read why and to answer."""
    removed(world)
    assert reads.hindrance(world.here, world.bartek, invited=False) is None
    (told,) = data.everything(world.actor("bartek"))["safety"]["decided_about_me"]
    assert told["address_kept_out_until"] == KeptOut.objects.first().until


def test_the_day_is_told(world, clock):
    removed(world)
    erase(world)
    confirmed(world.dawid, BOX)
    no = reads.hindrance(world.here, world.dawid, invited=False)
    until = clock().date() + timedelta(days=720)
    assert no is not None
    assert str(until.year) in str(no.sentence)


@given(st.emails())
def test_every_spelling_of_a_box_is_one_box(address):
    name, _at, domain = address.rpartition("@")
    box = reads.one_box(address)
    assert reads.one_box(box) == box
    assert reads.one_box(f"{name}@{domain.upper()}") == box
    if "+" not in name:
        assert reads.one_box(f"{name}+tag@{domain}") == box


def test_dots_are_nothing_only_where_they_are_nothing():
    assert reads.one_box("a.b@googlemail.com") == "ab@gmail.com"
    assert reads.one_box("a.b@example.org") == "a.b@example.org"
