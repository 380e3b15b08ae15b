"""Where pairs meet the matching core: rows of the database become its rows, its answers become suggestions with reasons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Literal, cast

import numpy as np
from django.db.models import FilteredRelation, Q, QuerySet, TextField
from django.db.models.functions import Cast

from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.core.matching import PARTS, RULES, AskRow, Bounds, OfferRow, Suggestions, Topics, Weights, hours
from nawzajem.core.matching import Offers as Columns
from nawzajem.core.matching.now import suggestion
from nawzajem.core.matching.problem import Stage, tops
from nawzajem.core.matching.scores import parts, points
from nawzajem.experiences.models import Experience, months_since
from nawzajem.experiences.reads import SEEN_BY
from nawzajem.ground import clock
from nawzajem.minors import reads as minors
from nawzajem.offers.models import Offer, Offers
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme
from nawzajem.safety import reads as safety

Reader = Literal["matched", "desk"]
TOLD: Mapping[
    Reader, Mapping[str, set[Experience.Sight]]
] = {  # of each field, the sights with which a reason may tell it
    "matched": dict.fromkeys(("topic", "stage", "when"), SEEN_BY["matched"]),
    "desk": {
        "topic": SEEN_BY["matched"],
        "stage": SEEN_BY["member"],
        "when": SEEN_BY["member"],
    },  # what one offers from
}


ABOUT_ONESELF: frozenset[Any] = frozenset({"age", "gender", "backgrounds"})  # what reasons may tell of who offers
ABOUT_PEOPLE = ("yourself", "blocked", "named", "unit", "superior", "age")  # rules of the core


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one offer suits one ask, as a proposal keeps it."""

    score: float
    parts: dict[str, float]
    reasons: list[list[Any]]


def suggestions(ask: Ask, *, top: int = 5, desk: bool = False) -> Suggestions:
    """The best offers for an ask as things stand this moment, and what each rule left.

    For the `desk` of a coordinator: people too who were announced and have not come yet, and reasons that tell no more of
    an experience than its owner lets the programme see.

    The database leaves out those whom the rule about topics would, which is most of a large programme. Only where nobody
    fits are all of them looked at, for only then does it matter what each rule left.
    """
    known = known_to_one(ask)
    found = among(ask, pool(ask.programme, desk=desk, knowing=known), top=top)
    return found if found.best or known is None else among(ask, pool(ask.programme, desk=desk), top=top)


def would_help(ask: Ask) -> matching.Change | None:
    """The smallest change of an ask that nobody fits, with which somebody would be there who knows it."""
    near = pool(ask.programme, knowing=known_to_one(ask))
    return matching.smallest_change(ask_row(ask), near, bounds(ask.programme))


def known_to_one(ask: Ask) -> set[str] | None:
    """The topics of which one is enough: those under the same ones at the top. None for an ask that is for anybody."""
    tree, asked = topic_tree(ask.programme), [topic.code for topic in ask.topics.all()]
    above = tops(tree, asked)
    return {code for code, top in zip(tree.codes, tree.top, strict=True) if top in above} if asked else None


def pool(programme: Programme, *, desk: bool = False, knowing: set[str] | None = None) -> Columns:
    """All offers of a programme that have a free seat, or those of them `knowing` one of these topics, made ready to be
    compared with any number of asks."""
    ready = free(programme, knowing=knowing)
    return _columns(programme, ready, expected=desk, to="desk" if desk else "matched")


def free(programme: Programme, *, knowing: set[str] | None = None) -> Offers:
    """Ready offers with a free seat, or those of them that know one of these topics."""
    ready = Offer.objects.filter(programme=programme).with_free_seat()
    if knowing is None:
        return ready
    topics = [topic.pk for topic in programme.all_topics if topic.code in knowing]
    return ready.filter(pk__in=Lived.objects.filter(experience__topic__in=topics).values("offer"))


def fit(ask: Ask, offer: Offer) -> Fit | None:
    """Whether these two may meet, and how well they suit. None when a rule forbids it, or one of them is not here."""
    if not _takes_part(ask):
        return None
    one = Offer.objects.filter(pk=offer.pk).with_free_seat()
    found = among(ask, _columns(ask.programme, one, expected=True, to="matched"), top=1).best
    return as_fit(found[0]) if found else None


def may_meet(ask: Ask, offer: Offer) -> bool:
    """Whether the rules about the two people allow it by now, and both still take part: asked when both have said yes. What
    else may have changed since it was put, they have weighed themselves."""
    rows = _rows(ask.programme, Offer.objects.filter(pk=offer.pk), "matched")
    if not rows or not _takes_part(ask):
        return False
    one, asked = Columns.of(rows, topic_tree(ask.programme)), ask_row(ask)
    return all(bool(RULES[code](asked, one, bounds(ask.programme))[0]) for code in ABOUT_PEOPLE)


def _takes_part(ask: Ask) -> bool:
    here = Member.objects.filter(programme=ask.programme_id, person=ask.person_id)
    return here.filter(state=Member.State.ACTIVE).exists()


def as_fit(found: matching.Suggestion) -> Fit:
    return Fit(found.score, dict(found.parts), [[reason.code, dict(reason.facts)] for reason in found.reasons])


def _columns(programme: Programme, offers: Offers, *, expected: bool, to: Reader) -> Columns:
    return Columns.of(offer_rows(programme, offers, expected=expected, to=to), topic_tree(programme))


def among(ask: Ask, offers: Columns, *, top: int) -> Suggestions:
    """The best of these offers for an ask."""
    here = ask.programme
    return matching.suggest(ask_row(ask), offers, top=top, weights=weights(here), bounds=bounds(here))


def fits(programme: Programme, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Fit]:
    """How well each of these suits, an ask and an offer by their ids, as things stand, with reasons that a coordinator may
    read. Those who are not here any more are left out; whether they may still meet is not asked."""
    asks = Ask.objects.filter(pk__in={ask for ask, _offer in pairs})
    wanted = Offer.objects.filter(pk__in={offer for _ask, offer in pairs})
    rows = {row.id: row for row in ask_rows(programme, asks)}
    offers, by = Columns.of(_rows(programme, wanted, "desk"), topic_tree(programme)), weights(programme)
    place = {row.id: number for number, row in enumerate(offers.rows)}
    here = [(ask, offer) for ask, offer in pairs if ask in rows and offer in place]
    return {(ask, offer): as_fit(_suggestion(rows[ask], offers, place[offer], by)) for ask, offer in here}


def _suggestion(ask: AskRow, offers: Columns, place: int, by: Weights) -> matching.Suggestion:
    each = parts(ask, offers.columns.take(np.array([place])), offers.topics)
    return suggestion(ask, offers, place, parts=each[:, 0], points=int(points(each, by)[0]), weights=by)


def weights(programme: Programme) -> Weights:
    options = programme.options
    return Weights(**{part: getattr(options, f"weight_{part}") for part in PARTS})


def bounds(programme: Programme) -> Bounds:
    return Bounds(minors_with_adults=programme.options.minors_with_adults)


def topic_tree(programme: Programme) -> Topics:
    codes = {topic.pk: topic.code for topic in programme.all_topics}
    return Topics.of({topic.code: codes.get(topic.parent_id or "") for topic in programme.all_topics})


# -- rows of the database as rows of the core -------------------------------------------------------------------------

# Plain columns: a large programme has ten thousand offers, and objects of the models would take ten times as long. Lists of
# codes are read as the text they are kept as, for most people's are alike.
Lived = Offer.experiences.through
PERSON = (
    "person", "person__age", "person__gender", "person__time_zone", "place__unit", "place__leads", "place__code_print",
    "place__known_print", "place__announced_print", "shares",
)  # fmt: skip
OFFER = ("pk", "gives", "speaks", "ways", "hours", "not_same_unit", "avoids", "capacity", "taken", "answered_at")
SIGHTS = ("see_topic", "see_stage", "see_when")
LIVED = ("offer", *(f"experience__{name}" for name in ("topic__code", "stage", "since", "until", *SIGHTS)))


def _with_place(rows: Any, programme: str) -> Any:
    """Asks or offers, each with its person's place in the programme."""
    here = FilteredRelation("person__memberships", condition=Q(person__memberships__programme=programme))
    return rows.annotate(place=here).annotate(shares=_text("place__backgrounds"))


def _text(field: str) -> Cast:
    return Cast(field, TextField())


@lru_cache(maxsize=10_000)
def _codes(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


A_MINOR = "minor"  # a print that every minor carries: an adult whose checks are not in order has named it, in effect


def _apart(programme: Programme, people: QuerySet[Any, Any]) -> set[str]:
    """Adults among these who may not meet a minor. Asked for no one where no adult may, or none is young enough."""
    if not programme.options.minors_with_adults:
        return set()
    return minors.kept_from_minors(programme, people.order_by().values_list("person", "person__age").distinct())


def _who(row: Any, lines: Mapping[str, tuple[str, ...]], apart: Collection[str]) -> dict[str, Any]:
    """What the core is told of a person on either side."""
    carried = A_MINOR if row.person__age in minors.MINOR else ""
    return {
        "not_prints": _codes(row.avoids) | ({A_MINOR} if row.person in apart else frozenset()),
        "person": row.person,
        "age": row.person__age,
        "gender": row.person__gender,
        "backgrounds": _codes(row.shares),
        "units": lines.get(row.place__unit or "", ()),
        "leads": row.place__leads,
        "prints": frozenset(
            filter(None, (row.place__code_print, row.place__known_print, row.place__announced_print, carried))
        ),
    }


ASK = (
    "pk", "stage", "hours", "wish_age", "wish_gender", "wish_gender_must", "not_same_unit", "opened_at",
    "gives", "speaks", "ways", "wishes", "avoids",
)  # fmt: skip


def ask_row(ask: Ask) -> AskRow:
    [row] = ask_rows(ask.programme, Ask.objects.filter(pk=ask.pk))
    return row


def ask_rows(programme: Programme, asks: QuerySet[Ask]) -> list[AskRow]:
    """Asks of a programme, in the order of their ids. As many questions for one as for ten thousand."""
    read = _with_place(asks.order_by("pk"), programme.pk).annotate(
        gives=_text("kinds"),
        speaks=_text("languages"),
        ways=_text("forms"),
        wishes=_text("wish_backgrounds"),
        avoids=_text("not_prints"),
    )
    known, lines, now, today = _known_of(asks), programmes.lines(programme), clock.now(), clock.house_day()
    apart = _apart(programme, asks)
    return [
        AskRow(
            id=row.pk,
            topics=tuple(known.topics.get(row.pk, ())),
            stage=cast(Stage, row.stage),
            kinds=_codes(row.gives),
            languages=_codes(row.speaks),
            forms=_codes(row.ways),
            hours=hours.shift(row.hours, row.person__time_zone, today),
            wish_age=cast(Any, row.wish_age),
            wish_gender=row.wish_gender,
            wish_gender_must=row.wish_gender_must,
            wish_backgrounds=_codes(row.wishes),
            not_same_unit=row.not_same_unit,
            blocked=frozenset(known.blocked.get(row.person, ())),
            earlier=frozenset(known.met.get(row.person, ())),
            tried=frozenset(known.tried.get(row.pk, ())),
            waited_hours=(now - row.opened_at).total_seconds() / 3600 if row.opened_at else 0,
            **_who(row, lines, apart),
        )
        for row in read.values_list(*ASK, *PERSON, named=True)
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands in other tables about asks and those who ask."""

    topics: Mapping[str, list[str]]  # by ask
    tried: Mapping[str, set[str]]  # by ask: people
    met: Mapping[str, set[str]]  # by person: those once paired with, or being asked just now on whatever matter
    blocked: Mapping[str, set[str]]  # by person


def _known_of(asks: QuerySet[Ask]) -> _Known:
    mine, people = asks.order_by().values("pk"), asks.order_by().values("person")
    topics, tried = defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
    for ask, code in (
        Ask.topics.through.objects.filter(ask__in=mine).order_by("topic__place").values_list("ask", "topic__code")
    ):
        topics[ask].append(code)
    over = Proposal.objects.filter(ask__in=mine).exclude(state=Proposal.State.OUT)
    for ask, person in over.values_list("ask", "offer__person"):
        tried[ask].add(person)
    return _Known(topics, tried, _met(people), safety.strangers_of(people))


def _met(people: QuerySet[Any, Any]) -> Mapping[str, set[str]]:
    found, out = defaultdict[str, set[str]](set), Proposal.objects.out()
    for one, other in (
        *Pair.objects.filter(asker__in=people).values_list("asker", "giver"),
        *Pair.objects.filter(giver__in=people).values_list("giver", "asker"),
        *out.filter(ask__person__in=people).values_list("ask__person", "offer__person"),
        *out.filter(offer__person__in=people).values_list("offer__person", "ask__person"),
    ):
        if other and other != one:
            found[one].add(other)
    return found


def offer_rows(
    programme: Programme, offers: Offers, *, expected: bool, to: Reader, at: datetime | None = None
) -> list[OfferRow]:
    """Offers of people who take part and are here; blocks and earlier pairs are looked up from the asker's side. Days of rest
    are counted up to this moment, or up to `at`."""
    agreed = Q(place__agreed_version__gte=0 if expected else 1)
    here = Q(place__away_until=None) | Q(place__away_until__lt=clock.house_day())
    return _rows(programme, offers, to, agreed & here, at)


def _rows(
    programme: Programme, offers: Offers, to: Reader, where: Q | None = None, at: datetime | None = None
) -> list[OfferRow]:
    active = _with_place(offers, programme.pk).filter(where or Q(), place__state=Member.State.ACTIVE)
    read = active.annotate(
        gives=_text("kinds"), speaks=_text("languages"), ways=_text("forms"), avoids=_text("not_prints")
    )
    lines, lived, now, today = programmes.lines(programme), _lived(offers, to), at or clock.now(), clock.house_day()
    apart = _apart(programme, offers)
    return [
        OfferRow(
            id=row.pk,
            experiences=tuple(lived.get(row.pk, ())),
            kinds=_codes(row.gives),
            languages=_codes(row.speaks),
            forms=_codes(row.ways),
            hours=hours.shift(row.hours, row.person__time_zone, today),
            not_same_unit=row.not_same_unit,
            capacity=row.capacity,
            taken=row.taken,
            idle_days=(now - row.answered_at).total_seconds() / 86400 if row.answered_at else None,
            says=ABOUT_ONESELF,
            **_who(row, lines, apart),
        )
        for row in read.values_list(*OFFER, *PERSON, named=True)
    ]


def _lived(offers: Offers, to: Reader) -> dict[str, list[matching.Experience]]:
    """The experiences on which each offer stands."""
    today, found = clock.house_day(), defaultdict[str, list[matching.Experience]](list)
    for offer, *one in Lived.objects.filter(offer__in=offers).values_list(*LIVED):
        found[offer].append(_experience(*one, to=to, today=today))
    return found


def _experience(
    topic: str, stage: Stage, since: str, until: str, *sights: Experience.Sight, to: Reader, today: date
) -> matching.Experience:
    if stage != "been_through":
        return matching.Experience(topic, stage, 0, _says(to, *sights))
    ended = until or since
    return matching.Experience(topic, stage, months_since(ended, today) if ended else None, _says(to, *sights))


@cache
def _says(to: Reader, *sights: Experience.Sight) -> frozenset[Any]:
    told = TOLD[to]
    return frozenset(
        field for field, sight in zip(("topic", "stage", "when"), sights, strict=True) if sight in told[field]
    )
