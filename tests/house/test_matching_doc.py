"""The page that explains matching says what the code does."""

import re
from pathlib import Path

import pytest

from nawzajem.core.matching import RULES, curves
from nawzajem.core.matching.over_time import POLICIES, AtOnce
from nawzajem.core.sheets import read_mapping
from nawzajem.core.sheets.values import FIELDS, field_of
from nawzajem.programmes.options import Options

PAGE = (Path(__file__).parents[2] / "docs/matching.md").read_text(encoding="utf-8")


def table(first):
    """Rows of the table whose header begins so, cell by cell."""
    lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_rules_stand_on_the_page_in_their_order():
    assert [row[0] for row in table("code")] == list(RULES)


def test_every_column_of_the_plain_format_is_on_the_page_by_names_that_are_read():
    told = {name: also for name, also, _ in table("column")}
    fields = [field_of(name.strip()) for names in told for name in names.split(",")]
    assert sorted(filter(None, fields)) == sorted(FIELDS)
    for names, also in told.items():
        known = {field_of(name.strip()) for name in names.split(",")}
        for other in filter(None, re.split(r"[;,]", also)):
            assert field_of(other.strip()) in known, other


def test_the_mapping_on_the_page_is_a_mapping():
    mapping, problems = read_mapping(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert problems == ()
    assert mapping.columns["topics"] == ("topic", "second topic")


@pytest.mark.parametrize("said", ["2^(−m/36)", "2^(−h/3)", "2^(−t/168)", "0.85", "0.45"])
def test_the_formulae_on_the_page_are_those_of_the_curves(said):
    assert said in PAGE
    assert (curves.FADES, curves.HOURS_HALF, curves.WAIT_HALF, curves.LONG_AGO) == (36, 3, 168, 0.5)
    assert curves.STILL_IN_IT == ((0.45, 0.85), (0.40, 0.80), (0.35, 0.70))


def test_what_programmes_do_unless_they_decide_otherwise_is_what_the_evidence_shows_to_be_best():
    worth = {row[0].strip("`"): [float(cell.split()[0]) for cell in row[1:4]] for row in table("policy")}
    assert list(worth) == list(POLICIES)
    for load in range(3):
        assert max(worth, key=lambda name: worth[name][load]) == "at_once_fit"
    assert POLICIES["at_once_fit"]() == AtOnce(fit=True)
    assert Options().next_by_itself
    assert Options().next_in_line == "fit"
