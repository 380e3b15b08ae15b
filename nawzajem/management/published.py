"""Published assignment data: files of NumPy with asks, offers and scores, and not a word about people. For comparing
strategies with what others have measured. Either sparse by rows (indptr, idx, sc, dem, cap) or a table (scores, allowed,
paper_loads, reviewer_loads: a paper asks, a reviewer offers). Either may hold `back`, of the shape of its scores: how the
other side ranks who asks."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.core.matching import STRATEGIES, Assignment, Edges, Terms, blocking, bound

SMALL = Edges(  # enough that every strategy does all of its work
    np.ones(2, np.int32),
    np.ones(2, np.int32),
    np.array([0, 2, 4]),
    np.array([0, 1, 0, 1], np.int32),
    np.array([10, 4, 9, 1], np.int32),
)
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
        return _sparse(kept) if "indptr" in kept else _table(kept)
    except (KeyError, ValueError, IndexError) as error:
        raise CommandError(
            _("%(path)s should hold indptr, idx, sc, dem, cap; or scores, allowed, paper_loads, reviewer_loads.")
            % {"path": path}
        ) from error


def _sparse(kept: dict[str, npt.NDArray[Any]]) -> Published:
    edges = Edges(
        demand=kept["dem"].astype(np.int32),
        capacity=kept["cap"].astype(np.int32),
        start=kept["indptr"].astype(np.int64),
        offer=kept["idx"].astype(np.int32),
        score=kept["sc"].astype(np.int32),
        back=_ranks(kept["back"]) if "back" in kept else None,
    )
    fits = len(edges.start) == len(edges.demand) + 1 and edges.start[-1] == len(edges.offer) == len(edges.score)
    if edges.back is not None:
        fits = fits and len(edges.back) == len(edges.score)
    if not fits or (np.diff(edges.start) < 0).any() or edges.offer.max(initial=-1) >= len(edges.capacity):
        raise ValueError("these arrays do not belong together")
    return Published(edges, 1)


def _table(kept: dict[str, npt.NDArray[Any]]) -> Published:
    scores = np.where(kept["allowed"], kept["scores"], 0).astype(float)
    asks, offers = np.nonzero(scores > 0)
    unit = scores.max(initial=0) / FINEST or 1.0
    edges = Edges(
        demand=kept["paper_loads"].astype(np.int32),
        capacity=kept["reviewer_loads"].astype(np.int32),
        start=np.concatenate([[0], np.cumsum(np.bincount(asks, minlength=len(scores)))]).astype(np.int64),
        offer=offers.astype(np.int32),
        score=np.maximum(np.rint(scores[asks, offers] / unit), 1).astype(np.int32),
        back=_ranks(kept["back"][asks, offers]) if "back" in kept else None,
    )
    if scores.shape != (len(edges.demand), len(edges.capacity)):
        raise ValueError("these arrays do not belong together")
    return Published(edges, unit)


def _ranks(numbers: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Whole numbers that stand in the same order."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int32)


def solve(of: Published, *, strategy: str, seed: int) -> tuple[Assignment, dict[str, Any]]:
    """The assignment, and its figures in the scores of the file: `min` is what the worst-served ask gets in all."""
    STRATEGIES[strategy](SMALL)  # loads what is compiled, which is no part of the solving
    began = time.perf_counter()
    found = STRATEGIES[strategy](of.edges, Terms(seed))
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
