"""Signing in, what opened nothing and what was refused stand in the log, at every door, and name nobody."""

from __future__ import annotations

import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache

from nawzajem.ground import gate
from tests.cast import PASSPHRASE
from tests.doors.test_gate import enter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_empty_book(monkeypatch, caplog):
    cache.clear()
    monkeypatch.setattr(gate, "BOOK", gate.Book())
    caplog.set_level(logging.INFO, logger="nawzajem.gate")


def said(caplog) -> list[str]:
    lines = [one.getMessage() for one in caplog.records if one.name == "nawzajem.gate"]
    for name in ("Ania", "ania", PASSPHRASE, "203.0.113.7", "nie to haslo", "Nieznajoma"):
        assert not any(name in line for line in lines)
    return lines


def test_who_comes_in_is_noted_with_the_way_and_a_sign(world, client, caplog):
    enter(client)
    assert said(caplog) == [f"signed_in ways=password who={gate.sign_of(world.ania.pk)}"]


def test_a_wrong_passphrase_is_noted_with_a_sign_where_there_is_an_account(world, client, caplog):
    enter(client, "nie to haslo wcale")
    enter(client, "nie to haslo wcale", name="Nieznajoma")
    assert said(caplog) == [
        f"opened_nothing way=passphrase who={gate.sign_of(world.ania.pk)}",
        "opened_nothing way=passphrase",
    ]


def test_a_wrong_second_factor_is_noted(world, client, caplog):
    TOTP.activate(world.ania, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    enter(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert said(caplog) == ["opened_nothing way=second_factor"]


def test_a_wrong_recovery_code_is_noted(world, client, caplog):
    client.post("/recover/", {"pseudonym": "Ania", "code": "nope-nope", "passphrase": "cztery rowne sciany"})
    assert said(caplog) == [f"opened_nothing way=recovery_code who={gate.sign_of(world.ania.pk)}"]


def test_what_is_not_theirs_is_noted_by_its_place_in_the_code(world, client, caplog):
    client.force_login(world.bartek)
    client.get(f"/p/here/asks/{world.draft('ania').pk}/change/")
    client.get("/api/v1/me", headers={"authorization": "Bearer nz_nothing"})
    lines = said(caplog)
    assert len(lines) == 2
    assert lines[0].startswith("refused code=not_found door=page at=GET:p/<slug:programme>/asks/<")
    assert lines[0].endswith(f"who={gate.sign_of(world.bartek.pk)}")
    assert lines[1] == "opened_nothing way=token"
