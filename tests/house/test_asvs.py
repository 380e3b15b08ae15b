"""The answers to OWASP ASVS 5.0: every requirement of levels 1 and 2 has one, and what they name is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs/asvs.md").read_text()
ANSWERS = {"met", "in part", "not met", "keeper", "none here"}

# The numbers of levels 1 and 2 in 5.0.0, from its published table.
NUMBERS = """
1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2
2.1.1-3 2.2.1-3 2.3.1-4 2.4.1
3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2
4.1.1-3 4.2.1 4.3.1-2 4.4.1-4
5.1.1 5.2.1-3 5.3.1-2 5.4.1-3
6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4
7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2
8.1.1-2 8.2.1-3 8.3.1 8.4.1
9.1.1-3 9.2.1-4
10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3
11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1
12.1.1-3 12.2.1-2 12.3.1-4
13.1.1 13.2.1-5 13.3.1-2 13.4.1-5
14.1.1-2 14.2.1-4 14.3.1-3
15.1.1-3 15.2.1-3 15.3.1-7
16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
17.1.1 17.2.1-4 17.3.1-2
"""


def each(told: str) -> list[str]:
    """Of "1.2.3-5": 1.2.3, 1.2.4, 1.2.5."""
    section, _dot, range_ = told.rpartition(".")
    first, _to, last = range_.partition("-")
    return [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]


def rows() -> list[tuple[str, str, str, str]]:
    lines = [line.strip("|").split("|") for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    return [tuple(cell.strip() for cell in line) for line in lines]  # type: ignore[misc]


def test_every_requirement_of_both_levels_has_one_answer():
    wanted = [one for told in NUMBERS.split() for one in each(told)]
    assert len(wanted) == 253
    assert Counter(one for number, *_row in rows() for one in each(number)) == Counter(wanted)
    assert {answer for _number, _about, answer, _how in rows()} <= ANSWERS


def test_what_is_met_says_what_holds_it_and_what_is_not_says_why():
    for number, _about, answer, how in rows():
        assert "`" in how or answer != "met", number
        assert how or answer == "none here", number


def test_every_test_and_file_that_is_named_is_there():
    named = re.findall(r"`((?:doors|rooms|house|core|journeys)/\w+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 100
    for file, test in named:
        text = (HOUSE / "tests" / file).read_text()
        assert not test or re.search(rf"^(?:async )?def {test}\(", text, re.MULTILINE), f"{file}::{test}"
    for path in re.findall(r"`((?:nawzajem|config|docs|tests|bench|bin|requirements)/[\w/.-]+)`", PAGE):
        assert (HOUSE / path).exists(), path


def test_every_heading_that_is_named_is_on_its_page():
    for page, heading in re.findall(r"`(docs/\w+\.md)`, \*([\w ]+)\*", PAGE):
        text = (HOUSE / page).read_text()
        assert re.search(rf"^##+ {heading}$|^- \*\*{heading}", text, re.MULTILINE), f"{page}: {heading}"
