"""What a round came to, in a few lines, for a program, and as a CSV of pairs. The page to read is in match_page.py."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nawzajem.core.matching import PARTS, AskRow, Figures, Recruit, Suggestion
from nawzajem.management.files import harmless
from nawzajem.management.matching import Explained, Matched
from nawzajem.pairs.words import brings, hint, sentences, whom, why_alone

MOST_RECRUITS = 3  # told in the few lines
COLUMNS = ("kind", "ask_row", "asker", "offer_row", "giver", "score", *PARTS, "words")


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
        "seconds": rounded(seconds, 1),
        "solve": rounded(found.solved_in, 3),
    }


def in_short(found: Matched, explained: Explained) -> Iterator[str]:
    """Of the page, what one would act on first."""
    for one in explained.advice.each[:MOST_RECRUITS]:
        yield _("Whom to look for: %(who)s (%(brings)s)") % {
            "who": whom(one, topics=found.words["topics"]),
            "brings": "; ".join(brings(one)),
        }
    if explained.changes:
        yield ngettext(
            "%(n)d of those without a pair would find somebody by a small change of the ask; the page says which.",
            "%(n)d of those without a pair would find somebody by a small change of the ask; the page says which.",
            len(explained.changes),
        ) % {"n": len(explained.changes)}


def _paired(told: Figures) -> Iterator[str]:
    yield _("Paired: %(paired)d of %(asks)d (%(percent)d%%)") % {
        "paired": told.paired,
        "asks": told.asks,
        "percent": percent_of(told.paired, told.asks),
    }
    if told.mean is not None and told.worst is not None:
        yield _("How well, from 0 to 1: on average %(mean)s, the weakest %(worst)s") % {
            "mean": rounded(told.mean, 2),
            "worst": rounded(told.worst, 2),
        }


def _proved(found: Matched) -> str:
    told = found.figures
    if told.bound is not None and round(told.bound - told.total, 6) > 0:
        return _("The total is %(total)s; none above %(bound)s is possible.") % {
            "total": rounded(told.total, 3),
            "bound": rounded(told.bound, 3),
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


def advised(explained: Explained) -> dict[str, Any]:
    """For a program too: what was found out for the page."""
    advice = explained.advice
    return {
        "strategies": {
            name: {"total": round(one.total, 6), "paired": one.paired, "min": one.worst and round(one.worst, 6)}
            for name, one in explained.side_by_side.items()
        },
        "changes": dict(Counter("+".join(step.code for step in one.steps) for one in explained.changes.values())),
        "recruit": [_recruit(one) for one in advice.each],
        "recruit_together": [_recruit(one) for one in advice.together],
    }


def _recruit(one: Recruit) -> dict[str, Any]:
    return asdict(one.kind) | {"seats": one.seats, "more": dict(one.more)}


def _mean_parts(found: Matched) -> dict[str, float]:
    """Of all pairs."""
    count = max(len(found.pairs), 1)
    return {part: round(sum(one.parts[part] for _place, one in found.pairs) / count, 6) for part in PARTS}


def as_csv(found: Matched, explained: Explained | None = None) -> str:
    """One line a pair, a suggestion or an ask left alone. Scores and parts from 0 to 1."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in sorted(_lines(found, explained), key=lambda line: line[:2]):
        writer.writerow([harmless(str(cell)) for cell in line[2:]])
    return file.getvalue()


def _lines(found: Matched, explained: Explained | None) -> Iterator[list[Any]]:
    """Cells in the order of COLUMNS, after two to sort by: the place of the ask, and which line about it."""
    asks = found.round_.asks
    for place, one in found.pairs:
        yield [place, 0, "pair", *_cells(asks[place], one, found)]
    for place, reason in found.alone.items():
        nothing = [""] * (len(PARTS) + 3)
        change = explained.changes.get(place) if explained else None
        words = " ".join([why_alone(reason), *([hint(change)] if change else [])])
        yield [place, 0, "alone", row_of(asks[place].id), asks[place].person, *nothing, words]
    for place, best in found.best.items():
        for rank, one in enumerate(best, 1):
            yield [place, rank, "suggestion", *_cells(asks[place], one, found)]


def _cells(ask: AskRow, one: Suggestion, found: Matched) -> list[Any]:
    scores = [f"{score:.3f}" for score in (one.score, *one.parts.values())]
    words = " ".join(told_reasons(one, found))
    return [row_of(ask.id), ask.person, row_of(one.offer.id), one.offer.person, *scores, words]


def told_reasons(one: Suggestion, found: Matched) -> list[str]:
    words = found.words
    return sentences(one.reasons, topics=words["topics"], kinds=words["kinds"], backgrounds=words["backgrounds"])


def row_of(row_id: str) -> int:
    """The row of the sheet that an ask or an offer was read from."""
    return int(row_id.rsplit(maxsplit=1)[-1])


def _reasons_alone(found: Matched) -> Counter[str]:
    """How many are alone for which reason; those for whom others came first together, however many would fit."""
    return Counter(why_together(reason.code, reason) for reason in found.alone.values())


def why_together(code: str, reason: tuple[str, Any]) -> str:
    return (
        _("Somebody would fit, and all their places went to others.") if code == "others_first" else why_alone(reason)
    )


def rounded(number: float, places: int) -> str:
    """With the reader's comma or point; by itself that would cut and not round."""
    return number_format(round(number, places), places)


def percent_of(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
