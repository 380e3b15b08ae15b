"""A passphrase made of names that everybody can guess is refused, without telling which programmes there are."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from nawzajem.people.models import Person
from nawzajem.web.passphrases import WordsOfOnesOwn
from tests.cast import PASSPHRASE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed",
    [
        "nawzajem2026!!",
        "N4wzajem N4wzajem",
        "Ania ania ania 1",
        "Tutaj2026Tutaj",
        "haslo-wsparcie-1",
        "ania@example.org",
    ],
)
def test_a_passphrase_made_of_names_of_this_place_is_refused(world, typed):
    person = Person(pseudonym="Ania", email="ania@example.org")
    world.here.name_words = {"pl": "Tutaj", "en": "Here"}
    world.here.save()
    with pytest.raises(ValidationError) as told:
        WordsOfOnesOwn().validate(typed, person)
    assert told.value.code == "passphrase_of_known_words"


@pytest.mark.parametrize("typed", ["cztery rowne sciany", "nawzajem siedem lyzek", PASSPHRASE])
def test_a_name_may_stand_in_it_beside_words_of_ones_own(world, typed):
    WordsOfOnesOwn().validate(typed, Person(pseudonym="Ania"))


def test_what_is_refused_tells_of_no_programme_that_is_by_invitation(world):
    world.here.name_words = {"pl": "Komisariat", "en": "Komisariat"}
    world.here.differing = {"joining": "invited"}
    world.here.save()
    WordsOfOnesOwn().validate("komisariat 99", Person(pseudonym="Ktos"))
    with pytest.raises(ValidationError):  # but of one's own place
        WordsOfOnesOwn().validate("komisariat 99", world.ania)


def test_it_is_asked_wherever_a_passphrase_is_chosen(world, client):
    page = client.post("/accounts/signup/", {"username": "Halina", "password1": "halinahalina99"})
    assert page.status_code in {200, 422}
    assert not Person.objects.filter(pseudonym="Halina").exists()
