"""What a round came to, told three ways: a few lines, a CSV of pairs, a page to read."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from nawzajem.core.matching import PARTS, AskRow, Figures, Suggestion
from nawzajem.ground import clock
from nawzajem.management.files import harmless
from nawzajem.management.matching import Matched, tell
from nawzajem.pairs.words import sentences, why_alone

PAGES = Path(__file__).parent / "pages"
COLUMNS = ("kind", "ask_row", "asker", "offer_row", "giver", "score", *PARTS, "words")
BINS = 10
ON_PAGE = 2000  # pairs; the CSV has all of them


def summary(name: str, found: Matched, seconds: float) -> Iterator[str]:
    """A few lines for a person."""
    yield _(
        "%(name)s. Rows: %(rows)d, people: %(people)d, asks: %(asks)d, offers: %(offers)d, free places: %(seats)d"
    ) % {
        "name": name,
        "rows": found.reading.rows,
        "people": len(found.reading.people),
        "asks": found.figures.asks,
        "offers": found.figures.offers,
        "seats": found.figures.seats,
    }
    yield from _paired(found.figures)
    if found.figures.bound is not None:
        yield _proved(found)
    for why, count in _reasons_alone(found).most_common():
        yield ngettext("%(n)d without a pair: %(why)s", "%(n)d without a pair: %(why)s", count) % {
            "n": count,
            "why": why,
        }
    if found.kept:
        yield _(
            "Of each ask the %(n)d best offers and as many others were weighed, and more where these were taken."
        ) % {"n": found.kept}
    yield _("In %(seconds)s seconds, of which the round itself took %(solve)s") % {
        "seconds": _rounded(seconds, 1),
        "solve": _rounded(found.solved_in, 3),
    }


def _paired(told: Figures) -> Iterator[str]:
    yield _("Paired: %(paired)d of %(asks)d (%(percent)d%%)") % {
        "paired": told.paired,
        "asks": told.asks,
        "percent": _percent(told.paired, told.asks),
    }
    if told.mean is not None and told.worst is not None:
        yield _("How well, from 0 to 1: on average %(mean)s, the weakest %(worst)s") % {
            "mean": _rounded(told.mean, 2),
            "worst": _rounded(told.worst, 2),
        }


def _proved(found: Matched) -> str:
    told = found.figures
    if told.bound is not None and round(told.bound - told.total, 6) > 0:
        return _("The total is %(total)s; none above %(bound)s is possible.") % {
            "total": _rounded(told.total, 3),
            "bound": _rounded(told.bound, 3),
        }
    if found.kept:
        return _("Among all that were weighed there is no higher total. The proof was checked.")
    return _("There is no higher total. The proof was checked.")


def figures(found: Matched) -> dict[str, Any]:
    """The same for a program."""
    told = found.figures
    return {
        "strategy": found.strategy,
        "rows": found.reading.rows,
        "people": len(found.reading.people),
        "asks": told.asks,
        "offers": told.offers,
        "seats": told.seats,
        "paired": told.paired,
        "unpaired": told.asks - told.paired,
        "why_unpaired": dict(Counter(reason.code for reason in found.alone.values())),
        "total": round(told.total, 6),
        "bound": told.bound and round(told.bound, 6),
        "gap": told.bound and round(told.bound - told.total, 6),
        "mean": told.mean and round(told.mean, 6),
        "min": told.worst and round(told.worst, 6),
        "parts": _mean_parts(found),
        "problems": dict(Counter(problem.code for problem in found.reading.problems)),
        "kept": found.kept,
        "solve_seconds": round(found.solved_in, 6),
    }


def _mean_parts(found: Matched) -> dict[str, float]:
    """Of all pairs."""
    count = max(len(found.pairs), 1)
    return {part: round(sum(one.parts[part] for _place, one in found.pairs) / count, 6) for part in PARTS}


def as_csv(found: Matched) -> str:
    """One line a pair, a suggestion or an ask left alone. Scores and parts from 0 to 1."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in sorted(_lines(found), key=lambda line: line[:2]):
        writer.writerow([harmless(str(cell)) for cell in line[2:]])
    return file.getvalue()


def _lines(found: Matched) -> Iterator[list[Any]]:
    """Cells in the order of COLUMNS, after two to sort by: the place of the ask, and which line about it."""
    asks = found.round_.asks
    for place, one in found.pairs:
        yield [place, 0, "pair", *_cells(asks[place], one, found)]
    for place, reason in found.alone.items():
        nothing = [""] * (len(PARTS) + 3)
        yield [place, 0, "alone", _row(asks[place].id), asks[place].person, *nothing, why_alone(reason)]
    for place, best in found.best.items():
        for rank, one in enumerate(best, 1):
            yield [place, rank, "suggestion", *_cells(asks[place], one, found)]


def _cells(ask: AskRow, one: Suggestion, found: Matched) -> list[Any]:
    scores = [f"{score:.3f}" for score in (one.score, *one.parts.values())]
    words = " ".join(_reasons(one, found))
    return [_row(ask.id), ask.person, _row(one.offer.id), one.offer.person, *scores, words]


def _reasons(one: Suggestion, found: Matched) -> list[str]:
    words = found.words
    return sentences(one.reasons, topics=words["topics"], kinds=words["kinds"], backgrounds=words["backgrounds"])


def _row(row_id: str) -> int:
    """The row of the sheet that an ask or an offer was read from."""
    return int(row_id.rsplit(maxsplit=1)[-1])


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    percent: str  # of the longest


def as_page(name: str, found: Matched) -> str:
    """One file that needs no other: for light and dark, telephone and desk, without scripts."""
    engine = Engine(dirs=[str(PAGES)], builtins=["django.templatetags.i18n"])
    context = {
        "language": get_language(),
        "name": name,
        "today": clock.today(),
        "figures": found.figures,
        "percent": _percent(found.figures.paired, found.figures.asks),
        "bars": _bars([one.score for _place, one in found.pairs]),
        "topics": _topics(found),
        "pairs": _pairs(found),
        "more": max(len(found.pairs) - ON_PAGE, 0),
        "alone": _alone(found),
        "problems": [tell(problem) for problem in found.reading.problems],
        "kept": found.kept,
    }
    return engine.get_template("match.html").render(Context(context))


def _rounded(number: float, places: int) -> str:
    """With the reader's comma or point; by itself that would cut and not round."""
    return number_format(round(number, places), places)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _bars(scores: list[float]) -> list[Bar]:
    """How many pairs fit how well, from the weakest that there is."""
    counts = Counter(min(int(score * BINS), BINS - 1) for score in scores)
    longest = max(counts.values(), default=1)
    return [
        Bar(
            f"{_rounded(place / BINS, 1)}–{_rounded((place + 1) / BINS, 1)}",
            counts[place],
            f"{100 * counts[place] / longest:.1f}",
        )
        for place in range(min(counts, default=0), BINS)
    ]


def _pairs(found: Matched) -> list[dict[str, Any]]:
    """The weakest first: they are worth a second look."""
    asks = found.round_.asks
    weakest = sorted(found.pairs, key=lambda pair: (pair[1].score, pair[0]))[:ON_PAGE]
    return [_pair(asks[place], one, found, found.best.get(place, ())) for place, one in weakest]


def _pair(ask: AskRow, one: Suggestion, found: Matched, best: tuple[Suggestion, ...]) -> dict[str, Any]:
    return {
        "asker": ask.person,
        "asker_row": _row(ask.id),
        "giver": one.offer.person,
        "giver_row": _row(one.offer.id),
        "topics": [found.words["topics"][code] for code in ask.topics],
        "score": round(100 * one.score),
        "parts": [(_part(part), round(100 * score)) for part, score in one.parts.items()],
        "reasons": _reasons(one, found),
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


def _reasons_alone(found: Matched) -> Counter[str]:
    """How many are alone for which reason; those for whom others came first together, however many would fit."""
    return Counter(_why(reason.code, reason) for reason in found.alone.values())


def _why(code: str, reason: tuple[str, Any]) -> str:
    return (
        _("Somebody would fit, and all their places went to others.") if code == "others_first" else why_alone(reason)
    )


def _alone(found: Matched) -> list[dict[str, Any]]:
    asks = found.round_.asks
    groups: dict[str, list[AskRow]] = {}
    for place, reason in found.alone.items():
        groups.setdefault(_why(reason.code, reason), []).append(asks[place])
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [{"why": why, "count": len(rows), "asks": [_left(ask, found) for ask in rows]} for why, rows in largest]


def _left(ask: AskRow, found: Matched) -> dict[str, Any]:
    return {
        "person": ask.person,
        "row": _row(ask.id),
        "topics": [found.words["topics"][code] for code in ask.topics],
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
