"""The gate tried by somebody who means harm: lock-outs, sessions, redirects, headers, templates, paths; duties without a second factor."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from nawzajem.programmes import acts as programmes
from nawzajem.programmes import reads
from nawzajem.programmes.blueprint import available, load
from nawzajem.programmes.models import Duty
from tests.cast import HOUSE, PASSPHRASE

pytestmark = pytest.mark.django_db

FROM = {"X-Real-IP": "203.0.113.7"}
ELSEWHERE = {"X-Real-IP": "198.51.100.9"}
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nobody_was_here_before():
    cache.clear()


def enter(client, passphrase=PASSPHRASE, *, headers=FROM, going="/me/", name="Ania"):
    return client.post(f"{LOGIN}?next={going}", {"login": name, "password": passphrase, "next": going}, headers=headers)


def test_whoever_guesses_is_stopped_and_locks_out_nobody_else(world):
    guessing = Client()
    for _try in range(12):
        enter(guessing, "nie to haslo wcale")
    assert enter(guessing).status_code != 302  # even the right one, from there
    assert enter(Client(), headers=ELSEWHERE).status_code == 302


def test_a_session_from_before_signing_in_is_not_the_one_after(world, client):
    client.get("/come-in/none-such/")
    session = client.session
    session["left"] = "by an attacker"
    session.save()
    before = session.session_key
    client.cookies["nawzajem"] = before
    assert enter(client).status_code == 302
    assert client.cookies["nawzajem"].value != before
    assert Client(headers={"cookie": f"nawzajem={before}"}).get("/me/").status_code != 200


@pytest.mark.parametrize(
    "going", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/me/\r\nX-Evil: 1"]
)
def test_signing_in_leads_within_the_house_only(world, client, going):
    answer = client.post(LOGIN, {"login": "Ania", "password": PASSPHRASE, "next": going}, headers=FROM)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"].lower() or answer["Location"].startswith("/me/%0D%0A")
    assert "X-Evil" not in answer.headers
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


def test_what_people_write_is_never_run_as_a_template(world, enter_as):
    words = "{{ 7|add:7 }} {% now 'Y' %} <script>alert(1)</script>"
    ask = world.draft("ania", words=words)
    page = enter_as("ania").get(f"/p/here/asks/{ask.pk}/change/").content.decode()
    assert "{{ 7|add:7 }}" in page
    assert "<script>alert" not in page


@pytest.fixture
def enter_as(world, client):
    def signed_in(name):
        client.force_login(world.people[name])
        return client

    return signed_in


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config/settings.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/key",
    ],
)
def test_no_path_leads_out_of_the_house(client, path):
    answer = client.get(path)
    assert answer.status_code in {400, 404}
    assert b"root:" not in answer.content


def test_a_form_without_its_token_is_refused(world):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(world.ania)
    assert careful.post("/me/devices/").status_code == 403
    assert careful.post("/p/here/leave/").status_code == 403


@pytest.mark.parametrize("kind", Duty.Kind.values)
def test_no_duty_works_without_a_second_factor(world, kind):
    here = programmes.choose(world.actor("celina"), world.here, duties_need_second_factor=True)
    programmes.give_duty(HOUSE.within(here.pk), world.member("bartek"), kind=kind)
    place = reads.membership(world.bartek, here)
    for has, works in ((False, False), (True, True)):
        actor = reads.actor(world.bartek, here, place, via="web", second_factor=lambda has=has: has)
        assert actor.has(kind) is works


@pytest.mark.parametrize("name", available())
def test_every_blueprint_asks_for_it(name):
    assert load(name).options.duties_need_second_factor
