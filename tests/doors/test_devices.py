"""People see where they are signed in, and end it: one by one, or everywhere else."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.people import acts, reads
from nawzajem.people.models import Device
from nawzajem.rights import chores

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def signed_in(world, name="ania", agent=DESK) -> Client:
    client = Client(headers={"user-agent": agent, "accept-language": "en"})
    client.force_login(world.people[name])
    assert client.get("/me/").status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_each_device_is_told_with_its_kind_and_day_and_no_more(world, clock):
    signed_in(world, agent=PHONE)
    page = signed_in(world).get("/me/devices/").content.decode()
    assert "Chrome" in page
    assert "Firefox" in page
    kept = Device._meta.concrete_fields
    assert {field.name for field in kept} == {"id", "person", "session", "kind", "browser", "began_at", "seen_on"}


def test_one_is_ended_and_the_others_go_on(world):
    phone, desk = signed_in(world, agent=PHONE), signed_in(world)
    there = Device.objects.get(kind="phone")
    desk.post(f"/me/devices/{there.pk}/end/")
    assert not is_in(phone)
    assert is_in(desk)
    assert desk.post(f"/me/devices/{there.pk}/end/").status_code == 302  # pressed twice


def test_all_others_are_ended_at_once_and_this_one_goes_on(world):
    others = [signed_in(world, agent=PHONE), signed_in(world)]
    stranger, here = signed_in(world, "bartek"), signed_in(world)
    here.post("/me/devices/")
    assert not any(map(is_in, others))
    assert is_in(here)
    assert is_in(stranger)


def test_nobody_ends_the_session_of_somebody_else(world):
    phone = signed_in(world, agent=PHONE)
    signed_in(world, "bartek").post(f"/me/devices/{Device.objects.get(kind='phone').pk}/end/")
    assert is_in(phone)
    with pytest.raises(NotFound):
        reads.device(Actor(person=world.bartek.pk), Device.objects.get(kind="phone").pk)


def test_a_session_that_gets_another_key_is_the_same_device(world):
    client = signed_in(world)
    session = client.session
    session.cycle_key()
    client.cookies["nawzajem"] = session.session_key
    client.get("/me/")
    assert Device.objects.get().session == session.session_key


def test_a_device_is_written_down_once_a_day(world, clock):
    client = signed_in(world)
    first = Device.objects.get().seen_on
    client.get("/me/")
    clock(days=2)
    client.get("/me/")
    assert (Device.objects.get().seen_on - first).days == 2


def test_what_has_run_out_is_not_told_and_goes(world):
    signed_in(world)
    Session.objects.all().delete()
    assert reads.devices(Actor(person=world.ania.pk)) == []
    chores.keep_to_time()
    assert not Device.objects.exists()


def test_a_new_passphrase_ends_the_sessions_of_others(world):
    thief = signed_in(world, agent=PHONE)
    acts.recover(Actor(), world.ania, passphrase="siedem srebrnych lyzek")
    assert not is_in(thief)


def test_the_keeper_signs_out_one_and_the_others_stay(world, capsys):
    lost, here, other = signed_in(world, agent=PHONE), signed_in(world), signed_in(world, "bartek")
    call_command("signout", "ania")
    assert "2" in capsys.readouterr().out
    assert not is_in(lost)
    assert not is_in(here)
    assert is_in(other)
    call_command("signout", everybody=True)
    assert not is_in(other)
    with pytest.raises(CommandError):
        call_command("signout", "Nikt")


def test_everybody_is_signed_out_of_sessions_whose_device_was_never_noted(world, capsys):
    noted, not_noted = signed_in(world), signed_in(world, "bartek")
    Device.objects.filter(person=world.bartek).delete()  # the disk was full when it began
    call_command("signout", everybody=True)
    assert "2" in capsys.readouterr().out
    assert not is_in(noted)
    assert not is_in(not_noted)


def test_whoever_changes_a_factor_is_offered_to_sign_out_everywhere_else(world):
    page = signed_in(world).get("/accounts/2fa/").content.decode()
    assert "/me/devices/" in page
