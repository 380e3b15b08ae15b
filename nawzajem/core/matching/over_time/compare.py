"""Each policy on the same fates, several times over; what came of it, with intervals, and which policy is best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.curves import WAIT_HALF
from nawzajem.core.matching.over_time.hindsight import hindsight
from nawzajem.core.matching.over_time.house import NOBODY, Course, Policy, run
from nawzajem.core.matching.over_time.policies import POLICIES
from nawzajem.core.matching.over_time.trace import Trace
from nawzajem.core.matching.scores import POINTS

Numbers = npt.NDArray[np.float64]

FIGURES = ("wait", "wait_p90", "quality", "never", "share", "worth")
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)  # 97.5 % for 1 to 9 degrees of freedom
NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Compared:
    """Of each policy and figure, what it was on each of the traces."""

    runs: Mapping[str, Mapping[str, Numbers]]

    def mean(self, policy: str, figure: str) -> float:
        return float(self.runs[policy][figure].mean())

    def within(self, policy: str, figure: str) -> float:
        """Half of the 95 % interval of the mean; nan of one trace alone."""
        return _half(self.runs[policy][figure])


def sketch(trace: Trace, course: Course, highest: int, half: float = WAIT_HALF) -> dict[str, float]:
    """Of one run:

    wait, wait_p90   hours from arriving to the beginning of a pair, median and 90th percentile over the pairs
    quality          mean score of the pairs
    never            share of all asks that left with nobody
    share            the total of scores, as a share of the best in hindsight
    worth            the same, with every pair halved for each `half` hours that it was waited for
    """
    paired = course.edge != NOBODY
    score = trace.edges.score[course.edge[paired]] / POINTS
    wait = course.began[paired] - trace.arrives[paired]
    best, some = max(highest / POINTS, 1e-9), len(score) > 0
    return {
        "wait": float(np.median(wait)) if some else float("nan"),
        "wait_p90": float(np.percentile(wait, 90)) if some else float("nan"),
        "quality": float(score.mean()) if some else float("nan"),
        "never": float(1 - paired.mean()) if len(paired) else 0.0,
        "share": float(score.sum() / best),
        "worth": float((score * np.exp2(-wait / half)).sum() / best),
    }


def compare(
    traces: Iterable[Trace], policies: Mapping[str, Callable[[], Policy]] = POLICIES, *, half: float = WAIT_HALF
) -> Compared:
    """Runs every policy on every trace. Each run begins with a policy that knows nothing."""
    told: dict[str, list[dict[str, float]]] = {name: [] for name in policies}
    for trace in traces:
        highest = hindsight(trace)
        for name, policy in policies.items():
            told[name].append(sketch(trace, run(trace, policy()), highest, half))
    return Compared(
        MappingProxyType(
            {
                name: {figure: np.array([one[figure] for one in runs]) for figure in FIGURES}
                for name, runs in told.items()
            }
        )
    )


def best_policies(compared: Compared) -> list[str]:
    """First the one whose pairs are worth most when waiting is counted; after it those whose difference to it, trace by
    trace, might be none (95 %)."""
    worth = {name: runs["worth"] for name, runs in compared.runs.items()}
    order = sorted(worth, key=lambda name: -float(worth[name].mean()))
    return [name for name in order if name == order[0] or _might_be_none(worth[order[0]] - worth[name])]


def _might_be_none(differences: Numbers) -> bool:
    half = _half(differences)
    return bool(np.isnan(half) or differences.mean() <= half)


def _half(numbers: Numbers) -> float:
    free = len(numbers) - 1
    if free < 1:
        return float("nan")
    times = STUDENT[free - 1] if free <= len(STUDENT) else NORMAL
    return float(times * numbers.std(ddof=1) / np.sqrt(len(numbers)))
