"""What happens whatever a house does: who comes when, how long they would wait, who would say yes to whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.scores import POINTS

Hours = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

DAY = 24.0
TOPICS, LANGUAGES = 24, 4
EACH = 40  # candidates of an ask


@dataclass(frozen=True, slots=True)
class Trace:
    """The fates of one stretch of time. Hours from its beginning. Every ask wants one person; a policy sees of an ask only
    that it came and has not left, and of a pair that is asked only the answer, when it comes."""

    arrives: Hours  # [asks], in their order
    patience: Hours  # [asks]: whoever is not paired so long after arriving leaves
    opens: Hours  # [seats]: when a seat is free for the first time; seats stand in the order of their offers
    lasts: Hours  # [offers], above 0: how long a pair keeps its seat
    edges: Edges  # demand 1; scores in millionths; capacity the seats of an offer
    yes: Marks  # [edges]: whether both would say yes
    answers: Hours  # [edges]: how long until both have answered; so long the seat is held

    def __post_init__(self) -> None:
        edges = self.edges
        sizes = (
            len(self.arrives),
            len(self.patience),
            len(self.opens),
            len(self.lasts),
            len(self.yes),
            len(self.answers),
        )
        asks, offers, seats, every = len(edges.demand), len(edges.capacity), int(edges.capacity.sum()), len(edges.score)
        if sizes != (asks, asks, seats, offers, every, every):
            raise ValueError("the parts of a trace do not belong together")
        if (np.diff(self.arrives) < 0).any() or (self.lasts <= 0).any() or not np.isfinite(self.patience).all():
            raise ValueError(
                "asks stand in the order of their arrival, nobody waits for ever, and every pair lasts for a while"
            )


@dataclass(frozen=True, slots=True)
class Supply:
    """What is assumed of a house that nobody has watched. Every figure can be another; docs/matching.md says why these."""

    load: float = 1.3  # hours of seats that would be needed for everybody, over those that there are
    patience: float = 14 * DAY  # half of all people wait no longer; log-normal, spread 0.7
    lasts: float = 42 * DAY  # half of all pairs last no longer; log-normal by offer, spread 0.4
    answer: float = 12.0  # hours, mean; exponential
    answer_within: float = 48.0  # whoever has not answered then has said no
    yes: tuple[float, float] = (0.5, 0.95)  # that both say yes, at score 0 and at score 1


def synthetic(
    seed: int, *, asks: int = 1000, days: float = 90, supply: Supply | None = None, arrives: Hours | None = None
) -> Trace:
    """A stretch of days by a seed: asks at random times, or at those given, then in `arrives` their number.

    Topics by Zipf's law, a language that half of all speak; candidates are up to 40 who share both, with a score between
    0.4 and 1 that is the higher by 0.35 where the main topic is the same. At the beginning nine of ten seats are taken, as
    far as the load goes, and come free one by one; of all offers a third joins later.
    """
    supply, draw = supply or Supply(), np.random.default_rng(seed)
    times = np.sort(draw.uniform(0, days * DAY, asks)) if arrives is None else np.sort(np.asarray(arrives, float))
    asks, length = len(times), max(float(times.max(initial=0)), days * DAY if arrives is None else DAY)
    mean = supply.lasts * np.exp(0.4**2 / 2)
    offers = max(1, round(asks * mean / length / supply.load / 2)) if asks else 0  # two seats each on average
    capacity = draw.integers(1, 4, offers).astype(np.int32)
    lasts = supply.lasts * np.exp(0.4 * draw.standard_normal(offers))
    edges = _edges(draw, asks, capacity)
    score = edges.score / POINTS
    chance = supply.yes[0] + (supply.yes[1] - supply.yes[0]) * score
    answers = draw.exponential(supply.answer, len(score))
    return Trace(
        arrives=times,
        patience=supply.patience * np.exp(0.7 * draw.standard_normal(asks)),
        opens=_opens(draw, capacity, lasts, length, min(0.9, 0.9 * supply.load)),
        lasts=lasts,
        edges=edges,
        yes=(draw.random(len(score)) < chance) & (answers <= supply.answer_within),
        answers=np.minimum(answers, supply.answer_within),
    )


def _edges(draw: np.random.Generator, asks: int, capacity: npt.NDArray[np.int32]) -> Edges:
    offers = len(capacity)
    often = 1 / np.arange(1, TOPICS + 1)
    often /= often.sum()
    spoken = np.array([0.5, 0.25, 0.15, 0.1])
    ask_topic, ask_language = draw.choice(TOPICS, asks, p=often), draw.choice(LANGUAGES, asks, p=spoken)
    main, other = draw.choice(TOPICS, offers, p=often), draw.choice(TOPICS, offers, p=often)
    language = draw.choice(LANGUAGES, offers, p=spoken)
    rows, scores = [np.zeros(0, np.int32)], [np.zeros(0)]
    for topic, spoke in zip(ask_topic, ask_language, strict=True):
        fit = np.flatnonzero(((main == topic) | (other == topic)) & (language == spoke))
        row = np.sort(draw.choice(fit, EACH, replace=False)) if len(fit) > EACH else fit
        rows.append(row.astype(np.int32))
        scores.append(0.4 + 0.35 * (main[row] == topic) + 0.25 * draw.random(len(row)))
    return Edges(
        demand=np.ones(asks, np.int32),
        capacity=capacity,
        start=np.cumsum([len(row) for row in rows]).astype(np.int64),
        offer=np.concatenate(rows),
        score=np.rint(np.concatenate(scores) * POINTS).astype(np.int32),
    )


def _opens(
    draw: np.random.Generator, capacity: npt.NDArray[np.int32], lasts: Hours, length: float, busy: float
) -> Hours:
    """A seat that is taken at the beginning comes free at some point of a pair's time; who joins later brings all seats."""
    seats = int(capacity.sum())
    joins = np.where(draw.random(len(capacity)) < 1 / 3, draw.uniform(0, length, len(capacity)), 0)
    left = np.where(draw.random(seats) < busy, draw.random(seats) * np.repeat(lasts, capacity), 0)
    return np.repeat(joins, capacity) + np.where(np.repeat(joins, capacity) > 0, 0, left)
