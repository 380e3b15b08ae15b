"""`nawzajem serve` as its keeper meets it: opening, closing, what stops it, and what it survives. Real processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.doors.processes import HOUSE, OTHER_KEY, House, Town, ask, environment, free_port, house


@pytest.fixture(scope="module")
def served(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Town]]:
    """One open house for the tests that leave it open."""
    own = town.copy(tmp_path_factory.mktemp("served"))
    with house(own.data) as one:
        yield one.until_open(), own


def _send(one: House, town: Town, text: str, key: str, name: str = "ania") -> int:
    path = f"/live/p/here/talks/{town.talk}/messages"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    return ask(
        one.port, "POST", path, urlencode({"text": text, "client_key": key}), **one.talk(town.sessions[name]), **form
    ).status


def test_the_house_opens_on_one_port_with_pages_and_live_path(served: tuple[House, Town]):
    one, town = served
    one.until_told(f"Nawzajem is open: http://127.0.0.1:{one.port}/")
    front = ask(one.port, "GET", "/")
    assert front.status in {200, 302}
    assert ask(one.port, "GET", "/healthz").body == b"ok"
    assert _send(one, town, "dzień dobry", "serve-0001") == 200
    assert oct(town.data.stat().st_mode & 0o777) == "0o700"


def test_a_message_without_javascript_reaches_those_who_listen(served: tuple[House, Town]):
    one, town = served
    with _stream(one, town.sessions["bartek"]) as stream:
        page = ask(one.port, "GET", f"/p/here/pairs/{town.pair}/", Cookie=f"nawzajem={town.sessions['ania']}")
        words = page.body.decode()
        token = words.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        key = words.split('name="client_key" value="')[1].split('"')[0]
        cookie = next(one.split(";")[0] for one in page.header("set-cookie") if one.startswith("csrftoken"))
        form = urlencode({"csrfmiddlewaretoken": token, "client_key": key, "text": "bez skryptu"})
        sent = ask(
            one.port,
            "POST",
            f"/p/here/talks/{town.talk}/messages/",
            form,
            Cookie=f"nawzajem={town.sessions['ania']}; {cookie}",
            Content_Type="application/x-www-form-urlencoded",
            Origin=f"http://127.0.0.1:{one.port}",
        )
        assert (sent.status, sent.header("location")) == (302, [f"/p/here/pairs/{town.pair}/#last"])
        assert "bez skryptu" in _until(stream, "bez skryptu")


@contextlib.contextmanager
def _stream(one: House, session: str) -> Iterator[http.client.HTTPResponse]:
    line = http.client.HTTPConnection("127.0.0.1", one.port, timeout=5)
    with contextlib.closing(line):
        line.request("GET", "/live/p/here/stream", headers={"Cookie": f"nawzajem={session}"})
        stream = line.getresponse()
        _until(stream, "event: unread")
        yield stream


def _until(stream: http.client.HTTPResponse, words: str) -> str:
    heard = ""
    while words not in heard:
        line = stream.readline()
        assert line, f"the stream ended before {words!r}: {heard[-300:]!r}"
        heard += line.decode()
    return heard


def test_static_files_are_compressed_and_may_be_kept_for_ever(served: tuple[House, Town]):
    one, _town = served
    page = ask(one.port, "GET", "/help/").body.decode()
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    reply = ask(one.port, "GET", style, Accept_Encoding="br")
    assert (reply.status, reply.header("content-encoding")) == (200, ["br"])
    assert "immutable" in reply.header("cache-control")[0]


def test_when_the_pages_die_it_is_said_and_they_come_back(served: tuple[House, Town]):
    one, _town = served
    os.kill(one.children()["pages"], signal.SIGKILL)
    reply = ask(one.port, "GET", "/help/")
    assert reply.status in {503, 200}
    if reply.status == 503:
        assert reply.header("retry-after")
        words = reply.body.decode()
        assert "These pages will be back in a moment." in words
        assert 'href="tel:' in words
    _until_well(one)


def _until_well(one: House, within: float = 15) -> None:
    until = time.monotonic() + within
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(one.port, "GET", "/help/", within=5).status == 200:
                return
        assert time.monotonic() < until, one.told
        time.sleep(0.05)


def test_killed_again_and_again_while_people_send_it_loses_nothing_that_it_acknowledged(served: tuple[House, Town]):
    one, town = served
    before = set(town.said())
    acknowledged: set[str] = set()
    stop = threading.Event()

    def write(name: str) -> None:
        n = 0
        while not stop.is_set():
            key = f"{name}-{n:06}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                if _send(one, town, f"{n}", key, name) == 200:
                    acknowledged.add(key)
                    n += 1

    writers = [threading.Thread(target=write, args=(name,)) for name in ("ania", "bartek")]
    for writer in writers:
        writer.start()
    for _ in range(5):
        so_far = len(acknowledged)
        until = time.monotonic() + 10
        while len(acknowledged) < so_far + 6:
            assert time.monotonic() < until, one.told
            time.sleep(0.01)
        os.kill(one.children()["live"], signal.SIGKILL)
    stop.set()
    for writer in writers:
        writer.join()
    _until_well(one)
    kept = [pair for pair in town.said() if pair not in before]
    assert acknowledged <= {key for _seq, key in kept}
    assert len({key for _seq, key in kept}) == len(kept)
    first = kept[0][0]
    assert [seq for seq, _key in kept] == list(range(first, first + len(kept)))
    for name in ("ania", "bartek"):
        own = [key for _seq, key in kept if key.startswith(name)]
        assert own == sorted(own)


def test_asked_to_stop_it_ends_cleanly_though_streams_are_open(served: tuple[House, Town]):
    one, town = served
    with _stream(one, town.sessions["ania"]) as stream:
        began = time.monotonic()
        assert one.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 10
        assert stream.read() is not None  # it ended properly, not in the middle of an event
    assert "Closing" in one.told
    assert "Traceback" not in one.told
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", one.port), timeout=1)


def _serve(data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    variables = environment(data, **({"PORT": str(free_port())} | more))
    run = [sys.executable, "-m", "nawzajem", "serve"]
    return subprocess.run(run, env=variables, cwd=HOUSE, capture_output=True, text=True, timeout=30, check=False)


def test_another_key_opens_nothing_and_changes_nothing(town: Town, tmp_path: Path):
    own = town.copy(tmp_path / "data")
    before = (own.data / "nawzajem.sqlite3").read_bytes()
    ended = _serve(own.data, NAWZAJEM_KEY=OTHER_KEY)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The key does not open the data that is here")
    assert "Traceback" not in ended.stderr
    assert (own.data / "nawzajem.sqlite3").read_bytes() == before


@pytest.mark.parametrize(
    ("key", "sentence"),
    [(None, "is gone, and without it nothing"), ("zielone krzesło\n", "should hold 64 hexadecimal digits")],
)
def test_a_key_that_is_gone_or_spoilt_is_said_in_a_sentence_and_none_is_made(town: Town, tmp_path: Path, key, sentence):
    own = town.copy(tmp_path / "data")
    file = own.data / "key"
    file.unlink()
    if key:
        file.write_text(key)
    ended = _serve(own.data)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert sentence in ended.stderr
    assert (file.read_text() if file.exists() else None) == key


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = _serve(tmp_path / "data", PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} is in use already. Choose another one: PORT={port + 1} nawzajem serve\n"


def test_a_place_that_cannot_keep_data_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    ended = _serve(tmp_path / "file" / "data")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "NAWZAJEM_DATA" in ended.stderr


def test_two_houses_do_not_share_a_folder(town: Town, tmp_path: Path):
    import fcntl

    own = town.copy(tmp_path / "data")
    with (own.data / "open.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = _serve(own.data)
    assert (ended.returncode, "is open already" in ended.stderr) == (1, True)


def test_a_full_disk_keeps_what_was_acknowledged_and_says_no_to_the_rest(town: Town, tmp_path: Path):
    own = town.copy(tmp_path / "data")
    largest = (own.data / "nawzajem.sqlite3").stat().st_size + 2_000_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    one = House(own.data).start(preexec_fn=small_disk)
    try:
        one.until_open()
        statuses: dict[str, int] = {}
        while list(statuses.values()).count(503) < 3 and len(statuses) < 600:
            key = f"full-{len(statuses):06}"
            statuses[key] = _send(one, own, "x" * 8000, key)
        assert set(statuses.values()) == {200, 503}
        assert [key for _seq, key in own.said()] == [key for key, status in statuses.items() if status == 200]
        _pages_say_so_and_show_what_was_written(one, own)
        _ends_with_all_its_processes(one)
    finally:
        one.close()


def _pages_say_so_and_show_what_was_written(one: House, town: Town) -> None:
    session = f"nawzajem={town.sessions['ania']}"
    path = "/p/here/asks/new/"
    page = ask(one.port, "GET", path, Cookie=session)
    assert page.status == 200
    token = page.body.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    cookie = next(one.split(";")[0] for one in page.header("set-cookie") if one.startswith("csrftoken"))
    typed = {"csrfmiddlewaretoken": token, "topics": "lonely", "stage": "in_it", "forms": "text", "languages": "pl"}
    form = urlencode(typed | {"hours": "any", "words": "Cisza w domu." * 300})
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{one.port}"}
    refused = ask(one.port, "POST", path, form, Cookie=f"{session}; {cookie}", **headers)
    assert (refused.status, refused.header("retry-after")) == (503, ["30"])
    assert "Cisza w domu." * 300 in refused.body.decode()


def _ends_with_all_its_processes(one: House) -> None:
    """However it ends: nothing goes on answering for a house that nobody looks after."""
    children = one.children()
    assert len(children) == 2
    one.end(signal.SIGKILL)
    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in children.values()):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_whoever_reads_only_the_beginning_is_not_told_of_mistakes(tmp_path: Path):
    run = f"{sys.executable} -m nawzajem programme blueprints | true"
    done = subprocess.run(
        ["sh", "-c", run], env=environment(tmp_path / "data"), cwd=HOUSE, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_alone_the_command_lists_what_it_can_do_and_makes_nothing(tmp_path: Path):
    run = [sys.executable, "-m", "nawzajem"]
    alone = subprocess.run(
        run, env=environment(tmp_path / "data"), cwd=HOUSE, capture_output=True, text=True, check=True
    )
    assert "nawzajem serve" in alone.stdout
    wrong = subprocess.run(
        [*run, "sevre"], env=environment(tmp_path / "data"), cwd=HOUSE, capture_output=True, text=True, check=False
    )
    assert (wrong.returncode, wrong.stderr) == (2, "There is no 'sevre'. Did you mean: nawzajem serve?\n")
    assert not (tmp_path / "data").exists()
