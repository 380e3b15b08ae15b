"""Waiting that grows: each refusal in a row makes the next wait twice as long, and quiet time makes it short again.

What is counted is always somebody's own doing: their device, their browser, the name they try from where they are, their own
token; who shares an address, the door tells apart as far as it can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import ngettext

from nawzajem.ground import clock
from nawzajem.ground.refusals import TooMany

KEPT = 24 * 3600  # seconds; whoever is quiet for a day begins anew


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` refusals cost nothing; the next costs `first` seconds, then twice as many, up to `longest`. For each `calm`
    seconds of quiet after a wait, one refusal is forgotten."""

    what: str
    free: int
    first: int = 5
    longest: int = 1800
    calm: int = 60

    def wait(self, who: str) -> int:
        """Seconds until they may try again; 0 for now."""
        count, at = self._standing(who)
        left = at + self._rest(count) - clock.now().timestamp()
        return max(0, math.ceil(left))

    def refused(self, who: str) -> None:
        """What they tried opened nothing, or they did not wait."""
        count, at = self._standing(who)
        now = clock.now().timestamp()
        quiet = max(0.0, now - at - self._rest(count))
        kept = max(0.0, count - quiet / self.calm)
        cache.set(self._key(who), (kept + 1, now), timeout=KEPT)

    def forget(self, who: str) -> None:
        """They have shown that it was their own."""
        cache.delete(self._key(who))

    def _rest(self, count: float) -> float:
        """Never more than that, so that somebody behind the same address is not kept out for long."""
        over = math.ceil(count) - self.free
        return float(min(self.longest, self.first * 2 ** min(over - 1, 20))) if over > 0 else 0.0

    def _standing(self, who: str) -> tuple[float, float]:
        count, at = cache.get(self._key(who)) or (0.0, 0.0)
        return float(count), float(at)

    def _key(self, who: str) -> str:
        return f"patience:{self.what}:{who}"


def too_many(seconds: int) -> TooMany:
    """With the time in words: nobody should have to guess."""
    return TooMany(sentence(seconds))


def sentence(seconds: int) -> str:
    if seconds < 60:
        said = ngettext(
            "That was a lot at once. Please wait %(n)d second and try again.",
            "That was a lot at once. Please wait %(n)d seconds and try again.",
            seconds,
        )
        return said % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    said = ngettext(
        "That was a lot at once. Please wait %(n)d minute and try again.",
        "That was a lot at once. Please wait %(n)d minutes and try again.",
        minutes,
    )
    return said % {"n": minutes}
