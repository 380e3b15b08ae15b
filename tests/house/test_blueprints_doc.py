"""docs/blueprints.md tells every option as the code has it, and its example works."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic.fields import FieldInfo

from nawzajem.programmes.blueprint import OWN, Blueprint, load
from nawzajem.programmes.options import Options

PAGE = (Path(__file__).parents[2] / "docs/blueprints.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its own heading and rule."""
    table = re.search(r"(?:^\|.*\n)+", PAGE[PAGE.index(heading) :], re.MULTILINE)
    assert table
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table[0].splitlines()[2:]]


TOLD = {option.strip("| `"): (default, may_be) for option, default, may_be, _what in rows("## Options")}


def test_every_option_is_told_in_the_order_of_the_code_and_no_other():
    assert list(TOLD) == list(Options.model_fields)


@pytest.mark.parametrize("name", Options.model_fields)
def test_the_default_that_is_told_is_the_default(name):
    told = tomllib.loads(f"default = {TOLD[name][0].strip('`')}")["default"]
    assert told == Options.model_fields[name].default


@pytest.mark.parametrize("name", Options.model_fields)
def test_the_range_that_is_told_is_the_range(name):
    field, told = Options.model_fields[name], TOLD[name][1]
    bounds = {key: getattr(mark, key) for mark in field.metadata for key in ("ge", "le") if hasattr(mark, key)}
    if bounds:
        assert [int(figure) for figure in re.findall(r"\d+", told)] == [bounds["ge"], bounds["le"]]
    else:
        assert set(re.findall(r'"(\w+)"', told + ("" if "these" not in told else TOLD[name][0]))) == choices(field)


def choices(field: FieldInfo) -> set[str]:
    """The words of a Literal, also of one within a list; none for yes and no."""

    def words(annotation: Any) -> set[str]:
        return (
            {annotation} if isinstance(annotation, str) else {w for inner in get_args(annotation) for w in words(inner)}
        )

    return words(field.annotation)


def test_every_key_is_told():
    keys = [field.alias or name for name, field in Blueprint.model_fields.items()]
    assert [row[0].strip("| `") for row in rows("## Every key")] == keys
    needed = {row[0].strip("| `") for row in rows("## Every key") if row[1] == "yes"}
    assert needed == {field.alias or name for name, field in Blueprint.model_fields.items() if field.is_required()}
    assert all(f"`{key}`" in PAGE for key in OWN)


def test_the_whole_example_is_a_good_blueprint(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "garden.toml"
    path.write_text(example, encoding="utf-8")
    garden = load(path)
    assert [topic.code for topic in garden.topics] == ["soil", "soil.slugs"]
    assert garden.texts.welcome.formal
