"""Who with whom over days and weeks: people come, wait, are asked, say yes or no, leave; seats come back when a pair ends.
Policies are compared on the same days with the same fates, and beside the best that hindsight could have done.

    trace      what happens whatever a house does, made by a seed
    seen       the same from what a house has seen
    house      the simulator: one house under one policy, which sees only what a real one could
    policies   at once, in rounds, patient, with a reserve
    hindsight  the bound that no policy can pass
    compare    several days' fates, each policy on each; figures with intervals, and which is best
"""

from nawzajem.core.matching.over_time.compare import (
    FIGURES,
    Compared,
    best_policies,
    compare,
    sketch,
)
from nawzajem.core.matching.over_time.hindsight import hindsight
from nawzajem.core.matching.over_time.house import Course, House, Policy, run
from nawzajem.core.matching.over_time.policies import POLICIES, AtOnce, Patient, Reserve, Rounds
from nawzajem.core.matching.over_time.seen import Seen, fates
from nawzajem.core.matching.over_time.trace import Supply, Trace, synthetic

__all__ = [
    "FIGURES",
    "POLICIES",
    "AtOnce",
    "Compared",
    "Course",
    "House",
    "Patient",
    "Policy",
    "Reserve",
    "Rounds",
    "Seen",
    "Supply",
    "Trace",
    "best_policies",
    "compare",
    "fates",
    "hindsight",
    "run",
    "sketch",
    "synthetic",
]
