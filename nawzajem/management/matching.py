"""From a sheet that was read, and a blueprint, to a round: who with whom, and why. No database in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.core import matching
from nawzajem.core.matching import (
    Advice,
    Assignment,
    Bounds,
    Change,
    Figures,
    Lacking,
    Offers,
    Reason,
    Round,
    Suggestion,
    Terms,
    Topics,
    Weights,
)
from nawzajem.core.matching.scores import POINTS
from nawzajem.core.sheets import Problem, Reading, SheetMapping, Vocabulary, matching_rows, read_mapping
from nawzajem.ground import clock
from nawzajem.management.files import given_bytes
from nawzajem.programmes.blueprint import Blueprint

MOST_EDGES = 4_000_000  # asks times offers; beyond that
BEST = 50  # so many of the best offers of each ask are weighed at first


@dataclass(frozen=True)
class Matched:
    """A round with all that is told of it."""

    strategy: str
    blueprint: Blueprint
    reading: Reading
    round_: Round
    figures: Figures
    assignment: Assignment
    terms: Terms
    pairs: list[tuple[int, Suggestion]]  # by the place of the ask
    alone: Mapping[int, Reason]
    best: Mapping[int, tuple[Suggestion, ...]]
    solved_in: float  # seconds for who with whom, without reading and telling
    kept: int | None  # the best offers of each ask that were weighed at first; None for all

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """What reasons need to become sentences."""
        blueprint = self.blueprint
        return {
            "topics": {topic.code: str(topic) for topic in blueprint.topics},
            "kinds": {kind.code: str(kind) for kind in blueprint.kinds},
            "backgrounds": {one.code: str(one) for one in blueprint.backgrounds},
        }


def match(
    reading: Reading,
    blueprint: Blueprint,
    *,
    strategy: str,
    seed: int,
    top: int,
    floor: float | None = None,
    waiting_first: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Matched:
    """A named strategy over all asks and offers of a sheet, by the blueprint's weights and as of today. A floor is a score
    from 0 to 1."""
    round_ = _round(reading, blueprint, progress)
    kept, began, solve = round_.keep, time.perf_counter(), matching.STRATEGIES[strategy]
    terms = Terms(
        seed,
        waited=np.array([ask.waited_hours for ask in round_.asks]) if waiting_first else None,
        floor=None if floor is None else round(floor * POINTS),
    )
    assignment = solve(round_.edges, terms)
    while wider := matching.widened(round_, assignment.edge):
        round_, assignment = wider, solve(wider.edges, terms)
    solved_in = time.perf_counter() - began
    return Matched(
        strategy=strategy,
        blueprint=blueprint,
        reading=reading,
        round_=round_,
        figures=matching.figures(round_.edges, assignment),
        assignment=assignment,
        terms=terms,
        pairs=matching.pairs(round_, assignment),
        alone=matching.unmatched(round_, assignment),
        best=_best(round_, top) if top > 0 else {},
        solved_in=solved_in,
        kept=kept,
    )


@dataclass(frozen=True)
class Explained:
    """What a report tells beyond the round itself. All of it was searched for and solved, which takes several rounds' time."""

    side_by_side: Mapping[str, Figures]  # each strategy on the same edges
    changes: Mapping[int, Change]  # of asks without a pair, by their place
    lacking: Lacking
    advice: Advice


def explained(found: Matched) -> Explained:
    round_, assignment, terms = found.round_, found.assignment, found.terms
    changes = {place: matching.smallest(round_, assignment, place) for place in found.alone}
    return Explained(
        side_by_side={
            name: matching.figures(round_.edges, strategy(round_.edges, terms))
            if name != found.strategy
            else found.figures
            for name, strategy in matching.STRATEGIES.items()
        },
        changes={place: change for place, change in changes.items() if change},
        lacking=matching.lacking(round_, assignment),
        advice=matching.recruit(round_, assignment, strategy=matching.STRATEGIES[found.strategy], terms=terms),
    )


def _round(reading: Reading, blueprint: Blueprint, progress: Callable[[int, int], None] | None) -> Round:
    options = blueprint.options
    asks, rows = matching_rows(reading, on=clock.today(), zone=settings.TIME_ZONE)
    offers = Offers.of(rows, Topics.of({topic.code: topic.parent for topic in blueprint.topics}))
    return matching.candidates(
        asks,
        offers,
        keep=BEST if len(asks) * len(rows) > MOST_EDGES else None,
        weights=Weights(**{part: getattr(options, f"weight_{part}") for part in matching.PARTS}),
        bounds=Bounds(minors_with_adults=options.minors_with_adults),
        progress=progress,
    )


def _best(round_: Round, top: int) -> dict[int, tuple[Suggestion, ...]]:
    """The best for every ask, whoever else they may be best for."""
    return {
        place: matching.suggest(ask, round_.offers, top=top, weights=round_.weights, bounds=round_.bounds).best
        for place, ask in enumerate(round_.asks)
    }


def vocabulary(blueprint: Blueprint) -> Vocabulary:
    """The words by which a sheet may call what the blueprint knows: codes, and names in both languages."""
    return Vocabulary.of(
        [
            (topic.code, (topic.pl, topic.en), [word for words in topic.also.values() for word in words])
            for topic in blueprint.topics
        ],
        [(kind.code, (kind.pl, kind.en)) for kind in blueprint.kinds],
        [(one.code, (one.pl, one.en)) for one in blueprint.backgrounds],
    )


def given_mapping(path: Path | None) -> SheetMapping:
    """How a foreign sheet is read; without a file, the plain format."""
    if path is None:
        return SheetMapping()
    mapping, problems = read_mapping(given_bytes(path).decode("utf-8", errors="replace"))
    if problems:
        raise CommandError("\n".join([str(path), *map(tell, problems)]))
    return mapping


def tell(problem: Problem) -> str:
    """A problem of a sheet in the reader's language, with its place."""
    row = _("row %(n)d") % {"n": problem.row} if problem.row else ""
    place = ", ".join(filter(None, [row, problem.column]))
    sentence = _(problem.sentence) % problem.facts
    return f"{place}: {sentence}" if place else sentence
