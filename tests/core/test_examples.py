"""What the docs show of the library is what it does."""

import doctest
from pathlib import Path

from nawzajem.core import matching

PAGE = Path(__file__).parents[2] / "docs/matching.md"


def test_the_examples_on_the_page_are_true():
    done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert done.attempted > 10
    assert not done.failed


def test_the_example_of_the_library_itself_is_true():
    done = doctest.testmod(matching)
    assert done.attempted
    assert not done.failed
