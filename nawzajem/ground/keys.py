"""The master keys: from the environment, or from a file that is made on first start and never shown.

A house has one, and two or more while they are changed: the newest wraps, the others still open what they wrapped. Each stands
on a line of its own, the newest first; as hexadecimal digits, or as a program of the keeper's own wrapped it (a KMS).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIZE = 32  # bytes of a key
FEWEST = 17  # different bytes in a key that was drawn; 32 that were have fewer once in 10^13
PATIENCE = 30  # seconds for a program that wraps


class WrongKey(SystemExit):
    """A master key that cannot be used. Said to the keeper of the house in a sentence, before anything starts."""


class Form(Protocol):
    """How a key stands on its line."""

    def written(self, key: bytes) -> str: ...

    def read(self, line: str, where: str) -> bytes: ...


class Digits:
    def written(self, key: bytes) -> str:
        return key.hex()

    def read(self, line: str, where: str) -> bytes:
        try:
            key = bytes.fromhex(line)
        except ValueError:
            key = b""
        return checked(key, where)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """By a program: `PROGRAM wrap` gets the digits of a key and says one line, `PROGRAM unwrap` gets that line and says the digits."""

    command: str

    def written(self, key: bytes) -> str:
        return self._asked("wrap", key.hex())

    def read(self, line: str, where: str) -> bytes:
        return Digits().read(self._asked("unwrap", line), f"What NAWZAJEM_KEY_COMMAND makes of {where}")

    def _asked(self, what: str, line: str) -> str:
        """What it says is never quoted: it may be a key."""
        try:
            done = subprocess.run(  # noqa: S603  the keeper's own words
                [*shlex.split(self.command), what],
                input=line + "\n",
                capture_output=True,
                text=True,
                check=True,
                timeout=PATIENCE,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = (
                f"it ended with {error.returncode}"
                if isinstance(error, subprocess.CalledProcessError)
                else type(error).__name__
            )
            raise WrongKey(f"NAWZAJEM_KEY_COMMAND could not {what} the key: {why}.") from None
        if len(done.stdout.split()) != 1:
            raise WrongKey(f"NAWZAJEM_KEY_COMMAND should say one line without spaces when asked to {what}.")
        return done.stdout.strip()


class Ring:
    """The keys of one house, the newest first. A file that changes is read again, so that a key can be changed while people write."""

    def __init__(
        self, look: Callable[[], tuple[bytes, ...]], *, file: Path | None = None, form: Form | None = None
    ) -> None:
        self.file, self.form = file, form or Digits()
        self._look, self._stamp = look, _stamp(file)
        self.known = look()

    @classmethod
    def of(cls, *keys: bytes) -> Ring:
        return cls(lambda: keys)

    @property
    def newest(self) -> bytes:
        """Never one that was replaced a moment ago, so that nothing new needs an old key."""
        return self.fresh()[0]

    def fresh(self) -> tuple[bytes, ...]:
        """A file that is gone, or half right, changes nothing for those who have the keys in memory."""
        if (stamp := _stamp(self.file)) not in {self._stamp, None}:
            with contextlib.suppress(WrongKey, OSError):
                self.known, self._stamp = self._look(), stamp
        return self.known

    def write(self, keys: Sequence[bytes]) -> None:
        """In place of those that stand in the file. The old file gives way to a whole one."""
        assert self.file is not None, "keys in the environment are changed there"
        lines = "".join(f"{self.form.written(key)}\n" for key in keys)
        beside = _beside(self.file, lines)
        beside.replace(self.file)
        _keep_names(self.file.parent)
        self.fresh()


def ring(given: str, path: Path, *, command: str = "", data: Path | None = None) -> Ring:
    """`given`, with commas or spaces between keys, wins; else the file at `path`; else a new file there, readable by its owner
    only. Where `data` are already there, a new key would open nothing of them, and would look as if it belonged to them."""
    form: Form = Wrapped(command) if command else Digits()
    if given:
        return Ring.of(*_read(given.replace(",", " "), "NAWZAJEM_KEY", form))
    if not path.exists():
        if data is not None and data.exists():
            raise WrongKey(
                f"The key file {path} is gone, and without it nothing that people wrote here can be read. "
                "Put it back from where you keep it, or give the key in NAWZAJEM_KEY."
            )
        _make(path, form)
    return Ring(lambda: _read(path.read_text(), f"The key file {path}", form), file=path, form=form)


def new_key() -> bytes:
    return secrets.token_bytes(SIZE)


def checked(key: bytes, where: str) -> bytes:
    """A key that somebody could have thought of is refused: digits that repeat or count, words in place of a key."""
    if len(key) != SIZE:
        raise WrongKey(f"{where} should hold {2 * SIZE} hexadecimal digits. `openssl rand -hex 32` makes such a key.")
    steps = {(two - one) % 256 for one, two in pairwise(key)}
    if len(set(key)) < FEWEST or len(steps) == 1 or key.isascii():
        raise WrongKey(f"{where} is too easy to guess. `openssl rand -hex 32` makes a good key.")
    return key


def _read(text: str, where: str, form: Form) -> tuple[bytes, ...]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    words = [word for line in lines for word in line.split()] or [""]
    return tuple(form.read(word, where) for word in words)


def _make(path: Path, form: Form) -> None:
    """Written beside and then given its name, so that a full disk leaves no empty key and two processes share one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = _beside(path, form.written(new_key()) + "\n")
    try:
        with contextlib.suppress(FileExistsError):  # another process made one a moment ago, and that one holds
            os.link(beside, path)
    finally:
        beside.unlink()


def _beside(path: Path, text: str) -> Path:
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _keep_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(file: Path | None) -> tuple[int, int] | None:
    """Every way of writing it anew makes another file."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns) if found else None


def derive(master: bytes, purpose: str) -> bytes:
    """A key for one purpose, so that no key is used for two things. HKDF, RFC 5869."""
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=b"nawzajem/" + purpose.encode()).derive(master)
