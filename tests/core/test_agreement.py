"""The sentences that were labelled twice: how agreement is counted, and that what is settled follows from the labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nawzajem.core
from bench.agreement import HELPS, PITFALLS, TIERS, figures, kappa, labelled_twice

CORE = Path(nawzajem.core.__path__[0])
PAIRS = st.lists(st.tuples(st.sampled_from(TIERS), st.sampled_from(TIERS)), min_size=1)


def test_kappa_by_hand():
    """Of 50 both say yes to 20 and no to 15: 0.7 seen, 0.5 by chance, so 0.4."""
    of = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    assert kappa(of, (0, 1)) == pytest.approx(0.4)
    assert figures(of, (0, 1))["equal"] == 0.7


def test_a_step_further_weighs_more_where_steps_are_squared():
    near = [("none", "none"), ("concern", "high"), ("high", "concern"), ("imminent", "imminent")]
    far = [("none", "imminent"), ("concern", "concern"), ("high", "high"), ("imminent", "none")]
    assert kappa(near, TIERS) == pytest.approx(kappa(far, TIERS))
    assert squared(near) > squared(far)


@given(PAIRS)
def test_kappa_is_the_same_whoever_is_called_first_and_one_where_all_are_equal(of):
    assert kappa(of, TIERS) == pytest.approx(kappa([(b, a) for a, b in of], TIERS))
    assert squared([(a, a) for a, _ in of]) == 1


def squared(of):
    return kappa(of, TIERS, lambda a, b: (a - b) ** 2)


@pytest.mark.parametrize(
    ("part", "keys"), [("screening", ("kind", "tier", "explicit")), ("coaching", ("pitfalls", "helps"))]
)
def test_what_stands_is_what_both_said_or_lies_between_what_they_said(part, keys):
    standing = {one["id"]: one for file in (CORE / part / "sentences").glob("*.jsonl") for one in read(file)}
    for one in labelled_twice(part):
        for key in keys:
            assert standing[one["id"]][key] in between(one["first"][key], one["second"][key]), (one["id"], key)


def between(first, second):
    """Of codes what either named may stand, of tiers one that lies between, of other labels nothing but the two."""
    if isinstance(first, list):
        return first, second, [code for code in (*PITFALLS, *HELPS) if code in {*first, *second}]
    if first in TIERS and second in TIERS:
        low, high = sorted((TIERS.index(first), TIERS.index(second)))
        return TIERS[low : high + 1]
    return first, second


def read(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
