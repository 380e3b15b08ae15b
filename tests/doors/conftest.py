"""For tests of the pages: browsers without scripts. For those of the live path: a small house whose rows are really written,
because other threads look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.doors.hall import Hall
from tests.doors.plain import Browser
from tests.doors.processes import Town


@pytest.fixture
def comes(world: Any) -> Callable[[str], Browser]:
    """`comes("ania")` is Ania with a browser; `comes("")` is somebody without an account."""

    def signed_in(name: str) -> Browser:
        client = Client()
        if name:
            client.force_login(world.people[name])
        return Browser(client)

    return signed_in


@pytest.fixture
def hall(transactional_db: None, settings: object) -> Hall:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected for a test
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}  # type: ignore[attr-defined]
    return Hall.build()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Made once. Whoever writes in it takes a copy."""
    return Town.build(tmp_path_factory.mktemp("town"))
