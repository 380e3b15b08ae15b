"""The book of looks: only ever added to, linked line by line, read by the person whom a line is about, and erased by name."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from nawzajem.ground.actor import NOBODY
from nawzajem.ground.refusals import NotAllowed
from nawzajem.programmes import acts as programmes
from nawzajem.rights import acts as rights
from nawzajem.safety.logbook import acts, append_only, reads
from nawzajem.safety.logbook.models import Logbook, Look, LookName, Why
from tests.cast import HOUSE
from tests.kept import open_book
from tests.rooms.at_once import at_once, while_open

DESK = pytest.mark.django_db


@pytest.fixture
def looked(world, clock):
    """Celina looked at three things, an hour apart."""
    for person, what in (("ania", "person"), ("bartek", "ask"), ("ania", "report")):
        acts.note(world.actor("celina"), [world.people[person].pk], what=what, thing="thing")
        clock(hours=1)


def changed_by_hand(sql: str, *with_: object) -> None:
    with connection.cursor() as cursor, open_book(cursor):
        cursor.execute(sql, with_)


# -- what a line says, and to whom ------------------------------------------------------------------------------------


@DESK
def test_the_person_concerned_reads_who_looked_at_what_and_why(world, looked):
    seen = reads.told(reads.of_mine(world.actor("ania")))
    assert [(one.who, one.programme) for one in seen] == [("Celina", world.here.name)] * 2
    assert [one.what for one in seen] == [Look.What.REPORT.label, Look.What.PERSON.label]
    assert {one.why for one in seen} == {Why.DUTY.label}
    assert reads.of_mine(world.actor("bartek")).count() == 1
    assert not reads.of_mine(world.actor("celina"))
    assert reads.by_me(world.actor("celina")).count() == 3
    assert not reads.of_mine(NOBODY)


@DESK
def test_ones_own_pages_are_no_look_at_somebody_else(world):
    assert acts.note(world.actor("celina"), [world.celina.pk, None], what="person", thing="x") == 0
    assert not Look.objects.exists()


@DESK
def test_a_page_opened_again_a_moment_later_is_one_look_and_an_opening_is_told_each_time(world, clock):
    for wait in (0, 14, 2):
        clock(minutes=wait)
        acts.note(world.actor("celina"), [world.ania.pk], what="person", thing="x")
    assert Look.objects.count() == 2
    for _time in range(2):
        acts.note(world.actor("celina"), [world.ania.pk], what="talk", thing="x", why="danger", opening="o" * 12)
    assert Look.objects.count() == 4


@DESK
@pytest.mark.parametrize("name", ["ania", "dawid"])
def test_only_looks_by_duty_are_written_down(world, name):
    with pytest.raises(NotAllowed):
        acts.note(world.actor(name, world.here), [world.bartek.pk], what="person", thing="x")


# -- nobody changes it ------------------------------------------------------------------------------------------------


@DESK
@pytest.mark.parametrize(
    "deed",
    [
        lambda: Look.objects.filter(seq=2).update(why="law"),
        lambda: Look.objects.filter(seq=3).delete(),
        lambda: Look.objects.all().delete(),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(world, looked, deed):
    with pytest.raises(DatabaseError), transaction.atomic():
        deed()
    assert reads.check().is_whole


@DESK
@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("UPDATE nawzajem_look SET why = 'law' WHERE seq = 2", 2),
        ("UPDATE nawzajem_look SET whose = 'somebodyelse' WHERE seq = 1", 1),
        ("UPDATE nawzajem_look SET thing = 'other' WHERE seq = 3", 3),
        ("DELETE FROM nawzajem_look WHERE seq = 2", 2),
        ("DELETE FROM nawzajem_look WHERE seq = 3", 3),
        ("DELETE FROM nawzajem_look", 1),
        ("DELETE FROM nawzajem_logbook", 1),
    ],
)
def test_whoever_changes_it_all_the_same_is_noticed(world, looked, sql, at):
    assert (reads.check().lines, reads.check().broken_at) == (3, 0)
    changed_by_hand(sql)
    assert reads.check().broken_at == at
    assert not reads.check().is_whole


@DESK
def test_lines_put_in_another_order_are_noticed(world, looked):
    for before, after in ((2, 9), (3, 2), (9, 3)):
        changed_by_hand("UPDATE nawzajem_look SET seq = %s WHERE seq = %s", after, before)
    assert reads.check().broken_at == 2


@DESK
def test_a_link_cannot_be_made_anew_without_the_secret(world, looked):
    """Somebody with a copy of the code and of the rows changes a line, and links all that follows by a secret of their own."""
    from nawzajem.safety.logbook.chain import link

    before = ""
    for look in Look.objects.order_by("seq"):
        look.why = "law"
        before = link(look, before=before, secret="00" * 32)
        changed_by_hand("UPDATE nawzajem_look SET why = 'law', link = %s WHERE seq = %s", before, look.seq)
    Logbook.objects.update(link=before)
    assert reads.check().broken_at == 1


@DESK
def test_missing_triggers_are_noticed(world, looked):
    assert append_only.holds()
    with connection.cursor() as cursor, open_book(cursor):
        assert not reads.check().refuses
        assert not reads.check().is_whole
    assert append_only.holds()


# -- and yet everybody can be erased ----------------------------------------------------------------------------------


@DESK
def test_erasing_somebody_leaves_the_book_whole_and_without_them(world, looked):
    programmes.give_duty(HOUSE, world.member("franek"), kind="coordinator")
    name = LookName.objects.get(person=world.celina).name
    for who in ("ania", "celina"):
        rights.erase(world.actor(who), world.people[who], keep_messages=True)
    assert reads.check().is_whole
    assert Look.objects.filter(who=name).count() == 3
    assert LookName.objects.count() == 1  # Bartek's
    [seen] = reads.told(reads.of_mine(world.actor("bartek")))
    assert seen.who == ""


# -- two at once ------------------------------------------------------------------------------------------------------


def note(town, who, whose):
    return lambda: acts.note(town.actor(who), [town.people[whose].pk], what="person", thing=whose)


def test_two_who_look_in_the_narrowest_moment_stand_one_behind_the_other(town):
    acts.note(town.actor("celina"), [town.bartek.pk], what="person", thing="first")
    while_open(note(town, "celina", "ania"), note(town, "franek", "ania"))
    assert (reads.check().lines, reads.check().broken_at) == (3, 0)


def test_the_first_two_lines_ever_written_at_once_begin_one_book(town):
    at_once(note(town, "celina", "ania"), note(town, "franek", "bartek"))
    assert (reads.check().lines, reads.check().broken_at) == (2, 0)
    assert Logbook.objects.count() == 1


def test_what_is_taken_back_leaves_no_gap(town):
    with transaction.atomic():
        note(town, "celina", "ania")()
        transaction.set_rollback(True)
    note(town, "celina", "bartek")()
    assert (reads.check().lines, reads.check().broken_at) == (1, 0)
