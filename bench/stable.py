"""The strategy `stable` beside the library `matching`. python -m bench.stable

At 1,000 asks and 1,000 offers, 50 candidates each, both find who with whom by deferred acceptance, in turns. Of the library
only its solving counts, not its reading of lists; of ours the whole call of the strategy. Asks want one each, for the
library knows no other. Then 100,000 and 100,000 with wishes for 1 to 3. Either side has scores of its own. All made by a
seed. Blocking pairs are counted by `blocking`, and at 1,000 by the library's own check as well. One JSON object last.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
import warnings
from collections import defaultdict
from dataclasses import replace

import numpy as np

from nawzajem.core.matching import Edges, Terms, blocking, quick, stable

TURNS = 7
CANDIDATES = 50


def made(asks: int, *, seed: int = 0, scarce: bool = False) -> Edges:
    """Of every ask 50 offers, popular ones more often, the best first, as a search for candidates gives them; scarce: half
    as many offers, with 1 or 2 seats instead of 1 to 4."""
    draw = np.random.default_rng(seed)
    offers = asks // 2 if scarce else asks
    drawn = (offers * draw.random((asks, CANDIDATES)) ** 1.5).astype(np.int32)
    drawn.sort(axis=1)
    once = np.ones(drawn.shape, bool)
    once[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    liked = draw.random(offers)[drawn]  # some are wanted by all
    score = (4000 * liked + 6000 * draw.random(drawn.shape)).astype(np.int32) + 1
    order = np.argsort(-score, axis=1, kind="stable")
    drawn, once, score = (np.take_along_axis(table, order, axis=1) for table in (drawn, once, score))
    return Edges(
        demand=draw.choice([1, 2, 3], asks, p=[0.6, 0.25, 0.15]).astype(np.int32),
        capacity=draw.integers(1, 3 if scarce else 5, offers).astype(np.int32),
        start=np.concatenate([[0], np.cumsum(once.sum(axis=1))]).astype(np.int64),
        offer=drawn[once],
        score=score[once],
        back=draw.integers(1, 10_001, int(once.sum())).astype(np.int32),
    )


def game(edges: Edges):
    """The same instance as the library takes it: each side's list from the best down, equals in the order of the edges."""
    from matching.games import HospitalResident

    asks, offers = edges.asks().tolist(), edges.offer.tolist()
    wishes, ranks = defaultdict(list), defaultdict(list)
    for e in np.argsort(-edges.score, kind="stable").tolist():
        wishes[asks[e]].append(offers[e])
    for e in np.argsort(-edges.back, kind="stable").tolist():
        ranks[offers[e]].append(asks[e])
    return HospitalResident.create_from_dictionaries(wishes, ranks, {o: int(edges.capacity[o]) for o in ranks})


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def beside(edges: Edges) -> dict[str, float]:
    """A B A B: the library on a game of its own each time, for solving uses one up."""
    stable(edges)
    theirs, ours = [], []
    for turn in range(TURNS):
        one = game(edges)
        theirs.append(seconds(one.solve))
        ours.append(statistics.median(seconds(lambda: stable(edges)) for _ in range(20)))
        if turn == 0:
            assert one.check_stability()
            assert sum(len(kept) for kept in one.matching.values()) == len(stable(edges).edge)
    library, house = statistics.median(theirs), statistics.median(ours)
    print(f"{len(edges.demand)} asks, {len(edges.score)} edges: {library * 1e3:.1f} ms and {house * 1e3:.3f} ms")
    return {"library_ms": library * 1e3, "ms": house * 1e3, "ratio": library / house}


def large(edges: Edges, name: str) -> dict[str, float]:
    took = statistics.median(seconds(lambda: stable(edges)) for _ in range(5))
    greedy = statistics.median(seconds(lambda: quick(edges)) for _ in range(3))
    found = stable(edges, Terms(seed=1))
    blocked = len(blocking(edges, found))
    print(
        f"{name}: {len(edges.score)} edges, {len(found.edge)} pairs in {took:.3f} s (quick {greedy:.3f} s); {blocked} block"
    )
    return {"seconds": took, "quick": greedy, "blocking": blocked}


def run(asks: int) -> None:
    told = {}
    blocked = 0
    for name, scarce in (("plenty", False), ("scarce", True)):
        small = made(1000, scarce=scarce)
        one = replace(small, demand=np.ones_like(small.demand))
        blocked += len(blocking(one, stable(one))) + len(blocking(small, stable(small)))
        told[name] = beside(one)
    for name, scarce in (("plenty", False), ("scarce", True)):
        edges = made(asks, scarce=scarce)
        told[name] |= large(edges, f"{asks} {name}")
        few = replace(edges, score=edges.score // 1500 + 1, back=edges.back // 1500)  # seven levels
        told[name]["ties"] = large(few, f"{asks} {name}, ties")
        blocked += told[name]["blocking"] + told[name]["ties"]["blocking"]
    figures = {
        "ratio": told["plenty"]["ratio"],
        "scarce_ratio": told["scarce"]["ratio"],
        "blocking": blocked,
        "seconds_100k": told["plenty"]["seconds"],
        "scarce_seconds_100k": told["scarce"]["seconds"],
        "ties_seconds_100k": max(told[name]["ties"]["seconds"] for name in told),
        "quick_seconds_100k": told["plenty"]["quick"],
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asks", type=int, default=100_000, help="of the large instances")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # the library warns of offers that nobody ranks
    sys.setrecursionlimit(1_000_000)  # it copies its lists by going from player to player
    threading.stack_size(512 * 2**20)
    alone = threading.Thread(target=run, args=(given.asks,))
    alone.start()
    alone.join()


if __name__ == "__main__":
    main()
