"""TOML files that people write by hand, read so that every complaint names the file, the line and what would be right.

tomllib tells the line of a slip in the grammar, but not the line of a wrong meaning. A file is therefore cut into its
statements first, each the fewest lines that parse by themselves, so every key is known by its line.
"""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from nawzajem.ground.words import said

Where = tuple[str | int, ...]  # the way to a value: ("kinds", 2, "about", "pl")
Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Part(BaseModel):
    """A part of a written file: its keys are all known, its values of the right kind, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(Part):
    """The same thing said in each language; for formal Polish in another way where it needs one.

    As a string it is in the language of whoever reads the page.
    """

    pl: Said
    en: Said
    formal: Said | None = Field(default=None, alias="pl-formal")

    def __str__(self) -> str:
        return said(Words.plain(self))

    def plain(self) -> dict[str, Any]:
        words = {"pl": self.pl, "en": self.en}
        return words | {"pl-formal": self.formal} if self.formal else words


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    line: int
    what: str


class BadFile(Exception):
    """A file that cannot be used. Its text is one line for each problem: path, line, what would be right."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(f"{path}:{one.line}: {one.what}" for one in self.problems))


@dataclass(frozen=True)
class Document:
    """What a file says, and on which line it says it."""

    path: Path
    text: str
    data: dict[str, Any]

    @cached_property
    def lines(self) -> dict[Where, int]:
        return _lines(self.text)

    def line(self, where: Where) -> int:
        """The line of a key; for one that is not there, of the table where it is missed."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def problem(self, where: Where, what: str) -> Problem:
        return Problem(self.line(where), what)


def read(path: Path, bad: type[BadFile] = BadFile) -> Document:
    """The file, or `bad` with the line of each slip in its grammar."""
    text = _text(path, bad)
    try:
        return Document(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as slip:
        raise bad(path, [_grammar(text, str(slip))]) from None
    except RecursionError:
        raise bad(path, [Problem(1, "the brackets go too deep to be read; close them earlier")]) from None


def complaints(
    error: ValidationError, shape: type[BaseModel], back: Callable[[Where], Where] = tuple
) -> Iterator[tuple[Where, str]]:
    """What pydantic found wrong with a value meant to be a `shape`: where, and a sentence saying what would be right.

    `back` leads from the place in the value to the place in the file, where the two differ.
    """
    for one in error.errors(include_url=False):
        where = tuple(step for step in one["loc"] if step != "[key]")
        if one["type"] == "extra_forbidden":
            yield back(where), unknown(back(where), _keys(shape, where))
        else:
            yield back(where), f"{named(back(where))} {_wish(one)}"


def unknown(where: Where, known: Iterable[str]) -> str:
    """A sentence about a key that nobody reads, with the nearest one that somebody does."""
    known = list(known)
    near = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.5)
    wish = f"did you mean '{near[0]}'?" if near else f"what can stand here: {', '.join(known)}"
    return f"there is no '{named(where)}'; {wish}"


def named(where: Where) -> str:
    return ".".join(str(step) for step in where if not isinstance(step, int))


def _text(path: Path, bad: type[BadFile]) -> str:
    try:
        written = path.read_bytes()
    except IsADirectoryError:
        raise bad(path, [Problem(1, "this is a folder; name the file inside it, ending in .toml")]) from None
    except OSError as no:
        raise bad(
            path, [Problem(1, f"the file cannot be read ({no.strerror}); check its name and its rights")]
        ) from None
    try:
        return written.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as slip:
        line = written.count(b"\n", 0, slip.start) + 1
        raise bad(path, [Problem(line, "these letters are not UTF-8; save the file as UTF-8 text")]) from None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any] | None]]:
    """Line, words and meaning of each statement; the last has no meaning when it never ends."""
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        held.append(line)
        try:
            meaning = tomllib.loads("\n".join(held))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        if meaning:
            yield number - len(held) + 1, held[0], meaning
        held = []
    if held:
        yield text.count("\n") + 2 - len(held), held[0], None


def _lines(text: str) -> dict[Where, int]:
    found: dict[Where, int] = {}
    here: Where = ()
    for line, words, meaning in _statements(text):
        if meaning is None:
            break
        if words.lstrip().startswith("["):
            here = _heading(found, meaning, repeated=words.lstrip().startswith("[["))
            ways: Iterable[Where] = [here]
        else:
            ways = (here + way for way in _ways(meaning))
        for way in ways:
            for length in range(1, len(way) + 1):
                found.setdefault(way[:length], line)
    return found


def _heading(found: dict[Where, int], meaning: Any, *, repeated: bool) -> Where:
    """Where a [heading] leads: within a list of tables, into its last one; [[heading]] begins the next."""
    here: Where = ()
    while meaning:
        if isinstance(meaning, list):
            meaning = meaning[0]
            continue
        ((step, meaning),) = meaning.items()
        here += (step,)
        entries = _count(found, here)
        if repeated and isinstance(meaning, list):
            here += (entries,)
        elif entries:
            here += (entries - 1,)
    return here


def _count(found: dict[Where, int], table: Where) -> int:
    return next(number for number in itertools.count() if (*table, number) not in found)


def _ways(meaning: Any) -> Iterator[Where]:
    """The way to every value within a statement."""
    inner = meaning.items() if isinstance(meaning, dict) else enumerate(meaning) if isinstance(meaning, list) else ()
    yield from ((step, *rest) for step, value in inner for rest in (_ways(value) if value else [()]))
    if not inner:
        yield ()


HINTS = {
    "Unterminated string": 'close the quotation marks: "words", or three on each side of a longer text: """words"""',
    "Illegal character '\\n'": 'a text of several lines stands between three quotation marks: """words"""',
    "Invalid value": 'words stand in straight quotation marks: pl = "słowa"; numbers, true and false without any',
    "Expected '='": 'a line is either  key = "value",  a [heading]  or a  # remark',
    "Expected newline": "one thing on a line; or a quotation mark above or within the words is not as it should be",
    "Cannot overwrite": "this key stands here twice; keep one",
    "Cannot declare": "this heading or key is there already; keep one",
    "Unescaped": r"write \\ where you mean a backslash",
    "Unclosed array": "close the list with ]",
    "Expected ']'": "close the heading with ]",
    "Invalid initial character": "a key is made of letters a to z, digits, - and _; others stand in quotation marks",
    "Invalid statement": 'a line is either  key = "value",  a [heading]  or a  # remark',
}


def _grammar(text: str, slip: str) -> Problem:
    what, _, place = slip.rpartition(" (at ")
    hint = next(
        (hint for start, hint in HINTS.items() if what.startswith(start)), "see https://toml.io for the grammar"
    )
    told = re.match(r"line (\d+)", place)
    return Problem(int(told[1]) if told else _open_end(text), f"{what}; {hint}")


def _open_end(text: str) -> int:
    """tomllib says 'at end of document' of whatever was never closed; its beginning is the line to look at."""
    ends = [line for line, _words, meaning in _statements(text) if meaning is None]
    return ends[0] if ends else len(text.rstrip().split("\n"))


def _keys(shape: type[BaseModel], where: Where) -> list[str]:
    """What may stand beside the last step of a way through a model."""
    for step in where[:-1]:
        if step in shape.model_fields:  # neither a place in a list nor a name in a table of names
            shape = next(_models(shape.model_fields[str(step)].annotation))
    return [field.alias or name for name, field in shape.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models named in an annotation such as `list[Kind]` or `Words | None`."""
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


WISHES = {
    "missing": "is missing; add it here",
    "string_type": 'should be words in quotation marks: "..."',
    "int_type": "should be a whole number, without quotation marks",
    "float_type": "should be a number, without quotation marks",
    "bool_type": "should be true or false, without quotation marks",
    "date_type": "should be a day such as 2026-11-22, without quotation marks",
    "list_type": "should be a list in square brackets, or one [[heading]] for each entry",
    "dict_type": "should be a table: one line each for its keys",
    "model_type": "should be a table: one line each for its keys",
    "too_short": "has nothing in it; add at least one",
    "literal_error": "should be {expected}",
    "greater_than_equal": "should be {ge} or more",
    "less_than_equal": "should be {le} or less",
    "string_too_short": "is empty; write the words, or leave the line out if it is not needed",
    "string_too_long": "should have at most {max_length} letters",
    "value_error": "{error}",
}


def _wish(one: ErrorDetails) -> str:
    wish = WISHES.get(one["type"])
    return wish.format(**one.get("ctx", {})) if wish else f"cannot be used: {one['msg']}"
