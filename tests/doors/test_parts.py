"""The parts of pages that make words of values."""

from __future__ import annotations

import pytest
from django.template.defaultfilters import urlize
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.web import parts


@pytest.mark.parametrize(
    ("language", "told", "said"),
    [("en", "2024", "2024"), ("en", "2025-09", "September 2025"), ("pl", "2025-09", "wrzesień 2025"), ("pl", "", "")],
)
def test_a_month_is_said_as_people_say_it(language: str, told: str, said: str) -> None:
    with override(language):
        assert parts.month(told) == said


WORDS = st.sampled_from(
    [
        "było.",
        "a@b.pl",
        "www.pl",
        "http://localhost/",
        "x:y",
        "(https://a.org/b?c=d)",
        "1.5",
        "<b>",
        "&",
        "koniec...",
        "a.com,",
        "@",
    ]
)


@given(st.lists(WORDS | st.text(max_size=8), max_size=6))
def test_addresses_in_messages_become_links_as_the_library_makes_them(words: list[str]) -> None:
    said = " ".join(words)
    assert parts.linked(said) == urlize(said)


def test_what_is_written_is_never_markup() -> None:
    assert parts.linked("<script>") == "&lt;script&gt;"
