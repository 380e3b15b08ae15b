"""Where pairs meet the matching core: rows of the database become its rows, its answers become suggestions with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Q, QuerySet

from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.core.matching import RULES, AskRow, Bounds, OfferRow, Suggestions, Topics, Weights, hours
from nawzajem.core.matching import Offers as Columns
from nawzajem.core.matching.problem import Stage
from nawzajem.experiences.models import Experience
from nawzajem.experiences.reads import SEEN_BY
from nawzajem.ground import clock
from nawzajem.offers.models import Offer, Offers
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme
from nawzajem.safety import reads as safety

Told = Mapping[str, set[Experience.Sight]]  # of each field, the sights with which a reason may tell it
MATCHED: Told = dict.fromkeys(("topic", "stage", "when"), SEEN_BY["matched"])
DESK: Told = {
    "topic": SEEN_BY["matched"],
    "stage": SEEN_BY["member"],
    "when": SEEN_BY["member"],
}  # what one offers from, no more


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
    """
    return among(ask, pool(ask.programme, desk=desk), top=top)


def pool(programme: Programme, *, desk: bool = False) -> Columns:
    """All offers of a programme that have a free seat, made ready to be compared with any number of asks."""
    ready = Offer.objects.filter(programme=programme).with_free_seat()
    return _columns(programme, ready, expected=desk, told=DESK if desk else MATCHED)


def fit(ask: Ask, offer: Offer) -> Fit | None:
    """Whether these two may meet, and how well they suit. None when a rule forbids it, or one of them is not here."""
    if not _places(ask.programme_id).filter(person=ask.person_id).exists():
        return None
    one = Offer.objects.filter(pk=offer.pk).with_free_seat()
    found = among(ask, _columns(ask.programme, one, expected=True, told=MATCHED), top=1).best
    return as_fit(found[0]) if found else None


def may_meet(ask: Ask, offer: Offer) -> bool:
    """Whether the rules about the two people allow it by now, and both still take part: asked when both have said yes. What
    else may have changed since it was put, they have weighed themselves."""
    place = _places(ask.programme_id).filter(person=offer.person_id).first()
    if place is None or not _places(ask.programme_id).filter(person=ask.person_id).exists():
        return False
    row = _offer_row(offer, place, programmes.lines(ask.programme), MATCHED)
    one, asked = Columns.of([row], topic_tree(ask.programme)), ask_row(ask)
    return all(bool(RULES[code](asked, one, _bounds(ask.programme))[0]) for code in ABOUT_PEOPLE)


def _places(programme: str) -> QuerySet[Member]:
    return Member.objects.filter(programme=programme, state=Member.State.ACTIVE)


def as_fit(found: matching.Suggestion) -> Fit:
    return Fit(found.score, dict(found.parts), [[reason.code, dict(reason.facts)] for reason in found.reasons])


def _columns(programme: Programme, offers: Offers, *, expected: bool, told: Told) -> Columns:
    return Columns.of(offer_rows(programme, offers, expected=expected, told=told), topic_tree(programme))


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
    codes = dict(programme.topics.values_list("pk", "code"))
    parents = programme.topics.values_list("code", "parent")
    return Topics.of({code: codes.get(parent or "") for code, parent in parents})


def _who(person: Person, place: Member | None, lines: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """What the core is told of a person on either side."""
    return {
        "person": person.pk,
        "age": person.age,
        "gender": person.gender,
        "backgrounds": frozenset(place.backgrounds if place else ()),
        "units": lines.get(place.unit_id or "", ()) if place else (),
        "leads": bool(place and place.leads),
        "prints": frozenset(filter(None, place.prints)) if place else frozenset(),
    }


def ask_row(ask: Ask) -> AskRow:
    place = Member.objects.filter(programme=ask.programme_id, person=ask.person_id).first()
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
        hours=hours.shift(ask.hours, ask.person.time_zone, clock.today()),
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
        **_who(ask.person, place, programmes.lines(ask.programme)),
    )


def offer_rows(programme: Programme, offers: Offers, *, expected: bool, told: Told) -> list[OfferRow]:
    """Offers of people who take part and are here; blocks and earlier pairs are looked up from the asker's side."""
    lines = programmes.lines(programme)
    active = _places(programme.pk).filter(agreed_version__gte=0 if expected else 1)
    here = active.filter(Q(away_until=None) | Q(away_until__lt=clock.today()))
    places = {place.person_id: place for place in here}
    wanted = offers.select_related("person").prefetch_related("experiences__topic")
    return [_offer_row(offer, places[offer.person_id], lines, told) for offer in wanted if offer.person_id in places]


def _offer_row(offer: Offer, place: Member, lines: dict[str, tuple[str, ...]], told: Told) -> OfferRow:
    idle = (clock.now() - offer.answered_at).total_seconds() / 86400 if offer.answered_at else None
    return OfferRow(
        id=offer.pk,
        experiences=tuple(_experience(one, told) for one in offer.experiences.all()),
        kinds=frozenset(offer.kinds),
        languages=frozenset(offer.languages),
        forms=frozenset(offer.forms),
        hours=hours.shift(offer.hours, offer.person.time_zone, clock.today()),
        not_same_unit=offer.not_same_unit,
        not_prints=frozenset(offer.not_prints),
        capacity=offer.capacity,
        taken=offer.taken,
        idle_days=idle,
        says=frozenset({"age", "gender", "backgrounds"}),
        **_who(offer.person, place, lines),
    )


def _experience(one: Experience, told: Told) -> matching.Experience:
    sights = {"topic": one.see_topic, "stage": one.see_stage, "when": one.see_when}
    dated = one.stage != Experience.Stage.BEEN_THROUGH or bool(one.since or one.until)
    return matching.Experience(
        topic=one.topic.code,
        stage=cast(Stage, one.stage),
        months=one.months_since_end(clock.today()) if dated else None,
        says=frozenset(field for field, sight in sights.items() if sight in told[field]),  # type: ignore[misc]
    )
