"""What follows from a ruling at once, and what is undone when it ends. All of it is done by the house."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q

from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.events import emit
from nawzajem.minors import acts as minors
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.kept_out import acts as doors
from nawzajem.programmes.models import Member
from nawzajem.rulings import reads
from nawzajem.rulings.models import Ruling
from nawzajem.waiting import acts as waiting
from nawzajem.waiting.models import Knock, Wait


def begin(ruling: Ruling) -> None:
    """Nothing more is proposed, nobody waits for them in vain, and whoever they are in a pair with is told, without the why."""
    house, member = CHORE.within(ruling.programme_id), place_of(ruling)
    if not ruling.suspends or member is None:
        return
    ruling.paused_before = member.state == Member.State.PAUSED and not member.paused_for
    ruling.save(update_fields=["paused_before"])
    _suspend(house, ruling, member)
    _leave_waiting_room(house, member)
    _give_up_proposals(house, member)
    going = list(_going(member))
    if ruling.kind == Ruling.Kind.REMOVAL:
        _remove(house, member, going)
        keep_out(ruling)
    for pair in going:
        emit(house, "pair.stilled", pair, wakes=[f"person:{one}" for one in (pair.asker_id, pair.giver_id) if one])


def end(ruling: Ruling) -> None:
    """Back to how it was, unless something else holds as well, or is not in order for minors."""
    house, member = CHORE.within(ruling.programme_id), place_of(ruling)
    doors.let_in(house, ruling.programme, because=ruling.pk)
    if member is None or member.paused_for not in {Member.For.RULING, Member.For.REMOVED}:
        return
    other = reads.holding(ruling.programme_id, ruling.about_id).exclude(pk=ruling.pk).first()
    if other is not None:
        _suspend(house, other, member)
    else:
        programmes.unsuspend(house, member, by_hand=ruling.paused_before)
        minors.stop_again(house, member)


def change(ruling: Ruling) -> None:
    """Made milder: to a shorter or a first pause, or to a warning."""
    if not ruling.suspends:
        end(ruling)
        return
    house, member = CHORE.within(ruling.programme_id), place_of(ruling)
    if ruling.kind != Ruling.Kind.REMOVAL:
        doors.let_in(house, ruling.programme, because=ruling.pk)
    if member is not None:
        _suspend(house, ruling, member)


def keep_out(ruling: Ruling) -> None:
    """Their confirmed addresses, counted from the day since which it holds. Asked again before somebody erases their account."""
    if ruling.about is None or ruling.holds_since is None:
        return
    until = clock.house_day(ruling.holds_since) + timedelta(days=30 * ruling.programme.options.kept_out_months)
    house = CHORE.within(ruling.programme_id)
    doors.keep_out(house, ruling.programme, person=ruling.about, because=ruling.pk, until=until)


def place_of(ruling: Ruling) -> Member | None:
    """Also of somebody who has left: who comes back comes back to it."""
    return Member.objects.filter(programme=ruling.programme_id, person=ruling.about_id or "").first()


def _suspend(house: Actor, ruling: Ruling, member: Member) -> None:
    for_good = ruling.kind == Ruling.Kind.REMOVAL
    until: date | None = None if for_good else ruling.until
    programmes.suspend(house, member, why=Member.For.REMOVED if for_good else Member.For.RULING, until=until)


def _leave_waiting_room(house: Actor, member: Member) -> None:
    theirs = Wait.objects.going().filter(ask__person=member.person_id, programme=member.programme_id)
    for wait in theirs.select_related("ask"):
        waiting.leave(house, wait)
    knocked = Knock.objects.open().filter(offer__person=member.person_id, offer__programme=member.programme_id)
    for knock in knocked.select_related("wait__ask", "offer"):
        waiting.step_back(house, knock)


def _give_up_proposals(house: Actor, member: Member) -> None:
    """As if the time had run out: the other is not told of anything, and the next may be asked."""
    theirs = Q(ask__person=member.person_id) | Q(offer__person=member.person_id)
    for proposal in Proposal.objects.out().filter(theirs, programme=member.programme_id).select_related("ask", "offer"):
        pairs.lapse(house, proposal)


def _going(member: Member) -> list[Pair]:
    theirs = Q(asker=member.person_id) | Q(giver=member.person_id)
    here = Pair.objects.going().filter(theirs, programme=member.programme_id)
    return list(here.select_related("conversation", "ask", "offer"))


def _remove(house: Actor, member: Member, going: list[Pair]) -> None:
    for duty in member.duties.all():
        programmes.lay_down(house, duty)
    for pair in going:
        pairs.end(house, pair, ending=Pair.Ending.LEFT, at_once=True)
    open_asks = Ask.objects.filter(person=member.person_id, programme=member.programme_id)
    for ask in open_asks.filter(state__in=[Ask.State.DRAFT, Ask.State.OPEN, Ask.State.PROPOSED]):
        pairs.take_back(house, ask, ending="left")
    offered = Offer.objects.filter(person=member.person_id, programme=member.programme_id)
    for offer in offered.exclude(state=Offer.State.RETIRED):
        offers.retire(house, offer)
