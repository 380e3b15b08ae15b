"""What the door says to whoever was removed, to those who come meanwhile, and to whoever waits for an appeal."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from tests.rooms.test_appeals_in_time import alone
from tests.rooms.test_kept_out import BOX, confirmed, erase, removed
from tests.rooms.test_rulings import appealed, paused

pytestmark = pytest.mark.django_db


def newcomer(address: str = "", *, verified: bool = True) -> Person:
    person = Person.objects.create(pseudonym="Nowy", language="en", speaks=["en"])
    if address:
        confirmed(person, address, verified=verified)
    return person


def door(client, person: Person) -> str:
    client.force_login(person)
    return client.get("/p/here/join/").content.decode()


def test_it_says_plainly_why_and_until_when(world, client):
    removed(world)
    erase(world)
    page = door(client, newcomer(BOX))
    assert "was removed from this programme by a decision" in page
    assert 'name="agreed"' not in page
    assert "Help lines" in page


def test_somebody_without_an_address_is_led_to_confirm_one_and_comes_in(world, client):
    programmes.choose(world.actor("celina"), world.here, after_removal="address")
    removed(world)
    person = newcomer("new@example.org", verified=False)
    assert "/accounts/email/" in door(client, person)
    EmailAddress.objects.update(verified=True)
    assert 'name="agreed"' in door(client, person)


def test_the_desk_reads_that_somebody_can_come_again_as_long_as_nobody_is_asked_for_anything(world, client):
    one = removed(world)
    client.force_login(world.franek)
    address = f"/p/here/desk/decisions/{one.pk}/"
    assert "pod innym imieniem" in client.get(address).content.decode()
    programmes.choose(world.actor("celina"), world.here, after_removal="address")
    assert "pod innym imieniem" not in client.get(address).content.decode()


def test_the_page_of_a_removal_tells_what_is_kept_and_until_when(world, client):
    one = removed(world)
    client.force_login(world.bartek)
    page = client.get(f"/p/here/decisions/{one.pk}/").content.decode()
    assert "zaszyfrowany ślad" in page


def test_whoever_appeals_reads_by_when_and_that_nobody_can_decide(world, client, clock):
    appeal = alone(world, clock)
    client.force_login(world.bartek)
    page = client.get(f"/p/here/decisions/{appeal.ruling_id}/").content.decode()
    assert "zostaje uchylone" in page
    assert "nie ma nikogo innego" in page


def test_where_somebody_can_decide_nothing_is_said_of_nobody(world, client, clock):
    one = paused(world, clock)
    client.force_login(world.bartek)
    for time in range(2):
        page = client.get(f"/p/here/decisions/{one.pk}/").content.decode()
        assert "nie ma nikogo innego" not in page
        assert "zostaje uchylone" in page
        if time == 0:
            appealed(world, one)


def test_the_desk_reads_that_nobody_can_decide(world, client, clock):
    appeal = alone(world, clock)
    client.force_login(world.franek)
    page = client.get(f"/p/here/desk/decisions/{appeal.ruling_id}/").content.decode()
    assert "Nikt na dyżurze nie może" in page
    assert "Nie wskazano osoby ostatniego kontaktu" in page
