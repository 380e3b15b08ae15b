"""From the sentences that lie under the core to lessons: which text stands beside which labels, and how much it weighs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

import nawzajem.core
from nawzajem.core.coaching.noticed import HELPS, PITFALLS
from nawzajem.core.coaching.noticing import ANSWERED
from nawzajem.core.language.heads import Table
from nawzajem.core.language.learning import Labels, Lesson
from nawzajem.core.letters import PLAIN
from nawzajem.core.screening.learned import KINDS, SIGN

CORE = Path(nawzajem.core.__path__[0])
BARE = {ord(letter): plain for letter, plain in zip("ąćęńóśźżĄĆĘŃÓŚŹŻ", "acenoszzACENOSZZ", strict=True)} | dict(PLAIN)

LOOKS = {"looks", "idiom", "negation", "past", "quote", "fiction", "news", "work_talk", "dark_humour", "grief", "twin"}
# How loud the head for any sign is to be, and what a message weighs: few alarms on ordinary days are allowed, and they are
# to be spent a little sooner where somebody means to act now. What only looks like a sign weighs less.
LOUD = {"imminent": 1.25, "high": 1.1, "concern": 1.0, "looks": -0.7, "ordinary": -1.0}
WEIGHTS = {"imminent": 1.0, "high": 1.0, "concern": 1.0, "looks": 0.5, "ordinary": 1.5}
# What presses is a sign, and is to be seen first: from these heads the score of a sign is joined, where imminent messages count more.
JOINED = {SIGN: (SIGN, "high", "imminent")}
PRESSES = 1.5

BARE_ONES = 3  # one of so many messages is screened without diacritics too: parts of words are the same, carriers hear nearly that

Carry = Callable[[list[str]], Table]


@dataclass(frozen=True)
class Example:
    """One text in one language, and all that is known of it."""

    item: dict[str, Any]
    language: str
    text: str
    context: str = ""
    bare: bool = False  # without diacritics, as many type


def examples(room: str) -> list[Example]:
    """The room's sentences, in each language as written, and some in Polish without diacritics too."""
    every = [one for item in _items(CORE / room / "sentences") for one in _examples(item)]
    return [one for one in every if room != "screening" or not one.bare or crc32(one.text.encode()) % BARE_ONES == 0]


def few(room: str, step: int) -> list[Example]:
    """One item of each `step`, and none of the others stays in memory."""
    return [one for item in islice(_items(CORE / room / "sentences"), 0, None, step) for one in _examples(item)]


def examples_in(files: list[Path]) -> list[Example]:
    """The same of files of one's own, in the form of ours."""
    items = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [one for item in items for one in _examples(item)]


def screening(of: list[Example], carry: Carry) -> Lesson:
    tier = np.array([one.item["tier"] for one in of])
    kind = np.array([one.item["kind"] for one in of])
    labels: dict[str, Labels] = {
        SIGN: tier != "none",
        "high": np.isin(tier, ["high", "imminent"]),
        "imminent": tier == "imminent",
    } | {each.value: kind == each.value for each in KINDS}
    texts = [one.text for one in of]
    weights, loud = (np.array([one_of[_weighed_as(one)] for one in of], np.float32) for one_of in (WEIGHTS, LOUD))
    counts = weights * np.where(labels["imminent"], np.float32(PRESSES), 1)
    return Lesson(texts, carry(texts), _batches(of), labels, weights, ((0, 512, 1.0),), {SIGN: loud}, JOINED, counts)


def _weighed_as(one: Example) -> str:
    if one.item["tier"] != "none":
        return str(one.item["tier"])
    return "looks" if only_looks_like_one(one) else "ordinary"


def with_and_without_context(of: list[Example]) -> list[Example]:
    """Every other reply once more without what it answers: that is not always known."""
    return [*of, *(Example(one.item, one.language, one.text) for one in of[::2])]


def coaching(of: list[Example], carry: Carry) -> Lesson:
    there = np.array([bool(one.context) for one in of], np.float32)[:, None]
    answered = carry([one.context or "-" for one in of])
    rows = np.hstack([carry([one.text for one in of]), ANSWERED * there * answered])
    labels = {
        code.value: np.array([code in {*one.item["pitfalls"], *one.item["helps"]} for one in of])
        for code in (*PITFALLS, *HELPS)
    }
    parts = ((0, 512, 0.35), (512, 896, 0.35), (896, 1408, 0.15), (1408, 1792, 0.15))
    return Lesson([one.text for one in of], rows, _batches(of), labels, np.ones(len(of), np.float32), parts)


def only_looks_like_one(one: Example) -> bool:
    """A hard negative, as `docs/labels.md` has it: no sign, and an idiom, a denial, the past, a story, talk of work or grief."""
    return one.item["tier"] == "none" and bool(LOOKS & set(one.item["slices"]))


def is_ordinary(one: Example) -> bool:
    """A message without a sign that does not even look like one."""
    return one.item["tier"] == "none" and not only_looks_like_one(one)


def _batches(of: list[Example]) -> list[str]:
    return [one.item["batch"] for one in of]


def _items(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _examples(item: dict[str, Any]) -> Iterator[Example]:
    for language in [one for one in ("pl", "en") if one in item]:  # a message kept apart may stand in one alone
        yield Example(item, language, item[language], item.get(f"context_{language}", ""))
    if "pl" in item and (bare := item["pl"].translate(BARE)) != item["pl"]:
        yield Example(item, "pl", bare, item.get("context_pl", "").translate(BARE), bare=True)
