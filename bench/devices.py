"""What a device does in a talk, without a browser: a box of what is not acknowledged yet, and a list of what was heard.

It behaves as the page's elements do. What is sent goes out in order, again and again with the same key, until there is an
answer. What is heard has a place; wherever one is missing, all that is newer is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

AGAIN = frozenset({0, 408, 425, 429, 500, 502, 503, 504})  # as in outbox.js; 0 is no answer at all

LINE = re.compile(
    r'<article [^>]*data-talk="(\w+)" data-seq="(\d+)" data-latest="(\d+)" data-key="([^"]+)"(.*?)</article>', re.S
)
WORDS = re.compile(r'<p class="words">(.*?)</p>', re.S)


@dataclass(frozen=True, slots=True)
class Said:
    seq: int
    latest: int
    key: str
    words: str  # empty once they were taken back


def lines(html: str, talk: str) -> Iterator[Said]:
    """The messages of one talk in a fragment, as a page shows them."""
    for one, seq, latest, key, rest in LINE.findall(html):
        if one == talk:
            words = WORDS.search(rest)
            yield Said(int(seq), int(latest), key, unescape(words[1]) if words else "")


@dataclass
class Heard:
    """The list on the screen."""

    talk: str
    place: int = 0
    by_seq: dict[int, Said] = field(default_factory=dict)

    def take(self, html: str) -> bool:
        """What the stream said. False when something before it is missing: then all that is newer must be fetched."""
        for line in lines(html, self.talk):
            if line.latest > self.place + 1:
                return False
            self._put([line])
        return True

    def take_all(self, html: str) -> int:
        """What was fetched: everything newer, a page of it. How many lines it had."""
        fetched = list(lines(html, self.talk))
        self._put(fetched)
        return len(fetched)

    def _put(self, told: list[Said]) -> None:
        newer = [line for line in told if line.latest > self.place]
        self.by_seq |= {line.seq: line for line in newer}
        self.place = max([self.place, *(line.latest for line in newer)])

    @property
    def shown(self) -> list[tuple[int, str, str]]:
        return [(one.seq, one.key, one.words) for _seq, one in sorted(self.by_seq.items())]


@dataclass
class Outbox:
    """What is to be sent, in order; and what became of it."""

    waiting: list[tuple[str, str]] = field(default_factory=list)  # key, words
    acknowledged: dict[str, int] = field(default_factory=dict)  # key: its place
    order: list[str] = field(default_factory=list)  # keys as they were written
    refused: dict[str, int] = field(default_factory=dict)  # key: status
    answers_changed: int = 0  # the same key answered with another place: never

    def write(self, key: str, words: str) -> None:
        self.waiting.append((key, words))
        self.order.append(key)

    def answered(self, status: int, body: bytes) -> bool:
        """What the house said of the first in the box. False when it must be asked again."""
        key, _words = self.waiting[0]
        said = _said(body)
        if status in AGAIN or said.get("code") == "signed_out":
            return False
        self.waiting.pop(0)
        if status == 200:
            self.answers_changed += self.acknowledged.get(key, said["seq"]) != said["seq"] or said["key"] != key
            self.acknowledged[key] = said["seq"]
        else:
            self.refused[key] = status
        return True


def _said(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
