"""A round as a page to read: how well it went, why some are left over, what would help them, and whom to look for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from nawzajem.core.matching import AskRow, Figures, Suggestion, hours
from nawzajem.ground import clock
from nawzajem.management.match_report import percent_of, rounded, row_of, told_reasons, why_together
from nawzajem.management.matching import Explained, Matched, tell
from nawzajem.pairs.words import (
    brings,
    found_somebody,
    hint,
    how_near,
    language_name,
    part_of_week,
    strategy_name,
    strategy_words,
    whom,
)

PAGES = Path(__file__).parent / "pages"
BINS = 10
ON_PAGE = 2000  # pairs; the CSV has all of them
LONGEST = 10  # lines of what is lacking
UNEVEN = 1.2  # times the mean, from which on an hour stands out


@dataclass(frozen=True)
class Bar:
    label: str
    count: int | str
    percent: str  # of the longest


def as_page(name: str, found: Matched, explained: Explained) -> str:
    """One file that needs no other: for light and dark, telephone, desk and paper, without scripts."""
    engine = Engine(dirs=[str(PAGES)], builtins=["django.templatetags.i18n"])
    context = {
        "language": get_language(),
        "name": name,
        "today": clock.today(),
        "figures": found.figures,
        "percent": percent_of(found.figures.paired, found.figures.asks),
        "how": strategy_words(found.strategy),
        "bars": _bars([one.score for _place, one in found.pairs]),
        "strategies": _strategies(found, explained.side_by_side),
        "topics": _topics(found),
        "lacking": _lacking(found, explained),
        "week": _week(explained),
        "together": _together(found, explained),
        "recruits": [(whom(one, topics=found.words["topics"]), brings(one)) for one in explained.advice.each],
        "pairs": _pairs(found),
        "more": max(len(found.pairs) - ON_PAGE, 0),
        "alone": _alone(found, explained),
        "problems": [tell(problem) for problem in found.reading.problems],
        "kept": found.kept,
    }
    return engine.get_template("match.html").render(Context(context))


def _bars(scores: list[float]) -> list[Bar]:
    """How many pairs fit how well, from the weakest that there is."""
    counts = Counter(min(int(score * BINS), BINS - 1) for score in scores)
    longest = max(counts.values(), default=1)
    return [
        Bar(
            f"{rounded(place / BINS, 1)}–{rounded((place + 1) / BINS, 1)}",
            counts[place],
            f"{100 * counts[place] / longest:.1f}",
        )
        for place in range(min(counts, default=0), BINS)
    ]


def _strategies(found: Matched, side_by_side: Mapping[str, Figures]) -> list[dict[str, Any]]:
    """The one that was chosen among the others, on the same asks and offers."""
    highest = max((one.total for one in side_by_side.values()), default=0) or 1
    return [
        {
            "name": strategy_name(name),
            "words": strategy_words(name),
            "chosen": name == found.strategy,
            "paired": one.paired,
            "total": rounded(one.total, 2),
            "percent": rounded(100 * one.total / highest, 1),
            "mean": "" if one.mean is None else rounded(one.mean, 2),
            "worst": "" if one.worst is None else rounded(one.worst, 2),
        }
        for name, one in side_by_side.items()
    ]


def _lacking(found: Matched, explained: Explained) -> list[tuple[str, list[Bar]]]:
    """What is lacking: by topic, by language, by part of the week."""
    lacking, names = explained.lacking, found.words["topics"]
    parts = {part_of_week(part): _during(explained, week) for part, week in hours.WEEK_PARTS.items()}
    topics = {names.get(code) or _("no topic named"): much for code, much in lacking.topics.items()}
    languages = {language_name(code): much for code, much in lacking.languages.items()}
    if not lacking.topics:
        return []
    return [(_("by topic"), _long(topics)), (_("by language"), _long(languages)), (_("by time"), _long(parts))]


def _during(explained: Explained, week: str) -> float:
    return float(explained.lacking.hours[list(hours.hours_in(week))].sum())


def _long(sums: Mapping[str, float]) -> list[Bar]:
    longest = max(sums.values(), default=0) or 1
    most = sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:LONGEST]
    return [Bar(label, rounded(much, 1), f"{100 * much / longest:.1f}") for label, much in most if much > 0]


def _week(explained: Explained) -> list[tuple[str, list[str]]]:
    """Each day with its hours, from 0 to 1 by how much is lacking; nothing where no hour stands out."""
    much = explained.lacking.hours
    if not much.max() > UNEVEN * much.mean():
        return []
    days = (much / much.max()).reshape(-1, hours.DAY)
    return [(str(WEEKDAYS_ABBR[day]), [f"{one:.2f}" for one in each]) for day, each in enumerate(days)]


def _together(found: Matched, explained: Explained) -> list[tuple[str, str]]:
    """One person after the other, and how many asks all so far serve."""
    told = explained.advice.together
    return [(whom(one, topics=found.words["topics"]), found_somebody(max(one.more.values()))) for one in told]


def _pairs(found: Matched) -> list[dict[str, Any]]:
    """The weakest first: they are worth a second look."""
    asks = found.round_.asks
    weakest = sorted(found.pairs, key=lambda pair: (pair[1].score, pair[0]))[:ON_PAGE]
    return [_pair(asks[place], one, found, found.best.get(place, ())) for place, one in weakest]


def _pair(ask: AskRow, one: Suggestion, found: Matched, best: tuple[Suggestion, ...]) -> dict[str, Any]:
    return {
        "asker": ask.person,
        "asker_row": row_of(ask.id),
        "giver": one.offer.person,
        "giver_row": row_of(one.offer.id),
        "topics": [found.words["topics"][code] for code in ask.topics],
        "score": round(100 * one.score),
        "parts": [(_part(part), round(100 * score)) for part, score in one.parts.items()],
        "reasons": told_reasons(one, found),
        "others": [(other.offer.person, round(100 * other.score)) for other in best if other.offer != one.offer],
    }


def _part(part: str) -> str:
    return {
        "topic": _("topic"),
        "stage": _("stage and time"),
        "hours": _("shared hours"),
        "wishes": _("wishes"),
        "load": _("room and rest"),
        "waiting": _("time waited"),
    }[part]


def _alone(found: Matched, explained: Explained) -> list[dict[str, Any]]:
    groups: dict[str, list[int]] = {}
    for place, reason in found.alone.items():
        groups.setdefault(why_together(reason.code, reason), []).append(place)
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [
        {"why": why, "count": len(places), "asks": [_left(place, found, explained) for place in places]}
        for why, places in largest
    ]


def _left(place: int, found: Matched, explained: Explained) -> dict[str, Any]:
    ask, change = found.round_.asks[place], explained.changes.get(place)
    return {
        "person": ask.person,
        "row": row_of(ask.id),
        "topics": [found.words["topics"][code] for code in ask.topics],
        "near": how_near(found.alone[place].facts),
        "hint": hint(change) if change else "",
    }


def _topics(found: Matched) -> list[dict[str, Any]]:
    """By topic at the top: how many ask, how many of them have a pair, and how many places there are."""
    tree, asks = found.round_.offers.topics, found.round_.asks
    paired = {place for place, _one in found.pairs}
    asked, served, places = Counter[str](), Counter[str](), Counter[str]()
    for place, ask in enumerate(asks):
        mine = {tree.top[at] for at in tree.at(ask.topics)}
        asked.update(mine)
        served.update(mine if place in paired else ())
    for row in found.round_.offers.rows:
        for top in {tree.top[at] for at in tree.at(one.topic for one in row.experiences)}:
            places[top] += max(row.capacity - row.taken, 0)
    names = found.words["topics"]
    rows = [
        {"name": names[top], "asked": count, "served": served[top], "places": places[top], "alone": count - served[top]}
        for top, count in asked.items()
    ]
    return sorted(rows, key=lambda row: (-row["alone"], row["name"]))
