"""`nawzajem learn`: the heads of screening and coach, from the sentences under the core. For those who build the house."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from nawzajem.core.coaching import noticing
from nawzajem.core.coaching.noticed import PITFALLS
from nawzajem.core.language.carriers import Carrier, ends, first, hearing, installed, model_file
from nawzajem.core.language.e5 import Model
from nawzajem.core.language.heads import LANGUAGES, Heads, Table
from nawzajem.core.language.learning import (
    Labels,
    Learned,
    Lesson,
    Straight,
    beside,
    calibrated,
    carried,
    learn,
    made,
    told_from,
)
from nawzajem.core.screening import Tier, screen
from nawzajem.core.screening import learned as screening
from nawzajem.management import lessons
from nawzajem.management.lessons import Example

ALARMS = 0.048  # of ordinary messages that may be taken for a sign, in each language, those of the rules among them
HARD = 0.2  # of messages that only look like a sign, that may be taken for a pressing one
PRESSING = 0.98  # of imminent messages taken for a sign, those that must be called pressing
TRUE = 0.88  # of replies in which a pitfall is told, those that have one

Chosen = Labels
Say = Callable[[str], object]


class Command(BaseCommand):
    help = (
        "Learns the heads of screening and coach anew from the sentences (needs the carriers and requirements/dev.txt)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what", nargs="*", choices=["screening", "coaching", []], help="one of the two; both without"
        )
        parser.add_argument("--cache", type=Path, help="a folder that remembers what the carriers said and were taught")

    def handle(self, *, what: list[str], cache: Path | None, **_rest: Any) -> None:
        carrier = installed()
        if carrier is None:
            raise CommandError("There are no carriers here; requirements/language.txt brings them.")
        for name in what or ["screening", "coaching"]:
            heads = (
                screened(carrier, cache, partial(self.stderr.write, style_func=str))
                if name == "screening"
                else coached(carrier, cache)
            )
            path = screening.KEPT if name == "screening" else noticing.KEPT
            heads.save(path)
            told = [
                dict(zip(heads.labels, own, strict=True)) for own in heads.threshold.round(3).astype(float).tolist()
            ]
            self.stdout.write(
                json.dumps(
                    {"kept": path.name, "version": heads.version, "thresholds": dict(zip(LANGUAGES, told, strict=True))}
                )
            )


def screened(carrier: Carrier, cache: Path | None, say: Say) -> Heads:
    of = lessons.examples("screening")
    lesson, learned, straight = taught(of, carrier, cache, say)
    every, name = np.ones(len(of), bool), hearing(carrier, screening.HEARS).name
    found = beside(learned, straight, lesson, every)
    return told_from(made(found, lesson, name), pressing(sure(found, lesson, every), of, ruled(of), every))


def taught(of: list[Example], carrier: Carrier, cache: Path | None, say: Say) -> tuple[Lesson, Learned, Straight]:
    """Heads on the first carrier, and the second, whose upper layers learn with them; `say` hears how far it is."""
    from nawzajem.core.language.tuning import Tuning

    lesson = lessons.screening(of, partial(carried, first(carrier), cache=cache))
    heard = [ends(text, screening.HEARS) for text in lesson.texts]
    return lesson, learn(lesson), Tuning(Model(model_file()), heard, lesson, cache, say).straight()


def coached(carrier: Carrier, cache: Path | None) -> Heads:
    of = lessons.with_and_without_context(lessons.examples("coaching"))
    lesson = lessons.coaching(of, partial(carried, carrier, cache=cache))
    found = learn(lesson)
    every = np.ones(len(of), bool)
    from_on = noticeable(sure(found, lesson, every), lesson, every)
    return told_from(made(found, lesson, carrier.name), dict.fromkeys(LANGUAGES, from_on))


def ruled(of: list[Example]) -> Table:
    """The tier that the rules give each message."""
    return np.array([int(screen(one.text, one.language).tier) for one in of], np.float32)


def pressing(told: Table, of: list[Example], rules: Table, chosen: Chosen) -> dict[str, dict[str, float]]:
    """Thresholds of the screening for each language, from messages whose batch the heads had not seen (the columns of `told`
    are the lesson's): few alarms on ordinary ones, and of those that only look like a sign few that are called pressing."""
    languages = np.array([one.language for one in of])
    return {name: _pressing(told, of, rules, chosen & (languages == name)) for name in LANGUAGES}


def _pressing(told: Table, of: list[Example], rules: Table, chosen: Chosen) -> dict[str, float]:
    ordinary = chosen & np.array([lessons.is_ordinary(one) and not one.bare for one in of])
    looks = chosen & np.array([lessons.only_looks_like_one(one) for one in of])
    loud = screening.for_its_length(told[:, 0], [one.text for one in of])
    sign = _level(loud[ordinary], rules[ordinary] >= Tier.CONCERN, ALARMS)
    imminent = chosen & np.array([one.item["tier"] == "imminent" for one in of]) & (loud >= sign)
    enough = float(np.quantile(told[imminent, 1], 1 - PRESSING))
    most = _level(np.where(loud[looks] >= sign, told[looks, 1], 0), rules[looks] >= Tier.HIGH, HARD)
    return {screening.SIGN: sign, "high": max(enough, most)}


def _level(told: Table, anyway: Labels, share: float) -> float:
    """The lowest probability at which no more than a share of all is told, by the heads or anyway."""
    allowed = max(0, int(share * len(told)) - int(anyway.sum()))
    quiet = np.sort(told[~anyway])[::-1]
    return float(quiet[allowed]) + 1e-6 if allowed < len(quiet) else 0.0


def noticeable(told: Table, lesson: Lesson, chosen: Chosen) -> dict[str, float]:
    """One threshold for all pitfalls, the lowest at which those that are told are as often true as they must be; helps where
    they are likelier than not."""
    surest = told[chosen][:, : len(PITFALLS)].max(axis=1)
    any_true: Labels = np.any([lesson.labels[code][chosen] for code in PITFALLS], axis=0)
    order = np.argsort(-surest)
    share = np.cumsum(any_true[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(share >= TRUE)[0]
    level = float(surest[order[enough[-1]]]) if len(enough) else 1.0
    return dict.fromkeys(PITFALLS, level)


def sure(found: Learned, lesson: Lesson, chosen: Chosen) -> Table:
    """Probabilities from the scores of what was not seen, the step to them taken from the chosen."""
    steps = [calibrated(found.unseen[chosen, at], label[chosen]) for at, label in enumerate(lesson.labels.values())]
    slope, offset = np.array(steps, np.float32).T
    return 1 / (1 + np.exp(-(found.unseen * slope + offset)))
