"""What was understood of a sheet and what was not, in plain columns for whoever is about to import it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nawzajem.core.matching import hours
from nawzajem.core.sheets import AskRecord, OfferRecord, Problem
from nawzajem.experiences.models import Experience
from nawzajem.management.importing import Plan
from nawzajem.management.matching import tell
from nawzajem.programmes.models import Way

FIRST = 6  # rows shown as they were understood
TOPICS = 20
ROWS_NAMED = 8  # of those with the same problem


def understood(name: str, plan: Plan) -> Iterator[str]:
    """How much, the first rows, the topics, and what was assumed."""
    yield from _counts(name, plan)
    if plan.asks or plan.offers:
        yield ""
        yield _("How the first rows were understood")
        yield from _columns([_head(), *_first_rows(plan)])
        yield ""
        yield _("Topics")
        yield from _columns(list(_topics(plan)))
    if plan.reading.assumed:
        yield ""
        yield _("Taken for granted, because the sheet does not say")
        yield from _columns(list(_assumed(plan)))


def not_understood(problems: Iterable[Problem]) -> Iterator[str]:
    """Each problem once, with the rows that have it."""
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in problems:
        sentence = _(one.sentence) % one.facts
        rows[one.column, sentence].append(one.row or 0)
    for (column, sentence), where in rows.items():
        place = ", ".join(filter(None, [_named(sorted({*where} - {0})), column]))
        yield f"  {place}: {sentence}" if place else f"  {sentence}"


def figures(plan: Plan) -> dict[str, Any]:
    """The same for a program, every problem with its row."""
    return {
        "rows": plan.reading.rows,
        "people": len(plan.reading.people),
        "new": len(plan.people),
        "known": len(plan.known),
        "asks": len(plan.asks),
        "offers": len(plan.offers),
        "experiences": plan.experiences,
        "assumed": {f"{name}: {text}": rows for (name, text), rows in sorted(plan.reading.assumed.items())},
        "problems": [_told(one) for one in plan.problems if not one.note],
        "notes": [_told(one) for one in plan.problems if one.note],
    }


def _told(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "row": problem.row, "column": problem.column, "said": tell(problem)}


def _counts(name: str, plan: Plan) -> Iterator[str]:
    yield _("%(name)s, for “%(programme)s”. Rows: %(rows)d, people: %(people)d") % {
        "name": name,
        "programme": plan.programme.name,
        "rows": plan.reading.rows,
        "people": len(plan.reading.people),
    }
    yield _("  New here: %(people)d. Asks: %(asks)d, offers: %(offers)d, from experiences: %(lived)d") % {
        "people": len(plan.people),
        "asks": len(plan.asks),
        "offers": len(plan.offers),
        "lived": plan.experiences,
    }
    if plan.known:
        yield _("  Known already, and left as they are: %(people)d (%(names)s)") % {
            "people": len(plan.known),
            "names": _some([record.key for record, _member in plan.known]),
        }


def _some(names: Sequence[str]) -> str:
    more = len(names) - ROWS_NAMED
    shown = ", ".join(names[:ROWS_NAMED])
    return _("%(names)s and %(n)d more") % {"names": shown, "n": more} if more > 0 else shown


def _named(rows: Sequence[int]) -> str:
    if not rows:
        return ""
    return ngettext("row %(rows)s", "rows %(rows)s", len(rows)) % {"rows": _some([str(row) for row in rows])}


def _head() -> list[str]:
    return [
        _("row"), _("who"), _("side"), _("topics"), _("where they are with it"), _("languages"), _("how"), _("when"),
        _("own words"),
    ]  # fmt: skip


def _first_rows(plan: Plan) -> Iterator[list[str]]:
    names = _topic_names(plan)
    told: list[AskRecord | OfferRecord] = [*plan.asks, *plan.offers]
    for record in sorted(told, key=lambda one: one.row)[:FIRST]:
        if isinstance(record, AskRecord):
            topics, stage, words = record.topics, record.stage, record.words
        else:
            topics = tuple(one.topic for one in record.experiences)
            stage, words = record.experiences[0].stage, record.experiences[0].words
        yield [
            str(record.row),
            record.person,
            _("asks") if isinstance(record, AskRecord) else _("gives"),
            ", ".join(names[code] for code in topics),
            str(Experience.Stage(stage).label),
            " ".join(record.languages),
            ", ".join(str(Way(form).label) for form in record.forms),
            _when(record.hours),
            # the words themselves are nobody's business on a screen
            ngettext("%(n)d letter", "%(n)d letters", len(words)) % {"n": len(words)} if words else "-",
        ]


def _when(week: str) -> str:
    if week == hours.ANY:
        return _("at any time")
    free = len(hours.hours_in(week))
    return ngettext("%(n)d hour a week", "%(n)d hours a week", free) % {"n": free}


def _topics(plan: Plan) -> Iterator[list[str]]:
    names = _topic_names(plan)
    asked = Counter(code for ask in plan.asks for code in ask.topics)
    given = Counter(one.topic for offer in plan.offers for one in offer.experiences)
    both = (asked + given).most_common()
    yield ["", _("asked"), _("given")]
    for code, _count in both[:TOPICS]:
        yield [names[code], str(asked[code]), str(given[code])]
    if len(both) > TOPICS:
        rest = len(both) - TOPICS
        yield [ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest}, "", ""]


def _topic_names(plan: Plan) -> Mapping[str, str]:
    return {topic.code: topic.name for topic in plan.programme.topics.all()}


def _assumed(plan: Plan) -> Iterator[list[str]]:
    for (name, text), rows in sorted(plan.reading.assumed.items()):
        yield [name, text, ngettext("in %(n)d row", "in %(n)d rows", rows) % {"n": rows}]


def _columns(rows: list[list[str]]) -> Iterator[str]:
    """Cells under each other, as wide as the widest; a table that says something in a terminal and in a letter."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
