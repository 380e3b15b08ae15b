"""A duty works with a second factor: a passkey, an app with codes, and what happens when the passkey is not at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.codes import code_now
from tests.journeys.conftest import Visitor
from tests.journeys.town import PASSPHRASE


def own_authenticator(one: Visitor) -> tuple[Any, str]:
    """A device that holds passkeys and says yes by itself, as a phone does when a finger is laid on it."""
    device = one.page.context.new_cdp_session(one.page)
    device.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return device, device.send("WebAuthn.addVirtualAuthenticator", {"options": kind})["authenticatorId"]


def once_more(one: Visitor) -> None:
    """What concerns only oneself is asked for again, where some time has passed."""
    if one.page.locator("[name=password]").count():
        one.look()
        one.page.fill("[name=password]", PASSPHRASE)
        one.follow("main form button")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_passkey_opens_the_account_by_itself(visitor: Callable[..., Visitor], language: str) -> None:
    one = visitor(language, "phone", host="localhost")  # passkeys belong to names of hosts, not to numbers
    one.sign_in({"pl": "Celina", "en": "Clare"}[language])
    _device, _key = own_authenticator(one)
    one.go("/me/second-factor/")
    one.look()
    one.press("Add one now")
    one.look()
    one.go("/accounts/2fa/webauthn/add/")
    once_more(one)
    one.look()
    one.page.fill("[name=name]", "Telefon")
    assert one.page.locator("[name=passwordless]").is_checked()
    one.follow("#mfa_webauthn_add")
    one.look()  # what came of it, and spare codes
    one.go("/accounts/2fa/webauthn/")
    one.sees("Telefon")
    one.look()

    one.go("/accounts/logout/")
    one.look()
    one.follow("main form button")
    one.go("/accounts/login/")
    one.press("With a passkey", stays=True)
    one.page.wait_for_url("**/home/")
    one.go("/p/krag/desk/")
    one.sees(one.says("Worklist"))


@pytest.mark.parametrize("language", ["pl", "en"])
def test_an_app_with_codes_is_asked_for_after_the_passphrase(visitor: Callable[..., Visitor], language: str) -> None:
    one = visitor(language, "desk", dark=True)
    name = {"pl": "Celina", "en": "Clare"}[language]
    one.sign_in(name)
    one.go("/accounts/2fa/totp/activate/")
    once_more(one)
    one.look()
    secret = one.page.locator("#authenticator_secret").input_value()
    one.page.fill("[name=code]", "000000")
    one.follow("main form button")
    one.look()  # a wrong code is told in a sentence
    one.page.fill("[name=code]", code_now(one.page.locator("#authenticator_secret").input_value() or secret))
    one.follow("main form button")
    one.look()

    one.go("/accounts/logout/")
    one.follow("main form button")
    one.sign_in(name)
    one.look()
    one.page.fill("[name=code]", code_now(secret, later=1))  # a code is good once
    one.follow("form:has([name=code]) button")
    one.go("/p/krag/desk/")
    one.sees(one.says("Worklist"))


def test_a_passkey_that_is_not_given_is_told_and_another_way_stays_open(visitor: Callable[..., Visitor]) -> None:
    one = visitor("pl", "phone", host="localhost")
    device, key = own_authenticator(one)
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    one.go("/accounts/login/")
    one.press("With a passkey", stays=True)
    one.sees(one.says("No passkey was given. You can try again, or take another way."))
    one.look()
    one.sign_in("Celina")
    one.go("/p/krag/home/")
    one.sees("Celina")
