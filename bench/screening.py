"""Screening on labelled messages: python -m bench.screening [FILE.jsonl ...] [--posts FILE] [--cache FOLDER] [--short]

Without files, our own sentences. With the carriers, heads are learned anew five times, each time without a fifth of the
batches, and every message is screened by rules and by heads that had not seen its batch, with thresholds and calibration
taken from the other four fifths; TF-IDF on the same folds and by the same way stands beside. With files, the heads that are
kept are tried on them. --short tries them on every twentieth of our own, which
they have seen: for time and memory alone.

The rules were written by somebody who had read most of our sentences, so theirs tell how far rules can go.
`recall`: imminent messages screened with any sign, and as high or more; `ordinary`: messages without a sign, that do not even
look like one, with any sign; `hard_negatives_high`: those that only look like one, as high or more. A list is a share, Wilson's
bounds, and of how many. --posts: C-SSRS posts, a CSV with Post and Label (Supportive, Indicator: none). One JSON object last.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np

from bench import words
from nawzajem.core.language import installed
from nawzajem.core.language.learning import beside, fold_of
from nawzajem.core.screening import Tier, screen
from nawzajem.core.screening.learned import SIGN, for_its_length, learned
from nawzajem.management import lessons
from nawzajem.management.commands.learn import pressing, ruled, sure, taught

NOBODY = {"Supportive", "Indicator"}
SLICES = (
    "third_person",
    "idiom",
    "negation",
    "past",
    "quote",
    "fiction",
    "work_talk",
    "grief",
    "twin",
    "slang",
    "long",
    "minor",
)


def main() -> None:
    wanted = words.wanted()
    wanted.add_argument("--posts", type=Path)
    given = wanted.parse_args()
    carrier = installed()
    if given.costs:
        print(json.dumps(costs(lessons.few("screening", 100), carrier)))
        return
    of = lessons.examples_in(given.files) if given.files else lessons.examples("screening")[:: 20 if given.short else 1]
    rules = ruled(of)
    told = {"messages": len(of), "rules": by_language(of, rules)}
    if carrier is None:
        told["missing"] = "no carriers are installed: rules alone"
    elif given.files or given.short:
        told |= kept(of, rules, carrier)
    else:
        told |= crossed(of, rules, carrier, given.cache)
    told["posts"] = posts(given.posts, carrier)
    print(json.dumps(told | words.apart("bench.screening")))


def crossed(of, rules, carrier, cache):
    """Everything that heads say here comes from heads that had not seen the message's batch."""
    lesson, near, straight = taught(of, carrier, cache, partial(print, file=sys.stderr))
    odds = words.tfidf_unseen(lesson.texts, lesson.folds, lesson.labels[SIGN])
    tiers, certain, plain = np.zeros(len(of)), np.zeros(len(of)), np.zeros(len(of))
    for out in np.unique(lesson.folds):
        held = lesson.folds == out
        probable = sure(beside(near, straight, lesson, ~held), lesson, ~held)
        from_on = pressing(probable, of, rules, ~held)
        tiers[held] = tiered(probable, lesson, from_on, of)[held]
        certain[held] = probable[held, 0]
        alone = pressing(np.column_stack([1 / (1 + np.exp(-odds))] * 2), of, np.zeros(len(of)), ~held)
        plain[held] = (for_its_length(1 / (1 + np.exp(-odds)), lesson.texts) >= by_its(alone, SIGN, of))[held]
    both = np.maximum(tiers, rules)
    return {
        "heads": by_language(of, tiers, certain),
        "rules_and_heads": by_language(of, both, certain),
        "tfidf": by_language(of, plain),
        "slices": by_slice(of, both),
    }


def by_its(from_on, label, of):
    """The threshold of each message's language."""
    return np.array([from_on[one.language][label] for one in of])


def tiered(probable, lesson, from_on, of):
    labels = list(lesson.labels)
    is_sign = for_its_length(probable[:, 0], lesson.texts) >= by_its(from_on, SIGN, of)
    high = probable[:, labels.index("high")] >= by_its(from_on, "high", of)
    imminent = probable[:, labels.index("imminent")] >= 0.5
    return is_sign * np.where(imminent, Tier.IMMINENT, np.where(high, Tier.HIGH, Tier.CONCERN))


def kept(of, rules, carrier):
    """By the heads that are kept."""
    texts = [one.text for one in of]
    heads = learned(carrier, texts)
    scores = heads.scored(texts, [one.language for one in of])
    tiers = np.array([int(one.tier) for one in scores])
    certain = np.array([one.certainty for one in scores])
    both = np.maximum(tiers, rules)
    return {"rules_and_heads": by_language(of, both, certain), "slices": by_slice(of, both), "version": heads.version}


def by_language(of, tiers, certain=None):
    where = {"pl": ("pl", False), "en": ("en", False), "pl_without_diacritics": ("pl", True)}
    return {
        name: figures(of, tiers, np.array([(one.language, one.bare) == kind for one in of]), certain)
        for name, kind in where.items()
        if any((one.language, one.bare) == kind for one in of)
    }


def figures(of, tiers, here, certain):
    tier, plainly, ordinary, looks = (
        np.array(column)
        for column in zip(
            *[
                (one.item["tier"], one.item["explicit"], lessons.is_ordinary(one), lessons.only_looks_like_one(one))
                for one in of
            ],
            strict=True,
        )
    )
    soon, sign = here & (tier == "imminent"), tiers >= Tier.CONCERN
    told = {
        "explicit_imminent_recall": words.share(sign, soon & plainly),
        "explicit_imminent_recall_high": words.share(tiers >= Tier.HIGH, soon & plainly),
        "indirect_imminent_recall": words.share(sign, soon & ~plainly),
        "indirect_imminent_recall_high": words.share(tiers >= Tier.HIGH, soon & ~plainly),
        "high_recall": words.share(sign, here & (tier == "high")),
        "concern_recall": words.share(sign, here & (tier == "concern")),
        "ordinary_false_alarms": words.share(sign, here & ordinary),
        "hard_negatives_high": words.share(tiers >= Tier.HIGH, here & looks),
        "hard_negatives_any": words.share(sign, here & looks),
    }
    if certain is not None:
        told["calibration_error"] = words.calibration_error(certain[here], (tier != "none")[here])
    return told


def by_slice(of, tiers):
    """Polish and English as written: of risk the share with any sign, of look-alikes the share told as high or more."""
    told = {}
    for name in SLICES:
        there = np.array([name in one.item["slices"] and not one.bare for one in of])
        risk = np.array([one.item["tier"] != "none" for one in of])
        told[name] = {
            "risk_seen": words.share(tiers >= Tier.CONCERN, there & risk),
            "none_high": words.share(tiers >= Tier.HIGH, there & ~risk),
        }
    return told


def posts(path, carrier):
    """Those with ideation or more, against the others, at the thresholds that are kept."""
    if path is None or not path.exists():
        return "not given: a CSV with the columns Post and Label" if path is None else f"{path.name} is not there"
    of = words.public(path, ("Post", "", "Label", "User"), 500)
    heads = learned(carrier)
    seen = np.array([screen(text, "en", heads=heads).tier >= Tier.CONCERN for text in of.texts])
    risk = np.array([label not in NOBODY for label in of.labels])
    label = words.tfidf_unseen(of.texts, np.array([fold_of(one) for one in of.groups]), risk)
    return {
        "recall": words.share(seen, risk),
        "false_alarms": words.share(seen, ~risk),
        "tfidf_recall": words.share(label > 0, risk),
        "tfidf_false_alarms": words.share(label > 0, ~risk),
    }


def costs(of, carrier):
    some = [one for one in of if not one.bare][:: max(1, len(of) // 100)]
    told = {"rules_ms": words.milliseconds(lambda one: screen(one.text, one.language), some)}
    if heads := learned(carrier):
        told["screening_ms"] = words.milliseconds(lambda one: screen(one.text, one.language, heads=heads), some)
    return told | {"memory_mb": words.megabytes()}


if __name__ == "__main__":
    main()
