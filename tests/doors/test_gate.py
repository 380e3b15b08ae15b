"""The gate tried by somebody who means harm: lock-outs, sessions, redirects, headers, templates, paths; duties without a second factor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from nawzajem.ground.seal import CannotUnseal
from nawzajem.programmes import acts as programmes
from nawzajem.programmes import reads
from nawzajem.programmes.blueprint import available, load
from nawzajem.programmes.models import Duty
from tests.cast import HOUSE, PASSPHRASE
from tests.conftest import undone
from tests.house.test_access import address, names

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
        "/p/here/desk/export/..%2f..%2fkey.csv",
        "/p/here/desk/export/%2e%2e.csv",
        "/api/v1/p/here/desk/tables/..%2f..%2fkey.csv",
        "/me/data/download/..%2f..%2fkey",
    ],
)
def test_no_path_leads_out_of_the_house(world, client, path):
    client.force_login(world.celina)
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


EXEMPT = {"unsubscribe"}  # the mailbox of a reader presses it by itself; the signed link is the proof


@pytest.mark.parametrize("who", ["", "celina"])
def test_no_address_takes_what_a_foreign_page_sends(who, world):
    careful = Client(enforce_csrf_checks=True)
    if who:
        careful.force_login(world.people[who])
    told = {"programme": "here", "pk": "1", "key": "x", "uidb36": "1", "seq": "1"}
    for name in sorted({*names(), *names(of_libraries=True)} - EXEMPT):
        path = address(name, told)
        assert careful.post(path, {"sent": "1"}).status_code == 403, name


FOREIGN = "//elsewhere.example/"


@pytest.mark.parametrize("who", ["", "ania"])
def test_no_address_leads_out_of_the_house(who, world):
    """Wherever it is told to lead on."""
    one = Client()
    if who:
        one.force_login(world.people[who])
    for name in sorted({*names(), *names(of_libraries=True)} - {"erase", "account_logout"}):
        path = address(name, {"programme": "here", "pk": "1", "key": "x", "uidb36": "1", "seq": "1"})
        for ask in (one.get, one.post):
            cache.clear()
            with undone():
                answer = ask(f"{path}?next={FOREIGN}", {"next": FOREIGN})
            assert not answer.headers.get("Location", "").startswith(FOREIGN), name
            assert f'href="{FOREIGN}' not in answer.content.decode(errors="replace"), name


def test_a_second_factor_brings_a_new_session_too(world, client):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(world.ania, secret)
    assert enter(client).headers["Location"].startswith("/accounts/2fa/authenticate/")
    before = client.cookies["nawzajem"].value
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/authenticate/", {"code": code}, headers=FROM).status_code == 302
    assert client.cookies["nawzajem"].value != before
    assert Client(headers={"cookie": f"nawzajem={before}"}).get("/me/").status_code != 200


def test_no_table_holds_the_secret_of_a_second_factor(world):
    secret = "JBSWY3DPEHPK3PXP"
    kept = TOTP.activate(world.ania, secret).instance
    codes = RecoveryCodes.activate(world.ania)
    assert secret not in str(kept.data)
    assert all(one.startswith("hidden:") for one in (kept.data["secret"], codes.instance.data["seed"]))
    assert TOTP(kept).validate_code(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))
    assert len(codes.get_unused_codes()) > 5
    kept.data["secret"] = kept.data["secret"][:-8] + "AAAAAAA="
    with pytest.raises(CannotUnseal):
        TOTP(kept).validate_code("123456")


def test_a_code_of_an_app_opens_once(world):
    secret = "JBSWY3DPEHPK3PXP"
    app = TOTP.activate(world.ania, secret)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert [app.validate_code(code), app.validate_code(code)] == [True, False]


def test_a_second_factor_from_before_secrets_were_hidden_still_works(world):
    app = TOTP.activate(world.ania, "JBSWY3DPEHPK3PXP")
    app.instance.data["secret"] = "JBSWY3DPEHPK3PXP"
    assert app.validate_code(format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", next(yield_hotp_counters_from_time()))))


def test_whoever_sits_at_an_open_device_does_not_change_the_way_in(world, client, mailoutbox):
    """An address for letters opens the account by itself, with a code; so whoever adds one says the passphrase again."""
    client.force_login(world.ania)
    adding = {"email": "ania@example.org", "action_add": ""}
    asked = client.post("/accounts/email/", adding, headers=FROM).headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    client.post(asked, {"password": "nie to haslo wcale"}, headers=FROM)
    assert client.post("/accounts/email/", adding, headers=FROM).headers["Location"] == asked
    assert mailoutbox == []
    client.post(asked, {"password": PASSPHRASE}, headers=FROM)
    client.post("/accounts/email/", adding, headers=FROM)
    assert [letter.to for letter in mailoutbox] == [["ania@example.org"]]


def test_over_https_cookies_belong_to_this_host_alone(tmp_path):
    told = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS >= 31536000)"
    )
    here = {"DJANGO_SETTINGS_MODULE": "config.settings", "NAWZAJEM_ORIGIN": "https://help.example.org"}
    run = subprocess.run(
        [sys.executable, "-c", told],
        env=os.environ | here | {"NAWZAJEM_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    *cookies, secure, form_secure, hidden, form_hidden, strict = run.stdout.split()
    assert all(name.startswith("__Host-") for name in cookies)
    assert {secure, form_secure, hidden, form_hidden, strict} == {"True"}
