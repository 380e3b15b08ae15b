"""Pages about letters and about my data, and the description of the API for people."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from nawzajem.ground.models import Event
from nawzajem.notify import reads as letters
from nawzajem.notify.letters import BY_CODE
from nawzajem.notify.models import Kind, Letter, Wish
from nawzajem.notify.words import LOOK, STOP
from nawzajem.people.models import Person
from nawzajem.programmes.models import Member
from nawzajem.web.notify import WHERE, WHERE_ELSE, WHERE_MINE, _where
from tests.cast import PASSPHRASE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": files}


def a_letter(world, code: str = "proposal", thing: str = "") -> Letter:
    return Letter.objects.create(
        person=world.bartek,
        programme=world.here,
        kind=BY_CODE[code].kind,
        thing=thing or world.proposal().pk,
        code=code,
    )


# -- letters ----------------------------------------------------------------------------------------------------------


def test_one_chooses_what_comes_and_when_not(world, enter):
    answer = enter("ania").post("/me/letters/", {"kinds": ["message"], "quiet_from": "22", "quiet_until": "6"})
    assert answer.status_code == 302
    wish = Wish.objects.get(person=world.ania)
    assert (set(wish.kinds), wish.quiet_from, wish.quiet_until) == ({"message", "duty"}, 22, 6)


def test_without_an_address_the_page_says_that_nothing_is_lost(world, enter):
    page = enter("ania").get("/me/letters/").content.decode()
    assert reverse("account_email") in page
    EmailAddress.objects.create(user=world.ania, email="ania@example.org", verified=True, primary=True)
    assert "ania@example.org" in enter("ania").get("/me/letters/").content.decode()


def test_only_who_has_duties_is_asked_about_letters_for_them(world, enter):
    assert 'value="duty"' not in enter("ania").get("/me/letters/").content.decode()
    assert 'value="duty"' in enter("celina").get("/me/letters/").content.decode()


def test_the_addresses_in_a_letter_are_those_of_the_pages(world):
    letter = a_letter(world)
    assert reverse("letter", args=[letter.pk]) == LOOK.format(letter=letter.pk)
    token = letters.stop_token(letter)
    assert reverse("unsubscribe", args=[token]) == STOP.format(token=token)


def test_every_letter_leads_somewhere(world):
    assert set(WHERE) | set(WHERE_ELSE) | set(WHERE_MINE) == set(BY_CODE)
    for code in BY_CODE:
        there = "/me/" if code in WHERE_MINE else "/p/here/"
        assert _where(Letter(programme=world.here, code=code, thing="abc")).startswith(there)


def test_a_letter_leads_to_what_it_tells_of(world, enter):
    letter = a_letter(world)
    answer = enter("bartek").get(f"/letters/{letter.pk}/", follow=True)
    assert answer.redirect_chain[0][0] == reverse("proposal", args=["here", letter.thing])
    assert answer.status_code == 200


def test_somebody_elses_letter_and_an_old_one_lead_home(world, enter):
    letter = a_letter(world)
    assert enter("ania").get(f"/letters/{letter.pk}/").url == reverse("start")
    assert enter("bartek").get("/letters/gone/").url == reverse("start")


def test_a_link_in_a_letter_stops_its_kind_without_signing_in(world, client):
    address = reverse("unsubscribe", args=[letters.stop_token(a_letter(world))])
    assert b"<form" in client.get(address).content
    assert not Wish.objects.exists()  # looking is not pressing: mail programs look at links by themselves
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert set(Wish.objects.get(person=world.bartek).kinds) == set(Kind.values) - {"proposal"}
    client.post(address, {"all": "1"})
    assert Wish.objects.get(person=world.bartek).kinds == []


def test_the_mailbox_itself_may_press_it(world):
    from django.test import Client

    address = reverse("unsubscribe", args=[letters.stop_token(a_letter(world))])
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_a_made_up_link_stops_nothing(world, client):
    assert client.post(reverse("unsubscribe", args=["made:up:link"])).status_code == 404


# -- my data ----------------------------------------------------------------------------------------------------------


def test_everything_comes_as_a_zip_and_is_kept_nowhere(world, enter):
    answer = enter("ania").get("/me/data/download/")
    assert answer.content[:2] == b"PK"
    assert "no-store" in answer["Cache-Control"]
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("address", ["/me/data/", "/me/data/download/", "/me/letters/", "/me/erase/", "/p/here/leave/"])
def test_without_signing_in_there_is_nothing_of_anybody(world, client, address):
    assert "/accounts/login/" in client.get(address).url


def test_leaving_a_programme_is_asked_first(world, enter):
    browser = enter("ania")
    assert browser.get("/p/here/leave/").status_code == 200
    assert world.member("ania").state == Member.State.ACTIVE
    browser.post("/p/here/leave/")
    assert world.member("ania").state == Member.State.LEFT


def test_the_last_coordinator_reads_why_not_yet(world, enter):
    answer = enter("celina").post("/p/here/leave/")
    assert answer.status_code == 422
    assert world.here.name in html.unescape(answer.content.decode())


def sign_in_once_more(browser: Any, passphrase: str = PASSPHRASE) -> Any:
    first = browser.get("/me/erase/")
    assert first.status_code == 302
    return browser.post(first.url, {"password": passphrase})


def test_erasing_asks_for_the_passphrase_first(world, enter):
    browser = enter("ania")
    assert "reauthenticate" in browser.get("/me/erase/").url
    browser.post("/me/erase/", {"pseudonym": "Ania", "messages": "erase"})
    assert Person.objects.filter(pk=world.ania.pk).exists()


def test_a_wrong_passphrase_does_not_lead_on(world, enter):
    browser = enter("ania")
    sign_in_once_more(browser, "nie ta")
    assert browser.get("/me/erase/").status_code == 302


def test_erasing_wants_the_pseudonym_and_a_choice(world, enter):
    browser = enter("ania")
    sign_in_once_more(browser)
    assert browser.get("/me/erase/").status_code == 200
    assert browser.post("/me/erase/", {"pseudonym": "Bartek", "messages": "keep"}).status_code == 422
    assert browser.post("/me/erase/", {"pseudonym": "Ania"}).status_code == 422
    assert Person.objects.filter(pk=world.ania.pk).exists()


def test_after_erasing_a_kind_word_and_nobody_is_signed_in(world, enter):
    browser = enter("ania")
    sign_in_once_more(browser)
    answer = browser.post("/me/erase/", {"pseudonym": " ania ", "messages": "erase"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/goodbye/"
    assert not Person.objects.filter(pk=world.ania.pk).exists()
    assert "_auth_user_id" not in browser.session
    assert browser.get("/me/").status_code == 302
    assert not Event.objects.filter(by=world.ania.pk).exists()


# -- the API for people -----------------------------------------------------------------------------------------------


def test_the_description_shows_every_operation_with_a_line_to_try(world, client):
    described = client.get("/api/v1/openapi.json").json()
    page = html.unescape(client.get("/api/").content.decode())
    for path, methods in described["paths"].items():
        assert path in page
        for method in methods:
            assert method in {"get", "post", "put", "patch", "delete"}
    assert len(re.findall(r"curl ", page)) == 1 + sum(len(methods) for methods in described["paths"].values())
    assert "<script>" not in page
