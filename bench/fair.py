"""The strategy `fair` beside the exact answer: python -m bench.fair FOLDER

FOLDER holds published assignment data (.npz). Of each set: what the worst served gets, the ceiling (the smallest over asks of
what each would have if it alone could choose), the total, and by HiGHS the highest total at which as many are served and
none of them worse, where it finishes in the time it is given. Then a conference of 2,600 papers and 1,400 reviewers, made
by a seed, for the seconds; FairSequence of OpenReview was measured at 90 s at that size (on other affinities). One JSON
object last.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from nawzajem.core.matching import Edges, best, fair

TURNS = 3
MARK = 90.0  # seconds of FairSequence at 2,600 x 1,400, as measured elsewhere
FINEST = 2**30
LARGEST = 200_000  # edges that HiGHS is given


def read(path: Path) -> tuple[Edges, float] | None:
    """The edges and what a point is worth in the file; None for data of another kind."""
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    if "indptr" in kept:
        parts = (("dem", "i4"), ("cap", "i4"), ("indptr", "i8"), ("idx", "i4"), ("sc", "i4"))
        return Edges(*(kept[name].astype(kind) for name, kind in parts)), 1.0
    if "allowed" not in kept:
        return None
    scores = np.where(kept["allowed"], kept["scores"], 0).astype(float)
    return table(scores, kept["paper_loads"], kept["reviewer_loads"])


def table(scores, demand, capacity) -> tuple[Edges, float]:
    asks, offers = np.nonzero(scores > 0)
    unit = scores.max() / FINEST
    start = np.concatenate([[0], np.cumsum(np.bincount(asks, minlength=len(scores)))])
    whole = np.maximum(np.rint(scores[asks, offers] / unit), 1).astype(np.int32)
    return Edges(demand.astype(np.int32), capacity.astype(np.int32), start, offers.astype(np.int32), whole), unit


def conference(papers=2600, reviewers=1400, seed=0) -> tuple[Edges, float]:
    """Nearness of topics, three reviewers a paper, up to six papers a reviewer."""
    draw = np.random.default_rng(seed)
    a, b = draw.dirichlet(np.full(25, 0.15), papers), draw.dirichlet(np.full(25, 0.3), reviewers)
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    near = a @ b.T * draw.uniform(0.5, 1, (papers, 1)) + 0.03 * draw.normal(size=(papers, reviewers))
    return table(np.clip(near, 0, 1), np.full(papers, 3), np.full(reviewers, 6))


def served(edges: Edges, chosen) -> np.ndarray:
    return np.bincount(edges.asks()[chosen], edges.score[chosen], len(edges.demand))


def ceiling(edges: Edges) -> float:
    tops = (np.sort(edges.score[edges.start[a] : edges.start[a + 1]])[::-1] for a in range(len(edges.demand)))
    return float(min(top[:k].sum(dtype=np.int64) for top, k in zip(tops, edges.demand, strict=True) if k))


def exact(edges: Edges, served: int, level: float, seconds: float) -> float | None:
    """The highest total at which so many asks are served and none of them has less than the level, by HiGHS; None if it
    takes longer."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_array, coo_array, diags_array

    count, people, asks, top = len(edges.score), len(edges.demand), edges.asks(), float(edges.score.max())
    score, each = edges.score / top, np.arange(len(edges.score))
    least = level / top * (1 - 1e-9) - 1e-9
    rows = [  # of pairs, and of who is served
        [coo_array((np.ones(count), (asks, each)), (people, count)), -diags_array(edges.demand.astype(float))],
        [coo_array((np.ones(count), (edges.offer, each)), (len(edges.capacity), count)), None],
        [coo_array((-score, (asks, each)), (people, count)), least * diags_array(np.ones(people))],
        [None, -np.ones((1, people))],
    ]
    most = np.concatenate([np.zeros(people), edges.capacity, np.zeros(people), [-served]])
    limits = LinearConstraint(block_array(rows).tocsr(), -np.inf, most)
    worth, whole = np.concatenate([-score, np.zeros(people)]), np.ones(count + people)
    options = {"time_limit": seconds, "mip_rel_gap": 1e-6}
    found = milp(worth, constraints=limits, bounds=Bounds(0, 1), integrality=whole, options=options)
    return -found.fun * top if found.status == 0 else None


def measure(name: str, edges: Edges, unit: float, seconds: float) -> dict[str, float | None]:
    times, chosen = [], fair(edges).edge
    for _ in range(TURNS):
        began = time.perf_counter()
        chosen = fair(edges).edge
        times.append(time.perf_counter() - began)
    has, most = served(edges, chosen), float(edges.score[best(edges).edge].sum(dtype=np.int64))
    worst = float(has[edges.demand > 0].min())
    count, lowest = int(np.count_nonzero(has)), float(has[has > 0].min(initial=np.inf))
    highest = exact(edges, count, lowest, seconds) if seconds and len(edges.score) <= LARGEST else None
    told = {
        "asks": len(has),
        "served": count,
        "min": float(worst * unit),
        "worst_served": float(lowest * unit),
        "ceiling": float(ceiling(edges) * unit),
        "total": float(has.sum() * unit),
        "best_total": float(most * unit),
        "exact_total": None if highest is None else float(highest * unit),
        "ratio": None if highest is None else float(has.sum()) / highest,
        "seconds": statistics.median(times),
    }
    print(name, told, flush=True)
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, nargs="?", help="of published data")
    asked.add_argument("--seconds", type=float, default=60, help="given to HiGHS for each set; 0 for none")
    wanted = asked.parse_args()
    told = {}
    for path in sorted(wanted.folder.glob("*.npz")) if wanted.folder else ():
        given = read(path)
        if given:
            told[path.stem] = measure(path.stem, *given, wanted.seconds)
    big = measure("2,600 x 1,400", *conference(), 0)
    assert big["seconds"]
    print(json.dumps({"sets": told, "conference": big, "mark_seconds": MARK, "mark_ratio": MARK / big["seconds"]}))


if __name__ == "__main__":
    main()
