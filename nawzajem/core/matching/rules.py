"""Who may meet whom at all. Each rule is a mask over all offers; together they are asked in one stated order.

First come the rules about the two people, then what was lived through, then language, time and seats. So the first rule
after which nobody is left is also the most telling answer to "why nobody?": that all seats are taken is said only when
somebody would otherwise have fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching import hours
from nawzajem.core.matching.problem import MINORS, AskRow, Index, Mask, Offers, age_place, tops


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the programme allows."""

    minors_with_adults: bool = False
    least_hours: int = 1  # a week, shared


@dataclass(frozen=True, slots=True)
class Passing:
    """Which offers pass every rule, and how many were left after each, in the order of the rules."""

    mask: Mask
    left: Mapping[str, int]


def passing(ask: AskRow, offers: Offers, bounds: Bounds | None = None, *, among: Mask | None = None) -> Passing:
    """Every rule in turn, asked of all offers or of those `among` them."""
    mask = np.ones(len(offers), bool) if among is None else among.copy()
    left = {}
    for code, rule in RULES.items():
        mask &= rule(ask, offers, bounds or Bounds())
        left[code] = int(np.count_nonzero(mask))
    return Passing(mask, MappingProxyType(left))


def why_none(left: Mapping[str, int]) -> str | None:
    """The first rule that leaves nobody, None while somebody is left. Where naming the rule would tell what another
    person keeps to themselves, or that there is such a person, it is 'nobody'."""
    code = next((code for code, count in left.items() if not count), None)
    return "nobody" if code in QUIET else code


def _yourself(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    return _without(offers, offers.by_person, (ask.person,))


def _blocked(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Whichever side's row knows of it."""
    mine = _without(offers, offers.by_person, ask.blocked)
    return mine & _without(offers, offers.closed_to_person, (ask.person,))


def _named(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Nobody whom the asker does not want to meet, nor who does not want to meet the asker."""
    mine = _without(offers, offers.by_print, ask.not_prints)
    return mine & _without(offers, offers.closed_to_print, ask.prints)


def _earlier(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    mine = _without(offers, offers.by_person, ask.earlier)
    return mine & _without(offers, offers.earlier_with, (ask.person,))


def _tried(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    return _without(offers, offers.by_person, ask.tried)


def _unit(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Where either side asks for it: not in the same unit, nor in one within the other."""
    if not ask.units:
        return np.ones(len(offers), bool)
    near = offers.units.within(ask.units[-1]) | offers.units.in_line(ask.units)
    return ~near if ask.not_same_unit else ~(near & offers.not_same_unit)


def _superior(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Never a superior with somebody they lead, whichever of the two asks."""
    if not ask.units:
        return np.ones(len(offers), bool)
    led_by_them = offers.units.leads & offers.units.in_line(ask.units)
    led_by_asker = offers.units.within(ask.units[-1]) if ask.leads else np.zeros(len(offers), bool)
    return ~(led_by_them | led_by_asker)


def _age(ask: AskRow, offers: Offers, bounds: Bounds) -> Mask:
    """Minors with minors. Who said no age counts as an adult: a programme for minors asks everybody's age at the door."""
    if bounds.minors_with_adults:
        return np.ones(len(offers), bool)
    return _minor(offers.columns.age) == _minor(np.int8(age_place(ask.age)))


def _topic(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Something lived through under the same topic at the top. An ask without topics is for anybody."""
    if not ask.topics:
        return np.ones(len(offers), bool)
    return offers.tops.any_of(tops(offers.topics, ask.topics))


def _language(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    return offers.languages.any_of(ask.languages)


def _gender(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """Only where the wish is a must; then who did not say is not suggested."""
    if not (ask.wish_gender and ask.wish_gender_must):
        return np.ones(len(offers), bool)
    return offers.columns.gender.any_of((ask.wish_gender,))


def _form(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    return offers.forms.any_of(ask.forms)


def _hours(ask: AskRow, offers: Offers, bounds: Bounds) -> Mask:
    return hours.shared(offers.columns.hours, ask.hours) >= bounds.least_hours


def _certificate(ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    """All that are needed. Asked late, so that it is named where somebody would fit if they were trained."""
    return np.asarray(offers.certificates.count_of(ask.needs) == len(ask.needs))


def _seat(_ask: AskRow, offers: Offers, _: Bounds) -> Mask:
    return offers.free > 0


Rule = Callable[[AskRow, Offers, Bounds], Mask]
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "yourself": _yourself,
        "blocked": _blocked,
        "named": _named,
        "earlier": _earlier,
        "tried": _tried,
        "unit": _unit,
        "superior": _superior,
        "age": _age,
        "topic": _topic,
        "language": _language,
        "gender": _gender,
        "form": _form,
        "hours": _hours,
        "certificate": _certificate,
        "seat": _seat,
    }
)
QUIET = frozenset({"yourself", "blocked", "named", "earlier", "unit", "superior"})


def _without(offers: Offers, index: Index, keys: Collection[str]) -> Mask:
    """All but those found under these keys."""
    mask = np.ones(len(offers), bool)
    for key in keys:
        if key in index:
            mask[index[key]] = False
    return mask


def _minor(age: npt.NDArray[np.int8] | np.int8) -> npt.NDArray[np.bool_]:
    return np.asarray((age >= 0) & (age < MINORS))
