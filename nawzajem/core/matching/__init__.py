"""Who with whom, and why: a library of its own, in NumPy, that knows no database, no clock and no network.

The story runs through its files in this order:

    hours        a week of 168 hours as 42 hexadecimal digits and as bits; time zones
    topics       the tree of topics, and how near two of them are
    problem      asks and offers as rows; the offers as columns, built once
    curves       how months, hours, load and waiting become numbers from 0 to 1, with their sources
    rules        who may meet at all: masks in a stated order, and who is left after each
    scores       six parts and their weighted mean
    explain      reasons as codes, told only of what may be told
    now          the best offers for one ask
    plain        the same among offers that change all the time, by the thousand
    live         and by the million, with compiled code
    candidates   from rows to scored edges, for matching all asks with all offers; the best of many by
    lexicon      what repeats from one person to the next, each kept once
    compact      offers and asks as records of a hundred bytes
    shelf        these listed by topic and language; `_ranking` is the compiled part that looks through the lists
    assignment   what a strategy returns: figures, pairs with reasons, the unmatched with why
    quick        the strategy `quick`, greedy
    best         the strategy `best`, the highest total there is; `_kernel` is its compiled part
    fair         the strategy `fair`, the worst served first; `_table`, `_chains` and `_weighing` do its work
    stable       the strategy `stable`, from which no two would rather part for each other; `blocking` checks it
    certificate  the proof of it, and the check that trusts nothing
    smallest     the smallest change that would have found somebody for an ask
    recruit      what a round lacks, and whom to recruit
    waits        the honest wait
    over_time    days and weeks: when to ask whom, compared by simulation (a folder of its own)

    >>> topics = Topics.of({"grief": None, "grief.partner": "grief"})
    >>> both = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
    >>> offer = OfferRow(id="o1", person="b", experiences=(Experience("grief.partner", months=14),), **both)
    >>> ask = AskRow(id="a1", person="a", topics=("grief.partner",), **both)
    >>> answer = suggest(ask, Offers.of([offer], topics))
    >>> answer.best[0].offer.id, answer.best[0].reasons[0].code
    ('o1', 'close_to_it')

The offer's experience says nothing about itself, so the reason names no topic.
"""

from collections.abc import Mapping

from nawzajem.core.matching.assignment import (
    Assignment,
    Figures,
    Strategy,
    Terms,
    carried,
    figures,
    highest_total,
    pairs,
    solve,
    unmatched,
)
from nawzajem.core.matching.best import best
from nawzajem.core.matching.blocking import blocking
from nawzajem.core.matching.candidates import Edges, Round, candidates, widened
from nawzajem.core.matching.certificate import Certificate, bound
from nawzajem.core.matching.explain import Reason
from nawzajem.core.matching.fair import fair
from nawzajem.core.matching.live import Live
from nawzajem.core.matching.now import Suggestion, Suggestions, suggest
from nawzajem.core.matching.plain import Plain
from nawzajem.core.matching.problem import AGES, AskRow, Experience, OfferRow, Offers
from nawzajem.core.matching.quick import quick
from nawzajem.core.matching.recruit import Advice, Kind, Lacking, Recruit, lacking, recruit
from nawzajem.core.matching.rules import RULES, Bounds, why_none
from nawzajem.core.matching.scores import PARTS, Weights
from nawzajem.core.matching.smallest import Change, smallest, smallest_change
from nawzajem.core.matching.stable import stable
from nawzajem.core.matching.topics import Topics
from nawzajem.core.matching.waits import Wait, expected_wait

STRATEGIES: Mapping[str, Strategy] = {"best": best, "fair": fair, "stable": stable, "quick": quick}

__all__ = [
    "AGES",
    "PARTS",
    "RULES",
    "STRATEGIES",
    "Advice",
    "AskRow",
    "Assignment",
    "Bounds",
    "Certificate",
    "Change",
    "Edges",
    "Experience",
    "Figures",
    "Kind",
    "Lacking",
    "Live",
    "OfferRow",
    "Offers",
    "Plain",
    "Reason",
    "Recruit",
    "Round",
    "Strategy",
    "Suggestion",
    "Suggestions",
    "Terms",
    "Topics",
    "Wait",
    "Weights",
    "best",
    "blocking",
    "bound",
    "candidates",
    "carried",
    "expected_wait",
    "fair",
    "figures",
    "highest_total",
    "lacking",
    "pairs",
    "quick",
    "recruit",
    "smallest",
    "smallest_change",
    "solve",
    "stable",
    "suggest",
    "unmatched",
    "why_none",
    "widened",
]
