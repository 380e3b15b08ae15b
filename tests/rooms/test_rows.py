"""Rows of values in plain SQL: the same on both databases, one row or many."""

from __future__ import annotations

from nawzajem.ground import rows
from nawzajem.ground.events import emit_all
from nawzajem.ground.models import Event, Mark

THREE = "SELECT column1, column2, column3 FROM (VALUES {}) AS own ORDER BY column2"


def test_values_of_every_kind_come_back_as_they_were_given(db):
    given = [(None, 1, b"\x00\xff"), ('"żółw" %s {}', 2, b""), ("", 3_000_000_000, b"'")]
    for some in (given, given[1:2]):
        found = rows.read(THREE, some)
        assert [(word, number, bytes(octets)) for word, number, octets in found] == some
    assert rows.read(THREE, []) == []


def test_what_is_asked_and_written_at_once_is_done_one_after_the_other(db):
    with rows.at_once():
        before = rows.ask("SELECT name FROM nawzajem_mark WHERE name IN (VALUES {})", [("one",), ("two",)])
        rows.insert(Mark, ("name", "event"), [("one", 1), ("other", 2)])
        after = rows.ask("SELECT name, event FROM nawzajem_mark WHERE name IN (VALUES {})", [("one",), ("two",)])
    assert (before(), after()) == ([], [("one", 1)])


def test_facts_and_moments_are_kept_as_the_library_keeps_them(world, clock):
    now, actor = clock(), world.actor("ania")
    emit_all("message.sent", Mark, [(actor, "thing", {"seq": 1, "code": "ab", "none": None})], wakes=[])
    event = Event.objects.get(kind="message.sent")
    assert (event.at, event.by, event.facts) == (now, actor.me, {"seq": 1, "code": "ab", "none": None})


def test_as_many_rows_as_one_likes_are_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = rows.read(THREE, [(f"word {n}", n, b"x") for n in range(200)])
    assert [number for _word, number, _octets in found] == list(range(200))
