"""People whom their organisation announces: told of by the house alone, and only until the account has its owner."""

from __future__ import annotations

import pytest

from nawzajem.asks import acts as asks
from nawzajem.asks import reads as asks_reads
from nawzajem.experiences import acts as experiences
from nawzajem.ground.refusals import Invalid, NotAllowed
from nawzajem.offers import acts as offers
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts, reads
from nawzajem.programmes.models import Invitation, Member
from tests.cast import HOUSE, World

pytestmark = pytest.mark.django_db

ASK = {"forms": ["text"], "languages": ["pl"]}


@pytest.fixture
def expected(world: World) -> World:
    """Halina, announced and not come; she leads a unit."""
    keeper = world.actor("celina")
    unit = acts.add_unit(keeper, world.here, name="Oddział 5")
    (world.people["halina"],) = people.prepare(HOUSE, accounts=[{"pseudonym": "Osoba 17"}])
    place = {"announced_print": reads.print_of(world.here, "h17"), "known_print": "number", "unit": unit, "leads": True}
    acts.expect(HOUSE.within(world.here.pk), world.here, announced=[(world.halina, place)])
    return world


def told(world: World, name: str = "halina") -> dict[str, list]:
    """What each of the three rooms is told of somebody."""
    person = world.people[name]
    lived = {"topic": world.topic("lonely"), "stage": "been_through"}
    return {
        "asks": [(person, {"topics": [world.topic("lonely")], **ASK})],
        "experiences": [(person, lived)],
    }


@pytest.mark.parametrize("room", [asks, experiences], ids=["asks", "experiences"])
@pytest.mark.parametrize("who", ["celina", "franek", "bartek"])
def test_nobody_but_the_house_speaks_for_somebody_who_has_not_come(expected, room, who):
    with pytest.raises(NotAllowed):
        room.announce(expected.actor(who), told(expected)[room.__name__.split(".")[1]])


@pytest.mark.parametrize("room", [asks, experiences], ids=["asks", "experiences"])
def test_the_house_speaks_for_nobody_who_has_an_account_of_their_own(expected, room):
    with pytest.raises(NotAllowed):
        room.announce(HOUSE.within(expected.here.pk), told(expected, "ania")[room.__name__.split(".")[1]])


def test_somebody_who_signs_in_by_e_mail_has_an_account_of_their_own(world):
    person = Person(pseudonym="Listonoszka", email="l@example.org")
    person.set_unusable_password()
    person.save()
    assert not person.is_prepared
    world.people["listonoszka"] = person
    with pytest.raises(NotAllowed):
        asks.announce(HOUSE.within(world.here.pk), told(world, "listonoszka")["asks"])


def test_an_announced_offer_stands_on_experiences_of_the_same_person(expected):
    house = HOUSE.within(expected.here.pk)
    of_another = expected.experience("bartek", "lonely")
    fields = {**ASK, "hours": "f" * 42, "capacity": 1}
    with pytest.raises(Invalid):
        offers.announce(house, [(expected.halina, {"experiences": [of_another], **fields})])
    with pytest.raises(NotAllowed):
        offers.announce(house, [(expected.bartek, {"experiences": [of_another], **fields})])
    lived = experiences.announce(house, told(expected)["experiences"])
    (made,) = offers.announce(house, [(expected.halina, {"experiences": lived, **fields})])
    assert list(made.experiences.all()) == lived


def test_what_the_organisation_says_of_a_place_holds_when_its_owner_joins(expected):
    """Otherwise a superior who says nothing of it would be proposed to their own people."""
    expected.join("halina", expected.here)
    place = Member.objects.get(person=expected.halina)
    assert (place.unit.name, place.leads, place.known_print) == ("Oddział 5", True, "number")


def test_only_the_house_makes_links_to_accounts_and_a_new_one_voids_the_old(expected):
    with pytest.raises(NotAllowed):
        acts.invite_to_claim(expected.actor("celina"), expected.here, people=[expected.halina], days=60)
    house = HOUSE.within(expected.here.pk)
    (old,) = acts.invite_to_claim(house, expected.here, people=[expected.halina], days=60)
    (new,) = acts.invite_to_claim(house, expected.here, people=[expected.halina], days=60)
    assert [one.digest for one in Invitation.objects.filter(uses_left=1)] == [reads.digest(new)]
    assert reads.digest(old) != reads.digest(new)


def test_asks_of_people_who_have_not_come_say_nothing_of_the_wait(expected, clock):
    before = asks_reads.wait(expected.here, ["lonely"])
    asks.announce(HOUSE.within(expected.here.pk), told(expected)["asks"] * 9)
    clock(days=20)
    assert asks_reads.wait(expected.here, ["lonely"]) == before
    expected.join("halina", expected.here)
    assert asks_reads.wait(expected.here, ["lonely"]) != before
