"""A whole school behind one address: what one device does slows that device, and the others at most by a stated little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.web.whence import COOKIE, FLOODS
from tests.cast import PASSPHRASE

pytestmark = pytest.mark.django_db

SCHOOL = {"X-Real-IP": "203.0.113.7"}
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


class Device:
    """A browser at the school, with its cookies."""

    def __init__(self) -> None:
        self.client = Client(headers=SCHOOL)
        self.client.get(LOGIN)

    def enters(self, name: str, passphrase: str = PASSPHRASE, *, stays: bool = True) -> bool:
        sent = {"login": name, "password": passphrase, "next": "/me/"} | ({"remember": "on"} if stays else {})
        came_in = self.client.post(LOGIN, sent).status_code == 302
        return came_in and self.client.get("/me/").status_code == 200

    def leaves(self) -> None:
        self.client.post("/accounts/logout/")
        self.client.get(LOGIN)

    def becomes_another(self) -> None:
        self.client.cookies.clear()
        self.client.get(LOGIN)


def another(name: str) -> None:
    person = Person(pseudonym=name)
    person.set_password(PASSPHRASE)
    person.save()


def test_a_flood_from_one_device_slows_no_other_at_its_address(world, clock):
    flooding = Device()
    for n in range(90):
        flooding.enters(f"Kto{n}", "nie to haslo wcale")
    another("Nowa")
    assert not flooding.enters("Nowa")  # it waits itself, whoever tries
    assert Device().enters("Ania")
    assert Device().enters("Bartek")


def test_whoever_comes_as_another_browser_each_time_makes_others_wait_half_a_minute_and_known_devices_never(
    world, clock
):
    known = Device()
    assert known.enters("Ania")
    known.leaves()
    flooding = Device()
    for n in range(420):
        flooding.client.cookies["csrftoken"] = f"{n:032}"
        flooding.client.post("/accounts/login/code/confirm/", {"code": "000000"})
    new = Device()
    assert not new.enters("Bartek")
    assert known.enters("Ania")
    clock(seconds=FLOODS.by_address.longest + 1)
    assert new.enters("Bartek")


def test_wrong_passphrases_for_somebody_else_do_not_keep_them_out_on_their_own_device(world):
    own = Device()
    assert own.enters("Ania")
    own.leaves()
    other = Device()
    for _try in range(12):
        other.enters("Ania", "nie to haslo wcale")
    assert not other.enters("Ania")
    assert own.enters("Ania")


def test_a_device_that_opened_one_account_tries_no_other_by_that(world):
    device = Device()
    assert device.enters("Bartek")
    device.leaves()
    for _try in range(12):
        device.enters("Ania", "nie to haslo wcale")
    assert not device.enters("Ania")
    device.becomes_another()
    assert not device.enters("Ania")  # it counts by name and address, as for everybody


def test_many_sign_ins_of_one_account_are_one_device(world):
    device, seen = Device(), set()
    for _time in range(3):
        assert device.enters("Ania")
        seen.add(device.client.cookies[COOKIE].value.split(":")[0])
        device.leaves()
    assert len(seen) == 1


def test_on_a_machine_that_many_use_nothing_is_left(world):
    device = Device()
    assert device.enters("Ania", stays=False)
    assert COOKIE not in device.client.cookies


def test_the_cookie_names_nobody_and_cannot_be_made(world):
    device = Device()
    assert device.enters("Ania")
    assert world.ania.pk not in device.client.cookies[COOKIE].value
    device.leaves()
    forged = Device()
    forged.client.cookies[COOKIE] = device.client.cookies[COOKIE].value[:-3] + "abc"
    for _try in range(12):
        forged.enters("Ania", "nie to haslo wcale")
    assert not forged.enters("Ania")
    assert device.enters("Ania")


def test_a_class_signs_in_at_once(world):
    for n in range(45):
        another(f"Osoba {n}")
    assert all(Device().enters(f"Osoba {n}") for n in range(45))


def test_one_who_tries_codes_keeps_no_class_out(world, clock):
    code = programmes.make_code(world.actor("celina"), world.here).code
    trying, pupil = Device(), Device()
    answers = [trying.client.post("/come-in/", {"code": f"abcd-{n:04}"}).status_code for n in range(60)]
    assert answers[-1] == 429
    assert pupil.client.post("/come-in/", {"code": code}).status_code == 302


def test_a_link_opens_whoever_tries_codes_at_the_same_address(world):
    _invitation, secret = programmes.invite(world.actor("celina"), world.here)
    trying = Client(headers=SCHOOL)
    for n in range(60):
        trying.post("/come-in/", {"code": f"abcd-{n:04}"})
    assert Client(headers=SCHOOL).get(f"/come-in/{secret}/").status_code == 302
