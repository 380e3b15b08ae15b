"""docs/settings.md tells every setting as the code has it, and its examples can be used."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config.environment import Environment, WrongSetting, read

PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text(encoding="utf-8")
TOLD = [
    tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in re.findall(r"^\| `.*\|$", PAGE, re.MULTILINE)
]


def shown(default: object) -> str:
    """A default as a person reads it."""
    if isinstance(default, Path):
        return "`data` beside the program"
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    return f"`{default}`" if default != "" else "empty"


def test_every_setting_is_told_with_its_default_and_meaning_and_no_other():
    settings = [(f"`{one.metadata['name']}`", shown(one.default), one.metadata["about"]) for one in fields(Environment)]
    assert settings == TOLD


@pytest.mark.parametrize("example", re.findall(r"```\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_can_be_used(example):
    for line in example.splitlines():
        name, _equals, value = line.partition("=")
        assert read({name: value}) != Environment()


def test_a_wrong_value_stops_with_a_sentence_that_names_the_setting_and_what_would_be_right():
    wrong = {
        "PORT": ("eight", "should be a whole number"),
        "NAWZAJEM_CHORES": ("perhaps", "should be yes or no"),
        "NAWZAJEM_LANGUAGE": ("de", "should be pl or en"),
        "NAWZAJEM_TIME_ZONE": ("Mars/Base", "such as Europe/Warsaw"),
        "NAWZAJEM_ORIGIN": ("help.example.org", "should start with https://"),
        "NAWZAJEM_EMAIL": ("mail.example.org", "should start with smtp://"),
        "DATABASE_URL": ("mysql://x", "should start with postgresql://"),
    }
    for name, (value, wish) in wrong.items():
        with pytest.raises(WrongSetting, match=f"{name}.*{wish}"):
            read({name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "²"), ("PORT", "9" * 5_000), ("NAWZAJEM_DATA", "~nobody-of-that-name/data")]
)
def test_what_looks_right_and_is_not_stops_with_a_sentence_too(name, value):
    with pytest.raises(WrongSetting, match=name):
        read({name: value})


def test_an_empty_value_counts_as_not_set():
    assert read({one.metadata["name"]: " " for one in fields(Environment)}) == Environment()
