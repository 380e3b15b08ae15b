"""Links and codes that have expired, were used, withdrawn or mistyped: a sentence, and a way on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache

from nawzajem.ground.actor import Actor
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Invitation, Member
from tests.doors.deeds import PLACE, prepared
from tests.doors.plain import Browser, Page, says

pytestmark = pytest.mark.django_db

PERSON = {"agreed": "on", "age": "35_49", "conditions": ["lives_here"]}
NOT_ANY_MORE = "This does not open anything, or not any more. Look at each letter again, or ask for a new one."


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    cache.clear()  # attempts are counted by address, and all of these come from one


@pytest.fixture
def link(world) -> tuple[Invitation, str]:
    """Into a programme that nobody enters uninvited."""
    programmes.choose(world.actor("celina"), world.here, joining="invited")
    return programmes.invite(world.actor("celina"), world.here, days=3)


def end(world, invitation: Invitation, how: str, clock: Any) -> None:
    if how == "expired":
        clock(days=4)
    elif how == "withdrawn":
        programmes.withdraw_invitation(world.actor("celina"), invitation)
    else:
        Invitation.objects.filter(pk=invitation.pk).update(uses_left=0)


ENDED = pytest.mark.parametrize("how", ["expired", "withdrawn", "used"])


# -- into a programme -------------------------------------------------------------------------------------------------


@ENDED
@pytest.mark.parametrize("who", ["", "dawid"])
def test_a_link_that_opens_nothing_any_more(world, comes, link, clock, how, who):
    invitation, secret = link
    end(world, invitation, how, clock)
    page = comes(who).open(f"/come-in/{secret}/")
    assert page.status == 404
    assert says(NOT_ANY_MORE) in page.words
    assert page.form("/come-in/").typed == ["code"]


@ENDED
def test_a_link_that_ends_between_opening_it_and_coming_in(world, comes, link, clock, how):
    invitation, secret = link
    one = comes("dawid")
    form = one.open(f"/come-in/{secret}/").form(f"{PLACE}/join/")
    end(world, invitation, how, clock)
    page = one.send(form, **PERSON)
    assert page.status in {404, 410, 422}, page.words
    assert not Member.objects.filter(person=world.dawid, programme=world.here).exists()
    assert says(NOT_ANY_MORE) in page.words
    assert page.form("/come-in/").typed == ["code"]


def test_a_link_opened_again_by_whoever_came_in_with_it(world, comes, link):
    _invitation, secret = link
    one = comes("dawid")
    one.send(one.open(f"/come-in/{secret}/").form(f"{PLACE}/join/"), **PERSON)
    page = one.open(f"/come-in/{secret}/")
    assert (page.status, page.address) == (200, f"{PLACE}/home/")


def test_a_code_however_it_is_typed(world, comes):
    code = programmes.make_code(world.actor("celina"), world.here).code
    one = comes("dawid")
    for typed in (code.upper(), f"  {code} ", code.replace("-", " "), code.replace("-", "")):
        assert one.send(one.open("/come-in/").form(), code=typed).address == f"{PLACE}/join/"


@pytest.mark.parametrize("typed", ["abcd-efgh", "?", "ab2c-9xyź", "a" * 500])
def test_a_code_that_was_mistyped_stays_in_the_field(comes, typed):
    one = comes("")
    page = one.send(one.open("/come-in/").form(), code=typed)
    assert (page.status, says(NOT_ANY_MORE) in page.words) == (404, True)
    assert page.form("/come-in/").holds["code"] == [typed]


# -- an account that waits for its owner ------------------------------------------------------------------------------


@ENDED
def test_an_account_that_waits_no_more(world, comes, clock, how):
    secret = prepared(world)
    invitation = Invitation.objects.get(claims__isnull=False)
    one = comes("")
    form = one.open(f"/come-in/{secret}/").form("/claim/")
    end(world, invitation, how, clock)
    page = one.send(form, pseudonym="Cichy Brzeg", passphrase="niebieski rower i cisza")
    assert says(NOT_ANY_MORE) in page.words
    assert invitation.claims.is_prepared
    assert not Person.objects.filter(pseudonym="Cichy Brzeg").exists()


def test_a_link_to_an_account_opened_again_by_its_owner(world, comes):
    secret = prepared(world)
    one = comes("")
    one.send(one.open(f"/come-in/{secret}/").form("/claim/"), pseudonym="Brzeg", passphrase="niebieski rower i cisza")
    page = comes("").open(f"/come-in/{secret}/")
    assert (page.status, says(NOT_ANY_MORE) in page.words) == (404, True)


def test_a_link_to_an_account_opened_by_somebody_who_has_one(world, comes):
    page = comes("dawid").open(f"/come-in/{prepared(world)}/")
    assert page.status == 200, page.words


def test_without_an_invitation_there_is_no_door(world, comes, link):
    page = comes("dawid").open(f"{PLACE}/join/")
    assert (page.status, "Co tu piszesz" in page.words) == (404, False)


# -- codes by e-mail, and the code that lets one back in --------------------------------------------------------------


def asked_for_a_code(comes) -> tuple[Browser, Page]:
    one = comes("")
    form = one.open("/accounts/signup/email/").form()
    return one, one.send(form, username="Cichy Brzeg", email="brzeg@example.org")


def sent() -> str:
    return re.search(r"^\w{4}-\w{4}$", mail.outbox[-1].body, re.MULTILINE)[0]


def test_a_code_from_a_letter_opens_once(comes):
    one, page = asked_for_a_code(comes)
    code = sent()
    form = next(form for form in page.forms if "code" in form.typed)
    inside = one.send(form, code=code)
    assert (inside.status, "/accounts/" in inside.address) == (200, False)
    assert one.send(form, code=code).status == 200


@pytest.mark.parametrize("typed", ["ABC-DEF", "", "ż" * 300])
def test_a_wrong_code_from_a_letter_is_told(comes, typed):
    one, page = asked_for_a_code(comes)
    form = next(form for form in page.forms if "code" in form.typed)
    wrong = one.send(form, code=typed)
    assert wrong.status == 200
    assert next(form for form in wrong.forms if "code" in form.typed)


def test_a_code_from_a_letter_that_lay_for_too_long(comes, monkeypatch):
    import time

    one, page = asked_for_a_code(comes)
    form = next(form for form in page.forms if "code" in form.typed)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60 * 60)
    late = one.send(form, code=sent())
    assert late.status == 200
    assert not Person.objects.filter(pseudonym="Cichy Brzeg", emailaddress__verified=True).exists()


def test_a_recovery_code_lets_one_in_once(world, comes):
    code = people.new_recovery_code(Actor(person=world.ania.pk), world.ania)
    one = comes("")
    form = one.open("/recover/").form()
    answers = {"pseudonym": "Ania", "code": code, "passphrase": "niebieski rower i cisza"}
    assert one.send(form, **answers).address.startswith("/accounts/login/")
    again = comes("").send(form, **answers)
    assert (again.status, says("Pseudonym and recovery code do not belong together.") in again.words) == (422, True)
    assert again.form("/recover/").holds["pseudonym"] == ["Ania"]
    assert again.form("/recover/").holds["passphrase"] == [""]


def test_a_link_to_a_new_passphrase_opens_once(world, comes):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=world.ania, email="ania@example.org", verified=True, primary=True)
    one = comes("")
    one.send(one.open("/accounts/password/reset/").form(), email="ania@example.org")
    link = next(word for word in mail.outbox[-1].body.split() if "/accounts/password/reset/key/" in word)
    path = link.partition("testserver")[2]
    form = next(form for form in one.open(path).forms if "password1" in form.typed)
    answers = {name: "niebieski rower i cisza" for name in form.typed if name.startswith("password")}
    assert one.send(form, **answers).status == 200
    world.ania.refresh_from_db()
    assert world.ania.check_password("niebieski rower i cisza")
    used = comes("").open(path)
    assert used.status == 200
    assert not [form for form in used.forms if "password1" in form.typed]
