"""Figures of a programme, and its tables: nobody can be found in them."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from nawzajem.asks.models import ANY_TIME
from nawzajem.conversations import acts as conversations
from nawzajem.experiences.models import Experience
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair
from nawzajem.reports import reads
from nawzajem.reports.sheets import harmless

pytestmark = pytest.mark.django_db

SECRET = "Tajemnica"


def crowd(world, count: int) -> list[str]:
    names = [f"os{number:02}" for number in range(count)]
    for name in names:
        world.add(name)
    return names


def test_counts_of_small_groups_are_not_told(world):
    for name in crowd(world, 4):
        world.ask(name)
    assert list(reads.figures(world.actor("celina")).asks.values()) == [None]


def test_larger_counts_are_told_rounded_down(world):
    for name in crowd(world, 8):
        world.ask(name)
    assert list(reads.figures(world.actor("celina")).asks.values()) == [5]


def test_where_somebody_is_missing_is_told_by_topic(world):
    for name in crowd(world, 6):
        world.ask(name, "work.lost")
    world.ask("ania", "grief.parent")
    needs = {need.topic: (need.waiting, need.free) for need in reads.figures(world.actor("celina")).needs}
    assert needs == {"work": (5, 0), "work.lost": (5, 0)}


def test_free_places_of_a_few_people_are_not_told(world):
    for name in crowd(world, 6):
        world.ask(name, "work.lost")
    world.offer("bartek", "work.lost")
    [top, _beneath] = reads.figures(world.actor("celina")).needs
    assert top.free is None


def test_free_places_count_nothing_that_is_shown_to_nobody(world):
    names = crowd(world, 12)
    for name in names[:6]:
        world.ask(name, "work.lost")
    for name in names[6:]:
        lived = [world.experience(name, "work.lost", see_topic="nobody"), world.experience(name, "lonely")]
        fields = {"forms": ["text"], "languages": ["pl"], "hours": ANY_TIME, "capacity": 1}
        offers.make(world.actor(name), experiences=lived, **fields)
    needs = {need.topic: need.free for need in reads.figures(world.actor("celina")).needs}
    assert needs["work.lost"] == 0


def rated(world, count: int) -> None:
    names = crowd(world, 2 * count)
    for asker, giver in zip(names[:count], names[count:], strict=True):
        pair = world.pair(asker, giver)
        pairs.end(world.actor(asker), pair, ending="done", at_once=True)
        pairs.rate(world.actor(asker), Pair.objects.get(pk=pair.pk), understood=4, helped=5, again=True)


def test_ratings_of_a_few_are_not_told(world):
    rated(world, 4)
    said = reads.figures(world.actor("celina")).said
    assert (said.people, said.understood, said.helped, said.again) == (None, None, None, None)


def test_ratings_are_told_with_intervals(world):
    rated(world, 5)
    figures = reads.figures(world.actor("celina"))
    assert figures.said.understood is not None
    assert figures.said.understood.value == 4
    assert figures.said.again is not None
    assert figures.said.again.low < 0.9 < figures.said.again.value == 1
    assert 5 in figures.endings.values()


@pytest.mark.parametrize("name", ["ania", "franek"])
def test_figures_and_tables_are_for_those_who_coordinate(world, name):
    with pytest.raises(NotAllowed):
        reads.figures(world.actor(name))
    with pytest.raises(NotAllowed):
        reads.export(world.actor(name), "asks")


def busy(world) -> None:
    pair = world.pair()
    conversations.send(world.actor("ania"), pair.conversation, text=SECRET, client_key="00000001")
    world.ask("franek", "lonely", words=SECRET)


@pytest.mark.parametrize("what", ["asks", "offers", "pairs"])
def test_a_table_holds_no_name_and_no_word(world, what):
    busy(world)
    table = reads.export(world.actor("celina"), what).decode("utf-8-sig")
    assert len(table.splitlines()) > 1
    for secret in (SECRET, *world.people, *(person.pseudonym for person in world.people.values())):
        assert secret not in table
    for person in world.people.values():
        assert person.pk not in table


def test_asks_come_with_states_dates_and_topics(world):
    busy(world)
    rows = list(
        csv.DictReader(io.StringIO(reads.export(world.actor("celina"), "asks").decode("utf-8-sig")), delimiter=";")
    )
    assert {(row["state"], row["topics"]) for row in rows} == {("paired", "grief.partner"), ("open", "lonely")}
    assert all(row["opened"] for row in rows)


def test_offers_show_only_topics_that_members_may_see(world):
    world.experience("bartek", "lonely", see_topic="members")
    world.experience("bartek", "grief.partner", see_topic="matched")
    mine = list(Experience.objects.filter(person=world.bartek))
    offers.make(world.actor("bartek"), experiences=mine, forms=["text"], languages=["pl"], hours=ANY_TIME, capacity=1)
    table = reads.export(world.actor("celina"), "offers").decode("utf-8-sig")
    assert "lonely" in table
    assert "grief" not in table


def test_drafts_are_in_no_table(world):
    world.draft("ania")
    assert len(reads.export(world.actor("celina"), "asks").decode("utf-8-sig").splitlines()) == 1


def test_the_same_comes_as_a_workbook(world):
    busy(world)
    book = load_workbook(io.BytesIO(reads.export(world.actor("celina"), "pairs", form="xlsx")))
    rows = list(book["pairs"].iter_rows(values_only=True))
    assert rows[0][:2] == ("id", "state")
    assert rows[1][1] == "begun"


def test_there_is_no_table_of_anything_else(world):
    with pytest.raises(NotFound):
        reads.export(world.actor("celina"), "messages")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_be_run_is_made_harmless(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["open", "", 3, None, "a=b"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell
