"""A hundred thousand asks and as many offers, to the best 50 of each ask: python -m bench.candidates

Beside `candidates` of the core stands sparse_dot_topn, which multiplies sparse matrices and keeps the greatest of each row. Our
scores are no product of matrices; it is given as much of them as one can be, twice over:

    same parts   nearness of topics within a shared language, shared hours, kinds of support, backgrounds, gender, room and rest, each
                 by its weight, as sums: a second near topic, a second language counts again, hours do not saturate, and no rule is kept
    topics only  nearness of topics within a shared language and nothing else, for which it looks at far fewer pairs

Both sides in turns (A B A B) on the same asks, a sample of the hundred thousand, against all offers, with two threads; what is made
once for all asks (columns, matrices) is left out on both sides. Then all hundred thousand, ours alone and with everything. A part of
the sample is compared with brute force. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import scipy.sparse as sparse

from bench.multitude import LANGUAGES, Multitude
from nawzajem.core.matching import AskRow, OfferRow, Offers, Topics, Weights, candidates, hours
from nawzajem.core.matching.candidates import Ready, _edges
from nawzajem.core.matching.now import highest
from nawzajem.core.matching.rules import Bounds, passing

KEEP = 50
Features = dict[Any, float]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--size", type=int, default=100_000)
    asked.add_argument("--sample", type=int, default=2_000, help="asks on which both sides are measured in turns")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--checked", type=int, default=200, help="asks compared with brute force")
    wanted = asked.parse_args()
    crowd = Multitude()
    asks, rows = list(crowd.asks(wanted.size)), list(crowd.offers(wanted.size))
    candidates(asks[:2], Offers.of(rows[:100], crowd.topics), keep=1)  # compiled by now
    offers = Offers.of(rows, crowd.topics)
    before, began, worked = _memory(), time.perf_counter(), time.process_time()
    round_ = candidates(asks, offers, keep=KEEP)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    memory = _memory() - before
    print(f"all {wanted.size} asks: {seconds:.1f} s, {cpu:.1f} s of processor time, {memory} MB more than the rows")
    exact = all(_is_exact(round_, place) for place in range(0, wanted.size, max(wanted.size // wanted.checked, 1)))
    print(f"the best {KEEP} of {wanted.checked} asks compared with brute force: {'the same' if exact else 'OTHERS'}")
    some = asks[:: max(wanted.size // wanted.sample, 1)]
    times = _in_turns(_sides(some, rows, offers, crowd.topics), wanted.rounds)
    for name, told in times.items():
        print(f"{name:<14}{told:.2f} s for {len(some)} asks")
    print(
        json.dumps(
            {
                "ratio": round(times["same parts"] / times["ours"], 2),
                "ratio_topics_only": round(times["topics only"] / times["ours"], 2),
                "seconds": round(seconds, 2),
                "cpu_seconds": round(cpu, 2),
                "exact": exact,
                "memory_mb": memory,
                "size": wanted.size,
                "keep": KEEP,
                "sample": len(some),
            }
        )
    )


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _is_exact(round_: Any, place: int) -> bool:
    """Whether the best by brute force are among the edges, and every edge has the score of brute force."""
    ask, edges = round_.asks[place], round_.edges
    fits, score = _edges(ask, round_.offers, passing(ask, round_.offers, Bounds()).mask, Weights())
    true = dict(zip(fits.tolist(), score.tolist(), strict=True))
    mine = slice(edges.start[place], edges.start[place + 1])
    got = dict(zip(edges.offer[mine].tolist(), edges.score[mine].tolist(), strict=True))
    best = {int(fits[one]) for one in highest(score, KEEP)}
    return best <= set(got) and len(got) == min(len(true), 2 * KEEP) and all(true[one] == got[one] for one in got)


def _sides(asks: list[AskRow], rows: list[OfferRow], offers: Offers, topics: Topics) -> dict[str, Callable[[], Any]]:
    from sparse_dot_topn import sp_matmul_topn

    ready = Ready.of(offers, Weights())
    sides: dict[str, Callable[[], Any]] = {"ours": lambda: candidates(asks, offers, keep=KEEP, ready=ready)}
    for name, whole in (("same parts", True), ("topics only", False)):
        place: dict[Any, int] = {}
        left = _matrix((_of_ask(ask, topics, whole) for ask in asks), place)
        right = _matrix((_of_offer(row, topics, whole) for row in rows), place)
        left.resize(left.shape[0], len(place))
        right = right.T.tocsr()
        sides[name] = lambda left=left, right=right: sp_matmul_topn(
            left, right, top_n=KEEP, n_threads=os.cpu_count() or 1
        )
    return sides


def _of_ask(ask: AskRow, topics: Topics, whole: bool) -> Features:
    weights = Weights()
    near = topics.near[topics.at(ask.topics)].max(axis=0)
    found = {(int(t), tongue): weights.topic * float(near[t]) for t in np.flatnonzero(near) for tongue in ask.languages}
    if whole:
        free = hours.hours_in(ask.hours)
        made = sum(map(bool, (ask.kinds, ask.wish_gender, ask.wish_backgrounds))) or 1
        found |= {("hour", hour): weights.hours / len(free) for hour in free}
        found |= {("kind", kind): weights.wishes / made / len(ask.kinds) for kind in ask.kinds}
        shares = ask.wish_backgrounds
        found |= {("background", one): weights.wishes / made / len(shares) for one in shares}
        found |= {("gender", ask.wish_gender): weights.wishes / made} if ask.wish_gender else {}
        found["load"] = weights.load
    return found


def _of_offer(row: OfferRow, topics: Topics, whole: bool) -> Features:
    found: Features = {
        (topics.place[one.topic], tongue): 1.0
        for one in row.experiences
        for tongue in row.languages
        if tongue in LANGUAGES
    }
    if whole:
        found |= {("hour", hour): 1.0 for hour in hours.hours_in(row.hours)}
        found |= {("kind", kind): 1.0 for kind in row.kinds}
        found |= {("background", one): 1.0 for one in row.backgrounds}
        found[("gender", row.gender)] = 1.0
        rest = 1.0 if row.idle_days is None else min(row.idle_days / 14, 1)
        found["load"] = ((row.capacity - row.taken) / row.capacity + rest) / 2
    return found


def _matrix(items: Iterable[Features], place: dict[Any, int]) -> sparse.csr_matrix:
    start, index, value = [0], [], []
    for item in items:
        index += [place.setdefault(feature, len(place)) for feature in item]
        value += item.values()
        start.append(len(index))
    parts = (np.array(value, np.float32), np.array(index, np.int32), np.array(start, np.int32))
    return sparse.csr_matrix(parts, shape=(len(start) - 1, len(place)))


def _in_turns(sides: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    kept: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            began = time.perf_counter()
            side()
            kept[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in kept.items()}


if __name__ == "__main__":
    main()
