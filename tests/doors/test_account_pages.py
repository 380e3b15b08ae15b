"""The library's pages about accounts: all of them open, in the words of this house, in each way of speaking."""

from __future__ import annotations

import html
import re
from typing import Any

import polib
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client

from nawzajem.management.commands.words import ENGLISH
from nawzajem.people.models import Person
from tests.cast import PASSPHRASE

pytestmark = pytest.mark.django_db

OPEN = ["login", "login/code", "password/reset", "password/reset/done", "signup", "signup/email", "inactive"]
OWN = [
    "password/change",
    "email",
    "logout",
    "reauthenticate",
    "2fa",
    "2fa/totp/activate",
    "2fa/totp/deactivate",
    "2fa/recovery-codes",
    "2fa/recovery-codes/generate",
    "2fa/webauthn",
    "2fa/webauthn/add",
]
SPEECHES = ["en", "pl", "pl-formal"]


def sayings() -> list[str]:
    """What the library would say in its own words, where ours are others."""
    entries = polib.pofile(str(ENGLISH))
    return [
        max(re.split(r"%\(\w+\)s", one.msgid), key=len)
        for one in entries
        if " " in one.msgid and one.msgstr != one.msgid
    ]


def text_of(response: Any) -> str:
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def in_our_words(text: str) -> None:
    assert [said for said in sayings() if len(said) > 8 and re.sub(r"\s+", " ", said) in text] == []
    assert "password" not in text.lower()


@pytest.fixture
def with_app(world: Any) -> Person:
    """Ania, who has an app and spare codes, and just said again who she is."""
    TOTP.activate(world.ania, generate_totp_secret())
    RecoveryCodes.activate(world.ania)
    return world.ania


def speaks(client: Any, person: Person | None, speech: str) -> None:
    cache.clear()
    client.cookies["nawzajem-language"] = speech[:2]
    if person:
        Person.objects.filter(pk=person.pk).update(
            language=speech[:2], address="formal" if speech == "pl-formal" else "informal"
        )


@pytest.mark.parametrize("speech", SPEECHES[:2])
def test_pages_for_everybody_are_in_our_words(client: Any, db: None, speech: str) -> None:
    speaks(client, None, speech)
    for page in OPEN:
        response = client.get(f"/accounts/{page}/")
        assert response.status_code == 200, page
        in_our_words(text_of(response))


@pytest.mark.parametrize("speech", SPEECHES)
def test_pages_of_ones_own_are_in_our_words(client: Any, with_app: Person, speech: str) -> None:
    speaks(client, with_app, speech)
    client.force_login(with_app)
    first = client.get("/accounts/2fa/totp/deactivate/", follow=True)
    in_our_words(text_of(first))  # asks once more who it is
    client.post("/accounts/reauthenticate/", {"password": PASSPHRASE})
    for page in OWN:
        response = client.get(f"/accounts/{page}/", follow=True)
        assert response.status_code == 200, page
        in_our_words(text_of(response))


@pytest.mark.parametrize("speech", SPEECHES)
def test_what_is_typed_wrong_is_said_in_our_words(client: Any, with_app: Person, speech: str) -> None:
    speaks(client, with_app, speech)
    client.force_login(with_app)
    typed = {"oldpassword": "zle", "password1": "krotkie", "password2": "inne"}
    wrong = client.post("/accounts/password/change/", typed)
    in_our_words(text_of(wrong))
    assert wrong.content.count(b'class="error"') >= 2
    again = client.post("/accounts/reauthenticate/", {"password": "zle"})
    in_our_words(text_of(again))
    assert b'class="error"' in again.content


@pytest.mark.parametrize("speech", SPEECHES[:2])
def test_letters_with_codes_are_in_our_words(world: Any, speech: str) -> None:
    EmailAddress.objects.create(user=world.ania, email="ania@example.org", verified=True, primary=True)
    Person.objects.filter(pk=world.ania.pk).update(email="ania@example.org")
    sent = [
        ("login/code", {"email": "ania@example.org"}),
        ("login/code", {"email": "nikt@example.org"}),
        ("password/reset", {"email": "ania@example.org"}),
        ("signup/email", {"username": "Nowa", "email": "nowa@example.org"}),
        ("signup/email", {"username": "Inna", "email": "ania@example.org"}),
    ]
    for page, typed in sent:
        somebody = Client()
        speaks(somebody, None, speech)
        somebody.post(f"/accounts/{page}/", typed)
    assert len(mail.outbox) == 5
    for letter in mail.outbox:
        in_our_words(f"{letter.subject} {letter.body}".replace("/accounts/password/", ""))
        assert "Hello" not in letter.body
    assert re.search(r"\b[A-Z0-9-]{6,}\b", mail.outbox[0].body)


def test_passkeys_are_listed_with_their_names(client: Any, world: Any) -> None:
    from allauth.mfa.models import Authenticator

    kept = {"name": "Telefon", "credential": {}}
    Authenticator.objects.create(user=world.ania, type=Authenticator.Type.WEBAUTHN, data=kept)
    client.force_login(world.ania)
    client.post("/accounts/reauthenticate/", {"password": PASSPHRASE})
    page = client.get("/accounts/2fa/webauthn/")
    assert (page.status_code, "Telefon" in text_of(page)) == (200, True)
