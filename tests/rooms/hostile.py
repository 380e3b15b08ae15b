"""What is typed by people who mean harm, or whose keyboard does: the same for every form of the house."""

from __future__ import annotations

WORDS = "Zazulka"  # stands for what somebody wrote; no event may ever hold it
NUL = "a\x00b"
LONG = "ż" * 10_000
MARKS = "\u202egnihton\u202c"  # from right to left
EMOJI = "🌿👩🏽‍🚒"
NOTHING = " \t\n\u00a0"

CODES = [
    "",
    NUL,
    LONG,
    MARKS,
    EMOJI,
    "'; DROP TABLE nawzajem_person; --",
    "<script>",
    "%s",
    "../../etc",
    "-1",
    "²",
    "٣",
]
