"""For tests of the live path: a small house whose rows are really written, because other threads look at them."""

from __future__ import annotations

import pytest

from tests.doors.hall import Hall
from tests.doors.processes import Town


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
