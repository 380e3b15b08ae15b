"""A house whose processes run apart, as containers and units start them: prepare once, then pages, live and worker beside each other."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.doors.keeper import Keeper
from tests.doors.processes import HOUSE, Reply, ask, environment, free_port, house
from tests.postgresql import new_database

Start = Callable[..., subprocess.Popen[bytes]]
WITHIN = 60.0  # seconds, far more than it takes


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    """Of a house with the cast in it, prepared by the step that stands before the rest."""
    one = Keeper(tmp_path_factory.mktemp("apart") / "data", new_database())
    one.data.mkdir(mode=0o700)
    assert "The tables are as this version needs them." in one.run("prepare")
    return one


@pytest.fixture(scope="module")
def sessions(keeper: Keeper) -> dict[str, str]:
    """The talk and the pair, and with what each of the cast is signed in."""
    move_in = [sys.executable, "-m", "tests.doors.town"]
    done = subprocess.run(move_in, env=keeper._variables(), cwd=HOUSE, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return {"talk": told["talk"], "pair": told["pair"]} | told["sessions"]


@pytest.fixture
def start(keeper: Keeper) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def begin(*words: object, **more: str) -> subprocess.Popen[bytes]:
        run = [sys.executable, "-m", "nawzajem", *map(str, words)]
        running.append(subprocess.Popen(run, env=keeper._variables() | more, cwd=HOUSE, stderr=subprocess.DEVNULL))
        return running[-1]

    yield begin
    for one in running:
        one.terminate()
    for one in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.wait(15)
        one.kill()
        one.wait()


def asked(port: int, path: str, **headers: str) -> Reply | None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return ask(port, "GET", path, within=5, **headers)
    return None


def until(fact: Callable[[], object]) -> None:
    end = time.monotonic() + WITHIN
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.05)


def until_ready(port: int) -> None:
    until(lambda: (told := asked(port, "/readyz")) is not None and told.status == 200)


def test_pages_and_doors_run_apart_and_see_each_others_messages(keeper, sessions, start):
    pages, doors = free_port(), [free_port(), free_port()] if keeper.address else [free_port()]
    start("pages", "--listen", f"127.0.0.1:{pages}", NAWZAJEM_PAGE_PROCESSES="2")
    for door in doors:
        start("live", "--pages", f"127.0.0.1:{pages}", PORT=str(door))
    for door in doors:
        until_ready(door)
    page = asked(doors[-1], f"/p/here/pairs/{sessions['pair']}/", Cookie=f"nawzajem={sessions['ania']}")
    assert page is not None
    assert page.status == 200
    with contextlib.ExitStack() as open_lines:
        stream = _stream(doors[-1], sessions["bartek"], open_lines)
        assert _send(doors[0], sessions, "przez dwoje drzwi", "apart-00001") == 200
        _until_heard(stream, b"przez dwoje drzwi")


def _stream(port: int, session: str, open_lines: contextlib.ExitStack) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    open_lines.callback(line.close)
    line.request("GET", "/live/p/here/stream", headers={"Cookie": f"nawzajem={session}"})
    return line.getresponse()


def _until_heard(stream: http.client.HTTPResponse, words: bytes) -> None:
    heard = b""
    while words not in heard:
        some = stream.readline()
        assert some, heard
        heard += some


def _send(port: int, sessions: dict[str, str], text: str, key: str) -> int:
    headers = {"Cookie": f"nawzajem={sessions['ania']}", "X_Nawzajem": "test", "Origin": f"http://127.0.0.1:{port}"}
    headers["Content_Type"] = "application/x-www-form-urlencoded"
    body = urlencode({"text": text, "client_key": key})
    return ask(port, "POST", f"/live/p/here/talks/{sessions['talk']}/messages", body, **headers).status


def test_a_door_that_is_to_end_says_so_and_answers_until_it_has_left(keeper, sessions, start):
    pages, port = free_port(), free_port()
    start("pages", "--listen", f"127.0.0.1:{pages}")
    door = start("live", "--pages", f"127.0.0.1:{pages}", PORT=str(port), NAWZAJEM_LEAVE="25")
    until_ready(port)
    door.send_signal(signal.SIGTERM)
    until(lambda: (told := asked(port, "/readyz")) is not None and told.status == 503)
    healthy = asked(port, "/healthz")
    assert healthy is not None
    assert healthy.status == 200
    assert _send(port, sessions, "jeszcze zdążę", "apart-00002") == 200
    door.kill()  # how it ends without leaving time is told in test_serve.py


def test_one_house_with_many_processes_at_its_one_door(keeper, sessions):
    if not keeper.address:
        pytest.skip("on SQLite one process is live")
    more = {"DATABASE_URL": keeper.address, "NAWZAJEM_LIVE_PROCESSES": "2", "NAWZAJEM_PAGE_PROCESSES": "2"}
    with house(keeper.data, **more) as one:
        one.until_open(WITHIN)
        with contextlib.ExitStack() as open_lines:
            streams = [_stream(one.port, sessions["bartek"], open_lines) for _ in range(6)]
            assert _send(one.port, sessions, "do wszystkich", "apart-00003") == 200
            for stream in streams:
                _until_heard(stream, b"do wszystkich")


def test_processes_started_apart_change_no_table(keeper, tmp_path: Path):
    one = Keeper(tmp_path / "data", new_database())
    one.data.mkdir(mode=0o700)
    for name in ("pages", "live", "worker"):
        assert "`nawzajem prepare`" in one.run(name, fails=True)


def test_many_hosts_that_begin_at_once_prepare_the_tables_once(keeper, tmp_path: Path):
    address = new_database()
    if not address:
        return  # on SQLite there is one host
    hosts = []
    key = os.urandom(32).hex()
    for n in range(3):
        data = tmp_path / f"host{n}"
        own = {"DATABASE_URL": address, "NAWZAJEM_KEY": key, "DJANGO_SETTINGS_MODULE": "config.settings"}
        run = [sys.executable, "-m", "nawzajem", "prepare"]
        hosts.append(subprocess.Popen(run, env=environment(data, **own), cwd=HOUSE, stdout=subprocess.PIPE, text=True))
    told = [host.communicate()[0] for host in hosts]
    assert [host.returncode for host in hosts] == [0, 0, 0]
    assert sum("Preparing" in one for one in told) == 1
