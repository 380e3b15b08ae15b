"""Whom to recruit, as a round keeps it, and strategies: what the core tells, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nawzajem.core.matching import STRATEGIES, Advice, Change, Kind, Reason, Recruit
from nawzajem.core.matching.problem import AskRow
from nawzajem.pairs.words import Names, brings, hint, whom, why_alone

NAMES: Mapping[str, Any] = {
    "best": gettext_lazy("The best on the whole"),
    "fair": gettext_lazy("The worst served first"),
    "stable": gettext_lazy("Stable"),
    "quick": gettext_lazy("Quick"),
}
ABOUT: Mapping[str, Any] = {
    "best": gettext_lazy("All pairs together fit as well as they possibly can."),
    "fair": gettext_lazy("Whoever would be served worst is served as well as possible, then the next."),
    "stable": gettext_lazy("No two people would both rather have each other than whom they get."),
    "quick": gettext_lazy("The best fitting pair first, then the next. To compare with."),
}


def strategies() -> list[tuple[str, Any]]:
    """Codes and names of all that there are."""
    return [(code, NAMES.get(code, code)) for code in STRATEGIES]


def told(given: Advice) -> dict[str, Any]:
    """As it is kept: numbers and codes."""
    return {way: [_kept(one) for one in getattr(given, way)] for way in ("each", "together")}


def _kept(one: Recruit) -> dict[str, Any]:
    return {"kind": asdict(one.kind), "seats": one.seats, "more": dict(one.more), "gained": dict(one.gained)}


def _recruit(kept: Mapping[str, Any]) -> Recruit:
    more, gained = ({int(people): one for people, one in kept[name].items()} for name in ("more", "gained"))
    return Recruit(Kind(**kept["kind"]), kept["seats"], more, gained)


def to_recruit(kept: Mapping[str, Any], *, topics: Names) -> list[tuple[str, list[str]]]:
    """Whom to look for, and what they would bring."""
    each = [_recruit(one) for one in kept.get("each", [])]
    return [(whom(one, topics=topics), brings(one)) for one in each]


def why(code: str, facts: Mapping[str, Any]) -> str:
    """Why an ask has nobody in a round."""
    if code == "gone":
        return _("This ask did not wait any more when the round was worked out.")
    return why_alone((code, facts or {"fitting": 0}))


def summary(code: str) -> str:
    """The same of several asks, without what differs between them."""
    return _("The places of those who fit went to others.") if code == "others_first" else why(code, {})


def what_would_help(steps: list[list[Any]], *, minutes: int) -> str:
    """Of an ask with nobody, where something little would."""
    if not steps:
        return ""
    told = tuple(Reason(code, facts) for code, facts in steps)
    return hint(Change(told, NOBODY, 0), minutes=minutes)


NOBODY = AskRow(id="", person="", languages=frozenset(), forms=frozenset())
