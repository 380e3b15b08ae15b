"""The processes of an open house: started, started again when they die, ended in the right order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_PAUSE = 30.0  # seconds between two attempts
SETTLED = 10.0  # seconds after which a process counts as well started
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG, Linux: no process of the house outlives the one that looks after it
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Process:
    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    hands_down: Sequence[int] = ()  # open sockets
    socket: Path | None = None  # one that it makes itself, and that would be in the way if it died
    deaths: int = 0
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _started_at: float = 0.0
    _again_at: float = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        if self.socket:
            self.socket.unlink(missing_ok=True)
        self._running = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, *self.words],
            env={**os.environ, **self.environment},
            pass_fds=self.hands_down,
            start_new_session=True,  # Ctrl-C reaches the one that supervises, who ends the others in order
            preexec_fn=_end_with_parent if LIBC else None,  # noqa: PLW1509  one call into the C library, no locks
        )

    def look_after(self) -> None:
        """Started again after it died; at once at first, then after longer and longer pauses."""
        now = time.monotonic()
        if self._running and self._running.poll() is not None:
            self._sweep()
            self.deaths = 1 if now - self._started_at > SETTLED else self.deaths + 1
            self._again_at = now + min(LONGEST_PAUSE, 0.05 * 2**self.deaths)
            print(f"The process of the {self.name} ended unexpectedly and is started again.", file=sys.stderr)
        if self._running is None and now >= self._again_at:
            self.start()

    def is_running(self) -> bool:
        """One that has ended by itself leaves nothing behind."""
        if self._running and self._running.poll() is not None:
            self._sweep()
        return self._running is not None

    def ask_to_end(self) -> None:
        if self._running:
            with contextlib.suppress(ProcessLookupError):
                self._running.terminate()

    def has_ended(self, within: float) -> None:
        """Waits for it; whoever does not listen is ended."""
        if self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(timeout=max(0.05, within))
            self._sweep()

    def _sweep(self) -> None:
        """With all that it started itself."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
        self._running = None


def _end_with_parent() -> None:
    if LIBC:
        LIBC.prctl(END_WITH_PARENT, signal.SIGTERM)
