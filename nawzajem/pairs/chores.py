"""What happens to proposals and pairs by itself: deadlines, the next who fits, check-ins, silence, endings."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from nawzajem.asks.models import Ask
from nawzajem.core.matching import Suggestion
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import come_to, each, move_mark
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Stale
from nawzajem.minors import acts as minor_acts
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts, kept, reads
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme

# -- proposals --------------------------------------------------------------------------------------------------------


def some_lapse() -> bool:
    return reads.lapsed().exists()


def lapse() -> None:
    for proposal in reads.lapsed():
        each(CHORE.within(proposal.programme_id), acts.lapse, [proposal])


def rest_unanswered() -> None:
    """Whoever did not answer twice in a row rests, so that the next one asked is somebody who is here."""
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), offers.pause, reads.unanswering(programme), why="unanswered")


# -- the next who fits ------------------------------------------------------------------------------------------------

# An ask for which nobody fits is looked at again when one of these has happened, and once an hour because time passes.
ASKED = {"ask.opened", "ask.reopened", "ask.changed", "ask.way_chosen"}
OFFERED = {
    "offer.made", "offer.changed", "offer.resumed", "offer.seat_freed", "experience.added", "experience.changed",
    "member.joined", "member.agreed", "check.recorded", "member.changed", "member.resumed", "person.changed", "person.claimed",
    "programme.option_chosen",
}  # fmt: skip
MARK = "next who fits"
TRIES = 3  # of the best, when others take their seats in the same moment
Fitting = tuple[Ask, tuple[Suggestion, ...]]  # an ask, and who fits it best


def some_may_fit() -> bool:
    return Event.objects.filter(id__gt=come_to(MARK), kind__in=ASKED | OFFERED).exists()


def go_on() -> None:
    """For asks whose people leave it to the house: the best who fits now is asked, where something has changed. A seat for
    which several wait goes to whom it fits best, which is where docs/matching.md shows people to be served best."""
    seen = come_to(MARK)
    news = Event.objects.filter(id__gt=seen, kind__in=ASKED | OFFERED)
    last = news.order_by("-id").values_list("id", flat=True).first() or seen
    news = news.filter(id__lte=last)
    each(CHORE, _look_into, _with_open_asks(), news=news)
    move_mark(MARK, seen=seen, upto=last)


def look_again() -> None:
    """All of them: days pass, people come back, and of two events written at once one may have been overlooked."""
    each(CHORE, _look_into, _with_open_asks(), news=None)


def _with_open_asks() -> list[Programme]:
    """Programmes in which the house goes on by itself; in others asks wait for a round."""
    here = programmes.kept().filter(state=Programme.State.OPEN, pk__in=reads.to_go_on().values("programme"))
    return [one for one in here if one.options.next_by_itself]


def _look_into(actor: Actor, programme: Programme, *, news: QuerySet[Event] | None) -> None:
    asks = reads.to_go_on().filter(programme=programme, person__in=_taking_part(programme))
    if news is not None:
        here = news.filter(programme__in=["", programme.pk])  # what people change about themselves holds everywhere
        if not here.filter(kind__in=OFFERED).exists():
            asks = asks.filter(pk__in=here.filter(kind__in=ASKED).values("thing"))
    waiting = list(asks)
    if waiting:
        fitting: list[Fitting] = []
        each(actor.within(programme.pk), _who_fits, waiting, offers=kept.pool(programme), into=fitting)
        if programme.options.next_in_line == "fit":
            fitting.sort(key=lambda one: -one[1][0].score)
        each(actor.within(programme.pk), _ask_next, fitting)


def _taking_part(programme: Programme) -> QuerySet[Member, str]:
    here = Member.objects.filter(programme=programme, state=Member.State.ACTIVE)
    return here.values_list("person", flat=True)


def _who_fits(_: Actor, ask: Ask, *, offers: kept.Pool, into: list[Fitting]) -> None:
    best = offers.best(ask, top=TRIES).best
    if best:
        into.append((ask, best))


def _ask_next(actor: Actor, fitting: Fitting) -> None:
    ask, best = fitting
    for found in best:
        offer = Offer.objects.select_related("person").get(pk=found.offer.id)
        try:
            acts.put(actor, ask, offer, origin=Proposal.Origin.NEXT)
        except Stale:  # the seat went to another ask a moment ago
            continue
        return


# -- pairs ------------------------------------------------------------------------------------------------------------


def some_check_in() -> bool:
    return reads.checkins_to_tell().exists()


def ask_how() -> None:
    for one in reads.checkins_to_tell():
        each(CHORE.within(one.pair.programme_id), acts.ask_how, [one.pair], checkin=one)


def come_alive() -> None:
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), acts.come_alive, reads.grown(programme))


def close() -> None:
    """The days for last words are over."""
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), acts.close, reads.closing_over(programme))


def notice_silence() -> None:
    """Once per silence: as long as nobody writes, it is not said again."""
    said = Event.objects.filter(kind="pair.silent", thing=OuterRef("pk"), at__gt=OuterRef("quiet_since"))
    for programme in programmes.kept():
        days = programme.options.silent_pair_after
        silent = reads.silent(programme, days=days)
        unsaid = silent.annotate(quiet_since=Coalesce(F("conversation__last_at"), F("begun_at"))).exclude(Exists(said))
        each(CHORE.within(programme.pk), acts.notice_silence, unsaid, days=days)


def keep_minors_safe() -> None:
    """An adult whose checks have run out, in a pair with a minor, takes part no longer until they are in order; and where a
    guardian has withdrawn consent, what goes on comes to its end."""
    for programme in programmes.kept():
        house = CHORE.within(programme.pk)
        if programme.options.minors_with_adults:
            each(house, minor_acts.stop, reads.unchecked_with_minors(programme), why=Member.For.CHECKS)
        each(house, acts.end, reads.without_guardian(programme), ending=Pair.Ending.LEFT, at_once=True)
