"""What machines see of an open house: figures and traces without anybody in them, and a log that programs can read."""

from __future__ import annotations

import http.server
import json
import logging
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from config.logs import AsJson
from tests.doors.processes import House, Town, ask, free_port, house

WITHIN = 60.0


@contextmanager
def collector() -> Iterator[tuple[int, list[bytes]]]:
    """Takes what is exported, as an OpenTelemetry collector does."""
    taken: list[bytes] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], taken
        server.shutdown()


def until(fact):
    end = time.monotonic() + WITHIN
    while not (found := fact()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def send(one: House, town: Town, key: str, text: str) -> int:
    path, form = f"/live/p/here/talks/{town.talk}/messages", {"Content_Type": "application/x-www-form-urlencoded"}
    body = urlencode({"text": text, "client_key": key})
    return ask(one.port, "POST", path, body, **one.talk(town.sessions["ania"]), **form).status


def figures(port: int) -> dict[str, float]:
    try:
        told = ask(port, "GET", "/metrics").body.decode()
    except OSError:
        return {}
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in told.splitlines()
        if not line.startswith("#")
    }


@pytest.fixture(scope="module")
def watched(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Town, int, list[bytes]]]:
    own, port = town.copy(tmp_path_factory.mktemp("watched") / "data"), free_port()
    with collector() as (there, taken):
        more = {"NAWZAJEM_METRICS": f"127.0.0.1:{port}", "NAWZAJEM_TRACES": f"http://127.0.0.1:{there}/v1/traces"}
        with house(own.data, **more, NAWZAJEM_CHORES="yes", NAWZAJEM_LOG="json", NAWZAJEM_PAGE_PROCESSES="2") as one:
            yield one.until_open(), own, port, taken


SENT = 'nawzajem_done_total{kind="live",name="POST messages",outcome="ok"}'
PAGE = 'nawzajem_done_total{kind="page",name="pair",outcome="200"}'


def test_pages_sends_streams_and_chores_are_counted_whichever_process_is_asked(watched):
    one, town, port, _taken = watched
    for n in range(3):
        assert send(one, town, f"watched-{n:05}", "Sto dwadzieścia kasztanów") == 200
        ask(one.port, "GET", f"/p/here/pairs/{town.pair}/", Cookie=f"nawzajem={town.sessions['ania']}")
    told = until(lambda: (found := figures(port)).get(SENT) == 3 and found.get(PAGE) == 3 and found)
    assert told['nawzajem_seconds_count{kind="page",name="pair"}'] == 3
    until(lambda: any('kind="chore"' in name for name in figures(port)))


def test_figures_and_traces_name_nobody(watched):
    one, town, port, taken = watched
    send(one, town, "watched-names", "Sto dwadzieścia kasztanów")
    told = " ".join(until(lambda: figures(port)))
    until(lambda: b"live POST messages" in b"".join(taken))
    for secret in (town.talk, town.pair, town.sessions["ania"], "kasztan", "Ania", "watched-"):
        assert secret not in told
        assert secret.encode() not in b"".join(taken)
    assert set(re.findall(r"(\w+)=\"", told)) <= {"kind", "name", "outcome", "le"}


def test_when_the_process_that_tells_is_killed_another_tells(watched):
    one, _town, port, _taken = watched
    until(lambda: figures(port))
    os.kill(one.children()["pages"], signal.SIGKILL)
    os.kill(one.children()["live"], signal.SIGKILL)
    until(lambda: figures(port))
    one.until_open()


def test_the_log_is_one_object_a_line(watched):
    one, _town, _port, _taken = watched
    lines = [line for line in one.told.splitlines() if line.startswith("{")]
    assert all({"at", "level", "logger", "text"} <= json.loads(line).keys() for line in lines)


def test_a_mistake_in_the_log_has_places_and_no_message():
    try:
        raise ValueError("what somebody wrote")
    except ValueError as error:
        told = AsJson().format(
            logging.LogRecord(
                "x", logging.ERROR, "", 0, "broke %s", ("1a2b",), (ValueError, error, error.__traceback__)
            )
        )
    assert "somebody" not in told
    assert json.loads(told)["text"] == "broke 1a2b"
    assert any("test_watching.py" in place for place in json.loads(told)["places"])


def test_a_house_that_is_not_watched_loads_nothing_for_it(town: Town, tmp_path: Path):
    from tests.doors.keeper import Keeper

    own = town.copy(tmp_path / "data")
    code = (
        "import config.asgi, config.wsgi, sys; print(sorted({'prometheus_client', 'opentelemetry'} & set(sys.modules)))"
    )
    assert Keeper(own.data, more={"NAWZAJEM_DEVELOPMENT": "yes"}).run_python(code).splitlines()[-1] == "[]"
    assert not (own.data / "figures").exists()
