"""One database for a run: SQLite in a file of its own, or PostgreSQL from its wheel; the cast; a clock that can be set."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

os.environ["NAWZAJEM_DATA"] = tempfile.mkdtemp(prefix="nawzajem-test-")
os.environ["NAWZAJEM_EMAIL"] = "memory:"
os.environ.pop("NAWZAJEM_KEY", None)
if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the database server of the process that starts them
    os.environ.pop("DATABASE_URL", None)

import pytest  # noqa: E402

from tests import postgresql  # noqa: E402

if os.environ.get("NAWZAJEM_TEST_DATABASE") == "postgresql" and "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = postgresql.start()

NOTHING_SKIPPED = bool(os.environ.get("NAWZAJEM_NOTHING_SKIPPED"))


def unless_there(there: object, what: str) -> None:
    """Skips aloud on a user's machine; fails where nothing may be skipped."""
    if not there:
        if NOTHING_SKIPPED:
            pytest.fail(f"{what} is missing, and nothing may be skipped here")
        pytest.skip(f"{what} is missing on this machine")


@pytest.fixture(scope="session")
def _cast(django_db_setup: None, django_db_blocker: object) -> Iterator[object]:  # noqa: PT005
    """Built once for the run, outside any test's transaction; each test's changes are rolled back onto it."""
    from tests import cast

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield cast.build()


@pytest.fixture
def world(_cast: object, db: None) -> object:  # noqa: PT019
    """Fresh objects of the cast: what one test changes in memory is not seen by the next."""
    from nawzajem.people.models import Person
    from nawzajem.programmes.models import Programme
    from tests.cast import World

    names = {person.pk: name for name, person in _cast.people.items()}  # type: ignore[attr-defined]
    people = {names[person.pk]: person for person in Person.objects.filter(pk__in=names)}
    programmes = {one.slug: one for one in Programme.objects.all()}
    return World(programmes["here"], programmes["elsewhere"], people)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., datetime]:
    """`clock(days=3)` moves time on; `clock()` tells it."""
    from nawzajem.ground import clock as house_clock

    state = {"now": house_clock.now()}
    monkeypatch.setattr(house_clock, "now", lambda: state["now"])

    def move(**on: float) -> datetime:
        state["now"] += timedelta(**on)
        return state["now"]

    return move


@pytest.fixture
def enter(client: object, world: object) -> Callable[[str], object]:
    """`enter("ania")` gives a browser in which Ania is signed in."""

    def signed_in(name: str) -> object:
        client.force_login(world.people[name])  # type: ignore[attr-defined]
        return client

    return signed_in


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file, not in memory: several threads and processes look at it, as in the house."""
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
        settings.DATABASES["default"]["TEST"]["NAME"] = str(Path(os.environ["NAWZAJEM_DATA"]) / f"test-{worker}.sqlite3")
