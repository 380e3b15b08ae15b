"""Whoever tries codes of invitations one after the other is stopped; a class that comes in together is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from nawzajem.people import acts as people
from nawzajem.people import reads
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def tried(code: str) -> int:
    return Client().post("/come-in/", {"code": code}).status_code


def test_after_many_wrong_codes_not_even_a_right_one_opens(world, clock):
    right = programmes.make_code(world.actor("celina"), world.here).code
    assert [tried(f"abcd-{n:04}") for n in range(30)] == [404] * 30
    assert tried("abcd-9999") == 429
    assert tried(right) == 429
    assert Client().get("/come-in/abcd9999/").status_code == 429
    clock(seconds=31)
    assert tried(right) == 302


def test_each_wrong_one_in_a_row_makes_the_next_wait_longer(world, clock):
    for n in range(30):
        tried(f"abcd-{n:04}")
    clock(seconds=31)
    assert tried("abcd-9998") == 404
    clock(seconds=31)
    assert tried("abcd-9999") == 429
    clock(seconds=30)
    assert tried("abcd-9999") == 404


def test_right_codes_are_not_counted(world):
    right = programmes.make_code(world.actor("celina"), world.here).code
    assert [tried(right) for _pupil in range(40)] == [302] * 40


def test_recovery_looks_as_long_at_a_name_that_is_not_there(world, monkeypatch):
    """The same keyed hash is made and compared, whether or not anybody has that name, or a code."""
    code = people.new_recovery_code(world.actor("ania"), world.ania)
    made: list[str] = []
    real = reads.print_of
    monkeypatch.setattr(reads, "print_of", lambda typed: made.append(typed) or real(typed))
    assert not Person.objects.filter(pseudonym="Nikt").exists()
    for name in ("Ania", "Bartek", "Nikt"):
        assert reads.recoverable(name, code) == (world.ania if name == "Ania" else None)
    assert made == [code] * 3
