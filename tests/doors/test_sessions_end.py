"""A session ends in any case, says so in time, and goes on for whoever shows who they are."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from nawzajem.ground import clock as house
from nawzajem.people.models import Device
from tests.cast import PASSPHRASE
from tests.doors.test_gate import enter

pytestmark = pytest.mark.django_db


def expires(client: Client):
    return Session.objects.get(session_key=client.session.session_key).expire_date


@pytest.fixture
def since(monkeypatch):
    """`since(client, days)` puts what was shown in this session so many days back."""

    def put_back(client: Client, days: float) -> None:
        session = client.session
        for one in session["account_authentication_methods"]:
            one["at"] -= days * 24 * 3600
        session.save()

    return put_back


def test_it_ends_after_so_many_days_though_it_is_used(world, client, since, settings):
    enter(client)
    usual = expires(client)
    assert 29 < (usual - house.now()).days + 1 <= 30
    since(client, settings.ENV.session_days - 3)
    assert (expires(client) - house.now()).days in {2, 3}
    client.get("/me/")
    assert (expires(client) - house.now()).days in {2, 3}
    since(client, 3.5)
    assert client.get("/me/").status_code == 302
    assert not Session.objects.filter(expire_date__gt=house.now()).exists()


def test_whoever_shows_who_they_are_begins_anew(world, client, since, settings):
    enter(client)
    since(client, settings.ENV.session_days - 1)
    page = client.get("/me/").content.decode()
    assert "/accounts/reauthenticate/" in page
    client.post("/accounts/reauthenticate/", {"password": PASSPHRASE})
    assert (expires(client) - house.now()).days in {29, 30}
    assert "/accounts/reauthenticate/" not in client.get("/me/").content.decode()


def test_it_is_told_in_the_last_week_on_the_page_where_one_arrives(world, client, since, settings):
    enter(client)
    assert "reauthenticate" not in client.get("/p/here/home/").content.decode()
    since(client, settings.ENV.session_days - 6)
    assert "reauthenticate" in client.get("/p/here/home/").content.decode()


def test_a_session_in_which_nothing_was_shown_ends_too(world, settings):
    client = Client()
    client.force_login(world.ania)
    client.get("/me/")
    assert "began" in client.session
    session = client.session
    session["began"] -= (settings.ENV.session_days + 1) * 24 * 3600
    session.save()
    assert client.get("/me/").status_code == 302
    assert Device.objects.count() == 1
