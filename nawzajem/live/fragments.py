"""A message as the page shows it, in the reader's language and on the reader's clock.

The page's own template is rendered once for each shape that a message can have on a day, with marks where its words, names and
numbers stand; a message fills them in. Rendering it anew for each message took longer than keeping it did.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache, lru_cache
from html import escape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.loader import get_template
from django.utils import timezone, translation

from nawzajem.conversations.reads import Line, State
from nawzajem.live.session import Visitor
from nawzajem.live.stream import as_data

Parts = tuple[str, ...]  # what stays and the name of what is filled in, in turns

# Drawn when the process starts, so that nothing else in a page can be taken for one. Noon exists on every day of every zone.
MARK_TALK = f"z{secrets.token_hex(6)[:11]}"
MARK_SEQ, MARK_LATEST = 10**9 + secrets.randbelow(10**8), 2 * 10**9 + secrets.randbelow(10**8)
MARK_KEY, MARK_WORDS, MARK_AUTHOR = (f"{name}{secrets.token_hex(8)}" for name in ("key", "words", "author"))
NOON = time(12, 34, 56, 100_000 + secrets.randbelow(800_000))


class Shape(NamedTuple):
    """All that decides which words of the template a message stands in."""

    day: date
    state: State
    has_text: bool
    has_author: bool
    mine: bool
    open: bool


class Fragments:
    """For one telling: readers with the same language and clock see the same, so it is made once."""

    def __init__(self) -> None:
        self._data: dict[tuple[int, bool, str, str, str], bytes] = {}

    def data_of(self, line: Line, reader: Visitor) -> bytes:
        """As a stream says it."""
        actor = reader.actor
        key = (line.seq, line.mine, actor.language, actor.time_zone, reader.slug)
        made = self._data.get(key)
        if made is None:
            made = self._data[key] = as_data(self.of(line, reader))
        return made

    def of(self, line: Line, reader: Visitor) -> str:
        here = line.at.astimezone(ZoneInfo(reader.actor.time_zone))
        shape = Shape(here.date(), line.state, bool(line.text), bool(line.author), line.mine, line.open)
        filled = {
            "talk": line.conversation,
            "seq": str(line.seq),
            "latest": str(line.latest),
            "key": escape(line.key),
            "words": _linked()(line.text) if line.text else "",
            "author": escape(line.author),
            "at": here.isoformat(),
            "clock": f"{here:%H:%M}",
        }
        parts = _parts(shape, reader.actor.language, reader.slug)
        return "".join([filled[part] if n % 2 else part for n, part in enumerate(parts)])


def make_ready() -> None:
    """The template and all addresses are read now, in each language. Otherwise it is done at the first message, for a tenth of a
    second in which nobody hears anything."""
    shape = Shape(timezone.localdate(), "said", has_text=True, has_author=False, mine=True, open=True)
    for language, _name in settings.LANGUAGES:
        _parts(shape, language, "-")


@lru_cache(1024)
def _parts(shape: Shape, language: str, slug: str) -> Parts:
    line = Line(
        conversation=MARK_TALK,
        seq=MARK_SEQ,
        latest=MARK_LATEST,
        state=shape.state,
        text=MARK_WORDS if shape.has_text else "",
        at=datetime.combine(shape.day, NOON, timezone.get_default_timezone()),
        mine=shape.mine,
        author=MARK_AUTHOR if shape.has_author else "",
        key=MARK_KEY,
        open=shape.open,
    )
    with translation.override(language), timezone.override(timezone.get_default_timezone()):
        page = get_template("conversations/_message.html").render({"line": line, "programme": {"slug": slug}})
    pieces = _marks(shape.day).split(page)
    names = {mark: name for name, mark in _marked(shape.day).items()}
    return tuple(names[piece] if n % 2 else piece for n, piece in enumerate(pieces))


def _marks(day: date) -> re.Pattern[str]:
    """The moment comes first, for the hour stands in it too."""
    return re.compile(f"({'|'.join(re.escape(mark) for mark in _marked(day).values())})")


def _marked(day: date) -> dict[str, str]:
    noon = datetime.combine(day, NOON, timezone.get_default_timezone())
    return {
        "at": noon.isoformat(),
        "clock": f"{noon:%H:%M}",
        "talk": MARK_TALK,
        "seq": str(MARK_SEQ),
        "latest": str(MARK_LATEST),
        "key": MARK_KEY,
        "words": MARK_WORDS,
        "author": MARK_AUTHOR,
    }


@cache
def _linked() -> Callable[[str], str]:
    """The page's own way of showing words, asked of the template engine as the template does."""
    templates = engines["django"]
    assert isinstance(templates, DjangoTemplates)
    known = [library.filters for library in templates.engine.template_builtins]
    found: Callable[[str], str] = next(filters["linked"] for filters in known if "linked" in filters)
    return found
