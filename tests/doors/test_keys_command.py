"""`nawzajem keys`: a new master key in an open house, the old one let go, and copies kept apart."""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest

from nawzajem.ground.keys import new_key
from tests.doors.keeper import Keeper
from tests.doors.processes import House, Town, ask, house

WORDS = "Jutro o ósmej, pod kasztanem."
PASSPHRASE = "żółty rower, cicha klatka, dwa kubki"


@pytest.fixture
def keeper(town_here: Town, tmp_path: Path) -> Keeper:
    """Of a house in which somebody has just said something."""
    one = Keeper.of_a_town(town_here, tmp_path / "data")
    one.say(WORDS)
    return one


def keys(keeper: Keeper) -> list[str]:
    return (keeper.data / "key").read_text().split()


def an_hour_later(keeper: Keeper) -> None:
    path = keeper.data / "key"
    os.utime(path, (path.stat().st_atime - 3700, path.stat().st_mtime - 3700))


def test_from_one_key_to_the_next(keeper):
    (old,) = keys(keeper)
    before = keeper.json("keys", "show")["keys"]
    assert [one["vaults"] > 6 for one in before] == [True]
    said = keeper.run("keys", "rotate")
    new, still_old = keys(keeper)
    assert (still_old, new != old) == (old, True)
    assert old not in said
    assert new not in said
    vaults = [one["vaults"] for one in keeper.json("keys", "show")["keys"]]
    assert vaults == [before[0]["vaults"] + 1, 0]  # and that of the fingerprints
    assert keeper.hear() == [WORDS]
    assert "Try again in 60 minutes." in keeper.run("keys", "drop", fails=True)
    an_hour_later(keeper)
    assert "1 key was dropped." in keeper.run("keys", "drop")
    assert keys(keeper) == [new]
    assert keeper.hear() == [WORDS]
    assert {one["code"]: one["weight"] for one in keeper.json("doctor")["findings"]}["key"] == "fine"


def test_a_backup_of_before_opens_while_its_key_is_here_and_not_after(keeper, tmp_path):
    keeper.run("backup", tmp_path / "before")
    keeper.run("keys", "rotate")
    keeper.run("backup", tmp_path / "after", "--verify")
    both = keeper.without_data(tmp_path / "both")
    both.run("restore", tmp_path / "before")
    assert both.hear() == [WORDS]
    keeper.run("keys", "drop", "--now")
    new = keeper.without_data(tmp_path / "new")
    assert "does not open this backup" in new.run("restore", tmp_path / "before", fails=True)
    new.run("restore", tmp_path / "after")
    assert new.hear() == [WORDS]


def test_a_key_that_something_needs_is_not_dropped(keeper):
    """A vault that somebody put back, who had it in memory: it is wrapped anew first."""
    keeper.run("keys", "rotate")
    new, old = keys(keeper)
    (keeper.data / "key").write_text(f"{old}\n{new}\n")
    keeper.run("keys", "rotate")  # as one that was broken off: everything goes to the first in the file
    assert [one["vaults"] > 0 for one in keeper.json("keys", "show")["keys"]] == [True, False]
    keeper.run("keys", "drop", "--now")
    assert keys(keeper) == [old]
    assert keeper.hear() == [WORDS]


def test_a_key_that_is_missing_is_said_and_nothing_is_changed(keeper):
    keeper.run("keys", "rotate")
    _new, old = keys(keeper)
    other = new_key().hex()
    (keeper.data / "key").write_text(f"{other}\n{old}\n")
    assert "Put that key back first" in keeper.run("keys", "rotate", fails=True)
    assert keys(keeper) == [other, old]


def test_keys_from_the_environment_are_changed_there_and_the_rest_is_done_here(keeper):
    (old,) = keys(keeper)
    new = new_key().hex()
    alone = Keeper(keeper.data, keeper.address, {"NAWZAJEM_KEY": old})
    assert "NAWZAJEM_KEY=new,old" in alone.run("keys", "rotate", fails=True)
    both = Keeper(keeper.data, keeper.address, {"NAWZAJEM_KEY": f"{new},{old}"})
    both.run("keys", "rotate")
    assert [one["vaults"] > 0 for one in both.json("keys", "show")["keys"]] == [True, False]
    assert Keeper(keeper.data, keeper.address, {"NAWZAJEM_KEY": new}).hear() == [WORDS]


# -- copies -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def phrase(tmp_path: Path) -> Path:
    (tmp_path / "phrase").write_text(PASSPHRASE + "\n")
    return tmp_path / "phrase"


def test_a_copy_of_the_keys_brings_back_what_a_backup_holds(keeper, tmp_path, phrase):
    keeper.run("backup", tmp_path / "b")
    (tmp_path / "safe").mkdir()
    copy = tmp_path / "safe" / "keys"
    keeper.run("keys", "backup", copy, "--passphrase-file", phrase)
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    assert keys(keeper)[0] not in copy.read_text()
    elsewhere = keeper.without_data(tmp_path / "elsewhere", same_key=False)
    elsewhere.run("keys", "restore", copy, "--passphrase-file", phrase)
    elsewhere.run("restore", tmp_path / "b")
    assert elsewhere.hear() == [WORDS]
    assert "There is data here" in elsewhere.run("keys", "restore", copy, "--passphrase-file", phrase, fails=True)


def test_a_copy_is_not_put_beside_what_it_opens(keeper, tmp_path, phrase):
    assert "choose another place" in keeper.run(
        "keys", "backup", keeper.data / "k", "--passphrase-file", phrase, fails=True
    )
    (tmp_path / "kept").mkdir()
    keeper.run("backup", tmp_path / "kept")
    no = keeper.run("keys", "backup", tmp_path / "kept" / "k", "--passphrase-file", phrase, fails=True)
    assert "choose another place" in no


@pytest.mark.parametrize("how", ["phrase", "changed", "foreign"])
def test_a_copy_that_does_not_open_is_refused_in_a_sentence(keeper, tmp_path, phrase, how):
    (tmp_path / "safe").mkdir()
    copy = tmp_path / "safe" / "keys"
    keeper.run("keys", "backup", copy, "--passphrase-file", phrase)
    elsewhere = keeper.without_data(tmp_path / "elsewhere", same_key=False)
    mine = elsewhere.run("keys", "show")
    if how == "phrase":
        phrase.write_text("another one, and quite as long")
    else:
        copy.write_text(copy.read_text().replace('"sealed": "', '"sealed": "00') if how == "changed" else "Dear Ania")
    assert len(elsewhere.run("keys", "restore", copy, "--passphrase-file", phrase, fails=True).splitlines()) == 1
    assert elsewhere.run("keys", "show") == mine


def test_a_passphrase_that_can_be_guessed_seals_nothing(keeper, tmp_path):
    (tmp_path / "phrase").write_text("aaaaaaaaaaaaaaaaaaaaaaaa")
    (tmp_path / "safe").mkdir()
    no = keeper.run("keys", "backup", tmp_path / "safe" / "k", "--passphrase-file", tmp_path / "phrase", fails=True)
    assert "too easy to guess" in no
    assert not (tmp_path / "safe" / "k").exists()


# -- while people write -----------------------------------------------------------------------------------------------


def test_while_people_write_a_new_key_comes_and_nothing_is_lost(town: Town, tmp_path: Path):
    own = town.copy(tmp_path / "data")
    keeper = Keeper(own.data)
    with house(own.data) as one:
        one.until_open()
        acknowledged: list[str] = []
        stop = threading.Event()
        writer = threading.Thread(target=_write, args=(one, own, acknowledged, stop))
        writer.start()
        try:
            for _ in range(3):
                keeper.run("keys", "rotate")
            seen = len(acknowledged)
            while len(acknowledged) < seen + 5 and writer.is_alive():
                stop.wait(0.02)
        finally:
            stop.set()
            writer.join()
        page = ask(one.port, "GET", f"/p/here/pairs/{own.pair}/", Cookie=f"nawzajem={own.sessions['bartek']}")
        assert acknowledged[-1] in page.body.decode()
    assert [key for _seq, key in own.said()] == acknowledged
    assert len(keys(keeper)) == 4
    assert [one["vaults"] > 0 for one in keeper.json("keys", "show")["keys"]] == [True, False, False, False]
    keeper.run("keys", "drop", "--now")
    assert keeper.hear() == acknowledged[-50:]


def _write(one: House, town: Town, acknowledged: list[str], stop: threading.Event) -> None:
    path, form = f"/live/p/here/talks/{town.talk}/messages", {"Content_Type": "application/x-www-form-urlencoded"}
    while not stop.is_set():
        key = f"while-{len(acknowledged):06}"
        body = urlencode({"text": key, "client_key": key})
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(one.port, "POST", path, body, **one.talk(town.sessions["ania"]), **form).status == 200:
                acknowledged.append(key)
        stop.wait(0.01)
