"""The smallest change of an ask that would have found it somebody, without taking anybody's place.

Only what is the asker's own to change is tried: hours, forms, whether a wished gender is a must, and last whether it must
be somebody who knows the same thing. Languages are what one speaks. That the same unit is not wished stays as it is: a
change of it would tell that somebody there has lived through such a thing; and so stays every rule about other people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from nawzajem.core.matching import hours
from nawzajem.core.matching.assignment import Assignment
from nawzajem.core.matching.candidates import Round
from nawzajem.core.matching.explain import Reason
from nawzajem.core.matching.problem import AskRow, Mask, Offers
from nawzajem.core.matching.rules import RULES, Bounds

MOST_STEPS = 2
Step = tuple[AskRow, Reason]


@dataclass(frozen=True, slots=True)
class Change:
    """What to change, each step a code with its facts: hours {hours, start, length}, so many more and such as these, in the
    clock of the rows; form {form}, one more; gender {gender}, a wish and no must; topic {}, somebody who knows other things.
    """

    steps: tuple[Reason, ...]
    ask: AskRow  # as it would be then
    fitting: int  # offers that would fit then and have a seat


def smallest(round_: Round, assignment: Assignment, place: int) -> Change | None:
    """What would have found somebody for the ask at this place: an offer that fits then and has a seat left after this
    round. So nobody would lose anything by it. None where no change of its own would do."""
    edges = round_.edges
    free = edges.capacity > np.bincount(edges.offer[assignment.edge], minlength=len(edges.capacity))
    gone = assignment.forbidden[edges.asks_of(assignment.forbidden) == place]
    free[edges.offer[gone]] = False
    return smallest_change(round_.asks[place], round_.offers, round_.bounds, free)


def smallest_change(
    ask: AskRow, offers: Offers, bounds: Bounds | None = None, free: Mask | None = None
) -> Change | None:
    """One step if one is enough, the smallest first, else two. `free` are the offers with a seat, if not as their rows say.
    None where nothing helps, or where somebody fits as it is. Time: that of the rules, once over all offers."""
    bounds = bounds or Bounds()
    may = {code: rule(ask, offers, bounds) for code, rule in RULES.items()}
    may["seat"] = may["seat"] if free is None else free
    near = np.logical_and.reduce([mask for code, mask in may.items() if code not in OWN])
    near &= hours.shared(offers.columns.hours, hours.ANY) >= bounds.least_hours
    if not near.any() or np.logical_and.reduce([near, *(may[code] for code in OWN)]).any():
        return None
    for count in range(1, MOST_STEPS + 1):
        for codes in combinations(OWN, count):
            mask = np.logical_and.reduce([near, *(may[code] for code in OWN if code not in codes)])
            if mask.any() and (found := _changed(ask, offers, mask, codes, bounds)):
                return found
    return None


def _changed(ask: AskRow, offers: Offers, mask: Mask, codes: tuple[str, ...], bounds: Bounds) -> Change | None:
    """The ask after these steps, among offers that pass every other rule. None where one of them leads nowhere."""
    steps = []
    for code in reversed(codes):  # how many hours are missing is asked of those alone whom the other step lets in
        step = OWN[code](ask, offers, mask, bounds) if mask.any() else None
        if step is None:
            return None
        ask, mask = step[0], mask & RULES[code](step[0], offers, bounds)
        steps.append(step[1])
    return Change(tuple(reversed(steps)), ask, int(np.count_nonzero(mask))) if mask.any() else None


def _hours(ask: AskRow, offers: Offers, mask: Mask, bounds: Bounds) -> Step | None:
    """As few more as any offer needs, and of those the ones at which most have time; of equals next to hours there are."""
    weeks = offers.columns.hours[:, mask]
    missing = bounds.least_hours - hours.shared(weeks, ask.hours).astype(int)
    fewest = int(missing.min())
    if fewest <= 0:
        return None
    table = hours.unpack(weeks[:, missing == fewest])
    own, more = hours.unpack(hours.pack([ask.hours]))[:, 0], []
    for _ in range(fewest):
        rank = 2 * table.sum(axis=1) + (np.roll(own, 1) | np.roll(own, -1))
        more.append(int(np.where(own, -1, rank).argmax()))
        own[more[-1]] = True
        table = table[:, table[more[-1]]]
    told = hours.longest(hours.week(more)) or hours.Stretch(more[0], 1)
    facts = {"hours": fewest, "start": told.start, "length": told.length}
    return replace(ask, hours=hours.week(np.flatnonzero(own).tolist())), Reason("hours", facts)


def _form(ask: AskRow, offers: Offers, mask: Mask, _: Bounds) -> Step | None:
    """The one that most of them offer."""
    count = {form: np.count_nonzero(offers.forms.any_of((form,)) & mask) for form in sorted(offers.forms.place)}
    form = max(count.keys() - ask.forms, key=lambda form: (count[form], form), default=None)
    return (replace(ask, forms=ask.forms | {form}), Reason("form", {"form": form})) if form else None


def _gender(ask: AskRow, _offers: Offers, _mask: Mask, _: Bounds) -> Step | None:
    if not (ask.wish_gender and ask.wish_gender_must):
        return None
    return replace(ask, wish_gender_must=False), Reason("gender", {"gender": ask.wish_gender})


def _topic(ask: AskRow, _offers: Offers, _mask: Mask, _: Bounds) -> Step | None:
    return (replace(ask, topics=()), Reason("topic", {})) if ask.topics else None


OWN: Mapping[str, Callable[[AskRow, Offers, Mask, Bounds], Step | None]] = {  # rules, the smallest change first
    "hours": _hours,
    "form": _form,
    "gender": _gender,
    "topic": _topic,
}
