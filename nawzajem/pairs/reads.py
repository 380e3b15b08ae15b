"""Questions about suggestions, proposals and pairs; what each side sees, and what those outside may know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.core import matching
from nawzajem.core.matching import hours
from nawzajem.experiences import reads as experiences
from nawzajem.experiences.reads import Shown
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound, Stale
from nawzajem.ground.seal import unseal
from nawzajem.minors import reads as minors
from nawzajem.offers import reads as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import kept, problem
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.pairs.rules import is_in, sides
from nawzajem.programmes.models import Member, Programme

UNANSWERED = 2  # proposals in a row, after which an offer rests

# -- suggestions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody who could be there, without a name: what they let matched people see, and why they fit."""

    offer: str
    score: float
    reasons: list[list[object]]
    experiences: list[Shown] = field(default_factory=list)
    words: str = ""
    languages: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def cards(actor: Actor, ask: Ask, *, top: int = 5) -> tuple[list[Card], str | None]:
    """The best who could be there for an ask; or, when there is nobody, the first rule that leaves nobody.

    The asker reads the cards in full. A coordinator sees the fit and its reasons only.
    """
    own = ask.person_id == actor.person
    if not own and not (actor.has("coordinator") and actor.programme == ask.programme_id):
        raise NotFound
    found = kept.suggestions(ask, top=top, desk=not own)
    if not found.best:
        return [], matching.why_none(found.left)
    wanted = Offer.objects.filter(pk__in=[one.offer.id for one in found.best]).select_related("person")
    known = {one.pk: one for one in wanted.prefetch_related("experiences__topic", "experiences__person")}
    return [_card(known[one.offer.id], problem.as_fit(one), full=own) for one in found.best], None


def would_help(actor: Actor, ask: Ask) -> matching.Change | None:
    """For the asker whom nobody fits: the smallest change of the own ask with which somebody would be there."""
    if ask.person_id != actor.person:
        raise NotFound
    return problem.would_help(ask)


def _card(offer: Offer, fit: problem.Fit, *, full: bool) -> Card:
    if not full:
        return Card(offer.pk, fit.score, fit.reasons)
    return Card(
        offer=offer.pk,
        score=fit.score,
        reasons=fit.reasons,
        experiences=_shown(offer, fit),
        words=offers.unsealed(offer),
        languages=offer.languages,
        forms=offer.forms,
        kinds=offer.kinds,
    )


def _shown(offer: Offer, fit: problem.Fit) -> list[Shown]:
    """What may be shown of the offer's experiences; the one for which it was found comes first."""
    found = (experiences.shown(one, to="matched") for one in offer.experiences.all())
    told = {str(facts.get("topic", "")) for _code, facts in fit.reasons}
    return sorted((one for one in found if one is not None), key=lambda one: one.code not in told)


def candidate(ask: Ask, offer_id: str) -> Offer:
    """The offer somebody chose from the cards, if it still has a free place. Whether the two fit, `put` looks at afresh."""
    free = Offer.objects.filter(programme=ask.programme_id).with_free_seat()
    found: Offer | None = free.filter(pk=offer_id).select_related("person").first()
    if found is None:
        raise Stale(_("This place has just been taken. Somebody else may fit as well."))
    return found


# -- proposals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """A proposal as one of the two sees it. The other has no name, and their answer is not told."""

    proposal: Proposal
    side: str  # "asker" or "giver"
    i_said: bool | None
    card: Card | None  # for the asker: who it is
    topics: list[str]  # for the giver: what it is about
    stage: str
    words: str
    kinds: list[str]
    forms: list[str]
    languages: list[str]
    shared: list[hours.Stretch]  # hours that suit both, on the reader's clock
    reasons: list[list[object]]


def with_all(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """With what `put` tells of them."""
    with_both = proposals.select_related("ask__person", "offer__person", "ask__programme", "pair")
    return with_both.prefetch_related("ask__topics", "offer__experiences__topic", "offer__experiences__person")


def proposal(actor: Actor, proposal_id: str) -> Proposal:
    found = with_all(Proposal.objects.visible_to(actor)).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound
    return found


def put(actor: Actor, one: Proposal) -> Put:
    """For the two it was put to; a coordinator is not one of them. When it did not come about, neither reads the words of the
    other any more."""
    side = next(iter(sides(actor, one)), None)
    if side is None:
        raise NotFound
    ask, offer = one.ask, one.offer
    open_to_both = one.state in {Proposal.State.OUT, Proposal.State.ACCEPTED}
    reasons = _as_clocks_stand(actor, one)
    fit = problem.Fit(one.score, one.parts, reasons)
    return Put(
        proposal=one,
        side=side,
        i_said=one.asker_says if side == "asker" else one.giver_says,
        card=_card(offer, fit, full=open_to_both) if side == "asker" else None,
        topics=[topic.name for topic in ask.topics.all()],
        stage=str(ask.get_stage_display()),
        words=asks.unsealed(ask) if side == "giver" and open_to_both else "",
        kinds=ask.kinds,
        forms=sorted(set(ask.forms) & set(offer.forms)),
        languages=sorted(set(ask.languages) & set(offer.languages)),
        shared=_shared(actor, ask, offer),
        reasons=reasons,
    )


def _as_clocks_stand(actor: Actor, one: Proposal) -> list[list[Any]]:
    """Hours are kept in UTC as they were when it was put; when the clocks have turned since, an evening is still an evening."""
    before, now = (hours.offset(actor.time_zone, day) for day in (one.put_at.date(), clock.today()))
    turned = (before - now) // hours.MINUTES
    return [
        [code, facts | ({"start": facts["start"] + turned} if "start" in facts else {})] for code, facts in one.reasons
    ]


def _shared(actor: Actor, ask: Ask, offer: Offer) -> list[hours.Stretch]:
    today = clock.today()
    weeks = [hours.shift(one.hours, one.person.time_zone, today, actor.time_zone) for one in (ask, offer)]
    return hours.stretches(hours.both(*weeks))


def to_answer(actor: Actor) -> QuerySet[Proposal]:
    """Proposals that wait for my answer."""
    asks = Ask.objects.filter(person=actor.person, programme=actor.programme)
    offers_ = Offer.objects.filter(person=actor.person, programme=actor.programme)
    mine = Q(ask__in=asks, asker_says=None) | Q(offer__in=offers_, giver_says=None)  # both found by an index
    out = Proposal.objects.out().filter(mine)
    return out.select_related("ask", "offer").prefetch_related("ask__topics").order_by("answer_by", "pk")


def count_to_answer(actor: Actor) -> int:
    return to_answer(actor).count()


# -- where an ask stands ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of an ask just now, as a code for an honest sentence."""

    code: str  # a state of the ask; for an open one 'choosing' or 'looking'; for a proposed one 'yours' or 'theirs'
    tried: int = 0  # how many were asked before, without saying who or what they answered
    proposal: Proposal | None = None
    pair: Pair | None = None
    until: datetime | None = None


def standing(ask: Ask) -> Standing:
    """For its owner."""
    return standings([ask])[0][1]


def standings(of: Iterable[Ask]) -> list[tuple[Ask, Standing]]:
    """Of several asks, each for its owner."""
    asks = list(of)
    rows = Proposal.objects.filter(ask__in=asks)
    ended = rows.filter(state__in=[Proposal.State.DECLINED, Proposal.State.LAPSED])
    tried = dict(ended.values("ask").annotate(n=Count("pk")).values_list("ask", "n"))
    out = {one.ask_id: one for one in rows.out()}
    pairs = {one.ask_id: one for one in Pair.objects.filter(ask__in=asks).order_by("begun_at")}  # the last one stays
    return [(ask, _standing(ask, tried.get(ask.pk, 0), out.get(ask.pk), pairs.get(ask.pk))) for ask in asks]


def _standing(ask: Ask, before: int, out: Proposal | None, pair: Pair | None) -> Standing:
    if ask.state == Ask.State.OPEN:
        return Standing("looking" if ask.whoever else "choosing", before)
    if ask.state == Ask.State.PROPOSED:
        code = "theirs" if out and out.asker_says else "yours"
        return Standing(code, before, out, until=out.answer_by if out else None)
    return Standing(ask.state, before, pair=pair)


# -- pairs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the two settled, or what one of them has suggested."""

    aim: str
    safety_words: str
    i_agreed: bool
    other_agreed: bool
    version: str


def mine(actor: Actor) -> QuerySet[Pair]:
    """My pairs, those still going on first."""
    here = Pair.objects.of(actor.person).filter(programme=actor.programme)
    return here.select_related("conversation").order_by("-conversation__last_at", "-begun_at", "pk")


def pair(actor: Actor, pair_id: str) -> Pair:
    """One of the two's own. Coordinators have `known` instead, without words."""
    found = (
        mine(actor)
        .filter(pk=pair_id)
        .select_related("conversation", "ask", "asker", "giver", "offer", "programme")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def pair_of(actor: Actor, conversation_id: str) -> Pair:
    found = mine(actor).filter(conversation=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def agreement(actor: Actor, of: Pair) -> Agreement:
    if not is_in(actor, of):
        raise NotFound
    vault = of.conversation.vault
    asker_side = actor.person == of.asker_id
    agreed = (of.asker_agreed_at, of.giver_agreed_at) if asker_side else (of.giver_agreed_at, of.asker_agreed_at)
    return Agreement(
        aim=unseal(vault, of.aim, about=f"aim:{of.pk}"),
        safety_words=unseal(vault, of.safety_words, about=f"safety:{of.pk}"),
        i_agreed=agreed[0] is not None,
        other_agreed=agreed[1] is not None,
        version=of.agreement_version,
    )


def checkins_due(actor: Actor) -> list[CheckIn]:
    """Check-ins whose day has come and to which I have not answered."""
    going = [Pair.State.BEGUN, Pair.State.ACTIVE, Pair.State.PAUSING]
    unsaid = Q(pair__asker=actor.person, asker_says="") | Q(pair__giver=actor.person, giver_says="")
    mine = CheckIn.objects.filter(
        unsaid,
        pair__in=Pair.objects.of(actor.person).filter(programme=actor.programme, state__in=going),
        due_on__lte=clock.today(),
    )
    return list(mine.select_related("pair__conversation"))


def checkin(actor: Actor, checkin_id: str) -> CheckIn:
    found = CheckIn.objects.filter(pk=checkin_id, pair__in=mine(actor)).select_related("pair").first()
    if found is None:
        raise NotFound
    return found


def next_checkin(of: Pair) -> date | None:
    if of.state not in {Pair.State.BEGUN, Pair.State.ACTIVE}:
        return None
    return next((one.due_on for one in of.checkins.all() if one.due_on >= clock.today()), None)


def ratings(actor: Actor, of: Pair) -> tuple[Rating | None, Rating | None]:
    """Mine; and the other's, once both have said."""
    by = {one.by_id: one for one in of.ratings.all()}
    own = by.pop(actor.person, None) if is_in(actor, of) else None
    return own, (next(iter(by.values()), None) if own else None)


def balance(actor: Actor) -> tuple[int, int]:
    """How many people were there for me, and for how many I was there. For its owner only."""
    here = Pair.objects.of(actor.person).filter(programme=actor.programme)
    return here.filter(asker=actor.person).count(), here.filter(giver=actor.person).count()


# -- for those who coordinate -----------------------------------------------------------------------------------------


def soon_lapsing(actor: Actor, *, hours: int = 24) -> QuerySet[Proposal]:
    out = Proposal.objects.visible_to(actor).out().filter(answer_by__lt=clock.now() + timedelta(hours=hours))
    return out.select_related("ask", "offer").prefetch_related("ask__topics").order_by("answer_by", "pk")


def silent(programme: Programme | str, *, days: int) -> QuerySet[Pair]:
    """Pairs going on in which nobody has written for some days. That somebody wrote is all that is looked at."""
    before = clock.now() - timedelta(days=days)
    going = Pair.objects.filter(programme=programme, state__in=[Pair.State.BEGUN, Pair.State.ACTIVE])
    quiet = Q(conversation__last_at__lt=before) | Q(conversation__last_at=None, begun_at__lt=before)
    return (
        going.filter(quiet)
        .select_related("conversation", "asker", "giver", "ask")
        .order_by("conversation__last_at", "pk")
    )


def going_of(actor: Actor, person: str) -> int:
    """In how many pairs somebody is just now."""
    if not actor.has("coordinator"):
        raise NotFound
    return Pair.objects.visible_to(actor).going().filter(Q(asker=person) | Q(giver=person)).count()


def tried_count(of: Iterable[Ask]) -> dict[str, int]:
    rows = Proposal.objects.filter(ask__in=[ask.pk for ask in of]).exclude(state=Proposal.State.OUT)
    return dict(rows.values("ask").annotate(n=Count("pk")).values_list("ask", "n"))


# -- for the clock ----------------------------------------------------------------------------------------------------


def lapsed() -> QuerySet[Proposal]:
    return Proposal.objects.out().filter(answer_by__lt=clock.now()).select_related("ask", "offer")


def unanswering(programme: Programme) -> QuerySet[Offer]:
    """Ready offers whose people let two proposals in a row lapse since they last answered one or took the offer up."""
    silent = Q(proposals__state=Proposal.State.LAPSED, proposals__giver_says=None)
    since = Q(proposals__put_at__gte=Coalesce(F("answered_at"), F("made_at")))
    ready = Offer.objects.filter(programme=programme, state=Offer.State.READY)
    return ready.annotate(silent=Count("proposals", filter=silent & since)).filter(silent__gte=UNANSWERED)


def to_go_on() -> QuerySet[Ask]:
    """Open asks whose people left it to the house whom to ask next, the longest waiting first."""
    return (
        Ask.objects.filter(state=Ask.State.OPEN, whoever=True)
        .select_related("programme", "person")
        .order_by("opened_at")
    )


def checkins_to_tell() -> QuerySet[CheckIn]:
    going = [Pair.State.BEGUN, Pair.State.ACTIVE]
    return CheckIn.objects.filter(told_at=None, due_on__lte=clock.today(), pair__state__in=going).select_related("pair")


def closing_over(programme: Programme) -> QuerySet[Pair]:
    before = clock.now() - timedelta(days=programme.options.closing_days)
    closing = Pair.objects.filter(programme=programme, state=Pair.State.CLOSING, state_since__lt=before)
    return closing.select_related("conversation", "offer", "ask")


def grown(programme: Programme) -> list[Pair]:
    """Pairs that only began, and in which both have written by now."""
    begun = Pair.objects.filter(programme=programme, state=Pair.State.BEGUN)
    both = begun.annotate(writers=Count("conversation__messages__author", distinct=True)).filter(writers__gte=2)
    return list(both)


def ended(programme: Programme) -> QuerySet[Pair]:
    """Pairs that ended longer ago than their words are kept."""
    before = clock.now() - timedelta(days=programme.options.keep_closed_conversations)
    old = Pair.objects.filter(programme=programme, state=Pair.State.CLOSED, state_since__lt=before)
    return old.filter(conversation__vault__isnull=False).select_related("conversation")


def unchecked_with_minors(programme: Programme) -> list[Member]:
    """Adults who talk with a minor here although their checks are not in order."""
    going = Pair.objects.going().filter(programme=programme)
    rows = going.values_list("asker", "asker__age", "giver", "giver__age")
    mixed = [
        adult
        for asker, asked_age, giver, given_age in rows
        for adult, other in (((asker or "", asked_age or ""), given_age), ((giver or "", given_age or ""), asked_age))
        if adult[1] not in minors.MINOR and other in minors.MINOR
    ]
    people = minors.kept_from_minors(programme, mixed)
    return list(Member.objects.filter(programme=programme, person__in=people, state=Member.State.ACTIVE))


def without_guardian(programme: Programme) -> QuerySet[Pair]:
    """Pairs of a minor whose guardian has withdrawn."""
    people = minors.withdrawn(programme).values("person")
    going = Pair.objects.going().filter(Q(asker__in=people) | Q(giver__in=people), programme=programme)
    return going.select_related("conversation", "offer", "ask")
