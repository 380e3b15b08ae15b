"""Where pairs meet the matching core: rows of the database become its rows, its answers become suggestions with reasons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Literal, cast

from django.db.models import FilteredRelation, Q, TextField
from django.db.models.functions import Cast

from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.core.matching import RULES, AskRow, Bounds, OfferRow, Suggestions, Topics, Weights, hours
from nawzajem.core.matching import Offers as Columns
from nawzajem.core.matching.problem import Stage, tops
from nawzajem.experiences.models import Experience, months_since
from nawzajem.experiences.reads import SEEN_BY
from nawzajem.ground import clock
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
    known = _known_to_one(ask)
    found = among(ask, pool(ask.programme, desk=desk, knowing=known), top=top)
    return found if found.best or known is None else among(ask, pool(ask.programme, desk=desk), top=top)


def _known_to_one(ask: Ask) -> set[str] | None:
    """The topics of which one is enough: those under the same ones at the top. None for an ask that is for anybody."""
    tree, asked = topic_tree(ask.programme), [topic.code for topic in ask.topics.all()]
    above = tops(tree, asked)
    return {code for code, top in zip(tree.codes, tree.top, strict=True) if top in above} if asked else None


def pool(programme: Programme, *, desk: bool = False, knowing: set[str] | None = None) -> Columns:
    """All offers of a programme that have a free seat, or those of them `knowing` one of these topics, made ready to be
    compared with any number of asks."""
    ready = Offer.objects.filter(programme=programme).with_free_seat()
    if knowing is not None:
        topics = [topic.pk for topic in programme.all_topics if topic.code in knowing]
        ready = ready.filter(pk__in=Lived.objects.filter(experience__topic__in=topics).values("offer"))
    return _columns(programme, ready, expected=desk, to="desk" if desk else "matched")


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
    return all(bool(RULES[code](asked, one, _bounds(ask.programme))[0]) for code in ABOUT_PEOPLE)


def _takes_part(ask: Ask) -> bool:
    here = Member.objects.filter(programme=ask.programme_id, person=ask.person_id)
    return here.filter(state=Member.State.ACTIVE).exists()


def as_fit(found: matching.Suggestion) -> Fit:
    return Fit(found.score, dict(found.parts), [[reason.code, dict(reason.facts)] for reason in found.reasons])


def _columns(programme: Programme, offers: Offers, *, expected: bool, to: Reader) -> Columns:
    return Columns.of(offer_rows(programme, offers, expected=expected, to=to), topic_tree(programme))


def among(ask: Ask, offers: Columns, *, top: int) -> Suggestions:
    """The best of these offers for an ask."""
    options = ask.programme.options
    weights = Weights(
        topic=options.weight_topic,
        stage=options.weight_stage,
        hours=options.weight_hours,
        wishes=options.weight_wishes,
        load=options.weight_load,
        waiting=options.weight_waiting,
    )
    return matching.suggest(ask_row(ask), offers, top=top, weights=weights, bounds=_bounds(ask.programme))


def _bounds(programme: Programme) -> Bounds:
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


def _who(row: Any, lines: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What the core is told of a person on either side."""
    return {
        "person": row.person,
        "age": row.person__age,
        "gender": row.person__gender,
        "backgrounds": _codes(row.shares),
        "units": lines.get(row.place__unit or "", ()),
        "leads": row.place__leads,
        "prints": frozenset(filter(None, (row.place__code_print, row.place__known_print, row.place__announced_print))),
    }


def ask_row(ask: Ask) -> AskRow:
    asker = _with_place(Ask.objects.filter(pk=ask.pk), ask.programme_id).values_list(*PERSON, named=True).get()
    out = Proposal.objects.out().filter(Q(ask__person=ask.person_id) | Q(offer__person=ask.person_id))
    paired = Pair.objects.of(ask.person_id).values_list("asker", "giver")
    met = {one for two in (*paired, *out.values_list("ask__person", "offer__person")) for one in two if one}
    tried = Proposal.objects.filter(ask=ask).exclude(state=Proposal.State.OUT).values_list("offer__person", flat=True)
    waited = (clock.now() - ask.opened_at).total_seconds() / 3600 if ask.opened_at else 0
    return AskRow(
        id=ask.pk,
        topics=tuple(topic.code for topic in ask.topics.all()),
        stage=cast(Stage, ask.stage),
        kinds=frozenset(ask.kinds),
        languages=frozenset(ask.languages),
        forms=frozenset(ask.forms),
        hours=hours.shift(ask.hours, asker.person__time_zone, clock.today()),
        wish_age=cast(Any, ask.wish_age),
        wish_gender=ask.wish_gender,
        wish_gender_must=ask.wish_gender_must,
        wish_backgrounds=frozenset(ask.wish_backgrounds),
        not_same_unit=ask.not_same_unit,
        not_prints=frozenset(ask.not_prints),
        blocked=frozenset(safety.strangers_for_ever(ask.person_id)),
        earlier=frozenset(met - {ask.person_id}),  # also those who are being asked just now, on another matter
        tried=frozenset(tried),
        waited_hours=waited,
        **_who(asker, programmes.lines(ask.programme)),
    )


def offer_rows(programme: Programme, offers: Offers, *, expected: bool, to: Reader) -> list[OfferRow]:
    """Offers of people who take part and are here; blocks and earlier pairs are looked up from the asker's side."""
    agreed = Q(place__agreed_version__gte=0 if expected else 1)
    here = Q(place__away_until=None) | Q(place__away_until__lt=clock.today())
    return _rows(programme, offers, to, agreed & here)


def _rows(programme: Programme, offers: Offers, to: Reader, where: Q | None = None) -> list[OfferRow]:
    active = _with_place(offers, programme.pk).filter(where or Q(), place__state=Member.State.ACTIVE)
    read = active.annotate(
        gives=_text("kinds"), speaks=_text("languages"), ways=_text("forms"), avoids=_text("not_prints")
    )
    lines, lived, now, today = programmes.lines(programme), _lived(offers, to), clock.now(), clock.today()
    return [
        OfferRow(
            id=row.pk,
            experiences=tuple(lived.get(row.pk, ())),
            kinds=_codes(row.gives),
            languages=_codes(row.speaks),
            forms=_codes(row.ways),
            hours=hours.shift(row.hours, row.person__time_zone, today),
            not_same_unit=row.not_same_unit,
            not_prints=_codes(row.avoids),
            capacity=row.capacity,
            taken=row.taken,
            idle_days=(now - row.answered_at).total_seconds() / 86400 if row.answered_at else None,
            says=ABOUT_ONESELF,
            **_who(row, lines),
        )
        for row in read.values_list(*OFFER, *PERSON, named=True)
    ]


def _lived(offers: Offers, to: Reader) -> dict[str, list[matching.Experience]]:
    """The experiences on which each offer stands."""
    today, found = clock.today(), defaultdict[str, list[matching.Experience]](list)
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
