"""From the sentences that lie under the core to lessons: which text stands beside which labels, and which batches stay apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nawzajem.core
from nawzajem.core.coaching.noticed import HELPS, PITFALLS
from nawzajem.core.coaching.noticing import ANSWERED
from nawzajem.core.language.heads import Table
from nawzajem.core.language.learning import Labels, Lesson, is_kept_apart
from nawzajem.core.letters import PLAIN
from nawzajem.core.screening.learned import KINDS, SIGN

CORE = Path(nawzajem.core.__path__[0])
BARE = {ord(letter): plain for letter, plain in zip("ąćęńóśźżĄĆĘŃÓŚŹŻ", "acenoszzACENOSZZ", strict=True)} | dict(PLAIN)

Carry = Callable[[list[str]], Table]


@dataclass(frozen=True)
class Example:
    """One text in one language, and all that is known of it."""

    item: dict[str, Any]
    language: str
    text: str
    context: str = ""
    bare: bool = False  # without diacritics, as many type


def examples(room: str, *, apart: bool) -> list[Example]:
    """Those of the room's sentences that are learned from, or those that are kept apart; in each language as written, and
    in Polish without diacritics too."""
    found = [item for item in _items(CORE / room / "sentences") if is_kept_apart(item["batch"]) == apart]
    return [one for item in found for one in _examples(item)]


def screening(of: list[Example], carry: Carry) -> Lesson:
    tier = np.array([one.item["tier"] for one in of])
    kind = np.array([one.item["kind"] for one in of])
    labels: dict[str, Labels] = {
        SIGN: tier != "none",
        "high": np.isin(tier, ["high", "imminent"]),
        "imminent": tier == "imminent",
    } | {each.value: kind == each.value for each in KINDS}
    return Lesson([one.text for one in of], carry([one.text for one in of]), _batches(of), labels)


def coaching(of: list[Example], carry: Carry) -> Lesson:
    """Each reply with what it answers, and every other one without it once more: it is not always known."""
    of = [*of, *(Example(one.item, one.language, one.text) for one in of[::2])]
    there = np.array([bool(one.context) for one in of], np.float32)[:, None]
    answered = carry([one.context or "-" for one in of])
    rows = np.hstack([carry([one.text for one in of]), ANSWERED * there * answered])
    labels = {
        code.value: np.array([code in {*one.item["pitfalls"], *one.item["helps"]} for one in of])
        for code in (*PITFALLS, *HELPS)
    }
    return Lesson([one.text for one in of], rows, _batches(of), labels)


def is_ordinary(one: Example) -> bool:
    """An everyday message, which nobody would take for a sign; the others without a sign only look like one."""
    return one.item["tier"] == "none" and one.item["id"].startswith("or-")


def _batches(of: list[Example]) -> list[str]:
    return [one.item["batch"] for one in of]


def _items(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _examples(item: dict[str, Any]) -> Iterator[Example]:
    for language in ("pl", "en"):
        yield Example(item, language, item[language], item.get(f"context_{language}", ""))
    if (bare := item["pl"].translate(BARE)) != item["pl"]:
        yield Example(item, "pl", bare, item.get("context_pl", "").translate(BARE), bare=True)
