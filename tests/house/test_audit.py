"""The audit of what is installed: what advisories know fails it, and silence is told aloud. They are played by a server here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests import audit
from tests.doors.processes import free_port

WEAKNESS = {
    "id": "PYSEC-2026-1",
    "summary": "Something opens what should stay closed.",
    "affected": [
        {
            "package": {"name": "redis", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@pytest.fixture
def advisories(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[str, str]]]:
    """`advisories(redis=[...])`: what they know of a package, and of all others nothing."""
    monkeypatch.setattr(audit, "LISTS", ("redis",))
    known: dict[str, list[object]] = {}
    asked = HTTPServer(("127.0.0.1", 0), _answering(known))
    thread = threading.Thread(target=asked.serve_forever)
    thread.start()

    def knowing(**weaknesses: list[object]) -> tuple[str, str]:
        known.update(weaknesses)
        return "--osv-url", f"http://127.0.0.1:{asked.server_port}/"

    yield knowing
    asked.shutdown()
    thread.join()
    asked.server_close()


def _answering(known: dict[str, list[object]]) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            told = json.dumps({"vulns": known[name]} if name in known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_words: object) -> None:
            pass

    return Answering


def test_a_known_weakness_fails_it_and_is_named(advisories, capsys):
    assert audit.main(*advisories(redis=[WEAKNESS])) == 1
    assert "PYSEC-2026-1, mended in 99.0" in capsys.readouterr().out


def test_without_one_it_passes(advisories, capsys):
    assert audit.main(*advisories()) == 0
    assert capsys.readouterr().out == "0 known weaknesses in what is installed.\n"


def test_where_nobody_answers_that_is_said_aloud(advisories, capsys):
    advisories()
    assert audit.main("--osv-url", f"http://127.0.0.1:{free_port()}/") == 0
    assert "COULD NOT BE ASKED" in capsys.readouterr().out


def test_where_silence_may_not_pass_it_fails_and_says_so(advisories, capsys, monkeypatch):
    monkeypatch.setenv("NAWZAJEM_ADVISORIES", "must-answer")
    assert audit.main(*advisories()) == 0
    assert audit.main("--osv-url", f"http://127.0.0.1:{free_port()}/") == 1
    assert "must answer, so this fails" in capsys.readouterr().out


def test_advisories_that_answer_nonsense_have_not_answered(advisories, capsys):
    assert audit.main(*advisories(redis="of another kind")) == 0
    assert "COULD NOT BE ASKED" in capsys.readouterr().out


def test_every_list_of_packages_is_looked_at():
    """The tools for fuzzing excepted, which nobody's house runs."""
    named = {path.stem for path in audit.PINNED.glob("*.txt")}
    read = {
        line[3:-3]
        for name in audit.LISTS
        for line in (audit.PINNED / f"{name}.in").read_text().splitlines()
        if line[:3] == "-r "
    }
    assert named - {*audit.LISTS} - read == {"fuzz"}
