"""Blueprints: the readable file a programme starts from, with its topics, kinds of support, options and texts.

Reading needs no database and no settings. A blueprint that cannot be used is told off in sentences, all at once, each
with its line; `docs/blueprints.md` explains every key to whoever writes one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from nawzajem.ground import toml
from nawzajem.ground.toml import BadFile, Part, Problem, Said, Where, Words
from nawzajem.programmes.options import Options

SHIPPED = Path(__file__).parent / "blueprints"
CODE = 40  # letters of a code
TOPIC_CODE = 60  # letters of a topic's code, which is the whole way to it
OWN = ("pl", "en", "pl-formal", "also", "care")  # what a topic says of itself; any other key begins a topic within it


class BadBlueprint(BadFile):
    """A blueprint that cannot be used. Its text names file, line and what would be right, for every problem."""


def _code(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", value):
        raise ValueError(f"should not be '{value}'; a code is made of a to z, digits and hyphens")
    return value


def _language(value: str) -> str:
    if value not in {"pl", "en"}:
        raise ValueError("is in a language that is not read here; write it under pl or en")
    return value


Code = Annotated[str, StringConstraints(max_length=CODE), AfterValidator(_code)]
Language = Annotated[str, AfterValidator(_language)]


class Coded(Words):
    """Words known by a code: a condition of joining, a background."""

    code: Code

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "words": super().plain()}


class Kind(Coded):
    """A kind of support, and what is meant by it."""

    about: Words

    def plain(self) -> dict[str, Any]:
        return super().plain() | {"about": self.about.plain()}


class TopicWords(Words):
    """A node of the tree; its code is the whole way to it: 'grief.partner' lies within 'grief'."""

    code: str
    parent: str | None
    also: dict[Language, list[Said]] = {}  # what else people type when they look for it
    care: bool = False  # whoever picks it is shown help that answers now, beside everything else


class Texts(Part):
    """What people read, and agree to, before anything is written."""

    welcome: Words
    confidentiality: Words
    rules: Words


class Blueprint(Part):
    code: Code = Field(alias="blueprint")
    name: Words
    purpose: Words
    options: Options = Options()
    kinds: list[Kind] = Field(min_length=1)
    conditions: list[Coded] = []
    backgrounds: list[Coded] = []
    topics: list[TopicWords] = Field(min_length=1)
    texts: Texts

    def differing(self) -> dict[str, Any]:
        """The options that differ from their defaults."""
        return self.options.model_dump(exclude_defaults=True)


def load(name_or_path: str | Path) -> Blueprint:
    """A shipped blueprint by its name, or one's own by its path."""
    document = toml.read(_path(name_or_path), BadBlueprint)
    found = list(_topics(document.data.get("topics", {})))
    flat = {where: topic for where, topic in found if isinstance(topic, dict)}
    problems = [*_doubles(document.data), *((where, wrong) for where, wrong in found if isinstance(wrong, str))]
    try:
        blueprint = Blueprint.model_validate(document.data | {"topics": list(flat.values())}, strict=True)
    except ValidationError as error:
        problems += toml.complaints(error, Blueprint, _ways_back(list(flat)))
    if problems:
        raise BadBlueprint(document.path, [document.problem(where, what) for where, what in problems])
    return blueprint


def available() -> list[str]:
    """The names of the blueprints that come with the house."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def _path(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, Path) or not re.fullmatch(r"[\w-]+", name_or_path):
        return Path(name_or_path)
    if name_or_path in available():
        return SHIPPED / f"{name_or_path}.toml"
    near = difflib.get_close_matches(name_or_path, available(), n=1)
    wish = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(available())}"
    raise BadBlueprint(
        Path(name_or_path), [Problem(1, f"no blueprint has this name; {wish}; or give a path to a file")]
    )


def _topics(tree: Any, where: Where = ("topics",)) -> Iterator[tuple[Where, dict[str, Any] | str]]:
    """The tree laid flat in the order of the file; in place of what is no topic, a sentence saying so."""
    if not isinstance(tree, dict):
        yield where, "topics should be a tree: [topics.grief] for a topic, [topics.grief.partner] for one within it"
        return
    inside = len(where) > 1
    for step, branch in tree.items():
        way = (*where, step)
        if inside and step in OWN:
            continue
        if inside and _is_slip(branch):
            yield way, toml.unknown(way, OWN)
        elif not isinstance(branch, dict):
            yield way, f"{toml.named(way)} should be a heading with its words below it: [{toml.named(way)}]"
        else:
            yield way, _topic(way, branch)
            yield from _topics(branch, way)


def _is_slip(branch: Any) -> bool:
    """A misspelt 'also' looks like a topic within, except that it holds lists."""
    return not isinstance(branch, dict) or any(isinstance(branch.get(key), list) for key in ("pl", "en"))


def _topic(way: Where, branch: dict[str, Any]) -> dict[str, Any] | str:
    *above, step = (str(step) for step in way[1:])
    code = ".".join([*above, step])
    try:
        _code(step)
    except ValueError as wrong:
        return f"the last part of {toml.named(way)} {wrong}"
    if len(code) > TOPIC_CODE:
        return f"the code {code} has {len(code)} letters; shorten its parts to at most {TOPIC_CODE} together with their dots"
    return {key: branch[key] for key in OWN if key in branch} | {"code": code, "parent": ".".join(above) or None}


def _ways_back(ways: list[Where]) -> Callable[[Where], Where]:
    """From the place in the flat list of topics to the way in the file."""
    return lambda where: ways[int(where[1])] + where[2:] if where[0] == "topics" and len(where) > 1 else where


def _doubles(data: dict[str, Any]) -> Iterator[tuple[Where, str]]:
    for name in ("kinds", "conditions", "backgrounds"):
        entries = data.get(name)
        codes = (
            [isinstance(entry, dict) and entry.get("code") for entry in entries] if isinstance(entries, list) else []
        )
        for place, code in enumerate(codes):
            if code and code in codes[:place]:
                yield (name, place, "code"), f"the code '{code}' stands twice under {name}; give each its own"
