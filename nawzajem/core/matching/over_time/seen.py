"""Traces from what a house has seen: the times are its own, and what nobody saw is drawn from what it did see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.over_time.trace import Hours, Marks, Supply, Trace
from nawzajem.core.matching.scores import POINTS


@dataclass(frozen=True, slots=True)
class Seen:
    """A house's past. Hours from its beginning. Empty arrays where there was nothing to see."""

    arrives: Hours  # [asks], in their order
    waited: Hours  # [asks]: until a pair began, or somebody left, or now
    left: Marks  # [asks]: whether it ended by leaving
    opens: Hours  # [seats]
    edges: Edges  # demand 1; scores in millionths; capacity the seats of an offer
    answers: Hours  # [proposals that were answered]: how long that took
    yes: Marks  # [the same]: whether both said yes
    going: Hours  # [pairs]: how long each has gone on
    ended: Marks  # [pairs]


def fates(seen: Seen, seed: int, supply: Supply | None = None) -> Trace:
    """One way in which it could have gone under another policy.

    Whoever left would have left then. Of the others nobody knows: they would have waited on, for an exponential time with
    the mean of those who left (hours waited by all, per leaving). Pairs last as long as the mean of those seen, reckoned in
    the same way. Answers take as long as one of those seen; yes comes as often, and more often where the score is higher.
    Where nothing was seen, `supply` says what is assumed.
    """
    supply, draw = supply or Supply(), np.random.default_rng(seed)
    score = seen.edges.score / POINTS
    on = draw.exponential(_mean(seen.waited, seen.left) or supply.patience, len(seen.waited))
    slope = supply.yes[1] - supply.yes[0]
    usual = (
        float(seen.yes.mean()) if len(seen.yes) else supply.yes[0] + slope * float(score.mean() if len(score) else 0)
    )
    chance = usual + slope * (score - score.mean()) if len(score) else score
    return Trace(
        arrives=seen.arrives,
        patience=np.where(seen.left, seen.waited, seen.waited + on),
        opens=seen.opens,
        lasts=np.full(len(seen.edges.capacity), _mean(seen.going, seen.ended) or supply.lasts),
        edges=seen.edges,
        yes=draw.random(len(score)) < chance,
        answers=draw.choice(seen.answers, len(score))
        if len(seen.answers)
        else draw.exponential(supply.answer, len(score)),
    )


def _mean(hours: Hours, ended: Marks) -> float | None:
    """Mean time to an end when some have not ended: all hours, over the ends. None without any."""
    ends = int(ended.sum())
    return float(hours.sum() / ends) or None if ends else None
