"""The sentences from which screening and coach are to learn: what each must hold, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import nawzajem.core
from nawzajem.core.letters import fold

HERE = Path(nawzajem.core.__path__[0])
KINDS = {"none", "suicide", "self_harm", "abuse", "danger_to_others"}
TIERS = {"none", "concern", "high", "imminent"}
PITFALLS = {"dir", "min", "rea", "hij", "jud", "dia", "sec", "res", "int", "pri"}
HELPS = {"er", "ip", "ex", "af", "sd"}
FILES = sorted(HERE.glob("*/sentences/*.jsonl"))
APART = sorted((HERE.parent.parent / "bench" / "apart").glob("*.jsonl"))  # the examination: never learned from


@cache
def items(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_item_is_whole_in_both_languages_and_written_once(file):
    for one in items(file):
        assert {"id", "batch", "style", "first", "scene", "pl", "en"} <= set(one), one["id"]
        assert one["first"] in {"pl", "en"}, one["id"]
        assert one["pl"].strip(), one["id"]
        assert one["en"].strip(), one["id"]
    for language in ("pl", "en"):
        assert max(Counter(one[language] for one in items(file)).values()) == 1


POLISH = re.compile(
    r"\b(nie|się|sie|jest|że|już|juz|jak|ale|tak|tylko|jutro|jestem|mam|mój|moja|dla|tu|tam|mnie|mi|co|po|przed|przy)\b",
    re.I,
)
ENGLISH = re.compile(
    r"\b(the|my|is|it|of|for|im|he|she|not|at|with|was|this|be|her|his|they|we|if|when|you|and|that|have|has|are)\b",
    re.I,
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_polish_stands_where_polish_is_said_to_stand(file):
    """But for a few who speak both in one breath."""
    crosswise = [one["id"] for one in items(file) if polish(one["pl"]) < 0 < polish(one["en"])]
    assert len(crosswise) <= len(items(file)) / 100, crosswise


def polish(text):
    return len(POLISH.findall(text)) - len(ENGLISH.findall(text))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_batch_has_one_style_so_that_it_can_be_held_out(file):
    styles = {(one["batch"], one["style"]) for one in items(file)}
    assert len(styles) == len({batch for batch, _ in styles})


def test_no_id_stands_twice():
    ids = [one["id"] for file in [*FILES, *APART] for one in items(file)]
    assert len(ids) == len(set(ids))


def test_what_is_kept_apart_stands_nowhere_among_what_is_learned_from():
    learned, apart = (
        {plain(one[language]) for file in files for one in items(file) for language in ("pl", "en") if language in one}
        for files in (FILES, APART)
    )
    assert len(apart) > 2000
    assert not {text for text in apart & learned if len(text) > 20}  # a short hello may be anybody's


def plain(text):
    return "".join(filter(str.isalnum, fold(text)))


@pytest.mark.parametrize(
    "file", [*(file for file in FILES if "screening" in file.parts), *APART], ids=lambda file: file.stem
)
def test_a_message_has_a_kind_where_it_has_a_tier_and_nowhere_else(file):
    for one in items(file):
        assert (one["kind"] in KINDS, one["tier"] in TIERS) == (True, True), one["id"]
        assert (one["kind"] == "none") == (one["tier"] == "none"), one["id"]
        assert isinstance(one["explicit"], bool), one["id"]
        assert not (one["explicit"] and one["tier"] == "none"), one["id"]
        assert isinstance(one["slices"], list), one["id"]


@pytest.mark.parametrize("file", [file for file in FILES if "coaching" in file.parts], ids=lambda file: file.stem)
def test_a_reply_says_where_its_labels_stand(file):
    for one in items(file):
        labels = set(one["pitfalls"]) | set(one["helps"])
        assert set(one["pitfalls"]) <= PITFALLS, one["id"]
        assert set(one["helps"]) <= HELPS, one["id"]
        assert isinstance(one["asked_for_advice"], bool), one["id"]
        for language in ("pl", "en"):
            assert one[f"context_{language}"].strip(), one["id"]
            for label, words in one[f"spans_{language}"].items():
                assert label in labels, one["id"]
                assert words in one[language], one["id"]
