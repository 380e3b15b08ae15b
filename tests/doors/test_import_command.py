"""`nawzajem import`: what a sheet becomes, what stops it, and what is never half done."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from nawzajem import models
from nawzajem.asks import reads as asks
from nawzajem.asks.models import ANY_TIME, Ask
from nawzajem.experiences.models import Experience
from nawzajem.ground.models import Event
from nawzajem.ground.seal import unseal
from nawzajem.offers.models import Offer
from nawzajem.pairs import problem
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Invitation, Member, Unit
from nawzajem.programmes.reads import print_of
from tests.doors.processes import HOUSE, environment

pytestmark = pytest.mark.django_db

HEAD = "person,role,topics,stage,since,until,words,languages,age,unit,leads,number,not,asked on,capacity,taken,forms"
NINA = "Nina Kowalska,asks,grief.partner,,,,Nie śpię od tygodni.,pl; en,35-49,Szpital / Oddział 5,,,Aleksandra,2026-03-01,,,"
OLA = "Aleksandra,gives,grief.partner; work.lost,been through,2021,2023-04,Pomogły mi spacery.,pl,50-64,Szpital / Oddział 5,yes,S-12,,,3,1,"
PIOTR = "piotr 7,both,lonely,,,,,en,,,,,,,2,,writing; call"


@pytest.fixture
def sheet(tmp_path):
    """A sheet with these rows, in a file."""

    def write(*rows: str, head: str = HEAD, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def run(path: Path, *words: object, language: str = "en", fails: bool = False) -> tuple[str, str]:
    """What the command said, and its complaints."""
    out, err = io.StringIO(), io.StringIO()
    given = ["import", str(path), "--programme", "here", "--language", language, *map(str, words)]
    if fails:
        with pytest.raises(CommandError) as no:
            call_command(*given, stdout=out, stderr=err)
        return out.getvalue(), str(no.value)
    call_command(*given, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def figures(said: str) -> dict:
    return json.loads(said.splitlines()[-1])


def member(world, key: str) -> Member:
    return Member.objects.get(announced_print=print_of(world.here, key))


def counted() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in (Person, Member, Ask, Offer, Experience, Unit, Event, Invitation)
    }


# -- what it becomes --------------------------------------------------------------------------------------------------


def test_an_ask_waits_for_its_owner_as_the_sheet_tells_it(world, sheet):
    run(sheet(NINA, OLA), "--yes")
    nina = member(world, "Nina Kowalska")
    ask = Ask.objects.get(person=nina.person)
    assert (ask.state, ask.whoever, ask.stage, ask.forms, ask.hours) == ("open", False, "in_it", ["text"], ANY_TIME)
    assert [topic.code for topic in ask.topics.all()] == ["grief.partner"]
    assert ask.opened_at.date().isoformat() == "2026-03-01"
    assert unseal(nina.person.vault, ask.words, about=f"ask:{ask.pk}") == "Nie śpię od tygodni."
    assert (nina.person.language, nina.person.speaks, nina.person.age) == ("pl", ["pl", "en"], "35_49")
    assert [nina.agreed_version, nina.agreed_at, nina.person.has_usable_password()] == [0, None, False]


def test_an_offer_stands_on_the_experiences_of_its_rows(world, sheet):
    run(sheet(OLA), "--yes")
    ola = member(world, "Aleksandra")
    offer = Offer.objects.get(person=ola.person)
    assert (offer.state, offer.capacity, offer.taken) == ("ready", 2, 0)  # one of three places is taken elsewhere
    told = {one.topic.code: one for one in offer.experiences.all()}
    assert set(told) == {"grief.partner", "work.lost"}
    lived = told["grief.partner"]
    assert (lived.stage, lived.since, lived.until, lived.see_words) == ("been_through", "2021", "2023-04", "nobody")
    assert unseal(ola.person.vault, lived.words, about=f"experience:{lived.pk}") == "Pomogły mi spacery."


def test_units_are_made_where_they_are_missing_and_leaders_are_kept_apart_from_their_people(world, sheet):
    run(sheet(NINA, OLA), "--yes")
    nina, ola = member(world, "nina kowalska"), member(world, "aleksandra")
    assert (ola.unit.name, ola.unit.parent.name, ola.leads, nina.leads) == ("Oddział 5", "Szpital", True, False)
    assert nina.unit == ola.unit
    assert problem.fit(Ask.objects.get(person=nina.person), Offer.objects.get(person=ola.person)) is None


def test_somebody_who_asks_and_gives_is_one_person_with_one_account(world, sheet):
    run(sheet(PIOTR), "--yes")
    piotr = member(world, "Piotr 7")
    assert Ask.objects.get(person=piotr.person).forms == ["text", "call"]
    assert Offer.objects.get(person=piotr.person).capacity == 2
    assert piotr.person.pseudonym.startswith("Person ")  # in the first language they share with the house


def test_everything_happens_by_the_acts_that_tell_of_it(world, sheet):
    last = Event.objects.order_by("id").last().pk
    run(sheet(NINA, OLA), "--yes")
    told = Event.objects.filter(id__gt=last)
    kinds = {event.kind for event in told}
    assert kinds == {
        "programme.unit_added",
        "person.prepared",
        "member.expected",
        "ask.opened",
        "experience.added",
        "offer.made",
    }
    assert {(event.via, event.by, event.programme) for event in told} == {("command", "", world.here.pk)}


def test_the_names_of_the_sheet_are_kept_nowhere(world, sheet, tmp_path):
    run(sheet(NINA, OLA), "--yes", "--links", tmp_path / "links.csv")
    rows = (getattr(models, table).objects.all() for table in models.__all__)
    kept = "".join(serializers.serialize("json", table, ensure_ascii=False) for table in rows)
    assert "Oddział 5" in kept
    for name in ("Kowalska", "Aleksandra", "S-12", "Nie śpię", "spacery"):
        assert name not in kept


def test_a_workbook_is_read_as_well(world, tmp_path):
    book = Workbook()
    book.active.append(["osoba", "rola", "temat"])
    book.active.append(["Róża", "prosi", "samotność"])
    book.save(tmp_path / "osoby.xlsx")
    run(tmp_path / "osoby.xlsx", "--yes")
    assert Ask.objects.get(person=member(world, "roza").person).topics.get().code == "lonely"


def test_a_foreign_sheet_is_read_by_its_mapping(world, sheet, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\nperson = "kto"\ntopics = "co"\n[values.topics]\n"bezrobocie" = "work.lost"\n'
        '[asks]\nwhen = { kiedy = "teraz" }\n[offers]\nwhen = { kiedy = "dawniej" }\n'
    )
    path = sheet("A1;bezrobocie;teraz", "A2;bezrobocie;dawniej", head="kto;co;kiedy")
    said, _err = run(path, "--yes", "--mapping", mapping, "--json")
    assert [figures(said)[name] for name in ("new", "asks", "offers", "experiences")] == [2, 1, 1, 1]


# -- looking first ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--preview"], ["--preview", "--yes"], []])
def test_a_look_changes_nothing(world, sheet, words):
    before = counted()
    said, _err = run(sheet(NINA, OLA, PIOTR), *words)
    assert counted() == before
    assert "New here: 3. Asks: 2, offers: 2, from experiences: 3" in said
    assert "Nina Kowalska  asks" in said
    assert "20 letters" in said
    assert "Nie śpię" not in said  # the words themselves are nobody's business on a screen
    assert ("This was a look only" in said) is ("--preview" in words)


def test_it_tells_what_was_taken_for_granted(world, sheet):
    said, _err = run(sheet("A1,asks,lonely", head="person,role,topics"), "--json")
    assert figures(said)["assumed"] == {"forms: text": 1, "hours: any": 1, "languages: pl": 1, "stage: in it": 1}
    assert "Taken for granted, because the sheet does not say" in said


@pytest.mark.parametrize(("typed", "new"), [("yes\n", 1), ("tak\n", 1), ("no\n", 0), ("\n", 0)])
def test_on_a_terminal_it_asks_first(world, sheet, monkeypatch, typed, new):
    ours, theirs = os.openpty()
    os.write(ours, typed.encode())
    before = counted()["Person"]
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        said, _err = run(sheet(NINA.replace("Aleksandra", "")))
    os.close(ours)
    assert "Import this now?" in said
    assert counted()["Person"] - before == new


def test_it_speaks_both_languages_of_the_house(world, sheet):
    said, _err = run(sheet(PIOTR), "--preview", language="pl")
    assert "samotność" in said.casefold()  # the topic, in the reader's language


# -- what stops it ----------------------------------------------------------------------------------------------------


def test_with_a_problem_nothing_is_imported_and_every_problem_is_told_with_its_place(world, sheet):
    before = counted()
    bad = ["Ula,asks,lov,,,,,,,,,,,,,,", "Iza,gives,work,,,,,,12-13,,,,,,many,,"]
    said, no = run(sheet(NINA, OLA, *bad), "--yes", "--json", fails=True)
    assert counted() == before
    assert no.startswith("Nothing was imported, because of 3 problems.")
    problems = {(one["row"], one["column"]) for one in figures(said)["problems"]}
    assert problems == {(4, "topics"), (5, "age"), (5, "capacity")}
    assert "row 4, topics: “lov” is no topic of this programme." in said
    assert figures(said)["imported"] is False


def test_the_same_problem_in_many_rows_is_told_once_with_its_rows(world, sheet):
    said, _no = run(sheet(*[f"k{n},asks,lov" for n in range(12)], head="person,role,topics"), fails=True)
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9 and 4 more, topics:" in said


def test_exactly_the_bad_rows_are_left_out_when_asked_for(world, sheet):
    rows = ["Ula,asks,lov", "Ula,asks,lonely", "Iza,gives,lov", "Ewa,gives,work", "Ewa,gives,lov"]
    said, _err = run(sheet(*rows, head="person,role,topics"), "--yes", "--skip-bad", "--json")
    told = figures(said)
    assert (told["new"], told["asks"], told["experiences"], told["imported"]) == (2, 1, 1, True)
    assert [one["row"] for one in told["problems"]] == [2, 4, 6]


def test_a_problem_of_the_whole_file_cannot_be_left_out(world, sheet):
    before = counted()
    said, no = run(sheet("A,asks,lonely", head="who,does,what"), "--yes", "--skip-bad", fails=True)
    assert "No column says" in said
    assert "--skip-bad" not in no
    assert counted() == before


HERE = {
    "age": "A,asks,lonely,,,,,,14,,,,,,,,",
    "form": "A,asks,lonely,,,,,,,,,,,,,,letters",
    "no_letters": "?!,asks,lonely,,,,,,,,,,,,,,",
    "many_topics": "A,asks,grief; grief.partner; grief.parent; work; work.lost; lonely,,,,,,,,,,,,,,",
    "future": "A,asks,lonely,,,,,,,,,,,2999-01-01,,,",
    "capacity": "A,gives,lonely,,,,,,,,,,,,9,,",
    "full": "A,gives,lonely,,,,,,,,,,,,2,2,",
    "unit_long": f"A,asks,lonely,,,,,,,{'x' * 81},,,,,,,",
}


@pytest.mark.parametrize("code", HERE)
def test_what_this_programme_does_not_take_is_told_and_left_out(world, sheet, code):
    if code == "form":  # a way that can be read, and that is not offered here
        programmes.choose(world.actor("celina"), world.here, forms=["text", "call"])
        HERE[code] = HERE[code].replace("letters", "meeting")
    before = counted()["Person"]
    said, _no = run(sheet(HERE[code], PIOTR), "--yes", "--json", fails=True)
    assert [(one["code"], one["row"]) for one in figures(said)["problems"]] == [(code, 2)]
    assert counted()["Person"] == before
    run(sheet(HERE[code], PIOTR), "--yes", "--skip-bad")
    assert counted()["Person"] == before + 1


def test_an_experience_of_the_future_is_told_with_its_row(world, sheet):
    said, _no = run(sheet("A,gives,lonely,been through,2099,,,,,,,,,,,,"), "--json", fails=True)
    assert [(one["code"], one["row"], one["column"]) for one in figures(said)["problems"]] == [("future", 2, "since")]


def test_more_asks_than_the_programme_lets_one_person_have_are_told(world, sheet):
    rows = ["A,asks,lonely", "a,asks,work", "A,asks,grief", "B,asks,grief"]
    said, _no = run(sheet(*rows, head="person,role,topics"), "--json", fails=True)
    assert [(one["code"], one["row"]) for one in figures(said)["problems"]] == [("many_asks", 4)]


@pytest.mark.parametrize("rows", [["A-1,asks,lonely,", "A1,gives,lonely,"], ["17,asks,lonely,", "B,asks,lonely,17"]])
def test_two_people_whom_nobody_could_tell_apart_later_are_told(world, sheet, rows):
    said, _no = run(sheet(*rows, head="person,role,topics,number"), "--json", fails=True)
    assert [(one["code"], one["row"]) for one in figures(said)["problems"]] == [("alike", 3)]


def test_one_name_for_two_units_is_told(world, sheet):
    programmes.add_unit(world.actor("celina"), world.here, name="Zespół A")
    said, _no = run(sheet("A,asks,lonely,Komenda / zespół a", head="person,role,topics,unit"), "--json", fails=True)
    assert [one["code"] for one in figures(said)["problems"]] == ["unit_place"]


def test_an_avoided_name_that_is_nobody_is_pointed_out(world, sheet):
    said, _err = run(
        sheet("A,asks,lonely,Olaa", "Ola,gives,lonely,-", head="person,role,topics,not"), "--yes", "--json"
    )
    assert [(one["code"], one["row"]) for one in figures(said)["notes"]] == [("stranger", 2)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--programme", "nowhere"], "There are: here, elsewhere."),
        (["--mapping", "none.toml"], "Cannot read none.toml"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(world, sheet, words, said):
    assert said in run(sheet(NINA), *words, fails=True)[1]


def test_a_file_that_is_not_there_is_said_in_a_sentence(world, tmp_path):
    assert "Cannot read" in run(tmp_path / "none.csv", fails=True)[1]


# -- known again ------------------------------------------------------------------------------------------------------


def test_importing_the_same_file_twice_doubles_nobody_and_says_who_was_known(world, sheet):
    run(sheet(NINA, OLA), "--yes")
    before = counted()
    said, _err = run(sheet(NINA.replace("Nina", "NINA"), OLA, PIOTR), "--yes", "--json")
    assert (figures(said)["known"], figures(said)["new"]) == (2, 1)
    assert "Known already, and left as they are: 2 (NINA Kowalska, Aleksandra)" in said
    assert counted()["Person"] == before["Person"] + 1
    assert Ask.objects.filter(person=member(world, "Nina Kowalska").person).count() == 1


def test_somebody_who_joined_by_themselves_is_known_by_their_number(world, sheet, tmp_path):
    world.join("dawid", world.here, known_as="S 12")
    said, _err = run(sheet(OLA), "--yes", "--links", tmp_path / "links.csv", "--json")
    assert (figures(said)["known"], figures(said)["new"], figures(said)["links"]) == (1, 0, 0)
    assert not Offer.objects.filter(person=world.dawid).exists()


def test_a_name_in_one_programme_is_nobody_in_another(world, sheet):
    run(sheet(PIOTR), "--yes")
    said, _err = run(sheet(PIOTR), "--programme", "elsewhere", "--yes", "--json")
    assert figures(said)["new"] == 1


def test_people_whom_the_sheet_keeps_apart_are_not_brought_together(world, sheet):
    rows = ["Ola,gives,grief.partner,", "Ida,gives,grief.partner,", "Nina,asks,grief.partner,OLA"]
    run(sheet(*rows, head="person,role,topics,not"), "--yes")
    nina = Ask.objects.get(person=member(world, "Nina").person)
    found = problem.suggestions(nina, desk=True).best
    assert [one.offer.person for one in found] == [member(world, "Ida").person_id]


# -- coming -----------------------------------------------------------------------------------------------------------


def links(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["person"]: row["link"] for row in csv.DictReader(file)}


def test_links_are_in_a_file_for_its_owner_only_and_never_printed(world, sheet, tmp_path):
    path = tmp_path / "links.csv"
    said, err = run(sheet(NINA, "=cmd(),asks,lonely,,,,,,,,,,,,,,"), "--yes", "--links", path)
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    made = links(path)
    assert set(made) == {"Nina Kowalska", "'=cmd()"}  # a cell that no spreadsheet program runs
    for link in made.values():
        assert link.startswith("/come-in/")
        assert link.split("/")[2] not in said + err


def test_whoever_has_the_link_makes_the_account_their_own_and_finds_their_ask(world, sheet, tmp_path, client, settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    programmes.choose(world.actor("celina"), world.here, joining="invited")
    run(sheet(NINA, OLA), "--yes", "--links", tmp_path / "links.csv")
    nina = member(world, "Nina Kowalska")
    assert client.get(links(tmp_path / "links.csv")["Nina Kowalska"], follow=True).status_code == 200
    client.post("/claim/", {"pseudonym": "Wierzba", "passphrase": "siedem cichych mostow"})
    nina.person.refresh_from_db()
    assert nina.person.pseudonym == "Wierzba"
    client.force_login(nina.person)
    assert client.get("/p/here/home/").headers["Location"].startswith("/p/here/join/")
    said = {"age": "35_49", "conditions": "lives_here", "agreed_version": 1, "agreed": "on"}
    assert client.post("/p/here/join/", said).status_code == 302
    nina.refresh_from_db()
    assert (nina.agreed_version, nina.unit.name, nina.called) == (1, "Oddział 5", "Wierzba")
    assert client.get(f"/p/here/asks/{nina.person.asks.get().pk}/").status_code == 200


def test_lost_links_are_made_again_by_the_same_file_and_the_old_ones_open_nothing(world, sheet, tmp_path, client):
    run(sheet(NINA, PIOTR), "--yes", "--links", tmp_path / "first.csv")
    nina = member(world, "Nina Kowalska").person
    nina.set_password("siedem cichych mostow")
    nina.save()
    said, _err = run(sheet(NINA, PIOTR), "--yes", "--links", tmp_path / "second.csv", "--json")
    assert (figures(said)["new"], figures(said)["links"]) == (0, 1)
    old, new = links(tmp_path / "first.csv")["piotr 7"], links(tmp_path / "second.csv")
    assert set(new) == {"piotr 7"}  # Nina has come
    assert client.get(old).status_code == 404
    assert client.get(new["piotr 7"]).status_code == 302


def test_a_file_of_links_is_never_written_over(world, sheet, tmp_path):
    before = counted()
    (tmp_path / "links.csv").write_text("still needed")
    no = run(sheet(NINA), "--yes", "--links", tmp_path / "links.csv", fails=True)[1]
    assert "is there already" in no
    no = run(sheet(NINA), "--yes", "--links", tmp_path / "nowhere" / "links.csv", fails=True)[1]
    assert "There is no folder" in no
    assert (counted(), (tmp_path / "links.csv").read_text()) == (before, "still needed")


def test_when_links_cannot_be_kept_nothing_is_imported(world, sheet, tmp_path, monkeypatch):
    before = counted()
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(full))  # the disk is outside of us
    with pytest.raises(OSError, match="No space left"):
        run(sheet(NINA), "--yes", "--links", tmp_path / "links.csv")
    assert not list(tmp_path.glob("*links*"))
    assert counted() == before


def test_whoever_has_not_come_is_not_asked_whether_it_still_holds_and_whoever_has_is(world, sheet, clock):
    run(sheet(NINA), "--yes")
    nina = member(world, "Nina Kowalska")
    clock(days=40)
    assert not asks.unconfirmed(world.here).exists()
    assert not asks.overdue(world.here).exists()
    world.people["nina"] = nina.person
    world.join("nina", world.here)
    assert asks.unconfirmed(world.here).get().person == nina.person


# -- all or nothing ---------------------------------------------------------------------------------------------------


def test_a_killed_import_leaves_nothing(town, tmp_path):
    own = town.copy(tmp_path / "data")
    path = tmp_path / "many.csv"
    path.write_text("person,role,topics\n" + "".join(f"k{n},asks,lonely\n" for n in range(4000)))
    words = ["import", str(path), "--programme", "here", "--yes", "--language", "en"]
    words += ["--links", str(tmp_path / "links.csv")]
    running = subprocess.Popen(
        [sys.executable, "-m", "django", *words], env=environment(own.data, DJANGO_SETTINGS_MODULE="config.settings"),
        cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stderr is not None
    with running.stderr:
        assert "of 4000" in running.stderr.readline()  # some are written by now
        running.send_signal(signal.SIGKILL)
    assert running.wait(10) == -signal.SIGKILL
    with closing(sqlite3.connect(own.data / "nawzajem.sqlite3")) as kept:
        assert kept.execute("SELECT count(*) FROM nawzajem_ask").fetchone() == (1,)
        assert kept.execute("SELECT count(*) FROM nawzajem_member WHERE announced_print != ''").fetchone() == (0,)
    assert not (tmp_path / "links.csv").exists()
