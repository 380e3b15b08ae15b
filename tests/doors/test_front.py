"""What somebody may look at before they come in."""

from __future__ import annotations

from typing import Any

import pytest

from nawzajem.programmes import acts as programmes
from tests.cast import HOUSE, World

pytestmark = pytest.mark.django_db

BEFORE = ("/p/here/", "/p/here/been-there/?topics=lonely", "/p/here/words/")


@pytest.fixture
def by_invitation(world: World) -> World:
    programmes.choose(HOUSE.within(world.here.pk), world.here, joining="invited")
    return world


@pytest.mark.parametrize("address", BEFORE)
def test_of_a_place_by_invitation_a_passer_by_learns_nothing(by_invitation: World, client: Any, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", BEFORE)
def test_who_was_invited_may_look_around_first(by_invitation: World, client: Any, address: str) -> None:
    _made, secret = programmes.invite(by_invitation.actor("celina"), by_invitation.here)
    client.get(f"/come-in/{secret}/")
    assert client.get(address).status_code == 200


def test_topics_are_found_by_every_word_they_have(world: World, client: Any) -> None:
    words = client.get("/p/here/words/").json()
    assert words.keys() == set(world.here.topics.values_list("code", flat=True))
    assert {"Samotność", "Loneliness", "sam", "alone"} <= set(words["lonely"].split())
