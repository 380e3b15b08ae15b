"""How far two labellings of the sentences agree: python -m bench.agreement

Reads `second_labels.jsonl` beside the sentences of screening and coach. Each line holds the first labels as they stood
before anything was settled, and the second, given from the text alone. Prints who called what which tier, then the share of
equal labels with Wilson's interval and Cohen's kappa (Cohen 1960), for tiers also the one that weighs a step by its square
(Cohen 1968). Everyday messages are counted in; the figures for those where either saw a sign stand beside. One JSON object
last.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import nawzajem.core
from nawzajem.core.scales import share_interval

CORE = Path(nawzajem.core.__path__[0])
TIERS = ("none", "concern", "high", "imminent")
KINDS = ("none", "suicide", "self_harm", "abuse", "danger_to_others")
PITFALLS = ("dir", "min", "rea", "hij", "jud", "dia", "sec", "res", "int", "pri")
HELPS = ("er", "ip", "ex", "af", "sd")

Pair = tuple[Any, Any]


def main() -> None:
    messages = labelled_twice("screening")
    replies = labelled_twice("coaching")
    cross(pairs(messages, "tier"), TIERS)
    print(json.dumps({"messages": of_messages(messages), "replies": of_replies(replies)}))


def labelled_twice(part: str) -> list[dict[str, Any]]:
    lines = (CORE / part / "second_labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def pairs(items: Sequence[dict[str, Any]], key: str) -> list[Pair]:
    return [(one["first"][key], one["second"][key]) for one in items]


def of_messages(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    either = [one for one in items if (one["first"]["tier"], one["second"]["tier"]) != ("none", "none")]
    both = [one for one in items if "none" not in (one["first"]["tier"], one["second"]["tier"])]
    return {
        "count": len(items),
        "tier": figures(pairs(items, "tier"), TIERS),
        "tier_where_either_saw_a_sign": figures(pairs(either, "tier"), TIERS),
        "sign_or_none": figures([(a != "none", b != "none") for a, b in pairs(items, "tier")], (False, True)),
        "kind": figures(pairs(items, "kind"), KINDS),
        "explicit_where_both_saw_a_sign": figures(pairs(both, "explicit"), (False, True)),
    }


def of_replies(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {"count": len(items)}
    for key, codes in (("pitfalls", PITFALLS), ("helps", HELPS)):
        listed = pairs(items, key)
        told[f"any_{key}"] = figures([(bool(a), bool(b)) for a, b in listed], (False, True))
        told |= {code: figures([(code in a, code in b) for a, b in listed], (False, True)) for code in codes}
    return told


def figures(of: Sequence[Pair], order: Sequence[Hashable]) -> dict[str, Any]:
    share, low, high = share_interval(sum(a == b for a, b in of), len(of))
    told = {"equal": round(share, 3), "from": round(low, 3), "to": round(high, 3), "kappa": round(kappa(of, order), 3)}
    if len(order) > 2 and order is TIERS:
        told["kappa_squared"] = round(kappa(of, order, lambda a, b: (a - b) ** 2), 3)
    return told


def kappa(
    of: Sequence[Pair], order: Sequence[Hashable], apart: Callable[[int, int], float] = lambda a, b: a != b
) -> float:
    """1 less the disagreement seen over the one that chance would give; `apart` says how far two places in `order` are."""
    place = {label: at for at, label in enumerate(order)}
    first, second = (Counter(place[pair[side]] for pair in of) for side in (0, 1))
    seen = sum(apart(place[a], place[b]) for a, b in of) / len(of)
    chance = sum(apart(a, b) * first[a] * second[b] for a in first for b in second) / len(of) ** 2
    return 1 - seen / chance if chance else 1.0


def cross(of: Sequence[Pair], order: Sequence[Hashable]) -> None:
    counted = Counter(of)
    print("first, then across the second:", *order)
    for label in order:
        print(f"{label:>12}", *(f"{counted[label, other]:6}" for other in order))


if __name__ == "__main__":
    main()
