"""What a stream says of a message is what the page shows, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nawzajem.conversations.reads import Line
from nawzajem.ground.actor import Actor
from nawzajem.live.fragments import Fragments
from nawzajem.live.session import Visitor

WORDS = st.text() | st.sampled_from(
    ["", "see https://example.org/?a=1&b=2 and www.example.com", "<b>&\n\n'\"", "12:34"]
)
LINES = st.builds(
    Line,
    conversation=st.text("abcdefghjkmnpqrstuvwxyz23456789", min_size=12, max_size=12),
    seq=st.integers(1, 2**31 - 1),
    latest=st.integers(1, 2**31 - 1),
    state=st.sampled_from(["said", "edited", "withdrawn", "erased", "damaged"]),
    text=WORDS,
    at=st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    mine=st.booleans(),
    author=WORDS,
    key=WORDS,
    open=st.booleans(),
)
ZONES = st.sampled_from(["Europe/Warsaw", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(LINES, st.sampled_from(["pl", "pl-formal", "en"]), ZONES, st.sampled_from(["hall", "12-34-56", "z"]))
def test_a_fragment_is_what_the_page_shows(line: Line, language: str, zone: str, slug: str):
    actor = Actor(person="p", programme="q", language=language, time_zone=zone)
    reader = Visitor("session", slug, actor, shows_presence=True, standing=0, seen_at=0.0)
    assert Fragments().of(line, reader) == _shown(line, language, zone, slug)


def _shown(line: Line, language: str, zone: str, slug: str) -> Any:
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        return get_template("conversations/_message.html").render({"line": line, "programme": {"slug": slug}})
