"""One database for a run: SQLite in a file of its own, or PostgreSQL from its wheel; the cast; a clock that can be set."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import timezone as FixedOffset  # noqa: N812
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from tests.environment import DATA
from tests.postgresql import new_database
from tests.tables import Tables, once

settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose
post_migrate.disconnect(create_contenttypes)  # rows that this house never reads, written anew after every flush
post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
NOTHING_SKIPPED = bool(os.environ.get("NAWZAJEM_NOTHING_SKIPPED"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, what asks no database there has nothing to prove that it did not prove on SQLite."""
    if connection.vendor == "postgresql":
        left_out = [item for item in items if not _asks_the_database(item)]
        items[:] = [item for item in items if _asks_the_database(item)]
        config.hook.pytest_deselected(items=left_out)


def _asks_the_database(item: pytest.Item) -> bool:
    asked = {"django_db_setup", "keeper"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays for the whole run: it is not looked through again each time that something is let go."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def unless_there(there: object, what: str) -> None:
    """Skips aloud on a user's machine; fails where nothing may be skipped."""
    if not there:
        if NOTHING_SKIPPED:
            pytest.fail(f"{what} is missing, and nothing may be skipped here")
        pytest.skip(f"{what} is missing on this machine")


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Of a house on SQLite."""
    with once(tmp_path_factory) as place:
        return Tables.there(place / "tables", server=False)


@pytest.fixture(scope="session")
def tables_here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """On the database of this run."""
    if connection.vendor == "sqlite":
        there: Tables = request.getfixturevalue("tables")
        return there
    with once(tmp_path_factory) as place:
        return Tables.there(place / "tables-on-the-server", server=True)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None, tables_here: Tables
) -> Iterator[None]:
    """For every run that asks for it. The library looks for marked tests, and those that write for real have no mark."""
    with django_db_blocker.unblock():
        _put(tables_here)
        made = setup_databases(verbosity=0, interactive=False, keepdb=True, serialized_aliases=set())
        for kind in (Permission, ContentType):  # rows that this house never reads
            kind.objects.all().delete()
        yield
        teardown_databases(made, verbosity=0)


def _put(tables: Tables) -> None:
    name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
    if connection.vendor == "sqlite":
        shutil.copy(tables.folder / "nawzajem.sqlite3", name)
    else:
        new_database(tables.address, name)


@pytest.fixture(scope="session")
def _cast(django_db_setup: None, django_db_blocker: Any) -> object:
    """Built once for the run, outside any test's transaction; each test's changes are rolled back onto it."""
    from tests import cast

    with django_db_blocker.unblock():
        return cast.build()


@pytest.fixture(scope="session")
def _kept(_cast: object, django_db_blocker: Any) -> object:
    from tests.kept import Kept

    with django_db_blocker.unblock():
        return Kept("cast")


@pytest.fixture
def for_real(_kept: Any, django_db_blocker: Any) -> Iterator[None]:
    """What the test writes is really written, so that several connections see it. Afterwards the cast is there, and no more."""
    from nawzajem.pairs import kept as offers_in_memory

    with django_db_blocker.unblock():
        assert not connection.in_atomic_block, "a test marked django_db is rolled back; leave the mark out"
        yield
        _kept.put_back()
        offers_in_memory.forget()


@pytest.fixture(scope="module")
def stage(_cast: Any, django_db_blocker: Any) -> Iterator[object]:
    """The cast, in a transaction that lasts for one module: what is built on it once stands for each test there."""
    with django_db_blocker.unblock(), undone():
        yield _cast.afresh()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written meanwhile is taken back in the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(_cast: Any, db: None) -> object:
    """Fresh objects of the cast: what one test changes in memory is not seen by the next."""
    return _cast.afresh()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """`clock(days=3)` moves time on; `clock()` tells it as far from Greenwich as the house is just now: so its date is the
    house's day at any hour, and days added to it are of 24 hours each."""
    from nawzajem.ground import clock as house_clock

    state = {"now": house_clock.now()}
    monkeypatch.setattr(house_clock, "now", lambda: state["now"])

    def move(**on: float) -> datetime:
        state["now"] += timedelta(**on)
        local = timezone.localtime(state["now"])
        return local.replace(tzinfo=FixedOffset(local.utcoffset() or timedelta()))

    return move


@pytest.fixture
def enter(client: object, world: object) -> Callable[[str], object]:
    """`enter("ania")` gives a browser in which Ania is signed in."""

    def signed_in(name: str) -> object:
        client.force_login(world.people[name])  # type: ignore[attr-defined]
        return client

    return signed_in


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, not in memory: several threads and processes look at it, as in the house."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
        settings.DATABASES["default"]["TEST"]["NAME"] = str(DATA / f"test-{worker}.sqlite3")
