"""A backup file: sealed with a key made from the master key, in numbered chunks, so that cutting it short, changing a
byte, or putting chunks in another order is noticed. However big it is, one chunk at a time is in memory.

    magic (8 bytes) | version (1) | length of the head (4) | head, JSON | chunks
    chunk: last (1) | length (4) | AES-256-GCM of at most a megabyte; nonce: last (1) | number (11); with the digest of
    all before the chunks as associated data

That is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (2015). Every file has a key of its own, derived
with a random salt, so no nonce is used twice. Inside is a compressed tar of a few files with known names.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import secrets
import shutil
import struct
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from nawzajem.ground.keys import derive

MAGIC, VERSION = b"NAWZAJEM", 1
CHUNK, TAG = 1 << 20, 16
LONGEST_HEAD = 10_000
FRAME = struct.Struct(">BI")
ABOUT, DATABASE, HELPLINES = "about.json", "database", "helplines.toml"


class Unusable(Exception):
    """A backup that cannot be used; `sentence` says why to whoever runs the house."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, SENTENCES[code]


SENTENCES: Mapping[str, Any] = {
    "foreign": _("This is no backup of Nawzajem."),
    "newer": _("This backup was made by a newer version of Nawzajem. Install that version first, then restore."),
    "other_key": _(
        "The key here does not open this backup. Put the key that was kept for it into the file `key` of the data folder, "
        "or into NAWZAJEM_KEY. In a new place a new key was made just now; it may be replaced."
    ),
    "cut": _("This backup is cut short: the end is missing. Take another copy of it, or an older backup."),
    "damaged": _("This backup is damaged or was changed. Take another copy of it, or an older backup."),
    "longer": _(
        "Something follows the end of this backup, so it was changed. Take another copy of it, or an older one."
    ),
}


@dataclass(frozen=True, slots=True)
class Sealing:
    """The key of one file, and what its chunks are bound to."""

    cipher: AESGCM
    about: bytes  # digest of everything before the chunks

    def nonce(self, number: int, *, last: bool) -> bytes:
        return bytes([last]) + number.to_bytes(11, "big")


def key_of(master: bytes) -> bytes:
    return derive(master, "backup")


def _name_of(key: bytes) -> str:
    """Tells one key from another without telling anything of it."""
    return hashlib.sha256(b"name of " + key).hexdigest()[:16]


class Writer(io.RawIOBase):
    """Takes bytes and writes sealed chunks. Closed properly it ends with a chunk that says it is the last."""

    def __init__(self, out: BinaryIO, key: bytes, head: Mapping[str, Any]) -> None:
        salt = secrets.token_hex(32)
        told = json.dumps({**head, "salt": salt, "key": _name_of(key)}).encode()
        opening = MAGIC + bytes([VERSION]) + len(told).to_bytes(4, "big") + told
        self._sealing = Sealing(AESGCM(derive(key, salt)), hashlib.sha256(opening).digest())
        self._out, self._held, self._number = out, bytearray(), 0
        out.write(opening)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        while len(self._held) > CHUNK:
            self._put(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._held), last=True)

    def _put(self, text: bytes, *, last: bool) -> None:
        nonce = self._sealing.nonce(self._number, last=last)
        sealed = self._sealing.cipher.encrypt(nonce, text, self._sealing.about)
        self._out.write(FRAME.pack(last, len(sealed)) + sealed)
        self._number += 1


class Reader(io.RawIOBase):
    """Gives back the bytes of chunks that are whole, unchanged and in their place; else it raises Unusable."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        opening = source.read(len(MAGIC) + 1)
        if opening[:-1] != MAGIC:
            raise Unusable("foreign")
        if opening[-1] > VERSION:
            raise Unusable("newer")
        length = source.read(4)
        size = int.from_bytes(length, "big")
        told = source.read(size) if size <= LONGEST_HEAD else b""
        self.head = _head(told, size)
        if self.head["key"] != _name_of(key):
            raise Unusable("other_key")
        about = hashlib.sha256(opening + length + told).digest()
        self._sealing = Sealing(AESGCM(derive(key, str(self.head["salt"]))), about)
        self._source, self._held, self._number, self._ended = source, b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held and not self._ended:
            self._held = self._next()
        taken = self._held[: len(buffer)]
        buffer[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        frame = self._source.read(FRAME.size)
        if len(frame) < FRAME.size:
            raise Unusable("cut")
        last, length = FRAME.unpack(frame)
        if last > 1 or not TAG <= length <= CHUNK + TAG:
            raise Unusable("damaged")
        sealed = self._source.read(length)
        if len(sealed) < length:
            raise Unusable("cut")
        text = self._opened(sealed, last=bool(last))
        if last and self._source.read(1):
            raise Unusable("longer")
        self._ended, self._number = bool(last), self._number + 1
        return text

    def _opened(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._sealing.cipher.decrypt(
                self._sealing.nonce(self._number, last=last), sealed, self._sealing.about
            )
        except InvalidTag:
            raise Unusable("damaged") from None

    def end(self) -> None:
        """To the last chunk, whatever is still unread: only then the file is known to be whole."""
        while self.read(CHUNK):
            continue


def _head(told: bytes, size: int) -> dict[str, Any]:
    if size <= LONGEST_HEAD and len(told) < size:
        raise Unusable("cut")
    try:
        head = json.loads(told)
    except (ValueError, RecursionError):
        head = {}
    if not isinstance(head, dict) or not all(
        isinstance(head.get(name), str) and head[name].isascii() for name in ("key", "salt")
    ):
        raise Unusable("damaged")
    return head


def write(out: BinaryIO, key: bytes, about: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    """`about` can be read without opening the rest, by whoever has the key; each file under the name it is known by."""
    writer = Writer(out, key, {"kind": about["kind"], "made": about["made"]})
    told = json.dumps(about).encode()
    with (
        gzip.GzipFile(fileobj=writer, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", bufsize=CHUNK) as tar,
    ):
        tar.addfile(_entry(ABOUT, len(told)), io.BytesIO(told))
        for name, path in files.items():
            with path.open("rb") as source:
                tar.addfile(_entry(name, path.stat().st_size), source)
    writer.finish()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry


def is_one(file: Path) -> bool:
    """A backup, or the beginning of one that came to nothing."""
    with file.open("rb") as held:
        return held.read(len(MAGIC)) in {MAGIC, b""}


def fits(source: BinaryIO, key: bytes) -> bool:
    """Whether the file was sealed with this key; nothing else is looked at."""
    try:
        Reader(source, key)
    except Unusable as no:
        return no.code != "other_key"
    finally:
        source.seek(0)
    return True


def unpack(source: BinaryIO, key: bytes, into: Path | None) -> dict[str, Any]:
    """What the backup says about itself, once all of it was read and nothing was wrong. Its files lie in `into`; without
    a folder they are only read."""
    with _opened(source, key) as (reader, tar):
        about: dict[str, Any] = {}
        for entry in tar:
            inner = tar.extractfile(entry)
            if inner is None or entry.name not in {ABOUT, DATABASE, HELPLINES}:
                raise Unusable("damaged")
            if entry.name == ABOUT:
                about = json.load(inner)
            else:
                _lay(inner, into / entry.name if into else None)
        reader.end()
    if not about:
        raise Unusable("damaged")
    return about


@contextmanager
def _opened(source: BinaryIO, key: bytes) -> Iterator[tuple[Reader, tarfile.TarFile]]:
    reader = Reader(source, key)
    try:
        with (
            gzip.GzipFile(fileobj=io.BufferedReader(reader, CHUNK), mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|", bufsize=CHUNK) as tar,
        ):
            yield reader, tar
    except (tarfile.TarError, OSError, EOFError, ValueError) as wrong:
        if isinstance(wrong, OSError) and wrong.errno is not None:  # the disk, not the backup
            raise
        raise Unusable("damaged") from wrong


def _lay(inner: Any, path: Path | None) -> None:
    if path is None:
        while inner.read(CHUNK):
            continue
        return
    with path.open("xb") as out:
        path.chmod(0o600)
        shutil.copyfileobj(inner, out, CHUNK)
