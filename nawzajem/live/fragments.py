"""A message as the page shows it, in the reader's language and on the reader's clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone, translation

from nawzajem.conversations.reads import Line
from nawzajem.live.session import Visitor
from nawzajem.live.stream import as_data


class Fragments:
    """For one telling: readers with the same language and clock see the same, so it is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, bool, str, str, str], str] = {}
        self._data: dict[tuple[int, bool, str, str, str], bytes] = {}
        self._template = get_template("conversations/_message.html")

    def data_of(self, line: Line, reader: Visitor) -> bytes:
        """As a stream says it."""
        key = _key(line, reader)
        if key not in self._data:
            self._data[key] = as_data(self.of(line, reader))
        return self._data[key]

    def of(self, line: Line, reader: Visitor) -> str:
        key = _key(line, reader)
        if key not in self._made:
            self._made[key] = self._make(line, *key[2:])
        return self._made[key]

    def _make(self, line: Line, language: str, zone: str, slug: str) -> str:
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            return self._template.render({"line": line, "programme": {"slug": slug}})


def _key(line: Line, reader: Visitor) -> tuple[int, bool, str, str, str]:
    return line.seq, line.mine, reader.actor.language, reader.actor.time_zone, reader.slug
