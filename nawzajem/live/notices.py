"""What the door says itself when the pages cannot: in both languages, for nobody can be asked just now which is theirs."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string

from nawzajem.live.call import SAFE
from nawzajem.safety import helplines


@dataclass(frozen=True, slots=True)
class Notice:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@cache
def away() -> Notice:
    return _notice(503, "away", [(b"retry-after", b"5")])


@cache
def too_long() -> Notice:
    return _notice(413, "too_long", [])


def _notice(status: int, what: str, more: list[tuple[bytes, bytes]]) -> Notice:
    body = render_to_string("refusals/door.html", {"what": what, "country": helplines.lines_for(settings.ENV.country)})
    policy = f"default-src 'none'; style-src {_hash_of_style(body)}; frame-ancestors 'none'; base-uri 'none'"
    headers = [pair for pair in SAFE if pair[0] != b"content-security-policy"]
    headers += [(b"content-security-policy", policy.encode()), (b"content-type", b"text/html; charset=utf-8")]
    length = (b"content-length", str(len(body.encode())).encode())
    return Notice(status, [*headers, length, *more], body.encode())


def _hash_of_style(page: str) -> str:
    """The one style sheet that stands in the page itself: what serves the others is just what is away."""
    found = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert found
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'"
