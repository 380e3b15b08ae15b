"""For tests of the pages: browsers without scripts. For those of the live path: a small house whose rows are really written,
because other threads look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tests.doors.hall import Hall
from tests.doors.plain import Browser
from tests.doors.processes import Town
from tests.kept import Kept
from tests.tables import Tables, once


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> None:
    """What one test tried is not counted against the next. In a database it goes with the test."""
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        cache.clear()


@pytest.fixture
def comes(world: Any) -> Callable[[str], Browser]:
    """`comes("ania")` is Ania with a browser; `comes("")` is somebody without an account."""

    def signed_in(name: str) -> Browser:
        client = Client()
        if name:
            client.force_login(world.people[name])
        return Browser(client)

    return signed_in


@pytest.fixture(scope="session")
def _built(_kept: Any, django_db_blocker: Any) -> tuple[Hall, Kept]:
    with django_db_blocker.unblock():
        hall = Hall.build()
        rows = Kept("hall")
        _kept.put_back()
    return hall, rows


@pytest.fixture
def hall(_built: tuple[Hall, Kept], for_real: None) -> Hall:
    hall, rows = _built
    rows.put_back()
    return hall.afresh()


@pytest.fixture(scope="session")
def town(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """On SQLite. Made once, by the first worker that wants it. Whoever writes in it takes a copy."""
    with once(tmp_path_factory) as place:
        return Town.there(place / "town", tables)


@pytest.fixture(scope="session")
def town_here(tables_here: Tables, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """On the database of this run."""
    if not tables_here.address:
        there: Town = request.getfixturevalue("town")
        return there
    with once(tmp_path_factory) as place:
        return Town.there(place / "town-on-the-server", tables_here)
