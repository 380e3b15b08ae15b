"""The parts of pages that make words of values."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from nawzajem.web import parts


@pytest.mark.parametrize(
    ("language", "told", "said"),
    [("en", "2024", "2024"), ("en", "2025-09", "September 2025"), ("pl", "2025-09", "wrzesień 2025"), ("pl", "", "")],
)
def test_a_month_is_said_as_people_say_it(language: str, told: str, said: str) -> None:
    with override(language):
        assert parts.month(told) == said
