"""What somebody may give away while writing: ways to reach them elsewhere, and money. Places in a text, and which kind.

The patterns are the only rules. They are written in what Python and browsers both understand, so that the page asks the
writer by the very same ones, on the writer's own device, before anything is sent. In each, group 1 is what was noticed.
They would rather miss something than ask about an ordinary sentence: help lines, years, hours and prices are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["contact", "money"]

_APPS = "insta(?:gram)?|snap(?:chat)?|discord|telegram|messenger|facebook|fb|tik ?tok|whats ?app|viber|skype|signal"
_START, _END = r"(?:^|[^\w@+])", r"(?![\w@])"

PATTERNS: Mapping[Kind, Sequence[str]] = {
    "contact": (
        r"([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[a-z]{2,24})",
        r"((?:https?://|www\.)[^\s<>]{3,})",
        rf"{_START}([a-z0-9-]{{1,63}}\.(?:pl|com|eu|net|org|me|gg)(?:/[^\s<>]*)?){_END}",
        r"(?:^|[^\d+/-])((?:\+|00)?\d(?:[ .()-]?\d){8,12})(?![ -]?\d)",
        r"(?:^|\s)(@[a-z0-9_][a-z0-9_.]{2,29})(?![\w@])",
        rf"{_START}((?:{_APPS})(?:'?[a-zą-ż]{{0,3}})?\s*[:=@]\s*[^\s,;]{{3,}})",
    ),
    "money": (
        r"(?:^|[^a-z0-9])([a-z]{2}\d{2}(?: ?[a-z0-9]{4}){4,7}(?: ?[a-z0-9]{1,3})?)(?![a-z0-9])",
        r"(?:^|[^\d])(\d{2}(?: ?\d{4}){6})(?!\d)",
        rf"{_START}(blik(?:u|iem|a|ować)?){_END}",
        rf"{_START}((?:nr|numer|numerze) (?:mojego |jej |jego )?(?:konta|rachunku)){_END}",
        rf"{_START}((?:prze[lś][^\s]{{1,6}}|prze[sś]lij|wp[lł]a[cć][^\s]{{0,3}}|po[zż]ycz[^\s]{{0,4}}) (?:mi|nam|jej|jemu)){_END}",
        rf"{_START}((?:send|lend|wire|transfer|give) me (?:some |the |a bit of )?(?:money|cash|\S?\d+)){_END}",
        rf"{_START}(lend me (?:[£$€]? ?\d+|something)|(?:my |the )?(?:bank account|account number|sort code|gift cards?)){_END}",
        rf"{_START}(paypal(?:em|a)?|revolut(?:em|a)?|bitcoin[a-z]{{0,2}}|western union){_END}",
    ),
}


@dataclass(frozen=True, slots=True)
class Noticed:
    """`text[start:end]` is what was noticed."""

    start: int
    end: int
    kind: Kind


def noticed(text: str) -> list[Noticed]:
    """In the order of the text; where two overlap, the longer. Linear in the length of the text."""
    found = [
        Noticed(*hit.span(1), kind)
        for kind, patterns in _compiled().items()
        for one in patterns
        for hit in one.finditer(text)
    ]
    kept: list[Noticed] = []
    for one in sorted(found, key=lambda each: each.start - each.end):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda each: each.start)


@cache
def _compiled() -> dict[Kind, list[re.Pattern[str]]]:
    return {kind: [re.compile(one, re.IGNORECASE) for one in patterns] for kind, patterns in PATTERNS.items()}
