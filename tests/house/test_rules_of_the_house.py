"""The rules of docs/house.md, as tests."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

HOUSE = Path(__file__).resolve().parents[2]
NAWZAJEM = HOUSE / "nawzajem"
ARROWS = [
    ["rights"],
    ["notify", "reports"],
    ["coach", "rulings"],
    ["waiting"],
    ["pairs"],
    ["asks", "offers"],
    ["conversations"],
    ["experiences"],
    ["safety", "minors"],
    ["programmes"],
    ["people"],
    ["ground"],
]
ROOMS = [room for line in ARROWS for room in line]
HEIGHT = {room: -line for line, rooms in enumerate(ARROWS) for room in rooms}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders or ("",):
        yield from sorted((NAWZAJEM / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def length(function: ast.FunctionDef) -> int:
    """Lines of code: without the signature, the docstring and empty ones."""
    body = (
        function.body[1:]
        if isinstance(function.body[0], ast.Expr) and isinstance(function.body[0].value, ast.Constant)
        else function.body
    )
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


# -- arrows -----------------------------------------------------------------------------------------------------------


def test_rooms_import_only_what_lies_below_them() -> None:
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_foreign_keys_follow_the_arrows() -> None:
    for model in apps.get_app_config("nawzajem").get_models():
        here = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            if (
                isinstance(field, models.ForeignKey | models.ManyToManyField)
                and field.related_model._meta.app_label == "nawzajem"
            ):
                there = field.related_model.__module__.split(".")[1]
                assert there == here or HEIGHT[there] < HEIGHT[here], f"{model.__name__}.{field.name}"


def test_rooms_take_from_each_other_only_what_is_shared() -> None:
    """Acts, reads, rules and models; of forms only the choices of languages."""
    wrong = []
    for room in ROOMS:
        for path in sources(room):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nawzajem."):
                    parts = node.module.split(".")
                    names = {alias.name for alias in node.names}
                    if (
                        parts[1] in ROOMS
                        and parts[1] not in {room, "ground"}
                        and "forms" in [*parts[2:], *names]
                        and names != {"spoken_choices"}
                    ):
                        wrong.append(f"{path.name} of {room} takes {node.module}")
    assert not wrong


# -- acts -------------------------------------------------------------------------------------------------------------

WRITES = re.compile(r"\.(save|create|bulk_create|update|delete|get_or_create|update_or_create|bulk_update)\(")
MAY_WRITE = {"acts.py", "states.py", "events.py", "chores.py"}


@pytest.mark.parametrize("path", sorted(NAWZAJEM.rglob("acts.py")), ids=lambda path: path.parent.name)
def test_every_act_is_gated(path: Path) -> None:
    acts = importlib.import_module(".".join(path.relative_to(HOUSE).with_suffix("").parts))
    own = {
        name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not (name := node.name).startswith("_")
    }
    assert own, "a room that can do nothing needs no acts"
    for name in own:
        assert callable(getattr(getattr(acts, name), "may", None)), f"{path}: {name} has no rule"


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_written_but_by_acts(room: str) -> None:
    for path in sources(room):
        if path.name not in MAY_WRITE:
            found = [line for line in path.read_text().splitlines() if WRITES.search(line) and "objects" in line]
            assert not found, f"{path}: {found}"


def test_doors_write_nothing() -> None:
    for path in sources("web", "api", "live"):
        found = [line for line in path.read_text().splitlines() if WRITES.search(line) and ".objects" in line]
        assert not found, f"{path}: {found}"


@pytest.mark.parametrize("room", ROOMS)
def test_acts_are_short(room: str) -> None:
    for path in sources(room):
        if path.name == "acts.py":
            long = {one.name: length(one) for one in functions(path) if length(one) > 30}
            assert not long


# -- shape ------------------------------------------------------------------------------------------------------------


def test_functions_are_short() -> None:
    lengths = sorted(length(one) for path in sources() if "migrations" not in path.parts for one in functions(path))
    assert lengths[len(lengths) // 2] < 8
    assert lengths[int(len(lengths) * 0.97)] <= 25


def test_a_file_that_grows_becomes_a_folder() -> None:
    long = {
        str(path.relative_to(HOUSE)): n
        for path in sources()
        if "migrations" not in path.parts and (n := len(path.read_text().splitlines())) > 430
    }
    assert not long


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in sources()
        if "migrations" not in path.parts
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "service", "base"])
def test_no_place_is_named_after_nothing(word: str) -> None:
    assert not [path for path in sources() if path.stem == word]


def test_no_signals() -> None:
    for path in sources():
        assert "django.dispatch" not in path.read_text(), path
        assert "models.signals" not in path.read_text(), path


# -- pages ------------------------------------------------------------------------------------------------------------

ALONE = "door.html"  # shown by the front door when the pages are away and nothing can be fetched; allowed by its hash
TEMPLATES = sorted(path for path in (NAWZAJEM / "web" / "templates").rglob("*.html") if path.name != ALONE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(NAWZAJEM / "web" / "templates")))
def test_pages_bring_no_script_or_style_of_their_own(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", text)
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


def test_style_sheets_stay_small() -> None:
    assert sum(len(path.read_text().splitlines()) for path in (NAWZAJEM / "static" / "css").glob("*.css")) <= 2500


def test_custom_elements_are_few_and_small() -> None:
    elements = sorted((NAWZAJEM / "static" / "js" / "elements").glob("*.js"))
    assert len(elements) <= 14  # docs/decisions/0022
    assert {path.name: n for path in elements if (n := len(path.read_text().splitlines())) > 80} == {}


def test_every_part_is_shown_beside_the_others() -> None:
    """What pages are made of is to be seen on one page."""
    from nawzajem.web.parts import register

    shown = (NAWZAJEM / "web" / "templates" / "home" / "parts.html").read_text()
    hidden = {"reasons", "care", "icons_address", "name_of", "field"}  # shown through others, or only with data
    assert {name for name in register.tags if not re.search(rf"{{% {name}\b", shown)} <= hidden


# -- words and tables -------------------------------------------------------------------------------------------------


def test_polish_is_complete() -> None:
    from nawzajem.management.commands import words

    assert list(words.in_step(words.found())) == []


@pytest.mark.django_db
def test_the_migration_is_in_step_with_the_tables() -> None:
    call_command("makemigrations", "nawzajem", check=True, dry_run=True, verbosity=0)


def test_there_is_one_line_of_history() -> None:
    """Nothing branches: each migration has the next number, and stands on the one before."""
    files = sorted((NAWZAJEM / "migrations").glob("0*.py"))
    assert [path.name[:4] for path in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for before, path in pairwise(files):
        assert re.search(rf"""["']{before.stem}["']""", path.read_text()), path.name


SPOKEN_OF = re.compile(r"(?<!\w)/work/|/root/|pypi\.org|pythonhosted|registry\.npmjs|debian\.org/debian")


def test_the_project_speaks_of_itself_alone() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=False).stdout.split()
    texts = [HOUSE / name for name in tracked if not name.endswith((".mo", ".png", ".svg"))]
    found = [
        str(path)
        for path in texts
        if path.exists() and path != Path(__file__) and SPOKEN_OF.search(path.read_text(errors="replace"))
    ]
    assert not found
