"""The best total of a national round, beside OR-Tools. python -m bench.matching

100,000 asks for 1 to 3 and as many offers with 1 to 4 seats, 50 candidates each (`bench/markets.py`, or `--generator FILE`);
scarce: half as many offers with 1 or 2 seats; ties: the scarce one with scores cut to 8 and to 15 levels. In turns, each in
a process of its own, the strategy `best` and SimpleMinCostFlow on the same numbers: of both the solving alone counts, of
ours also what the check of the certificate takes is told. A pass is one look at every edge and the price of its offer.
Memory is what the process needs at most above what it held before solving. Then growth from 1,000 asks to 1,000,000.
About fifteen minutes; `--quick` does with 10,000 asks and one turn. One JSON object last.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from bench.markets import by_generator, levelled, market
from nawzajem.core.matching import Edges, Terms, best, bound

TURNS = 3
PASSES = 9
LEVELS = (8, 15)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--generator", type=Path, help="a program with make(asks, offers, T=, L=, scarce=)")
    words.add_argument("--quick", action="store_true")
    words.add_argument("--one", nargs=2, metavar=("WHO", "FILE"), help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        print(json.dumps(alone(given.one[0], read(Path(given.one[1])))))
        return
    with tempfile.TemporaryDirectory() as folder:
        told = compared(
            Path(folder), given.generator, asks=10_000 if given.quick else 100_000, turns=1 if given.quick else TURNS
        )
        told["growth"] = grown(Path(folder), most=10_000 if given.quick else 1_000_000)
    print(json.dumps(told))


def compared(folder: Path, generator: Path | None, *, asks: int, turns: int) -> dict[str, Any]:
    made = {name: made_by(generator, asks, scarce=name == "scarce") for name in ("plenty", "scarce")}
    made |= {f"ties{levels}": levelled(made["scarce"], levels) for levels in LEVELS}
    sets = {name: measured(folder, name, edges, turns) for name, edges in made.items()}
    ratios = {name: one["ratio"] for name, one in sets.items()}
    return {
        "plenty_ratio": ratios["plenty"],
        "scarce_ratio": ratios["scarce"],
        "ties_ratio": min(ratios[f"ties{levels}"] for levels in LEVELS),
        "plenty_passes": sets["plenty"]["passes"],
        "scarce_passes": sets["scarce"]["passes"],
        "gap": max(one["gap"] for one in sets.values()),
        "memory_ratio": max(one["memory_ratio"] for one in sets.values()),
        "sets": sets,
    }


def made_by(generator: Path | None, asks: int, *, scarce: bool) -> Edges:
    return by_generator(generator, asks, scarce=scarce) if generator else market(asks, scarce=scarce)


def measured(folder: Path, name: str, edges: Edges, turns: int) -> dict[str, Any]:
    """Ours and theirs in turns; figures as medians. `gap` is what either total lacks of the proved bound."""
    file = folder / f"{name}.npz"
    np.savez(file, **{part: getattr(edges, part) for part in ("demand", "capacity", "start", "offer", "score")})
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "theirs": []}
    for _ in range(turns):
        for who, list_ in runs.items():
            list_.append(by_itself(who, file))
    ours, theirs = (
        {key: statistics.median(one[key] for one in runs[who]) for key in runs[who][0]} for who in ("ours", "theirs")
    )
    told = {
        "edges": len(edges.score),
        "seconds": round(ours["seconds"], 3),
        "check_seconds": round(ours["check_seconds"], 3),
        "their_seconds": round(theirs["seconds"], 2),
        "ratio": round(theirs["seconds"] / ours["seconds"], 1),
        "passes": round(ours["seconds"] / ours["pass_seconds"], 1),
        "again_seconds": round(ours["again_seconds"], 3),
        "gap": int(max(ours["bound"] - ours["total"], ours["bound"] - theirs["total"])),
        "megabytes": round(ours["bytes"] / 1e6),
        "memory_ratio": round(ours["bytes"] / theirs["bytes"], 3),
    }
    print(name, told, flush=True)
    return told


def by_itself(who: str, file: Path) -> dict[str, Any]:
    run = [sys.executable, "-m", "bench.matching", "--one", who, str(file)]
    said: dict[str, Any] = json.loads(subprocess.run(run, check=True, capture_output=True, timeout=900).stdout)
    return said


def read(file: Path) -> Edges:
    with np.load(file) as kept:
        return Edges(*(kept[part] for part in ("demand", "capacity", "start", "offer", "score")))


def alone(who: str, edges: Edges) -> dict[str, Any]:
    return ours(edges) if who == "ours" else theirs(edges)


def ours(edges: Edges) -> dict[str, Any]:
    best(market(200), Terms())  # what is compiled is loaded
    best(market(200, scarce=True), Terms(before=best(market(200, scarce=True))))
    before = fresh_memory()
    began = time.perf_counter()
    found = best(edges)
    solved = time.perf_counter()
    most = peak() - before
    assert found.certificate
    proved = bound(edges, found.certificate)
    checked = time.perf_counter()
    again = best(edges, Terms(before=found))
    return {
        "seconds": solved - began,
        "check_seconds": checked - solved,
        "again_seconds": time.perf_counter() - checked,
        "pass_seconds": one_pass(edges),
        "bytes": most,
        "total": int(edges.score[again.edge].sum(dtype=np.int64)),
        "bound": proved,
    }


def theirs(edges: Edges) -> dict[str, Any]:
    """Source to asks to offers to sink, and past them all for what is not placed; one unit through every edge."""
    from ortools.graph.python import min_cost_flow

    asks, offers, all_ = len(edges.demand), len(edges.capacity), int(edges.demand.sum())
    source, sink = asks + offers, asks + offers + 1
    each = np.repeat(np.arange(asks), np.diff(edges.start))
    tail = np.concatenate([np.full(asks, source), each, asks + np.arange(offers), [source]])
    head = np.concatenate([np.arange(asks), asks + edges.offer, np.full(offers, sink), [sink]])
    room = np.concatenate([edges.demand, np.ones(len(edges.score)), edges.capacity, [all_]])
    cost = np.concatenate([np.zeros(asks), -edges.score.astype(float), np.zeros(offers + 1)])
    before = fresh_memory()
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        tail.astype(np.int32), head.astype(np.int32), room.astype(np.int64), cost.astype(np.int64)
    )
    flow.set_nodes_supplies(np.array([source, sink], np.int32), np.array([all_, -all_], np.int64))
    began = time.perf_counter()
    assert flow.solve() == flow.OPTIMAL
    return {"seconds": time.perf_counter() - began, "bytes": peak() - before, "total": -flow.optimal_cost()}


@njit(cache=True)
def _looked(start: Any, offer: Any, score: Any, price: Any, most: Any) -> None:
    for a in range(len(start) - 1):
        most[a] = 0
        for e in range(start[a], start[a + 1]):
            most[a] = max(most[a], score[e] - price[offer[e]])


def one_pass(edges: Edges) -> float:
    price, most, took = np.zeros(len(edges.capacity), np.int64), np.zeros(len(edges.demand), np.int64), []
    worth = edges.score.astype(np.int64)
    for _ in range(PASSES):
        began = time.perf_counter()
        _looked(edges.start, edges.offer, worth, price, most)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def fresh_memory() -> int:
    """Bytes held now; from now on the peak is counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name))
    return int(line.split()[1]) * 1024


def grown(folder: Path, *, most: int) -> dict[str, Any]:
    """Seconds and passes from 1,000 asks on, times ten, with seats plenty and scarce."""
    told: dict[str, Any] = {}
    asks = 1000
    while asks <= most:
        for name in ("plenty", "scarce"):
            edges = market(asks, scarce=name == "scarce")
            file = folder / "grown.npz"
            np.savez(file, **{part: getattr(edges, part) for part in ("demand", "capacity", "start", "offer", "score")})
            one = by_itself("ours", file)
            told[f"{name}_{asks}"] = {
                "edges": len(edges.score),
                "seconds": round(one["seconds"], 4),
                "passes": round(one["seconds"] / one["pass_seconds"], 1),
                "gap": one["bound"] - one["total"],
            }
            print(name, asks, told[f"{name}_{asks}"], flush=True)
        asks *= 10
    return told


if __name__ == "__main__":
    main()
