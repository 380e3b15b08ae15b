"""A message as the page shows it, in the reader's language and on the reader's clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone, translation

from nawzajem.conversations.reads import Line
from nawzajem.live.session import Visitor


class Fragments:
    """For one telling: readers with the same language and clock see the same, so it is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, bool, str, str, str], str] = {}
        self._template = get_template("conversations/_message.html")

    def of(self, line: Line, reader: Visitor) -> str:
        key = (line.seq, line.mine, reader.actor.language, reader.actor.time_zone, reader.slug)
        if key not in self._made:
            self._made[key] = self._make(line, *key[2:])
        return self._made[key]

    def _make(self, line: Line, language: str, zone: str, slug: str) -> str:
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            return self._template.render({"line": line, "programme": {"slug": slug}})
