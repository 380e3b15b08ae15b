"""Screening on labelled sentences, slice by slice: python -m bench.screening [FILE.jsonl ...]

Without files, our own sentences in `nawzajem/core/screening/sentences/`. The rules were written by somebody who had read
these, so on them the figures tell how far rules can go, not how they will do on words nobody has seen; give files of one's
own for that. Of each language: how many of those in plain words and imminent are screened as high or more; how many of
those between the lines, high or imminent, show any sign; how many ordinary messages show a sign; how many that only look
like a sign are screened as high or more. One JSON object last.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import nawzajem.core.screening
from nawzajem.core.screening import Finding, Tier, screen

OWN = Path(nawzajem.core.screening.__path__[0]) / "sentences"


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]] or sorted(OWN.glob("*.jsonl"))
    items = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    figures = {language: measured(items, language) for language in ("pl", "en")}
    print(json.dumps(figures))


def measured(items, language) -> dict[str, float]:
    screen("warm", language)
    before = time.process_time()
    findings = [screen(one[language], language) for one in items]
    spent = time.process_time() - before
    told = list(zip(items, findings, strict=True))
    by_slice(told, language)
    return {
        "explicit_imminent_recall": share(told, lambda one: one["tier"] == "imminent" and one["explicit"], Tier.HIGH),
        "indirect_recall": share(
            told, lambda one: one["tier"] in {"imminent", "high"} and not one["explicit"], Tier.CONCERN
        ),
        "ordinary_false_alarms": share(told, is_ordinary, Tier.CONCERN),
        "hard_negatives_high": share(told, lambda one: one["tier"] == "none" and not is_ordinary(one), Tier.HIGH),
        "messages": len(items),
        "ms_a_message": round(1000 * spent / len(items), 3),
    }


def is_ordinary(one) -> bool:
    return one["tier"] == "none" and "everyday" in one["slices"]


def share(told: list[tuple[dict, Finding]], chosen, least: Tier) -> float:
    tiers = [finding.tier for one, finding in told if chosen(one)]
    return round(sum(tier >= least for tier in tiers) / max(len(tiers), 1), 3)


def by_slice(told, language) -> None:
    """Of each slice and tier, how it was screened."""
    counts = defaultdict(Counter)
    for one, finding in told:
        for name in (
            one["tier"],
            f"{one['tier']} {'plain' if one['explicit'] else 'between the lines'}",
            *one["slices"],
        ):
            counts[name if name in Tier.__members__ else f"{one['tier']}: {name}"][finding.tier.code] += 1
    print(f"\n{language}: labelled as, screened as none / concern / high / imminent")
    for name, seen in sorted(counts.items()):
        print(f"  {name:<34}", *(f"{seen[tier.code]:>6}" for tier in Tier))


if __name__ == "__main__":
    main()
