"""The sealed file of a backup: what goes in comes out, and whatever was done to it in between is noticed."""

from __future__ import annotations

import io
import os
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.management import archive
from nawzajem.management.archive import FRAME, MAGIC, Reader, Unusable, Writer

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
ABOUT = {"kind": "sqlite", "made": "2026-11-22T12:00:00+00:00", "version": "1", "migrations": [], "rows": {}}


@pytest.fixture
def small(monkeypatch):
    """Chunks of a hundred bytes, so that a short text has many."""
    monkeypatch.setattr(archive, "CHUNK", 100)


def sealed(text: bytes, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    writer = Writer(out, key, {"kind": "sqlite"})
    writer.write(text)
    writer.finish()
    return out.getvalue()


def opened(data: bytes, key: bytes = KEY) -> bytes:
    reader = Reader(io.BytesIO(data), key)
    return io.BufferedReader(reader).read()


def parts(data: bytes) -> tuple[bytes, list[bytes]]:
    """The opening, and the chunks with their frames."""
    at = len(MAGIC) + 5 + int.from_bytes(data[len(MAGIC) + 1 : len(MAGIC) + 5], "big")
    opening, chunks = data[:at], []
    while at < len(data):
        _last, length = FRAME.unpack(data[at : at + FRAME.size])
        chunks.append(data[at : at + FRAME.size + length])
        at += FRAME.size + length
    return opening, chunks


@pytest.mark.parametrize("told", [b"[" * 20_000, b'{"key": 1, "salt": 2}', b'{"key": "a", "salt": "\\ud800"}', b"7"])
def test_an_opening_that_somebody_made_up_is_told_as_damage(told):
    opening = MAGIC + bytes([archive.VERSION]) + len(told).to_bytes(4, "big") + told
    with pytest.raises(Unusable) as no:
        Reader(io.BytesIO(opening), KEY)
    assert no.value.code == "damaged"


@given(st.integers(0, 3).flatmap(lambda n: st.binary(min_size=max(0, n * 100 - 2), max_size=n * 100 + 2)))
def test_what_goes_in_comes_out_whatever_its_length(text):
    before, archive.CHUNK = archive.CHUNK, 100
    try:
        assert opened(sealed(text)) == text
    finally:
        archive.CHUNK = before


def test_nothing_of_the_text_and_nothing_of_the_key_can_be_seen():
    data = sealed(b"somebody's words " * 50)
    assert b"somebody" not in data
    assert KEY not in data
    assert KEY.hex().encode() not in data


def test_the_same_text_is_never_sealed_the_same_way_twice():
    assert parts(sealed(b"words"))[1] != parts(sealed(b"words"))[1]


CHANGES: dict[str, tuple[str, Callable[[bytes, list[bytes]], bytes]]] = {
    "the last chunk is missing": ("cut", lambda opening, chunks: opening + b"".join(chunks[:-1])),
    "all chunks are missing": ("cut", lambda opening, chunks: opening),
    "half a chunk is missing": ("cut", lambda opening, chunks: opening + b"".join(chunks)[:-60]),
    "half the opening is missing": ("cut", lambda opening, chunks: opening[:40]),
    "two chunks changed places": ("damaged", lambda o, c: o + b"".join([c[1], c[0], *c[2:]])),
    "a chunk is missing in the middle": ("damaged", lambda o, c: o + b"".join([*c[:1], *c[2:]])),
    "a chunk is there twice": ("damaged", lambda o, c: o + b"".join([c[0], *c])),
    "the last chunk comes first": ("damaged", lambda o, c: o + c[-1]),
    "a middle chunk says it is the last": ("damaged", lambda o, c: o + c[0] + b"\x01" + c[1][1:]),
    "the last chunk says it is not": ("damaged", lambda o, c: o + b"".join(c[:-1]) + b"\x00" + c[-1][1:]),
    "a chunk of another backup": ("damaged", lambda o, c: o + c[0] + parts(sealed(b"x" * 250))[1][1] + c[2]),
    "a chunk of nonsense length": ("damaged", lambda o, c: o + FRAME.pack(0, 2**31) + c[0]),
    "a flag nobody knows": ("damaged", lambda o, c: o + b"\x02" + c[0][1:]),
    "something after the end": ("longer", lambda o, c: o + b"".join(c) + b"x"),
    "another kind in the head": ("damaged", lambda o, c: o.replace(b"sqlite", b"sqlit3") + b"".join(c)),
    "a head that is none": ("damaged", lambda o, c: o.replace(b'{"', b'["') + b"".join(c)),
    "a newer form": ("newer", lambda o, c: MAGIC + b"\x02" + o[9:] + b"".join(c)),
    "no backup at all": ("foreign", lambda o, c: b"PK\x03\x04" + o + b"".join(c)),
    "nothing": ("foreign", lambda o, c: b""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_done_to_a_backup_is_noticed(small, change):
    code, done = CHANGES[change]
    with pytest.raises(Unusable) as no:
        opened(done(*parts(sealed(b"x" * 250))))
    assert no.value.code == code
    assert no.value.sentence


def test_every_single_changed_byte_is_noticed(small):
    data = sealed(os.urandom(150))
    for place in range(len(data)):
        with pytest.raises(Unusable):
            opened(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def test_another_key_is_told_from_damage():
    with pytest.raises(Unusable) as no:
        opened(sealed(b"words"), OTHER)
    assert no.value.code == "other_key"


def test_files_come_back_as_they_were_for_their_owner_only(tmp_path):
    (tmp_path / "d").write_bytes(os.urandom(3_000_000))
    (tmp_path / "h").write_bytes(b"")
    out = io.BytesIO()
    archive.write(out, KEY, ABOUT, {archive.DATABASE: tmp_path / "d", archive.HELPLINES: tmp_path / "h"})
    (tmp_path / "into").mkdir()
    assert archive.unpack(io.BytesIO(out.getvalue()), KEY, tmp_path / "into") == ABOUT
    laid = {path.name: path for path in (tmp_path / "into").iterdir()}
    assert laid[archive.DATABASE].read_bytes() == (tmp_path / "d").read_bytes()
    assert set(laid) == {archive.DATABASE, archive.HELPLINES}
    assert {oct(path.stat().st_mode & 0o777) for path in laid.values()} == {"0o600"}


@pytest.mark.parametrize("name", ["../key", "/etc/passwd", "key"])
def test_a_file_of_another_name_is_never_laid_down(tmp_path, name):
    (tmp_path / "d").write_bytes(b"words")
    out = io.BytesIO()
    archive.write(out, KEY, ABOUT, {name: tmp_path / "d"})
    (tmp_path / "into").mkdir()
    with pytest.raises(Unusable):
        archive.unpack(io.BytesIO(out.getvalue()), KEY, tmp_path / "into")
    assert not list((tmp_path / "into").iterdir())


def test_however_big_it_is_only_little_of_it_is_in_memory(tmp_path):
    with (tmp_path / "d").open("wb") as file:
        for _megabyte in range(40):
            file.write(os.urandom(1000) * 1000)
    tracemalloc.start()
    try:
        with (tmp_path / "sealed").open("w+b") as out:
            archive.write(out, KEY, ABOUT, {archive.DATABASE: tmp_path / "d"})
            out.seek(0)
            archive.unpack(out, KEY, None)
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()
