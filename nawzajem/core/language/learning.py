"""How heads are learned: kernel ridge regression on carriers and parts of words, calibrated on batches that it has not seen.

Needs SciPy, which only those have who learn; running a head needs NumPy alone. The same sentences and the same carriers give
the same heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import getpid
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.language.carriers import READS, Carrier, Changes
from nawzajem.core.language.grams import WIDTH, grams
from nawzajem.core.language.heads import LANGUAGES, Heads, Reach, Table, nearness, nothing, places
from nawzajem.core.language.solving import Alike, ridge

FOLDS = 5
WORDS = 0.5  # how much the parts of words count beside the carriers
EASE = 0.5  # how little a single sentence may bend the heads (lambda)
KNOWN = 14_000  # sentences that are kept to compare with; with all of them it is a little better, and larger and slower
SCOUTS = 300  # sentences that stand for all while it is solved
ROWS = 1000  # sentences that are compared with all others at once
FIRM = 0.01  # known sentences that say the same would leave open which of them weighs how much

Labels = NDArray[np.bool_]


def fold_of(batch: str) -> int:
    """A batch is learned from as a whole or not at all: its author writes alike, and a pair's two languages say the same."""
    return crc32(f"fold {batch}".encode()) % FOLDS


@dataclass(frozen=True)
class Lesson:
    """What is learned from: texts, what the carriers say of them, their batches, a column of labels for each head, what each
    text weighs, and which columns of the carriers are compared by themselves with which share. A head says 1 for yes and -1
    for no, unless `goals` say how loud it is to be for each text. Where a carrier was taught, a label's score is joined from
    those of the labels that `joined` names for it, texts weighing `counts`, or from its own, all texts weighing the same."""

    texts: Sequence[str]
    carried: Table
    batches: Sequence[str]
    labels: Mapping[str, Labels]
    weights: Table
    parts: Sequence[tuple[int, int, float]]
    goals: Mapping[str, Table] = field(default_factory=dict)
    joined: Mapping[str, Sequence[str]] = field(default_factory=dict)
    counts: Table | None = None

    @property
    def goal(self) -> Table:
        columns = [self.goals.get(name, np.where(label, 1.0, -1.0)) for name, label in self.labels.items()]
        return np.column_stack(columns).astype(np.float32)

    @property
    def folds(self) -> NDArray[np.int64]:
        return np.array([fold_of(batch) for batch in self.batches])

    @cached_property
    def reaches(self) -> list[Reach]:
        return [_reach(self.carried, *part) for part in self.parts]


@dataclass(frozen=True)
class Learned:
    """`unseen` are scores that each text got from heads which had not seen its batch; `straight` and `changes` are there where
    a carrier was taught for them."""

    known: Table
    reaches: list[Reach]
    near: Table
    words: Table
    bias: Table
    unseen: Table
    straight: Table = field(default_factory=nothing)
    changes: Changes = ()


@dataclass(frozen=True)
class Straight:
    """What is made of the carriers' rows straight away, where one of them was taught: a column for each label, what each text got
    from one that had not seen its batch, and the changes that taught it."""

    weights: Table
    bias: Table
    unseen: Table
    changes: Changes


def beside(learned: Learned, straight: Straight, lesson: Lesson, seen: Labels) -> Learned:
    """Both together, with the shares of each label's scores such that they tell best among those that are seen.
    [Wolpert: Stacked generalization, 1992]"""
    near, own = _shares(learned.unseen, straight.unseen, lesson, seen)
    return replace(
        learned,
        near=learned.near @ near,
        words=learned.words @ near,
        bias=learned.bias @ near + straight.bias @ own,
        unseen=learned.unseen @ near + straight.unseen @ own,
        straight=straight.weights @ own,
        changes=straight.changes,
    )


def _shares(near: Table, own: Table, lesson: Lesson, seen: Labels) -> tuple[Table, Table]:
    """For each label a column of what the scores count that it is joined from; together they are log odds, but for an offset."""
    labels = list(lesson.labels)
    shares = np.zeros((2, len(labels), len(labels)), np.float32)
    for at, name in enumerate(labels):
        of = [labels.index(one) for one in lesson.joined.get(name, (name,))]
        counts = lesson.counts[seen] if name in lesson.joined and lesson.counts is not None else None
        both = np.hstack([near[seen][:, of], own[seen][:, of]])
        *found, _offset = calibrated(both, lesson.labels[name][seen], counts)
        shares[:, of, at] = np.reshape(found, (2, -1))
    return shares[0], shares[1]


def learn(lesson: Lesson) -> Learned:
    """Heads from all of the lesson, and what heads of the same kind are worth on what they have not seen."""
    words = _words(lesson.texts)
    seen = [*(lesson.folds != out for out in range(FOLDS)), np.ones(len(lesson.texts), bool)]
    drawn, goal = _drawn(lesson), lesson.goal
    known = np.sort(drawn[:KNOWN])
    pulls, fewer, said = _solved(lesson, words, seen, known, drawn[:SCOUTS])
    kept = _on_fewer(fewer, said, seen, known)
    weighed, bias = [WORDS * (words.T @ each) for each in pulls], [goal[mask].mean(axis=0) for mask in seen]
    unseen = np.zeros_like(goal)
    for mask, own, by_words, usual in zip(seen[:FOLDS], kept, weighed, bias, strict=False):
        unseen[~mask] = fewer[~mask] @ own + words[~mask] @ by_words + usual
    return Learned(lesson.carried[known], lesson.reaches, kept[-1], weighed[-1], bias[-1], unseen)


def _solved(
    lesson: Lesson, words: Any, seen: Sequence[Labels], known: NDArray[np.int64], scouts: NDArray[np.int64]
) -> tuple[list[Table], Table, Table]:
    """For each mask what every text weighs; how near all are to the known; and what the carriers' part says of each, the
    columns of one mask after the other. The whole matrix, the largest thing there is, is given back here."""
    near = _near(lesson.carried, lesson.reaches)
    alike = Alike(near, np.float32(np.sqrt(WORDS)) * words)
    pulls = ridge(alike, lesson.goal, (EASE / lesson.weights).astype(np.float32), seen, scouts)
    return pulls, near[:, known], near @ np.hstack(pulls)


def _near(carried: Table, reaches: Sequence[Reach]) -> Table:
    """Some rows at a time, for all at once would need it several times over."""
    near = np.empty((len(carried), len(carried)), np.float32)
    there = places(carried, reaches)
    for start in range(0, len(carried), ROWS):
        near[start : start + ROWS] = nearness(carried[start : start + ROWS], there)
    return near


def _reach(carried: Table, start: int, stop: int, share: float) -> Reach:
    """Near is half the distance that is usual between two sentences."""
    some = carried[:: max(1, len(carried) // 500), start:stop]
    apart = ((some[:, None] - some[None]) ** 2).sum(2)
    return Reach(start, stop, float(np.median(apart)) / 2 or 1.0, share)


def _words(texts: Sequence[str]) -> Any:
    from scipy import sparse

    parts = [grams(text) for text in texts]
    start = np.concatenate([[0], np.cumsum([len(one) for one, _values in parts])])
    at, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return sparse.csr_matrix((values, at, start), shape=(len(parts), WIDTH))


def _drawn(lesson: Lesson) -> NDArray[np.int64]:
    """All in an order of chance that is the same each time."""
    return np.argsort([crc32(text.encode()) for text in lesson.texts], kind="stable")


def _on_fewer(fewer: Table, said: Table, seen: Sequence[Labels], known: NDArray[np.int64]) -> list[Table]:
    """For each mask in `seen`, what those of the known that it lets see must weigh to say nearly what all of them said there.
    `fewer` is how near all are to the known, `said` has the columns of one mask after the other.

    [Williams, Seeger: Using the Nystroem method to speed up kernel machines, 2001]
    """
    held = [_with_itself(fewer[~mask]) for mask in seen]
    whole = sum(held[:-1], np.zeros_like(held[-1]))
    told = np.hsplit(said, len(seen))
    return [
        _weights(whole - out, fewer[mask].T @ each[mask], mask[known])
        for out, mask, each in zip(held, seen, told, strict=True)
    ]


def _with_itself(rows: Table) -> Table:
    return rows.T @ rows


def _weights(square: Table, told: Table, own: Labels) -> Table:
    """0 for the known that are not its own."""
    from scipy.linalg import solve

    firm = square[np.ix_(own, own)].astype(np.float64)
    firm[np.diag_indices(len(firm))] += FIRM
    weights = np.zeros_like(told)
    weights[own] = solve(firm, told[own], assume_a="pos", overwrite_a=True, check_finite=False)
    return weights


def calibrated(scores: Table, label: Labels, weights: Table | None = None, *, rounds: int = 60) -> tuple[float, ...]:
    """Slope (one for each column) and offset of Platt's step from scores to probabilities, by Newton; a text counts its weight.
    [Platt 1999; Lin, Lin, Weng 2007]"""
    target = np.where(label, (label.sum() + 1) / (label.sum() + 2), 1 / ((~label).sum() + 2))
    counts = np.ones(len(label)) if weights is None else weights.astype(float)
    column = np.column_stack([scores, np.ones(len(scores))]).astype(float)
    at = np.array([*[1 / (column.shape[1] - 1)] * (column.shape[1] - 1), 0.0])
    for _round in range(rounds):
        told = 1 / (1 + np.exp(-np.clip(column @ at, -40, 40)))
        bend = (column * (counts * told * (1 - told))[:, None]).T @ column + 1e-9 * np.eye(len(at))
        at = at - np.linalg.solve(bend, column.T @ (counts * (told - target)))
    return tuple(map(float, at))


def made(learned: Learned, lesson: Lesson, carrier: str) -> Heads:
    """The heads as they are kept; each label is told where it is likelier than not, until somebody sets another threshold."""
    steps = [calibrated(learned.unseen[:, at], label) for at, label in enumerate(lesson.labels.values())]
    slope, offset = (np.array(column, np.float32) for column in zip(*steps, strict=True))
    reaches = np.array([(one.start, one.stop, one.far, one.share) for one in learned.reaches], np.float32)
    heads = Heads(
        "",
        carrier,
        tuple(lesson.labels),
        learned.known,
        reaches,
        learned.near,
        learned.words.astype(np.float32),
        learned.bias,
        slope,
        offset,
        np.full((len(LANGUAGES), len(lesson.labels)), 0.5, np.float32),
        learned.straight,
        learned.changes,
    )
    return replace(heads, version=_version(heads))


def told_from(heads: Heads, thresholds: Mapping[str, Mapping[str, float]]) -> Heads:
    """With these thresholds, for each language by label, instead of the heads' own."""
    at = [
        [thresholds[language].get(name, float(told)) for name, told in zip(heads.labels, own, strict=True)]
        for language, own in zip(LANGUAGES, heads.threshold, strict=True)
    ]
    other = replace(heads, threshold=np.array(at, np.float32))
    return replace(other, version=_version(other))


def _version(heads: Heads) -> str:
    """From all that decides what they say: other weights, taught layers or thresholds are other heads."""
    told = 0
    for table in (heads.words, heads.near, heads.straight, heads.slope, heads.offset, heads.threshold):
        told = crc32(np.round(table, 3).tobytes(), told)
    for _at, those in heads.changes:
        told = crc32(those, told)
    return f"heads-{told:08x}"


def carried(carrier: Carrier, texts: Sequence[str], cache: Path | None = None) -> Table:
    """The carriers' rows, each text once; with `cache`, a folder that remembers those already carried."""
    kept = cache / f"carried-{crc32(f'{carrier.name} {READS}'.encode()):08x}.npz" if cache else None
    known: dict[str, Table] = _remembered(kept) if kept else {}
    fresh = sorted(set(texts) - known.keys())
    for start in range(0, len(fresh), 256):
        part = fresh[start : start + 256]
        known.update(zip(part, carrier.encode(part).astype(np.float16), strict=True))  # the same, kept or not
    if kept and fresh:
        whole(kept, texts=np.array(list(known)), rows=np.array(list(known.values())))
    return np.array([known[text] for text in texts], np.float32)


def _remembered(kept: Path) -> dict[str, Table]:
    if not kept.exists():
        return {}
    with np.load(kept, allow_pickle=False) as there:
        return dict(zip(there["texts"].tolist(), there["rows"], strict=True))


def whole(file: Path, **tables: Table) -> None:
    """A file that has its name when it is whole, whoever is stopped."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(f".{getpid()}")
    with half.open("wb") as there:
        np.savez(there, **tables)  # type: ignore[arg-type]
    half.replace(file)
