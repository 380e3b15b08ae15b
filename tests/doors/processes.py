"""The processes of a house, started for a test on a data folder and a port of their own, and ended with it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.postgresql import new_database

if TYPE_CHECKING:
    from tests.tables import Tables

HOUSE = Path(__file__).resolve().parents[2]
OTHER_KEY = "9f3c1d7a5be0842657c8f10a93de4b76a85f2c61d490eb38170265bfca9d4e83"


def environment(data: Path, **more: str) -> dict[str, str]:
    """Nothing of the test's own settings: the house in its embedded default. What it compiles is there for the next house."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "NUMBA_CACHE_DIR") if name in os.environ}
    kept["TMPDIR"] = os.environ.get("NAWZAJEM_DATA", tempfile.gettempdir())  # what is killed leaves nothing elsewhere
    return kept | {"NAWZAJEM_DATA": str(data), "PYTHONPATH": str(HOUSE), "NAWZAJEM_CHORES": "no"} | more


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@dataclass
class Town:
    """A data folder in which the cast lives; the rest of it is in a database, where there is an address."""

    data: Path
    talk: str
    pair: str
    sessions: dict[str, str]
    address: str = ""

    @classmethod
    def there(cls, data: Path, tables: Tables) -> Town:
        """The one that lives there; where nobody does yet, they move in."""
        told = data.with_suffix(".json")
        if not told.exists():
            address = tables.begin(data)
            own = {"DATABASE_URL": address} if address else {}
            run = [sys.executable, "-m", "tests.doors.town"]
            done = subprocess.run(run, env=environment(data, **own), cwd=HOUSE, check=True, capture_output=True)
            told.write_text(json.dumps(json.loads(done.stdout.splitlines()[-1]) | {"address": address}))
        return cls(data, **json.loads(told.read_bytes()))

    def copy(self, to: Path) -> Town:
        shutil.copytree(self.data, to, dirs_exist_ok=True)
        return replace(self, data=to, address=new_database(self.address) if self.address else "")

    def said(self) -> list[tuple[int, str]]:
        """Places and keys of all that is kept, read from the file itself."""
        with contextlib.closing(sqlite3.connect(self.data / "nawzajem.sqlite3")) as file:
            rows = file.execute(
                "SELECT seq, client_key FROM nawzajem_message WHERE conversation_id = ? ORDER BY seq", [self.talk]
            )
            return rows.fetchall()


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: Any = None, within: float = 20, **headers: str) -> Reply:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=within)
    with contextlib.closing(line):
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())


@dataclass
class House:
    """`nawzajem serve`, as somebody starts it."""

    data: Path
    more: dict[str, str] = field(default_factory=dict)
    words: Sequence[str] = ()

    def start(self, **popen: Any) -> House:
        self.port = free_port()
        variables = environment(self.data, PORT=str(self.port), **self.more)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the house
        run = [sys.executable, "-m", "nawzajem", "serve", *self.words]
        self.process = subprocess.Popen(run, env=variables, cwd=HOUSE, stdout=self.log, stderr=self.log, **popen)
        return self

    def until_open(self, within: float = 30) -> House:
        until = time.monotonic() + within
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(self.port, "GET", "/healthz", within=2).status == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError(f"the house did not open: {self.told}")

    def until_told(self, words: str, within: float = 30) -> None:
        until = time.monotonic() + within
        while words not in self.told:
            assert time.monotonic() < until, self.told
            time.sleep(0.05)

    @property
    def told(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()

    def end(self, sign: int = signal.SIGTERM, within: float = 12) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(within)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(12)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def children(self) -> dict[str, int]:
        """The two processes, by what they do."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        found: dict[str, int] = {}
        for line in listed.stdout.splitlines():
            pid, _space, args = line.strip().partition(" ")
            found["live" if "nawzajem.live" in args else "pages"] = int(pid)
        return found

    def talk(self, session: str) -> dict[str, str]:
        """Headers of a page of ours."""
        return {"Cookie": f"nawzajem={session}", "X_Nawzajem": "test", "Origin": f"http://127.0.0.1:{self.port}"}


@contextlib.contextmanager
def house(data: Path, *words: str, **more: str) -> Iterator[House]:
    one = House(data, more, words).start()
    try:
        yield one
    finally:
        one.close()


@contextlib.contextmanager
def door_before_echo(data: Path, **more: str) -> Iterator[int]:
    """The live process before pages that say back what reached them; the port."""
    with tempfile.TemporaryDirectory(prefix="nz") as run, socket.create_server(("127.0.0.1", 0)) as door:
        pages = f"{run}/pages"
        variables = environment(data, NAWZAJEM_PAGES=pages, **more)
        granian = [
            "granian",
            "--interface",
            "wsgi",
            "--uds",
            pages,
            "--workers",
            "1",
            "--http",
            "1",
            "--log-level",
            "warning",
        ]
        started = [
            subprocess.Popen(
                [sys.executable, "-m", *granian, "tests.doors.echo:application"], env=variables, cwd=HOUSE
            ),
            subprocess.Popen(
                [sys.executable, "-m", "nawzajem.live", str(door.fileno())],
                env=variables,
                cwd=HOUSE,
                pass_fds=[door.fileno()],
            ),
        ]
        port = int(door.getsockname()[1])
        try:
            until = time.monotonic() + 20
            while ask(port, "GET", "/healthz").status != 200:
                assert time.monotonic() < until
                time.sleep(0.1)
            yield port
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(10)
