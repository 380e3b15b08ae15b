"""What several processes of a house share: the count of attempts, and a replica for what may be late."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from nawzajem.ground.replica import Router
from nawzajem.models import Event
from tests.doors.keeper import Keeper
from tests.doors.processes import Town


@pytest.fixture(scope="module")
def keeper(town_here: Town, tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    one = Keeper.of_a_town(town_here, tmp_path_factory.mktemp("shared") / "data", NAWZAJEM_PAGE_PROCESSES="2")
    one.run("prepare")  # with several processes there is one table more
    return one


def test_attempts_in_one_process_count_in_the_next(keeper):
    again = "from django.core.cache import cache; cache.add('sign-in:203.0.113.7', 0, 60); print(cache.incr('sign-in:203.0.113.7'))"
    assert [keeper.run_python(again).strip() for _ in range(3)] == ["1", "2", "3"]


FIGURES = """
from nawzajem.ground.replica import may_be_late
from nawzajem.models import Event
late = may_be_late(lambda: Event.objects.count())
print(late(), Event.objects.count())
""".strip().replace("\n", "; ")


def test_what_may_be_late_is_asked_of_the_replica_and_the_rest_of_the_database(keeper, tmp_path: Path):
    if not keeper.address:
        pytest.skip("SQLite has no replica")
    address, _mark, query = keeper.address.partition("?")
    server, name = address.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres?{query}", autocommit=True) as here:
        here.execute(f"CREATE DATABASE {name}_late TEMPLATE {name}")  # as a replica was a moment ago
    keeper.say("A word that the replica does not know yet.")
    behind = Keeper(keeper.data, keeper.address, {"DATABASE_REPLICA_URL": f"{server}/{name}_late?{query}"})
    late, now = map(int, behind.run_python(FIGURES).split())
    assert late < now
    away = Keeper(keeper.data, keeper.address, {"DATABASE_REPLICA_URL": f"{server}/nowhere?{query}"})
    late, now = map(int, away.run_python(FIGURES).splitlines()[-1].split())
    assert late == now


def test_without_asking_for_it_nothing_is_read_late_and_nothing_is_ever_written_there():
    assert Router().db_for_read(Event) is None
    assert Router().db_for_write(Event) == "default"
    assert not Router().allow_migrate("replica", "nawzajem")
