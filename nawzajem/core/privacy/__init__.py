"""Numbers that are told without pointing at anybody: small counts are withheld, the others rounded down a little."""

from __future__ import annotations

from collections.abc import Mapping


def told_count(count: int, *, floor: int) -> int | None:
    """A count as it may be told: 0 as it is, below `floor` withheld (None), above it rounded down to what one remembers.

    Rounding down to fives below fifty and to tens above keeps two looks at the count, before and after one person came,
    from telling that somebody came [threshold rule and rounding: Hundepool et al., Statistical Disclosure Control, 2012].
    ValueError for a negative count or a floor below 2.
    """
    if count < 0 or floor < 2:
        raise ValueError("a count is not negative, and a floor is at least 2")
    if count == 0 or count < floor:
        return 0 if count == 0 else None
    step = 5 if count < 50 else 10
    return max(floor, count - count % step)


def told_counts(counts: Mapping[str, int], *, floor: int) -> dict[str, int | None]:
    """Counts that stand beside each other, each as `told_count` tells it. Where only one of them would be withheld, the
    next smallest is withheld as well, so that the one cannot be found by taking the others from their sum [complementary
    suppression: Hundepool et al., 2012]. ValueError as there."""
    told = {name: told_count(count, floor=floor) for name, count in counts.items()}
    withheld = [name for name, count in told.items() if count is None]
    others = [name for name, count in told.items() if count]
    if len(withheld) == 1 and others:
        told[min(others, key=lambda name: counts[name])] = None
    return told
