"""Where rounds meet the matching core: asks and offers as they stand become edges, edges become lines and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.core.matching import STRATEGIES, Assignment, hours
from nawzajem.core.matching.hours import WEEK_PARTS
from nawzajem.core.matching.scores import POINTS
from nawzajem.ground import clock
from nawzajem.offers.models import Offer
from nawzajem.pairs import problem
from nawzajem.pairs.rounds import advice
from nawzajem.pairs.rounds.material import Problem, Two
from nawzajem.pairs.rounds.models import Decision, Line, Material, Round

MOST_EDGES = 4_000_000  # asks times offers; beyond that
BEST = 50  # so many of the best offers of each ask are weighed at first
BINS = 10  # of scores from 0 to 1
HINTED = 500  # of those with nobody: each takes as long as looking at every offer

Heard = Callable[[float], None]  # the share of the work that is done, 0 to 1; what it raises ends the work


@dataclass(frozen=True, slots=True)
class Solved:
    """A round worked out: its material, its lines yet unkept, and its figures."""

    problem: Problem
    lines: list[Line]
    figures: dict[str, Any]
    lost: list[Two]  # what was locked and cannot be any more


def work_out(of: Round, *, heard: Heard) -> Solved:
    """From what was kept of the last time, where there is something, else from everything as it stands. Writes nothing."""
    kept = Material.objects.filter(round=of).first()
    if kept:
        told, lost = _again(of, Problem.unpacked(bytes(kept.packed)))
        found, rows = told.solved(heed=_part(heard, 0, 0.5)), None
    else:
        told, found, lost, rows = _anew(of, heard)
    figures = _figures(told, found, heard=_part(heard, 0.7, 0.9))
    lines = _lines(of, told, found)
    if rows is None:  # whom to look for was reckoned when everybody was read
        figures["advice"] = of.figures.get("advice", {})
        return Solved(told, lines, figures, lost)
    figures["advice"] = advice.told(matching.recruit(rows, found, terms=told.terms(), parts=_parts_of_week()))
    heard(0.95)
    _hint(rows, found, lines, heard=_part(heard, 0.95, 1))
    return Solved(told, lines, figures, lost)


def _parts_of_week() -> dict[str, str]:
    """On the clock that the rows use."""
    return {part: hours.shift(week, settings.TIME_ZONE, clock.today()) for part, week in WEEK_PARTS.items()}


def _hint(rows: matching.Round, found: Assignment, lines: list[Line], *, heard: Heard) -> None:
    """For the longest waiting of those with nobody: what little would have helped."""
    place = {ask.id: number for number, ask in enumerate(rows.asks)}
    alone = [line for line in lines if line.offer_id is None and line.ask_id in place]
    alone.sort(key=lambda line: -rows.asks[place[line.ask_id]].waited_hours)
    for number, line in enumerate(alone[:HINTED]):
        change = matching.smallest(rows, found, place[line.ask_id])
        line.hint = [[step.code, dict(step.facts)] for step in change.steps] if change else []
        heard(number / HINTED)


def _part(heard: Heard, start: float, end: float) -> Heard:
    """Progress of a part, told as progress of the whole."""
    return lambda done: heard(start + (end - start) * min(max(done, 0), 1))


def _again(of: Round, kept: Problem) -> tuple[Problem, list[Two]]:
    """The same scores; but only asks that still wait, and only seats that are still free."""
    still = set(_asks(of).values_list("pk", flat=True))
    ready = Offer.objects.filter(programme=of.programme_id).with_free_seat()
    seats = {pk: capacity - taken for pk, capacity, taken in ready.values_list("pk", "capacity", "taken")}
    told = replace(kept.as_things_stand(still, seats), strategy=of.strategy, seed=of.seed)
    return told.decided(*_decisions(of))


def _anew(of: Round, heard: Heard) -> tuple[Problem, Assignment, list[Two], matching.Round]:
    """Solving and widening in turn, so that nobody stays alone beside a free seat because only the best were weighed."""
    round_ = _candidates(of, heard=_part(heard, 0.05, 0.5))
    while True:
        told, lost = _problem(of, round_).decided(*_decisions(of))
        found = told.solved(heed=_part(heard, 0.5, 0.7))
        wider = matching.widened(round_, found.edge)
        if wider is None:
            return told, found, lost, round_
        round_ = wider


def _asks(of: Round) -> QuerySet[Ask]:
    """Those of its asks that wait."""
    return Ask.objects.filter(pk__in=Line.objects.filter(round=of).values("ask"), state=Ask.State.OPEN)


def _candidates(of: Round, *, heard: Heard) -> matching.Round:
    heard(0)
    asks, offers = problem.ask_rows(of.programme, _asks(of)), problem.pool(of.programme)
    heard(0.05)
    return matching.candidates(
        asks,
        offers,
        keep=BEST if len(asks) * len(offers) > MOST_EDGES else None,
        weights=problem.weights(of.programme),
        bounds=problem.bounds(of.programme),
        progress=lambda done, all_: heard(0.05 + 0.95 * done / all_),
    )


def _problem(of: Round, round_: matching.Round) -> Problem:
    return Problem(
        edges=round_.edges,
        asks=tuple(ask.id for ask in round_.asks),
        offers=tuple(offer.id for offer in round_.offers.rows),
        why=tuple(why or "" for why in round_.why),
        waited=np.array([ask.waited_hours for ask in round_.asks], float),
        weights=np.array(list(round_.weights), float),
        strategy=of.strategy,
        seed=of.seed,
    )


def _decisions(of: Round) -> tuple[list[Two], list[Two]]:
    """What is locked, and what is forbidden."""
    rows = list(Decision.objects.filter(round=of).order_by("ask", "offer").values_list("kind", "ask", "offer"))
    locked = [(ask, offer) for kind, ask, offer in rows if kind == Decision.Kind.LOCKED]
    return locked, [(ask, offer) for kind, ask, offer in rows if kind == Decision.Kind.FORBIDDEN]


# -- what it comes to -------------------------------------------------------------------------------------------------


def _lines(of: Round, told: Problem, found: Assignment) -> list[Line]:
    """One for each ask that the round still has, also for those that do not wait any more."""
    edges = told.edges
    with_whom = dict(zip(edges.asks()[found.edge].tolist(), found.edge.tolist(), strict=True))
    why = matching.unmatched(told.bare(), found)
    place = {ask: number for number, ask in enumerate(told.asks) if edges.demand[number]}
    lines = []
    for ask in Line.objects.filter(round=of).order_by("ask").values_list("ask", flat=True):
        line, number = Line(round=of, ask_id=ask), place.get(ask)
        lines.append(line)
        if number is None:
            line.why = "gone"
            continue
        if number in with_whom:
            edge = with_whom[number]
            line.offer_id, line.points = told.offers[edges.offer[edge]], int(edges.score[edge])
        else:
            line.why, line.facts = why[number].code, dict(why[number].facts)
    return lines


def _figures(told: Problem, found: Assignment, *, heard: Heard) -> dict[str, Any]:
    """Of every strategy there is, so that they can be looked at side by side; the chosen one is not solved twice."""
    others = [name for name in STRATEGIES if name != told.strategy]
    strategies = {told.strategy: _told(told, found, found)}
    for number, name in enumerate(others):
        solved = told.solved(name, heed=_part(heard, number / len(others), (number + 1) / len(others)))
        strategies[name] = _told(told, solved, found)
    heard(1)
    return {
        "asks": int((told.edges.demand > 0).sum()),
        "offers": int((told.edges.capacity > 0).sum()),
        "seats": int(told.edges.capacity.sum()),
        "locked": len(told.locked),
        "forbidden": len(told.forbidden),
        "strategies": strategies,
    }


def _told(told: Problem, one: Assignment, chosen: Assignment) -> dict[str, Any]:
    """The figures of one strategy, how its scores spread, and for how many asks it differs from the chosen one."""
    figures, edges = matching.figures(told.edges, one), told.edges
    bins = np.minimum(edges.score[one.edge] * BINS // POINTS, BINS - 1)
    differing = np.setdiff1d(np.union1d(one.edge, chosen.edge), np.intersect1d(one.edge, chosen.edge))
    return {
        "paired": figures.paired,
        "total": figures.total,
        "mean": figures.mean,
        "worst": figures.worst,
        "bound": figures.bound,
        "bins": np.bincount(bins, minlength=BINS).tolist(),
        "changes": len(np.unique(edges.asks()[differing])),
    }
