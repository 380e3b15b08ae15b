"""docs/events.md lists every kind of event with its facts, and nothing that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nawzajem.ground import events

HOUSE = Path(__file__).parents[2]
EMITTERS = {"emit", "emit_each", "emit_all"}
LINE = re.compile(r"^\| `([a-z_.]+)` \|([^|]*)\|[^|]*\|$")


def emitted() -> dict[str, set[str]]:
    """Every kind with the facts it carries, read from the code."""
    found: dict[str, set[str]] = {}
    for kind, facts in _calls():
        found.setdefault(kind, set()).update(facts)
    return found


def _calls() -> Iterator[tuple[str, set[str]]]:
    for file in sorted((HOUSE / "nawzajem").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _name(node) in EMITTERS:
                if file.name == "events.py" and file.parent.name == "ground":
                    continue
                for kind in _kinds(node.args[0 if _name(node) == "emit_all" else 1], file):
                    yield kind, _facts(node)


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _kinds(node: ast.expr, file: Path) -> list[str]:
    """A literal; or the one kind that follows from a state."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    assert isinstance(node, ast.JoinedStr), f"{file}: an event's kind should be written out"
    start = node.values[0]
    assert isinstance(start, ast.Constant)
    assert start.value == "proposal.", f"{file}: an event's kind should be written out"
    return ["proposal.declined", "proposal.lapsed"]


def _facts(node: ast.Call) -> set[str]:
    if _name(node) != "emit":  # the facts stand in dicts beside the things
        return {
            key.value
            for inner in ast.walk(node)
            if isinstance(inner, ast.Dict)
            for key in inner.keys
            if isinstance(key, ast.Constant)
        }
    return {word.arg for word in node.keywords if word.arg and word.arg != "wakes"}


def documented() -> dict[str, set[str]]:
    lines = (LINE.match(line) for line in (HOUSE / "docs" / "events.md").read_text().splitlines())
    return {line[1]: set(re.findall(r"`([a-z_]+)`", line[2])) for line in lines if line}


def test_every_kind_of_event_is_documented_with_its_facts():
    assert documented() == emitted()


def test_kinds_are_short_enough_and_say_what_happened_to_what():
    longest = events.Event._meta.get_field("kind").max_length
    for kind in emitted():
        assert len(kind) <= (longest or 0)
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", kind), kind


def test_letters_are_made_of_events_that_there_are():
    from nawzajem.notify.letters import OCCASIONS

    assert set(OCCASIONS) <= set(emitted())


def test_what_makes_the_house_look_again_are_events_that_there_are():
    from nawzajem.pairs.chores import ASKED, OFFERED

    assert emitted().keys() >= ASKED | OFFERED
