"""From a table to records, row by row: a row is read wholly or not at all, and whatever is wrong with it is told at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from nawzajem.core.sheets.layout import Layout, lay_out
from nawzajem.core.sheets.mapping import SheetMapping
from nawzajem.core.sheets.problems import Problem, Unreadable, quoted
from nawzajem.core.sheets.records import AskRecord, ExperienceRecord, OfferRecord, PersonRecord, Reading
from nawzajem.core.sheets.table import Row, read_table
from nawzajem.core.sheets.values import FIELDS, Vocabulary

# What holds where neither the sheet nor its mapping says anything.
USUAL: Mapping[str, str] = MappingProxyType({"languages": "pl", "forms": "text", "hours": "any"})
USUAL_ASK: Mapping[str, str] = MappingProxyType({**USUAL, "stage": "in it"})
USUAL_OFFER: Mapping[str, str] = MappingProxyType({**USUAL, "stage": "been through", "capacity": "1"})

# What a person, and an offer, has once, however many rows there are
PERSON = frozenset({"zone", "age", "gender", "unit", "leads", "backgrounds", "known_as"})
OFFER = frozenset({"kinds", "forms", "hours", "languages", "capacity", "taken", "not_same_unit", "not"})

Values = Mapping[str, Any]  # by field


def read_sheet(data: bytes, vocabulary: Vocabulary, mapping: SheetMapping | None = None) -> Reading:
    """Records of everything in these bytes that can be read, and a problem for everything that cannot. Raises nothing."""
    mapping = mapping or SheetMapping()
    table = read_table(data, sheet=mapping.sheet)
    layout, problems = lay_out(table, mapping) if table.header else (None, [])
    if layout is None or not all(problem.note for problem in problems):
        return Reading(problems=(*table.problems, *problems), rows=len(table.rows))
    spoilt = {problem.row for problem in table.problems if not problem.note}
    cells = _Cells(vocabulary)
    read = [_line(row, layout, cells) for row in table.rows if row.number not in spoilt]
    lines = [line for line, _ in read if line]
    return _joined(
        lines, [*table.problems, *problems, *(one for _, wrong in read for one in wrong)], len(table.rows), layout
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A row that could be read, as an ask and as an offer."""

    row: int
    said: Mapping[str, str]  # what stands in its own cells, without what is usual
    assumed: frozenset[tuple[str, str]]  # fields with what is usual, where nothing is said
    ask: Values | None
    offer: Values | None

    @property
    def either(self) -> Values:
        return self.ask or self.offer or {}


class _Cells:
    """Reads cells, each different one once: they repeat, and reading takes a while."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.known: dict[tuple[str, str], Any] = {}

    def read(self, name: str, text: str) -> Any:
        """What a cell means; an Unreadable, returned and not raised, where it means nothing."""
        if (name, text) not in self.known:
            try:
                self.known[name, text] = FIELDS[name](text, self.vocabulary)
            except Unreadable as wrong:
                self.known[name, text] = wrong
        return self.known[name, text]


def _line(row: Row, layout: Layout, cells: _Cells) -> tuple[_Line | None, list[Problem]]:
    texts, mapping = layout.texts(row), layout.mapping
    sides = layout.sides(row) or _role(texts.get("role") or mapping.defaults.get("role", ""), cells)
    if isinstance(sides, Problem):
        return None, [replace(sides, row=row.number, column=layout.column("role"))]
    if not any(sides):
        return None, [Problem("left_out", row.number, note=True)]
    wrong: list[Problem] = []
    ask_said, offer_said = (
        {**mapping.defaults, **side.defaults, **texts} if here else None
        for here, side in zip(sides, (mapping.asks, mapping.offers), strict=True)
    )
    ask = _values({**USUAL_ASK, **ask_said}, cells, wrong) if ask_said else None
    offer = _values({**USUAL_OFFER, **offer_said}, cells, wrong) if offer_said else None
    if wrong:
        return None, _placed(wrong, row, layout)
    return _Line(row.number, texts, _assumed(ask_said, offer_said), ask, offer), []


def _placed(wrong: list[Problem], row: Row, layout: Layout) -> list[Problem]:
    """Problems with their row and the sheet's own name for the column; once, where both sides stumble over one cell."""
    placed = [replace(problem, row=row.number, column=layout.column(problem.column)) for problem in wrong]
    return [problem for place, problem in enumerate(placed) if problem not in placed[:place]]


def _assumed(ask: Mapping[str, str] | None, offer: Mapping[str, str] | None) -> frozenset[tuple[str, str]]:
    """Fields, with what is usual, of which a side says nothing."""
    sides = [(said, usual) for said, usual in ((ask, USUAL_ASK), (offer, USUAL_OFFER)) if said]
    return frozenset((name, text) for said, usual in sides for name, text in usual.items() if name not in said)


def _role(text: str, cells: _Cells) -> tuple[bool, bool] | Problem:
    role = cells.read("role", text) if text else None
    if isinstance(role, Unreadable):
        return Problem(role.code, facts=role.facts)
    return (role in {"asks", "both"}, role in {"gives", "both"}) if role else Problem("missing")


def _values(texts: Mapping[str, str], cells: _Cells, wrong: list[Problem]) -> Values:
    """Every field read; what cannot be is added to `wrong`, its column still named by the field."""
    values = {name: cells.read(name, text) for name, text in texts.items() if text and name != "role"}
    wrong += [
        Problem(read.code, None, name, read.facts) for name, read in values.items() if isinstance(read, Unreadable)
    ]
    wrong += [Problem("missing", None, name) for name in ("person", "topics") if not values.get(name)]
    if not wrong and values.get("until") and values["until"] < values.get("since", "")[: len(values["until"])]:
        wrong.append(Problem("ends_before", None, "until"))
    return values


def _joined(lines: list[_Line], problems: list[Problem], rows: int, layout: Layout) -> Reading:
    notes: list[Problem] = []
    people = tuple(_person(group[0].row, _settled(group, PERSON, notes)) for group in _by_person(lines))
    giving = _by_person(replace(line, ask=None) for line in lines if line.offer)
    offers = tuple(_offer(group, _settled(group, OFFER, notes)) for group in giving)
    asks = tuple(_ask(line.row, line.ask) for line in lines if line.ask)
    told = [*problems, *(replace(note, column=layout.column(note.column)) for note in notes)]
    return Reading(
        people,
        asks,
        offers,
        tuple(sorted(told, key=lambda one: one.row or 0)),
        rows,
        Counter(one for line in lines for one in line.assumed),
        {name: layout.column(name) for name in layout.columns},
    )


def _by_person(lines: Iterable[_Line]) -> Iterable[list[_Line]]:
    """The lines of each person, whatever the size of the letters."""
    groups: dict[str, list[_Line]] = {}
    for line in lines:
        groups.setdefault(line.either["person"].casefold(), []).append(line)
    return groups.values()


def _settled(lines: list[_Line], names: frozenset[str], notes: list[Problem]) -> Values:
    """What holds for a person of whom several rows tell: of each field the first that is said. Of others there is a note."""
    settled, first = dict(lines[0].either), dict[str, _Line]()
    for line in lines:
        for name in names & line.said.keys():
            kept = first.setdefault(name, line)
            settled[name] = kept.either[name]
            if line.either[name] != kept.either[name]:
                facts = {"first": kept.row, "kept": quoted(kept.said[name])}
                notes.append(Problem("differs", line.row, name, facts, note=True))
    return settled


def _person(row: int, said: Values) -> PersonRecord:
    return PersonRecord(
        row=row,
        key=said["person"],
        languages=said["languages"],
        zone=said.get("zone", ""),
        age=said.get("age", ""),
        gender=said.get("gender", ""),
        unit=said.get("unit", ()),
        leads=said.get("leads", False),
        backgrounds=said.get("backgrounds", ()),
        known_as=said.get("known_as", ""),
    )


def _ask(row: int, said: Values) -> AskRecord:
    return AskRecord(
        row=row,
        person=said["person"],
        topics=said["topics"],
        stage=said["stage"],
        kinds=said.get("kinds", ()),
        forms=said["forms"],
        hours=said["hours"],
        languages=said["languages"],
        words=said.get("words", ""),
        wish_age=said.get("wish_age", ""),
        wish_gender=said.get("wish_gender", ""),
        wish_gender_must=said.get("wish_gender_must", False),
        wish_backgrounds=said.get("wish_backgrounds", ()),
        not_same_unit=said.get("not_same_unit", False),
        avoids=said.get("not", ()),
        asked_on=said.get("asked_on", ""),
    )


def _offer(lines: list[_Line], said: Values) -> OfferRecord:
    lived = [one for line in lines for one in _experiences(line)]
    return OfferRecord(
        row=lines[0].row,
        person=said["person"],
        experiences=tuple({one.topic: one for one in reversed(lived)}.values())[::-1],
        kinds=said.get("kinds", ()),
        forms=said["forms"],
        hours=said["hours"],
        languages=said["languages"],
        capacity=said["capacity"],
        taken=said.get("taken", 0),
        not_same_unit=said.get("not_same_unit", False),
        avoids=said.get("not", ()),
    )


def _experiences(line: _Line) -> list[ExperienceRecord]:
    said = line.offer or {}
    since, until, words = said.get("since", ""), said.get("until", ""), said.get("words", "")
    return [
        ExperienceRecord(row=line.row, topic=topic, stage=said["stage"], since=since, until=until, words=words)
        for topic in said.get("topics", ())
    ]
