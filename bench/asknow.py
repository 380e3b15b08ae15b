"""One ask among a million offers that change: python -m bench.asknow

The best 20 of each ask, with parts and reasons, by `Live` of the core: processor time of each answer, some of the answers compared with
`suggest` looking at every offer, bytes an offer (all arrays), and whether an offer that was taken away, and one that was put, are in the next
answer. PostgreSQL is not measured yet. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace

from bench.multitude import Multitude
from nawzajem.core.matching import AskRow, Live, OfferRow, Offers, suggest

TOP = 20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--size", type=int, default=1_000_000)
    asked.add_argument("--asks", type=int, default=500)
    asked.add_argument("--checked", type=int, default=20, help="asks compared with every offer looked at")
    asked.add_argument(
        "--part", type=int, default=100_000, help="offers looked at together for that, for they take room"
    )
    wanted = asked.parse_args()
    crowd = Multitude()
    asks = list(crowd.asks(wanted.asks))
    live = Live.of(crowd.offers(wanted.size), crowd.topics)
    for ask in asks[:3]:
        live.suggest(ask, top=TOP)
    times = []
    for ask in asks:
        began = time.thread_time()
        live.suggest(ask, top=TOP)
        times.append(1000 * (time.thread_time() - began))
    some = asks[: wanted.checked]
    recall = statistics.mean(map(float, _same(live, some, wanted)))
    cuts = statistics.quantiles(times, n=20)
    told = {
        "p50_ms": round(cuts[9], 3),
        "p95_ms": round(cuts[18], 3),
        "recall": round(recall, 3),
        "bytes": round(live.nbytes / wanted.size),
        "update_visible": _update_is_seen(live, asks[0]),
        "postgres_ratio": None,
        "size": wanted.size,
        "top": TOP,
    }
    print(json.dumps(told))


def _same(live: Live, asks: list[AskRow], wanted: argparse.Namespace) -> list[float]:
    """Of each ask, the share of its best by looking at every offer that are among its answer with the same score."""
    crowd = Multitude()
    list(crowd.asks(wanted.asks))  # so that the draws go on as they did
    found: list[list[tuple[float, str]]] = [[] for _ in asks]
    for start in range(0, wanted.size, wanted.part):
        some = Offers.of(crowd.offers(min(wanted.part, wanted.size - start), start), crowd.topics)
        for place, ask in enumerate(asks):
            found[place] += [(-one.score, one.offer.id) for one in suggest(ask, some, top=TOP).best]
    shares = []
    for ask, among in zip(asks, found, strict=True):
        true = set(sorted(among)[:TOP])
        got = {(-one.score, one.offer.id) for one in live.suggest(ask, top=TOP).best}
        shares.append(len(true & got) / max(len(true), 1))
    return shares


def _update_is_seen(live: Live, ask: AskRow) -> bool:
    first: OfferRow = live.suggest(ask, top=1).best[0].offer
    live.remove(first.id)
    gone = live.suggest(ask, top=1).best[0].offer.id != first.id
    live.put(replace(first, id="new"))
    return gone and live.suggest(ask, top=1).best[0].offer.id == "new"


if __name__ == "__main__":
    main()
