"""What bench.screening and bench.coach share: shares with intervals, TF-IDF on the same folds, time and memory, public sets."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nawzajem.core.language.learning import FOLDS, Lesson, learn
from nawzajem.core.letters import fold
from nawzajem.core.scales import share_interval

LOOSE = 4.0  # how far TF-IDF may follow the data (C)


def wanted() -> argparse.ArgumentParser:
    """What both can be told. Without files: the sentences of the house, held out by batch."""
    found = argparse.ArgumentParser()
    found.add_argument("files", nargs="*", type=Path)
    found.add_argument("--cache", type=Path, help="a folder that remembers what the carriers said and were taught")
    found.add_argument("--short", action="store_true")
    found.add_argument("--costs", action="store_true", help="time and memory alone")
    return found


def share(hit, among) -> list[float] | None:
    """How many of those chosen were hit, Wilson's bounds, and of how many; None for none."""
    of = int(np.sum(among))
    if not of:
        return None
    return [round(float(value), 3) for value in share_interval(int(np.sum(np.asarray(hit)[among])), of)] + [of]


def calibration_error(sure, true, *, bins: int = 10) -> float:
    """Expected calibration error: how far certainty and share lie apart, over bins of certainty. [Naeini et al. 2015]"""
    place = np.clip((np.asarray(sure) * bins).astype(int), 0, bins - 1)
    there = [place == one for one in range(bins) if (place == one).any()]
    return round(float(sum(abs(sure[one].mean() - true[one].mean()) * one.mean() for one in there)), 4)


def macro_f1(told: Sequence[str], true: Sequence[str]) -> float:
    each = []
    for label in sorted(set(true)):
        hits = sum(a == b == label for a, b in zip(told, true, strict=True))
        each.append(2 * hits / max(1, sum(one == label for one in told) + sum(one == label for one in true)))
    return round(float(np.mean(each)), 3)


# -- TF-IDF ---------------------------------------------------------------------------------------------------------


def tfidf_unseen(texts: Sequence[str], folds, label):
    """Log odds for each text from words and pairs of words, by logistic regression that had not seen its fold."""
    from scipy import sparse

    rows = [Counter(_words(text)) for text in texts]
    seen = Counter(word for row in rows for word in row)
    place = {word: at for at, word in enumerate(sorted(word for word, count in seen.items() if count > 1))}
    rarity = np.array([np.log(len(texts) / seen[word]) for word in place])
    entries = [(at, place[word], count) for at, row in enumerate(rows) for word, count in row.items() if word in place]
    across, down, counts = (np.array(column) for column in zip(*entries, strict=True))
    values = (1 + np.log(counts)) * rarity[down]
    table = sparse.csr_matrix((values, (across, down)), shape=(len(texts), len(place)))
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1))).ravel()
    table = (sparse.diags(1 / np.maximum(length, 1e-9)) @ table).tocsr()
    found = np.zeros(len(texts), np.float32)
    for out in np.unique(folds):
        at = _logistic(table[folds != out], label[folds != out])
        found[folds == out] = table[folds == out] @ at[:-1] + at[-1]
    return found


def _words(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", fold(text))
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _logistic(rows, label):
    from scipy.optimize import minimize

    sign, turned = np.where(label, 1.0, -1.0), rows.T.tocsr()

    def loss(at):
        margin = sign * (rows @ at[:-1] + at[-1])
        pull = -sign / (1 + np.exp(np.clip(margin, -40, 40)))
        value = LOOSE * np.logaddexp(0, -margin).sum() + 0.5 * at[:-1] @ at[:-1]
        return value, np.append(LOOSE * (turned @ pull) + at[:-1], LOOSE * pull.sum())

    return minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x


# -- public sets, given by path ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Public:
    """A labelled set somebody has: each text, what it answers, its label, and what must stay on one side of a fold."""

    texts: list[str]
    contexts: list[str]
    labels: list[str]
    groups: list[str]


def public(path: Path, columns: Sequence[str], most: int) -> Public:
    """A CSV file with a header, or JSON Lines; `columns` are those of text, context, label and group ("" for none)."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines)) if path.suffix == ".csv" else [json.loads(line) for line in lines]
    rows = rows[:: max(1, len(rows) // most)]
    text, context, label, group = columns
    return Public(
        [str(row[text]) for row in rows],
        [str(row.get(context) or "") for row in rows],
        [str(row[label]) for row in rows],
        [str(row.get(group) or number) for number, row in enumerate(rows)],
    )


def on_public(of: Public, carry: Callable[[list[str]], Any]) -> dict[str, Any]:
    """Macro F1 of heads learned on four fifths and tried on the rest, beside TF-IDF on the same folds."""
    rows = np.hstack([carry(of.texts), 0.5 * carry([one or "-" for one in of.contexts])])
    every = sorted(set(of.labels))
    labels = {one: np.array([label == one for label in of.labels]) for one in every}
    parts = ((0, 512, 0.35), (512, 896, 0.35), (896, 1408, 0.15), (1408, 1792, 0.15))
    lesson = Lesson(of.texts, rows, of.groups, labels, np.ones(len(rows), np.float32), parts)
    told = [every[at] for at in learn(lesson).unseen.argmax(axis=1)]
    odds = np.column_stack([tfidf_unseen(of.texts, lesson.folds, labels[one]) for one in every])
    return {
        "texts": len(of.texts),
        "folds": FOLDS,
        "macro_f1": macro_f1(told, of.labels),
        "tfidf_macro_f1": macro_f1([every[at] for at in odds.argmax(axis=1)], of.labels),
    }


# -- time and memory ---------------------------------------------------------------------------------------------------


def milliseconds(do: Callable[[Any], object], items: Sequence[Any]) -> dict[str, float]:
    """CPU time of each, one by one, on all cores together."""
    do(items[0])
    spent = []
    for one in items:
        before = time.process_time()
        do(one)
        spent.append(1000 * (time.process_time() - before))
    return {"p50": round(float(np.percentile(spent, 50)), 2), "p95": round(float(np.percentile(spent, 95)), 2)}


def apart(module: str) -> dict[str, Any]:
    """What `module` costs in a process of its own that does nothing else, with one thread, as the one that reads has it."""
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", module, "--costs"], env=alone, check=True, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def megabytes() -> float:
    """The most that this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
