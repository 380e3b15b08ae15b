"""Bytes of every kind into everything that reads what somebody else has written: python -m bench.fuzz [SECONDS [WHAT ...]]

Atheris leads them towards branches that were not taken yet (`pip install -r requirements/fuzz.txt`). Each reader gets SECONDS
(10, unless said) of one process. What it refuses in its own words is right; any other exception is a find: it is printed with
the bytes that led to it, and the command ends with 1. Always the same seed; begins with a few good examples. One JSON object
last: of each reader how many inputs it was given, and what was found.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Reader = Callable[[bytes], object]
READERS: dict[str, tuple[Callable[[], Reader], list[bytes]]] = {}
HOUSE = Path(__file__).parents[1]
LONGEST = 4_096  # bytes of one input


def main(seconds: str = "10", *chosen: str) -> None:
    told = {name: fuzzed(name, seconds) for name in chosen or READERS}
    print(json.dumps(told))
    sys.exit(any(one["found"] for one in told.values()))


def fuzzed(name: str, seconds: str) -> dict[str, Any]:
    """In a process of its own, for it never comes back."""
    with tempfile.TemporaryDirectory(prefix="nawzajem-fuzz-") as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for n, seed in enumerate(READERS[name][1]):
            (corpus / str(n)).write_bytes(seed)
        run = [sys.executable, "-m", "bench.fuzz", "in", name, f"-max_total_time={seconds}", "-print_final_stats=1"]
        run += ["-seed=1", f"-max_len={LONGEST}", "-timeout=10", f"-artifact_prefix={folder}/", str(corpus)]
        env = os.environ | {"NAWZAJEM_DATA": folder}
        done = subprocess.run(run, capture_output=True, text=True, errors="replace", check=False, env=env, cwd=HOUSE)
        inputs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        led = [one.read_bytes() for one in Path(folder).glob("[cto]*-*")]  # crash-, timeout-, oom-
    found = re.findall(r"^\w*(?:Error|Exception|Exit)\b.*|^ALARM.*", done.stdout + done.stderr, re.MULTILINE)[:1]
    if done.returncode and not found:
        sys.exit(done.stderr[-2_000:])
    print(f"{name}: {inputs[1] if inputs else '?'} inputs", *(f"{told}: {led!r}" for told in found), flush=True)
    return {"inputs": int(inputs[1]) if inputs else 0, "found": found}


def inside(name: str, *options: str) -> None:
    import atheris

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with atheris.instrument_imports(include=["nawzajem", "config", "tomllib", "json"], enable_loader_override=False):
        import django

        django.setup()
        read = READERS[name][0]()
    atheris.Setup([sys.argv[0], *options], read)
    atheris.Fuzz()


def reader(*seeds: bytes) -> Callable[[Callable[[], Reader]], Callable[[], Reader]]:
    """What is told is a function that makes ready and gives the reader; and good examples of what it reads."""

    def told(make: Callable[[], Reader]) -> Callable[[], Reader]:
        READERS[make.__name__] = (make, list(seeds))
        return make

    return told


def words(data: bytes) -> str:
    """As JSON can carry them: half characters too."""
    return data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace")


def refusing(refusals: type[BaseException] | tuple[type[BaseException], ...], read: Callable[[str], object]) -> Reader:
    """A reader of words that may say no in these ways."""

    def reads(data: bytes) -> None:
        try:
            text = words(data)
        except UnicodeDecodeError:
            return
        with contextlib.suppress(refusals):
            read(text)

    return reads


def of_a_file(refusal: type[BaseException], read: Callable[[Path], object]) -> Reader:
    path = Path(os.environ["NAWZAJEM_DATA"], "read.toml")

    def reads(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(refusal):
            read(path)

    return reads


# -- what a keeper writes ---------------------------------------------------------------------------------------------


@reader((HOUSE / "tests/small.toml").read_bytes()[:LONGEST], b'name = { pl = "a", en = "b" }\n[options]\n[[topics]]\n')
def blueprint() -> Reader:
    from nawzajem.programmes.blueprint import BadBlueprint, load

    return of_a_file(BadBlueprint, load)


@reader(b'[[country]]\ncode = "PL"\n')
def help_lines() -> Reader:
    from nawzajem.safety.helplines import BadHelplines, read

    return of_a_file(BadHelplines, read)


@reader(
    b"PORT\n8000",
    b"NAWZAJEM_DATA\n~/data",
    b"NAWZAJEM_ORIGIN\nhttps://help.example.org",
    b"DATABASE_URL\npostgresql://a:b@c/d",
)
def setting() -> Reader:
    from config.environment import WrongSetting, read

    def reads(text: str) -> None:
        name, _end, value = text.replace("\0", "").partition("\n")
        read({name: value})

    return refusing(WrongSetting, reads)


@reader(b'columns = { who = "Name" }\n[role]\n')
def mapping() -> Reader:
    from nawzajem.core.sheets.mapping import read_mapping

    return refusing((), read_mapping)


@reader("kto;z czym\nAnia;żałoba\n".encode(), b'sep=,\nwho,topic\nA,"b\nc"\n', b"PK\x03\x04")
def sheet() -> Reader:
    from nawzajem.core.sheets.table import read_table

    return read_table


# -- what people type -------------------------------------------------------------------------------------------------


@reader(b"pon-pt 18-20:30, weekendy", b"weekdays after 6pm", b"0" * 42)
def hours() -> Reader:
    from django.core.exceptions import ValidationError

    from nawzajem.core.sheets.problems import Unreadable
    from nawzajem.core.sheets.week import read_week
    from nawzajem.ground.week import WeekField

    def reads(text: str) -> None:
        with contextlib.suppress(ValidationError):
            WeekField().clean(text)
        with contextlib.suppress(ValidationError):
            WeekField().clean(text.split())
        read_week(text)

    return refusing(Unreadable, reads)


@reader("nie chcę już żyć".encode(), b"I can't go on. He hits me", b"yes")
def screening() -> Reader:
    from nawzajem.core.screening import screen

    return refusing((), lambda text: screen(text, "pl", before=text[:100]))


@reader("Musisz się wziąć w garść".encode(), b"At least you have children. I know how you feel.")
def coaching() -> Reader:
    from nawzajem.core.coaching import coach

    return refusing((), lambda text: coach(text, "en", context=text[-100:]))


@reader(b"ring me 600 700 800", "mój numer to sześć zero zero".encode(), b"a@b.example")
def noticing() -> Reader:
    from nawzajem.core.privacy.noticed import noticed

    return refusing((), noticed)


@reader(b"ABCD-EFGH", "żółw 12".encode())
def code() -> Reader:
    """Of an invitation."""
    from nawzajem.programmes.reads import digest

    return refusing(UnicodeEncodeError, digest)  # pages and programs bring no half characters


# -- what programs send -----------------------------------------------------------------------------------------------


@reader(b"abcdefghjkmn.12~bcdefghjkmnp.3", b"a.1")
def last_event() -> Reader:
    from nawzajem.live.stream import from_id

    return refusing((), from_id)


@reader(b"text=a+b&client_key=abcdefgh", b"a=%ff%00&&=;")
def form() -> Reader:
    from nawzajem.live.call import Call, TooLong

    def reads(data: bytes) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data}

        async def send(_message: dict[str, Any]) -> None: ...

        head = [(b"cookie", data), (b"content-type", data)]
        scope = {"method": "POST", "path": "/", "query_string": data, "headers": head, "client": None}
        call = Call(scope, receive, send)
        call.cookie("nawzajem"), call.query, call.raw_path
        with contextlib.suppress(StopIteration, TooLong):
            call.form(2_000).send(None)

    return reads


@reader(b'{"topics": ["lonely"], "words": "\\ud83d"}', b"[[]]", b"1e999")
def json_body() -> Reader:
    from nawzajem.api.typed import body
    from nawzajem.ground.refusals import Invalid

    def reads(data: bytes) -> None:
        with contextlib.suppress(Invalid):
            body(SimpleNamespace(body=data))  # type: ignore[arg-type]

    return reads


# -- what lay on a disk -----------------------------------------------------------------------------------------------


@reader(b"\x01" + b"a" * 64, b"\x02abcdefghjkmn")
def sealed() -> Reader:
    from nawzajem.ground import seal

    vault = seal.new_vault()
    good = seal.seal(vault, "Cześć", about="here")

    def reads(data: bytes) -> None:
        for given, text in ((vault, data), (b"\x01" + data, good), (vault, good[:-1] + data[:1])):
            with contextlib.suppress(seal.CannotUnseal):
                seal.unseal(given, text, about="here")
        with contextlib.suppress(seal.CannotUnseal):
            seal.pointed_at(data)

    return reads


@reader(b"\0" * 64, b"NAWZAJEM")
def backup() -> Reader:
    """As it lies there; with a head of somebody else's; and, sealed as it should be, with something else in it."""
    from nawzajem.management import archive

    key = archive.key_of(b"k" * 32)
    whole = io.BytesIO()
    archive.Writer(whole, key, {"kind": "sqlite", "made": "today"}).finish()

    def reads(data: bytes) -> None:
        inside = io.BytesIO()
        writer = archive.Writer(inside, key, {"kind": "sqlite", "made": "today"})
        writer.write(data)
        writer.finish()
        opening = archive.MAGIC + bytes([archive.VERSION])
        headed = opening + len(data).to_bytes(4, "big") + data
        for given in (data, opening + data, headed, whole.getvalue()[: len(data)] + data, inside.getvalue()):
            with contextlib.suppress(archive.Unusable):
                archive.unpack(io.BytesIO(given), key, None)

    return reads


if __name__ == "__main__":
    if sys.argv[1:2] == ["in"]:
        inside(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
