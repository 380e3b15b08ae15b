"""`nawzajem doctor`: every thing it looks at, once as it should be and once as it should not."""

from __future__ import annotations

import http.server
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.utils import translation

from nawzajem.chores import CHORES
from nawzajem.ground import clock as house_clock
from nawzajem.ground.models import Event, Turn
from nawzajem.management import checkup
from nawzajem.management.checkup import data, machine
from nawzajem.management.copies import Sqlite
from nawzajem.notify.models import Letter
from nawzajem.people.models import Person
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Text
from nawzajem.safety.helplines import SHIPPED
from tests.cast import HOUSE
from tests.doors.keeper import Keeper
from tests.doors.processes import OTHER_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(world, settings, tmp_path):
    """A house about which there is nothing to say, but that nobody has opened it."""
    programmes.give_duty(HOUSE.within(world.elsewhere.pk), _member_elsewhere(world), kind="coordinator")
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir(mode=0o700)
    (settings.DATA / "key").touch(mode=0o600)
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()
    change(
        settings, origin="https://help.example.org", proxies=1, email="smtp://host", email_from="Us <us@example.org>"
    )
    change(settings, port=free_port())
    return world


def _member_elsewhere(world):
    return programmes.Member.objects.get(person=world.dawid)


def change(settings, **env: object) -> None:
    settings.ENV = replace(settings.ENV, **env)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def found(*, connect: bool = False) -> dict[str, str]:
    """What is not fine: by its code, its weight."""
    with translation.override("en"):
        return {one.code: one.weight.value for one in checkup.look(connect=connect) if one.weight.value != "fine"}


# -- the command ------------------------------------------------------------------------------------------------------


def test_of_a_house_that_is_well_there_is_nothing_to_mend(well):
    assert found() == {"house_closed": "note"}


def test_it_says_what_to_do_and_ends_with_an_error_when_something_must_be_mended(well, settings):
    settings.DEBUG = True
    out = io.StringIO()
    with translation.override("en"), pytest.raises(CommandError, match=r"^1 thing must be mended\.$"):
        call_command("doctor", "--json", stdout=out)
    said = out.getvalue()
    assert "Must be mended\n  This house runs for development" in said
    assert "\n      Take NAWZAJEM_DEVELOPMENT away and start again." in said
    told = json.loads(said.splitlines()[-1])
    assert told["healthy"] is False
    assert {"code": "python", "weight": "fine"}.items() <= told["findings"][0].items()


def test_no_secret_and_nobodys_name_is_printed(well, settings):
    change(settings, email="smtp://letters:se-cret@host", key="ab" * 32)
    well.experience("ania", words="Nie śpię.")
    out = io.StringIO()
    call_command("doctor", "--json", stdout=out)
    for secret in ("se-cret", "abab", "Ania", "Celina", "Nie śpię"):
        assert secret not in out.getvalue()


# -- the settings -----------------------------------------------------------------------------------------------------

CHOICES = {
    "everybody may come and it knows no address": ({"host": "0.0.0.0", "origin": ""}, "origin", "wrong"),
    "only this machine": ({"origin": ""}, "origin", "note"),
    "another loopback": ({"origin": "", "host": "::1"}, "origin", "note"),
    "not encrypted": ({"origin": "http://help.example.org"}, "origin", "wrong"),
    "no proxy said": ({"proxies": 0}, "proxies", "note"),
    "letters are printed": ({"email": "console:"}, "email", "note"),
    "letters are forgotten": ({"email": "memory:"}, "email", "wrong"),
    "letters from nobody": ({"email_from": "Nawzajem <nawzajem@localhost>"}, "email_from", "wrong"),
    "no help lines of the country": ({"country": "XX"}, "helplines_country", "note"),
}


@pytest.mark.parametrize("case", CHOICES)
def test_a_setting_that_does_not_suit_is_found(well, settings, case):
    env, code, weight = CHOICES[case]
    change(settings, **env)
    told = found()
    told.pop("proxies", None) if code != "proxies" else None
    assert told == {"house_closed": "note", code: weight}


def test_a_trial_on_this_machine_needs_no_encryption(well, settings):
    change(settings, origin="http://localhost:8000", proxies=0)
    assert "origin" not in found()


def test_an_own_list_of_help_lines_that_is_broken_is_found_with_its_line(well, settings):
    (settings.DATA / "helplines.toml").write_text("[countries.PL]\nname = 3\n")
    assert found()["helplines"] == "wrong"
    (settings.DATA / "helplines.toml").write_text(SHIPPED.read_text())
    assert "helplines" not in found()


def test_help_lines_that_nobody_has_compared_for_long_are_found(well, clock):
    clock(days=500)
    assert found()["helplines_old"] == "note"


def test_it_knocks_at_the_mail_server_only_when_told_to(well, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        assert "mail_server" not in found(connect=True)
        server.settimeout(2)
        server.accept()[0].close()  # somebody knocked
    assert found(connect=True)["mail_server"] == "wrong"
    assert "mail_server" not in found()


# -- the machine ------------------------------------------------------------------------------------------------------


def test_a_folder_or_a_key_that_others_can_read_is_found(well, settings):
    settings.DATA.chmod(0o750)
    (settings.DATA / "key").chmod(0o640)
    assert found().items() >= {("folder_rights", "wrong"), ("key_rights", "wrong")}


def test_another_key_beside_the_one_in_use_is_found(well, settings):
    (settings.DATA / "key").write_text("cd" * 32)
    change(settings, key="ab" * 32)
    assert found()["key_file_unused"] == "note"


@pytest.mark.parametrize(("limit", "weight"), [("LITTLE", "note"), ("HARDLY_ANY", "wrong")])
def test_little_room_on_the_disk_is_found(well, monkeypatch, limit, weight):
    monkeypatch.setattr(machine, limit, 10**18)
    assert found()["room"] == weight


def test_a_time_zone_that_nobody_knows_is_found(well, settings):
    settings.TIME_ZONE = "UTC"
    assert machine._zones().weight.value == "fine"
    settings.TIME_ZONE = "Mars/Base"
    assert machine._zones().weight.value == "wrong"


def test_missing_static_files_are_found(well, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "none"
    assert found()["static"] == "note"


@contextmanager
def somebody_answers(port: int, status: int) -> Iterator[None]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_words):
            return

    with http.server.HTTPServer(("127.0.0.1", port), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "told"), [(200, {}), (503, {"house_unwell": "wrong"}), (404, {"house_unwell": "wrong"})]
)
def test_it_asks_the_front_door_how_the_house_is(well, settings, status, told):
    with somebody_answers(settings.ENV.port, status):
        assert found() == told


# -- the data ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "mended"),
    [
        ((3, 51, 3), True), ((3, 53, 4), True), ((4, 0, 0), True), ((3, 51, 2), False), ((3, 51, 0), False),
        ((3, 50, 7), True), ((3, 50, 9), True), ((3, 50, 6), False), ((3, 45, 1), False), ((3, 44, 6), True),
        ((3, 44, 5), False), ((3, 40, 1), False),
    ],
)  # fmt: skip
def test_it_knows_which_sqlite_has_the_mending(version, mended):
    assert data.mends_wal(version) is mended


def test_sqlite_that_does_not_keep_everything_is_found(well, tmp_path, monkeypatch):
    careless = DatabaseWrapper(
        {
            "NAME": str(tmp_path / "careless"), "ENGINE": "", "TIME_ZONE": None, "AUTOCOMMIT": True, "TEST": {},
            "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False, "USER": "", "PASSWORD": "",
            "OPTIONS": {"init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=NORMAL;"},
        }
    )  # fmt: skip
    monkeypatch.setattr(data, "connection", careless)
    assert [one.weight.value for one in data._sqlite() if one.code == "sqlite_keeping"] == ["wrong"]
    careless.close()


def test_a_clock_that_has_gone_back_is_found(well):
    Event.objects.create(kind="x", via="web", thing="", at=house_clock.now() + timedelta(hours=1))
    assert found()["clock_back"] == "wrong"


@pytest.mark.parametrize(("seconds", "weight"), [(1, "fine"), (20, "note"), (90, "wrong")])
def test_clocks_that_differ_are_found(seconds, weight):
    assert data._apart(timedelta(seconds=seconds)).weight.value == weight


def told_of_kept() -> dict[str, str]:
    return {one.code: one.weight.value for one in data.look_at_what_is_kept(is_open=True) if one.weight.value != "fine"}


def test_what_runs_by_itself_and_does_not_is_found(well):
    Turn.objects.all().delete()
    hourly = next(chore for chore in CHORES if chore.every == timedelta(hours=1))
    turn = Turn.objects.create(name=hourly.name, due_at=house_clock.now() - timedelta(hours=1))
    assert told_of_kept() == {}  # a little late is not late
    Turn.objects.update(due_at=house_clock.now() - timedelta(hours=4))
    assert told_of_kept() == {"chores_late": "wrong"}
    assert "chores_late" not in found()  # the house is closed: nothing runs, as it should be
    Turn.objects.filter(pk=turn.pk).update(failures=3)
    assert told_of_kept() == {"chores_failing": "wrong"}


def test_a_chore_without_anything_to_do_is_not_late(well):
    idle = next(chore for chore in CHORES if not chore.waits())
    Turn.objects.create(name=idle.name, due_at=house_clock.now() - timedelta(days=9))
    assert "chores_late" not in told_of_kept()


def letters(world, state: str, number: int, **fields: object) -> None:
    Letter.objects.bulk_create(
        Letter(person=world.ania, programme=world.here, kind="pair", code="pair", thing=str(n), state=state, **fields)
        for n in range(number)
    )


def test_letters_that_do_not_go_out_are_found(well):
    letters(well, "waiting", 2, due_at=house_clock.now() - timedelta(minutes=30))
    assert told_of_kept() == {}
    Letter.objects.update(due_at=house_clock.now() - timedelta(hours=2))
    assert told_of_kept() == {"letters_waiting": "wrong"}


def test_letters_that_come_back_are_found(well, clock):
    letters(well, "sent", 5)
    letters(well, "failed", 1)
    assert told_of_kept() == {"letters_failing": "note"}
    letters(well, "failed", 6)
    assert told_of_kept() == {"letters_failing": "wrong"}
    clock(days=9)
    assert "letters_failing" not in told_of_kept()


# -- the programmes ---------------------------------------------------------------------------------------------------


def test_a_programme_that_nobody_looks_after_is_found(well):
    programmes.Duty.objects.filter(member__programme=well.elsewhere).delete()
    assert found()["no_coordinator"] == "wrong"
    programmes.invite(HOUSE.within(well.elsewhere.pk), well.elsewhere, duty="coordinator")
    assert found()["no_coordinator"] == "note"


def test_a_coordinator_without_the_second_factor_that_is_asked_for_is_found(well):
    programmes.choose(HOUSE.within(well.here.pk), well.here, duties_need_second_factor=True)
    assert found()["second_factor"] == "wrong"  # the only one: nobody can do the duty
    Authenticator.objects.create(user=well.celina, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert "second_factor" not in found()
    programmes.give_duty(HOUSE.within(well.here.pk), well.member("franek"), kind="coordinator")
    assert found()["second_factor"] == "note"


def test_a_text_that_is_missing_in_one_language_is_found(well):
    Text.objects.filter(programme=well.here, code="rules").update(words={"en": "We listen."})
    assert found()["texts"] == "wrong"


def test_a_house_without_programmes_is_told_how_to_begin(well):
    programmes.Programme.objects.update(state="closed")
    assert found()["no_programme"] == "note"


# -- an installation of its own ---------------------------------------------------------------------------------------


def test_a_key_that_does_not_open_the_data_is_found(town, tmp_path):
    own = town.copy(tmp_path / "data")
    told = Keeper(own.data, more={"NAWZAJEM_KEY": OTHER_KEY}).json("doctor")
    weights = {one["code"]: one["weight"] for one in told["findings"]}
    assert (weights["key"], weights["key_file_unused"]) == ("wrong", "note")


def test_before_anything_is_there_it_says_how_to_begin_and_makes_no_database(tmp_path):
    told = Keeper(tmp_path / "data").json("doctor")
    assert told["healthy"] is True
    assert told["findings"][-1]["code"] == "no_data"
    assert not Path(tmp_path / "data" / "nawzajem.sqlite3").exists()


def test_a_database_that_does_not_answer_is_said_in_a_sentence(tmp_path):
    away = Keeper(tmp_path / "data", address=f"postgresql://us:se-cret@/nawzajem?host={tmp_path}")
    assert away.json("doctor")["findings"][-1]["code"] == "database_away"
    said = away.run("doctor", fails=True)
    assert "must be mended" in said
    assert "se-cret" not in said


def test_tables_that_another_version_made_are_found(town, tmp_path):
    import sqlite3

    own = town.copy(tmp_path / "data")
    with sqlite3.connect(own.data / "nawzajem.sqlite3") as file:
        file.execute("DELETE FROM django_migrations WHERE app = 'nawzajem'")
    file.close()
    last = Keeper(own.data).json("doctor")["findings"][-1]
    assert (last["code"], last["weight"]) == ("tables_old", "wrong")


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "no").write_bytes(b"not a database at all " * 500)
    here = Sqlite()
    here.path = tmp_path / "no"
    monkeypatch.setattr(data, "database", lambda: here)
    assert [one.code for one in data.look_at_database()] == ["database_away"]
    assert Person.objects.exists()  # nothing was changed by looking
