"""The master key: from the environment, or from a file that is made on first start and never shown."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEX_DIGITS = 64


class WrongKey(SystemExit):
    """A master key that cannot be used. Said to the keeper of the house in a sentence, before anything starts."""


def master_key(given: str, path: Path, *, data: Path | None = None) -> bytes:
    """32 bytes. `given` (hexadecimal) wins; else the file at `path`; else a new file there, readable by its owner only. Where
    `data` are already there, a new key would open nothing of them, and would look as if it belonged to them."""
    if not given and not path.exists():
        if data is not None and data.exists():
            raise WrongKey(
                f"The key file {path} is gone, and without it nothing that people wrote here can be read. "
                "Put it back from where you keep it, or give the key in NAWZAJEM_KEY."
            )
        return _make(path)
    text = given or path.read_text().strip()
    where = "NAWZAJEM_KEY" if given else f"The key file {path}"
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != HEX_DIGITS // 2:
        raise WrongKey(f"{where} should hold {HEX_DIGITS} hexadecimal digits. `openssl rand -hex 32` makes such a key.")
    if len(set(key)) < 8:
        raise WrongKey(f"{where} is too easy to guess. `openssl rand -hex 32` makes a good key.")
    return key


def _make(path: Path) -> bytes:
    """Written beside and then given its name, so that a full disk leaves no empty key and two processes share one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_bytes(HEX_DIGITS // 2).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process made one a moment ago, and that one holds
            os.link(beside, path)
    finally:
        beside.unlink()
    return bytes.fromhex(path.read_text().strip())


def derive(master: bytes, purpose: str) -> bytes:
    """A key for one purpose, so that no key is used for two things. HKDF, RFC 5869."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"nawzajem/" + purpose.encode()).derive(master)
