"""The page of what runs by itself, for whoever runs the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem import chores
from nawzajem.ground import work
from nawzajem.ground.models import Run, Turn

pytestmark = pytest.mark.django_db

CHORE = "letters are sent"


@pytest.fixture
def failed(clock):
    Run.objects.create(name=CHORE, worker="here:1", began_at=clock(), ended_at=clock(), mistake="0badc0de")
    return Turn.objects.create(name=CHORE, due_at=clock() + timedelta(hours=1), failures=3)


def test_it_shows_everything_that_runs_and_what_fails_before_the_rest(client, failed):
    page = client.get(f"/running/{work.key()}/").content.decode()
    assert page.count('class="item-name"') == len(chores.CHORES) + len(chores.queues())
    assert "0badc0de" in page
    first = page.index("Jedno po drugim")
    assert page.index("Listy są wysyłane") < page.index('class="item"', page.index('class="item"', first) + 1)


def test_what_failed_is_tried_again_when_somebody_asks_for_it(client, failed, clock):
    assert client.post(f"/running/{work.key()}/", {"name": CHORE}).status_code == 302
    failed.refresh_from_db()
    assert failed.due_at <= clock()
    assert failed.failures == 3  # until it has been done well


def test_what_somebody_is_at_is_left_to_them(client, failed, clock):
    Turn.objects.update(claimed_until=clock() + timedelta(seconds=30))
    due = failed.due_at
    client.post(f"/running/{work.key()}/", {"name": CHORE})
    failed.refresh_from_db()
    assert failed.due_at == due


def test_without_a_key_or_with_an_old_one_nothing_is_shown(client, db, monkeypatch):
    assert client.get("/running/none-such/").status_code == 404
    old = work.key()
    monkeypatch.setattr(work, "HELD", timedelta(seconds=-1))
    assert client.get(f"/running/{old}/").status_code == 404
    assert client.post(f"/running/{old}/", {"name": CHORE}).status_code == 404


def test_what_there_is_not_cannot_be_asked_for(client, db):
    assert client.post(f"/running/{work.key()}/", {"name": "tea"}).status_code == 404
