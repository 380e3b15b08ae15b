"""The coach on labelled replies: python -m bench.coach [FILE.jsonl ...] [--public NAME=FILE ...] [--cache FOLDER] [--short]

As bench.screening: with the carriers, heads are learned five times, each time without a fifth of the batches, and tried on
those with the threshold of the other four fifths, in union with the rules; TF-IDF beside on the same folds. With files, the
heads that are kept are tried on them. Any pitfall by precision and recall, each label by itself, how far certainty is from
share. A list is a share, Wilson's bounds, and of how many. Public sets by path, learned and tried on five folds by group,
macro F1 beside TF-IDF: SETS has the names and their columns. One JSON object last.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np

from bench import words
from nawzajem.core.coaching import PITFALLS, coach
from nawzajem.core.coaching.noticing import coach_all
from nawzajem.core.language import Heard, installed
from nawzajem.core.language.learning import carried, learn
from nawzajem.management import lessons
from nawzajem.management.commands.learn import noticeable, sure

MOST = 2000  # texts of a public set: of larger ones an even draw
SETS = {  # columns of text, what it answers, label, group; a CSV with a header, or JSON Lines
    "epitome_emotional_reactions": ("response_post", "seeker_post", "level", "sp_id"),
    "epitome_interpretations": ("response_post", "seeker_post", "level", "sp_id"),
    "epitome_explorations": ("response_post", "seeker_post", "level", "sp_id"),
    "annomi": ("utterance_text", "", "main_therapist_behaviour", "transcript_id"),
    "needadvice": ("text", "", "label", "id"),
    "esconv": ("dialog", "", "strategy", "id"),
}


def main() -> None:
    wanted = words.wanted()
    wanted.add_argument("--public", action="append", default=[], metavar="NAME=FILE")
    given = wanted.parse_args()
    carrier = installed()
    if given.costs:
        print(json.dumps(costs(lessons.examples("coaching"), carrier)))
        return
    of = lessons.examples_in(given.files) if given.files else lessons.examples("coaching")[:: 20 if given.short else 1]
    told = {
        "replies": len(of),
        "rules": by_language(of, [coach(one.text, one.language, context=one.context) for one in of]),
    }
    if carrier is None:
        told["missing"] = "no carriers are installed: rules alone"
    elif given.files or given.short:
        heard = Heard(carrier, [text for one in of for text in (one.text, one.context or "-")])
        told["rules_and_heads"] = by_language(
            of, coach_all([(one.text, one.context) for one in of], "pl", carrier=heard)
        )
    else:
        told |= crossed(of, carrier, given.cache)
    told["public"] = publics(dict(one.split("=", 1) for one in given.public), carrier, given.cache)
    print(json.dumps(told | words.apart("bench.coach")))


def crossed(of, carrier, cache):
    lesson = lessons.coaching(of, partial(carried, carrier, cache=cache))
    found = learn(lesson)
    codes = list(lesson.labels)
    true = np.column_stack(list(lesson.labels.values()))
    any_true = true[:, : len(PITFALLS)].any(axis=1)
    odds = words.tfidf_unseen(lesson.texts, lesson.folds, any_true)
    certain, told = np.zeros(true.shape), np.zeros(true.shape, bool)
    for out in np.unique(lesson.folds):
        held = lesson.folds == out
        probable = sure(found, lesson, ~held)
        from_on = noticeable(probable, lesson, ~held)
        level = np.array([from_on.get(code, 0.5) for code in codes])
        certain[held], told[held] = probable[held], (probable >= level)[held]
    ruled = [coach(one.text, one.language, context=one.context) for one in of]
    both = told | np.array([[code in {found.code for found in one.pitfalls} for code in codes] for one in ruled])
    asked = np.array([one.item["asked_for_advice"] for one in of])
    both[:, codes.index("dir")] &= ~asked
    return {
        "rules_and_heads": languages(of, lambda here: any_pitfall(both, any_true, here)),
        "tfidf": languages(of, lambda here: precision_recall(odds > 0, any_true, here)),
        "labels": {
            code: precision_recall(both[:, at], true[:, at], np.ones(len(of), bool)) for at, code in enumerate(codes)
        },
        "calibration_error": {
            code: words.calibration_error(certain[:, at], true[:, at]) for at, code in enumerate(codes)
        },
    }


def any_pitfall(told, any_true, here):
    return precision_recall(told[:, : len(PITFALLS)].any(axis=1), any_true, here)


def precision_recall(told, true, here):
    return {"precision": words.share(true, told & here), "recall": words.share(told, true & here)}


def by_language(of, found):
    told = np.array([bool(one.pitfalls) for one in found])
    true = np.array([bool(one.item["pitfalls"]) for one in of])
    return languages(of, lambda here: precision_recall(told, true, here))


def languages(of, figures):
    where = {"pl": ("pl", False), "en": ("en", False), "pl_without_diacritics": ("pl", True)}
    chosen = {name: np.array([(one.language, one.bare) == kind for one in of]) for name, kind in where.items()}
    return {name: figures(here) for name, here in chosen.items() if here.any()}


def publics(paths, carrier, cache):
    told = {}
    for name, columns in SETS.items():
        path = Path(paths[name]) if name in paths else None
        if path is None or not path.exists():
            told[name] = "not there" if path else "not given"
        elif carrier is None:
            told[name] = "no carriers are installed"
        else:
            of = strategies(path) if name == "esconv" else words.public(path, columns, MOST)
            told[name] = words.on_public(of, partial(carried, carrier, cache=cache))
    return told


def strategies(path: Path) -> words.Public:
    """Helpers' turns of talks, each with the turn before."""
    turns = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        before = ""
        for turn in json.loads(line)["dialog"]:
            if turn.get("strategy"):
                turns.append((turn["text"], before, turn["strategy"], str(number)))
            before = turn["text"]
    columns = zip(*turns[:: max(1, len(turns) // MOST)], strict=True)
    return words.Public(*map(list, columns))


def costs(of, carrier):
    some = [one for one in of if not one.bare][:: max(1, len(of) // 100)]
    told = {"rules_ms": words.milliseconds(lambda one: coach(one.text, one.language, context=one.context), some)}
    if carrier:
        hint = partial(hinted, carrier)
        told["hint_ms"] = words.milliseconds(hint, some)
    return told | {"memory_mb": words.megabytes()}


def hinted(carrier, one):
    return coach(one.text, one.language, context=one.context, carrier=carrier)


if __name__ == "__main__":
    main()
