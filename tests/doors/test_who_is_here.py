"""Nobody can find out who is here by asking: for what is there and for what is not there the answer, its words and the work
done for it are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client

from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from tests.cast import HOUSE, PASSPHRASE
from tests.doors.plain import says

pytestmark = pytest.mark.django_db

PLACE = "/p/here"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|name="once" value="[^"]+"')


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def told(answer, *typed: str) -> tuple[int, str | None, str]:
    """Status, where it leads, and the page without its tokens and without what was typed."""
    page = TOKEN.sub("", answer.content.decode())
    for words in typed:
        page = page.replace(words, "…")
    return answer.status_code, answer.headers.get("Location"), page


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """How often a passphrase is hashed: with the real hasher that is nearly all the time that signing in takes."""
    made: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(self, password, salt):
        made.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return made


def known(world) -> dict[str, str]:
    """Names and addresses of every kind of account there is, and of none."""
    EmailAddress.objects.create(user=world.bartek, email="bartek@example.org", verified=True, primary=True)
    people.prepare(HOUSE, accounts=[{"pseudonym": "Zapowiedziana", "speaks": ["pl"]}])
    Person.objects.filter(pk=world.ewa.pk).update(is_active=False)
    return {
        "a person": "Ania",
        "somebody who is prepared": "Zapowiedziana",
        "a closed account": "Ewa",
        "an address": "bartek@example.org",
        "no person": "Nikt Taki",
        "no address": "nikt@example.org",
    }


def test_signing_in_with_a_wrong_passphrase_is_the_same_for_everybody_and_for_nobody(world, hashed):
    found = {}
    for who, name in known(world).items():
        hashed.clear()
        answer = Client().post("/accounts/login/", {"login": name, "password": "nie to haslo wcale"})
        kind = "address" if "@" in name else "name"
        found[who] = (kind, told(answer, name), len(hashed))
    for kind in ("name", "address"):
        assert len({(one[1], one[2]) for one in found.values() if one[0] == kind}) == 1, kind
    assert {one[2] for one in found.values()} == {1}


def test_recovery_is_the_same_for_a_name_and_for_none(world):
    people.new_recovery_code(world.actor("ania"), world.ania)
    wrong = {"code": "abcd-efgh-abcd-efgh-abcd", "passphrase": PASSPHRASE}
    names = ("Ania", "Bartek", "Nikt Taki")
    assert len({told(Client().post("/recover/", wrong | {"pseudonym": name}), name) for name in names}) == 1


def test_a_code_by_e_mail_is_promised_to_every_address(world):
    known(world)
    sent = [
        told(Client().post("/accounts/login/code/", {"email": address}), address)
        for address in ("bartek@example.org", "nikt@example.org")
    ]
    assert sent[0] == sent[1]
    assert sent[0][0] == 302


def test_signing_up_with_an_address_says_not_whether_it_is_here(world):
    known(world)
    signed = [
        told(Client().post("/accounts/signup/email/", {"username": name, "email": address}), address)
        for name, address in (("Nowa Osoba", "bartek@example.org"), ("Inna Osoba", "nikt@example.org"))
    ]
    assert signed[0] == signed[1]


def test_that_a_name_is_taken_is_told_a_few_times_and_then_slowly(world, clock):
    def asked() -> str:
        form = {"username": "Ania", "password1": PASSPHRASE}
        return Client().post("/accounts/signup/", form).content.decode()

    taken = says("Somebody here has this name already. Please choose another.")
    assert all(taken in asked() for _each in range(10))
    assert taken not in asked()
    clock(seconds=11)
    assert taken in asked()


def test_whom_somebody_does_not_want_to_meet_is_never_looked_up(world, comes):
    """A code that is somebody's, and one that is nobody's, are kept alike."""
    page = comes("ania")
    for topic, code in (("grief.partner", world.member("bartek").code), ("lonely", "none-such")):
        form = page.open(f"{PLACE}/asks/new/").form()
        answer = page.send(form, topics=[topic], languages=["pl"], forms=["text"], not_codes=code)
        assert code not in answer.html
    first, second = world.ania.asks.order_by("pk")
    assert len(first.not_prints) == len(second.not_prints) == 1


def test_a_way_in_that_is_over_says_no_more_than_one_that_never_was(world, clock):
    celina = world.actor("celina")
    used = programmes.make_code(celina, world.here, uses=1)
    used.uses_left = 0
    used.save()
    withdrawn, expired = programmes.make_code(celina, world.here), programmes.make_code(celina, world.here, days=1)
    programmes.withdraw_invitation(celina, withdrawn)
    clock(days=2)
    codes = [used.code, withdrawn.code, expired.code, "abcd-efgh"]
    assert len({told(Client().post("/come-in/", {"code": code}), code) for code in codes}) == 1


def test_what_is_somebody_elses_is_answered_like_what_is_not_there(world, enter):
    pair = world.pair()
    report = safety.report(world.actor("ania"), world.bartek, reason="pressure")
    ruling = rulings.rule(
        world.actor("franek"), rulings.take(world.actor("franek"), report), kind="warning", reason="rules", words="x"
    )
    world.add("gosia")
    gosia = enter("gosia")
    for path, thing in (
        ("asks/{}/", pair.ask_id),
        ("pairs/{}/", pair.pk),
        ("proposals/{}/", pair.proposal_id),
        ("talks/{}/messages/", pair.conversation_id),
        ("decisions/{}/", ruling.pk),
        ("desk/reports/{}/", report.pk),
        ("desk/decisions/{}/", ruling.pk),
        ("desk/people/{}/", world.member("ania").pk),
    ):
        there, nowhere = (told(gosia.get(f"{PLACE}/{path.format(one)}"), one) for one in (thing, "abcdefghjkmn"))
        assert there == nowhere, path
        assert there[0] == 404


def test_a_token_that_was_dropped_is_answered_like_one_that_never_was(world):
    token, secret = people.make_token(world.actor("ania"), world.ania, name="x", scopes=["read"], expires_on=None)
    people.drop_token(world.actor("ania"), token)
    asked = [
        told(Client().get("/api/v1/me", headers={"Authorization": f"Bearer {one}"})) for one in (secret, "nz_never")
    ]
    assert asked[0] == asked[1]
    assert asked[0][0] == 401
