"""Published assignment data: files of NumPy with asks, offers and scores, and not a word about people. For comparing
strategies with what others have measured. Sparse by rows (indptr, idx, sc, dem, cap); or a table (scores, allowed,
paper_loads, reviewer_loads: a paper asks, a reviewer offers); or a list of pairs (task, worker, score: a task asks for one
worker, both counted from 1). Each may hold `back`, of the shape of its scores: how the other side ranks who asks."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.core.matching import STRATEGIES, Assignment, Edges, Terms, blocking, bound

SMALL = Edges(  # three who want the same two: enough that every strategy does all of its work
    np.ones(3, np.int32),
    np.ones(2, np.int32),
    np.array([0, 2, 4, 6]),
    np.array([0, 1] * 3, np.int32),
    np.full(6, 10, np.int32),
)
Array = npt.NDArray[Any]
Arrays = dict[str, Array]
Listed = tuple[
    Array, Array, Array, Array, Array, Array | None
]  # asks, offers, scores; demand, capacity; how the others rank
FINEST = 2**30  # of the highest score, where scores are not whole


@dataclass(frozen=True, slots=True)
class Published:
    edges: Edges
    unit: float  # what one of the whole scores of the edges is worth in the file


def read(path: Path) -> Published:
    try:
        with np.load(path, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files}
    except OSError as error:
        raise CommandError(
            _("Cannot read %(path)s: %(why)s") % {"path": path, "why": error.strerror or error}
        ) from error
    except (ValueError, zipfile.BadZipFile) as error:
        raise CommandError(_("%(path)s is not a file of NumPy arrays.") % {"path": path}) from error
    try:
        return _published(_form(kept)(kept))
    except (KeyError, ValueError, IndexError) as error:
        raise CommandError(
            _(
                "%(path)s should hold indptr, idx, sc, dem, cap; or scores, allowed, paper_loads, reviewer_loads; "
                "or task, worker, score."
            )
            % {"path": path}
        ) from error


def _form(kept: Arrays) -> Callable[[Arrays], Listed]:
    return _sparse if "indptr" in kept else _pairs if "worker" in kept else _table


def _sparse(kept: Arrays) -> Listed:
    start, demand = kept["indptr"], kept["dem"]
    if len(start) != len(demand) + 1 or start[0] != 0 or (np.diff(start) < 0).any():
        raise ValueError("these rows do not follow each other")
    return (
        np.repeat(np.arange(len(demand)), np.diff(start)),
        kept["idx"],
        kept["sc"],
        demand,
        kept["cap"],
        kept.get("back"),
    )


def _pairs(kept: Arrays) -> Listed:
    asks, offers = kept["task"].astype(np.int64) - 1, kept["worker"].astype(np.int64) - 1
    demand, capacity = (np.ones(one.max(initial=-1) + 1, np.int32) for one in (asks, offers))
    return asks, offers, kept["score"], demand, capacity, kept.get("back")


def _table(kept: Arrays) -> Listed:
    scores, demand, capacity = kept["scores"], kept["paper_loads"], kept["reviewer_loads"]
    if not scores.shape == kept["allowed"].shape == (len(demand), len(capacity)):
        raise ValueError("these arrays do not belong together")
    asks, offers = np.nonzero(kept["allowed"])
    back = kept["back"][asks, offers] if "back" in kept else None
    return asks, offers, scores[asks, offers], demand, capacity, back


def _published(listed: Listed) -> Published:
    """A score that is not above 0 is no reason to meet. Whole scores stay as they are, others become whole."""
    asks, offers, score, demand, capacity, back = listed
    if not len(asks) == len(offers) == len(score) or (back is not None and len(back) != len(score)):
        raise ValueError("these arrays do not belong together")
    if min(asks.min(initial=0), offers.min(initial=0)) < 0 or offers.max(initial=-1) >= len(capacity):
        raise ValueError("a pair of nobody")
    whole = np.issubdtype(score.dtype, np.integer) and score.max(initial=0) <= FINEST
    unit = 1.0 if whole else float(score.max(initial=0)) / FINEST or 1.0
    kept = np.flatnonzero(score > 0)
    kept = kept[np.argsort(asks[kept], kind="stable")]
    edges = Edges(
        demand=demand.astype(np.int32),
        capacity=capacity.astype(np.int32),
        start=np.concatenate([[0], np.cumsum(np.bincount(asks[kept], minlength=len(demand)))]).astype(np.int64),
        offer=offers[kept].astype(np.int32),
        score=np.maximum(np.rint(score[kept] / unit), 1).astype(np.int32),
        back=None if back is None else _ranks(back[kept]),
    )
    return Published(edges, unit)


def _ranks(numbers: Array) -> npt.NDArray[np.int32]:
    """Whole numbers that stand in the same order."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int32)


def solve(of: Published, *, strategy: str, seed: int, floor: float | None = None) -> tuple[Assignment, dict[str, Any]]:
    """The assignment, and its figures in the scores of the file: `min` is what the worst-served ask gets in all. A floor too
    is in these scores."""
    terms = Terms(seed, floor=None if floor is None else round(floor / of.unit))
    STRATEGIES[strategy](SMALL)  # loads what is compiled, which is no part of the solving
    began = time.perf_counter()
    found = STRATEGIES[strategy](of.edges, terms)
    seconds = time.perf_counter() - began
    edges, score = of.edges, of.edges.score[found.edge].astype(float) * of.unit
    served = np.bincount(edges.asks()[found.edge], weights=score, minlength=len(edges.demand))
    highest = bound(edges, found.certificate) * of.unit if found.certificate else None
    return found, {
        "strategy": strategy,
        "asks": len(edges.demand),
        "offers": len(edges.capacity),
        "edges": len(edges.score),
        "paired": int((np.bincount(edges.asks()[found.edge], minlength=len(edges.demand)) > 0).sum()),
        "pairs": len(found.edge),
        "total": float(score.sum()),
        "min": float(served[edges.demand > 0].min(initial=np.inf)) if (edges.demand > 0).any() else None,
        "bound": highest,
        "gap": None if highest is None else max(highest - float(score.sum()), 0.0),
        "blocking": len(blocking(edges, found)),
        "seconds": seconds,
    }


def summary(figures: dict[str, Any]) -> Iterator[str]:
    told = figures | {name: f"{figures[name] or 0:.3f}" for name in ("total", "min", "bound", "seconds")}
    yield _("Asks: %(asks)d, offers: %(offers)d, pairs that are allowed: %(edges)d") % told
    yield _("Pairs: %(pairs)d, for %(paired)d asks, in %(seconds)s seconds") % told
    yield _("Total: %(total)s; the worst served ask gets %(min)s") % told
    if figures["bound"] is not None:
        yield _("No total above %(bound)s is possible. The proof was checked.") % told


def as_csv(of: Published, found: Assignment) -> str:
    """One line a pair, asks and offers counted from 0."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["ask", "offer", "score"])
    scores = of.edges.score[found.edge].astype(float) * of.unit
    writer.writerows(
        zip(of.edges.asks()[found.edge].tolist(), of.edges.offer[found.edge].tolist(), scores.tolist(), strict=True)
    )
    return file.getvalue()
