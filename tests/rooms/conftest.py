"""For the rooms: a town of its own for tests with several threads, and a look at every event after every test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.rooms.hostile import WORDS

CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,40}")


@pytest.fixture(autouse=True)
def _events_hold_no_words(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did: facts are ids, counts and codes, and no word that anybody typed is among them."""
    cast = {"world", "town"} & set(request.fixturenames)
    for name in cast:
        request.getfixturevalue(name)  # so that this looks before the database is rolled back
    yield
    if cast:
        no_event_holds_words()


def no_event_holds_words() -> None:
    from nawzajem.ground.models import Event

    for kind, facts in Event.objects.values_list("kind", "facts"):
        for name, fact in facts.items():
            assert fact is None or isinstance(fact, int | float | str), f"{kind}: {name}"
            assert not isinstance(fact, str) or CODE.fullmatch(fact), f"{kind}: {name}"
            assert WORDS.lower() not in str(fact).lower(), f"{kind}: {name}"


@pytest.fixture
def town(_cast: Any, for_real: None) -> object:
    """The cast in a database that is really written to, so that several connections see it."""
    return _cast.afresh()
