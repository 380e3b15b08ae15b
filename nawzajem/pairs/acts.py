"""From a suggestion to the ending: put to both, answered unseen, settled, looked after, ended, rated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import acts as conversations
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Closed, Invalid, Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.slowly import is_new, wait_until
from nawzajem.ground.states import move
from nawzajem.offers import acts as offers
from nawzajem.offers.models import Offer
from nawzajem.pairs import rules
from nawzajem.pairs.models import CheckIn, Pair, Proposal, Rating
from nawzajem.pairs.problem import fit, may_meet
from nawzajem.safety import acts as safety

FIRST_CHECKINS = (7, 21)  # days after the beginning; then every month
MONTH = timedelta(days=30)

# -- proposals --------------------------------------------------------------------------------------------------------


@act(may=rules.may_put)
def put(actor: Actor, ask: Ask, offer: Offer, *, origin: str) -> Proposal:
    """An ask and an offer put to both. Looked at afresh: what the suggestion rested on may have changed."""
    chosen = origin == Proposal.Origin.CHOSEN and actor.person == ask.person_id
    if chosen:
        _check_newcomer(actor)
    found = fit(ask, offer)
    if found is None:
        raise Stale(_("These two do not fit any more. Here is who fits now."))
    offers.hold_seat(actor, offer)
    asks.propose(actor, ask)
    hours = ask.programme.options.answer_within
    made = Proposal.objects.create(
        programme_id=ask.programme_id,
        ask=ask,
        offer=offer,
        origin=origin,
        asker_says=True if chosen else None,
        answer_by=clock.now() + timedelta(hours=hours),
        score=found.score,
        parts=found.parts,
        reasons=found.reasons,
    )
    emit(actor, "proposal.put", made, origin=origin, wakes=_ears(made))
    return made


def _check_newcomer(actor: Actor) -> None:
    slowly = is_new(actor)
    if slowly is not None:
        mine = Proposal.objects.filter(ask__person=actor.person, programme=actor.programme)
        if mine.filter(origin=Proposal.Origin.CHOSEN).count() >= slowly.choices:
            raise wait_until(actor, slowly)


def _ears(proposal: Proposal) -> list[str]:
    return [f"ask:{proposal.ask_id}", f"person:{proposal.ask.person_id}", f"person:{proposal.offer.person_id}"]


@act(may=rules.may_answer)
def answer(actor: Actor, proposal: Proposal, *, yes: bool) -> Proposal:
    """Yes or no, unseen by the other. Under the proposal's row, so that two answers at once are taken one after the other;
    and under no other, so that nobody else waits."""
    here = Proposal.objects.select_for_update(of=("self",), no_key=True)
    now = here.select_related("ask__programme", "ask__person", "offer__person").get(pk=proposal.pk)
    if now.state != Proposal.State.OUT:
        raise Stale
    for side in rules.sides(actor, now):
        setattr(now, f"{side}_says", yes)
        now.save(update_fields=[f"{side}_says"])
        own = [f"ask:{now.ask_id}", f"person:{actor.me}"]  # a hint to the other would tell that there is an answer
        emit(actor, "proposal.answered", now, side=side, wakes=own)
    offers.answered(actor, now.offer)
    if not yes:
        _give_up(actor, now, Proposal.State.DECLINED)
    elif now.asker_says and now.giver_says:
        if may_meet(now.ask, now.offer):
            _begin(actor, now)
        else:
            _give_up(actor, now, Proposal.State.DECLINED)
    return now


def _begin(actor: Actor, proposal: Proposal) -> Pair:
    """Both said yes."""
    move(proposal, Proposal.State.ACCEPTED)
    pair = _pair(actor, proposal)
    _plan_checkins(pair)
    return pair


def _plan_checkins(pair: Pair) -> None:
    today = clock.today()
    CheckIn.objects.bulk_create(CheckIn(pair=pair, due_on=today + timedelta(days=days)) for days in FIRST_CHECKINS)


@act(may=rules.may_begin_at_once)
def begin_at_once(actor: Actor, ask: Ask, offer: Offer, *, score: float, reasons: list[Any]) -> Pair:
    """Somebody was needed now, and somebody comes, who holds a seat already: a talk for this hour, without check-ins."""
    proposal = Proposal.objects.create(
        programme_id=ask.programme_id,
        ask=ask,
        offer=offer,
        state=Proposal.State.ACCEPTED,
        origin=Proposal.Origin.NOW,
        asker_says=True,
        giver_says=True,
        answer_by=clock.now(),
        score=score,
        reasons=reasons,
    )
    return _pair(actor, proposal)


def _pair(actor: Actor, proposal: Proposal) -> Pair:
    asks.pair(actor, proposal.ask)
    people = [proposal.ask.person_id, proposal.offer.person_id]
    pair = Pair.objects.create(
        programme_id=proposal.programme_id,
        proposal=proposal,
        ask=proposal.ask,
        offer=proposal.offer,
        asker_id=people[0],
        giver_id=people[1],
        conversation=conversations.open_between(actor, people),
    )
    emit(actor, "pair.begun", pair, wakes=_ears(proposal))
    return pair


@act(may=rules.may_lapse)
def lapse(actor: Actor, proposal: Proposal) -> None:
    """Its time ran out: nobody is blamed, the seat is free, and the next may be asked."""
    _give_up(actor, proposal, Proposal.State.LAPSED)


def _give_up(actor: Actor, proposal: Proposal, state: str) -> None:
    move(proposal, state)
    offers.free_seat(actor, proposal.offer)
    asks.reopen(actor, proposal.ask)
    emit(actor, f"proposal.{state}", proposal, wakes=_ears(proposal))


@act(may=rules.may_take_back)
def take_back(actor: Actor, ask: Ask, *, ending: str = "withdrawn") -> Ask:
    """The ask is no longer needed; whoever was just being asked is told so, and no more."""
    out = Proposal.objects.filter(ask=ask, state=Proposal.State.OUT).select_related("offer", "ask").first()
    if out is not None:
        move(out, Proposal.State.WITHDRAWN)
        offers.free_seat(actor, out.offer)
        emit(actor, "proposal.withdrawn", out, wakes=_ears(out))
    return asks.withdraw(actor, ask, ending=ending)


# -- the pair ---------------------------------------------------------------------------------------------------------


def _side(actor: Actor, pair: Pair) -> str:
    return "asker" if actor.person == pair.asker_id else "giver"


def _both(pair: Pair) -> list[str]:
    return [f"person:{one}" for one in (pair.asker_id, pair.giver_id) if one]


@act(may=rules.may_settle)
def suggest_agreement(
    actor: Actor,
    pair: Pair,
    *,
    aim: str = "",
    safety_words: str = "",
    rhythm: str = "",
    turns: str = "",
    ends_on: date | None = None,
) -> Pair:
    """What one of the two would settle. It holds once the other has agreed to these very words."""
    _hold(pair)
    vault = pair.conversation.vault or b""
    side = _side(actor, pair)
    if pair.programme.options.content != "kept":
        aim = safety_words = ""
    pair.aim = seal(vault, aim, about=f"aim:{pair.pk}") if aim else None
    pair.safety_words = seal(vault, safety_words, about=f"safety:{pair.pk}") if safety_words else None
    pair.rhythm, pair.turns, pair.ends_on = rhythm, turns, ends_on
    pair.asker_agreed_at = clock.now() if side == "asker" else None
    pair.giver_agreed_at = clock.now() if side == "giver" else None
    pair.save(update_fields=["aim", "safety_words", "rhythm", "turns", "ends_on", "asker_agreed_at", "giver_agreed_at"])
    emit(actor, "agreement.suggested", pair, wakes=_both(pair))
    return pair


@act(may=rules.may_settle)
def agree(actor: Actor, pair: Pair, *, version: str) -> Pair:
    """Yes to what the other suggested. `version` says which words were read; newer ones refuse."""
    _hold(pair)
    if not version or pair.agreement_version != version:
        raise Stale(_("The other has just changed something. Please read it once more."))
    setattr(pair, f"{_side(actor, pair)}_agreed_at", clock.now())
    pair.save(update_fields=["asker_agreed_at", "giver_agreed_at"])
    emit(actor, "agreement.agreed", pair, wakes=_both(pair))
    if pair.state == Pair.State.BEGUN and pair.is_agreed:
        move(pair, Pair.State.ACTIVE)
    return pair


def _hold(pair: Pair) -> None:
    """As it is this moment, and so until the act is done: the other may have written or ended since it was read."""
    pair.refresh_from_db(from_queryset=Pair.objects.select_for_update(no_key=True))
    if pair.state == Pair.State.CLOSED:
        raise Closed


@act(may=rules.may_settle)
def rest(actor: Actor, pair: Pair) -> Pair:
    """A break. Silence is not asked about, and either may go on at any time."""
    move(pair, Pair.State.PAUSING)
    emit(actor, "pair.resting", pair, wakes=_both(pair))
    return pair


@act(may=rules.may_settle)
def go_on(actor: Actor, pair: Pair) -> Pair:
    """After a break, or when the one who wished to end thinks again."""
    if pair.state == Pair.State.CLOSING and pair.ended_by_id != actor.person:
        raise Stale(_("The other wishes to end. You can still talk until then."))
    move(pair, Pair.State.ACTIVE, ended_by=None, ending="")
    emit(actor, "pair.going_on", pair, wakes=_both(pair))
    return pair


@act(may=rules.may_settle)
def stay(actor: Actor, pair: Pair) -> Pair:
    """Both wish to stay in touch after a talk for one hour: from now on a pair like any other."""
    move(pair, Pair.State.ACTIVE, ended_by=None, ending="")
    _plan_checkins(pair)
    emit(actor, "pair.going_on", pair, wakes=_both(pair))
    return pair


@act(may=rules.may_check_in)
def check_in(actor: Actor, checkin: CheckIn, *, how: str) -> CheckIn:
    _hold(checkin.pair)
    side = _side(actor, checkin.pair)
    setattr(checkin, f"{side}_says", how)
    checkin.save(update_fields=[f"{side}_says"])
    emit(actor, "pair.checked_in", checkin.pair, side=side, how=how)
    return checkin


# -- endings ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_end)
def end(actor: Actor, pair: Pair, *, ending: str = Pair.Ending.UNSAID, at_once: bool = False) -> Pair:
    """No reason is owed. Unless it is to be at once, some days stay for last words."""
    if at_once:
        return _close(actor, pair, ending, by=actor.person)
    move(pair, Pair.State.CLOSING, ended_by_id=actor.person, ending=ending)
    emit(actor, "pair.closing", pair, ending=ending, wakes=_both(pair))
    return pair


@act(may=rules.may_keep_time)
def close(actor: Actor, pair: Pair) -> Pair:
    """The days for last words are over."""
    return _close(actor, pair, pair.ending, by=pair.ended_by_id)


def _close(actor: Actor, pair: Pair, ending: str, *, by: str | None) -> Pair:
    """The reason stands with whoever gave it, for the other is never told: also where both wished to end."""
    move(pair, Pair.State.CLOSED, ending=ending, ended_by_id=by)
    if pair.conversation.closed_at is None:
        conversations.close(actor, pair.conversation)
    if pair.offer:
        offers.free_seat(actor, pair.offer)
    if pair.ask and pair.ask.state == Ask.State.PAIRED:
        asks.meet(actor, pair.ask)
    emit(actor, "pair.closed", pair, ending=ending, wakes=_both(pair))
    return pair


@act(may=rules.may_end)
def close_door(actor: Actor, pair: Pair) -> Pair:
    """The other is never met here again, in any programme: whatever is proposed or goes on between the two is over now, and
    the other learns only that it ended. Also when this pair has ended long ago, or a moment ago."""
    other = pair.giver if actor.person == pair.asker_id else pair.asker
    if other is not None:
        safety.block(actor, other)
        _part(actor, other.pk)
    pair.refresh_from_db()
    return pair


def _part(actor: Actor, other: str) -> None:
    """Proposals first: one that is being accepted in this very moment is a pair by the time pairs are looked for."""
    put = Proposal.objects.out().filter(
        Q(ask__person=actor.person, offer__person=other) | Q(ask__person=other, offer__person=actor.person)
    )
    for proposal in put.select_for_update(of=("self",), no_key=True).select_related("ask", "offer"):
        _give_up(_there(actor, proposal.programme_id), proposal, Proposal.State.DECLINED)
    going = Pair.objects.going().filter(Q(asker=actor.person, giver=other) | Q(asker=other, giver=actor.person))
    for pair in going.select_for_update(of=("self",), no_key=True).select_related("conversation", "ask", "offer"):
        _close(_there(actor, pair.programme_id), pair, Pair.Ending.BLOCKED, by=actor.person)


def _there(actor: Actor, programme: str) -> Actor:
    """In a programme where the person is not just now, the house acts for them."""
    return actor if actor.programme == programme else CHORE.within(programme)


@act(may=rules.is_in)
def rate(actor: Actor, pair: Pair, *, understood: int, helped: int | None = None, again: bool | None = None) -> Rating:
    """How it was. Shown to the other only when both have said."""
    if pair.state not in {Pair.State.CLOSING, Pair.State.CLOSED}:
        raise Invalid(_("This is asked when the pair comes to its end."))
    said: dict[str, Any] = {"understood": understood, "helped": helped, "again": again}
    rating, _new = Rating.objects.update_or_create(pair=pair, by_id=actor.person, defaults=said)
    emit(actor, "pair.rated", pair, side=_side(actor, pair), understood=understood)
    return rating


# -- by the clock -----------------------------------------------------------------------------------------------------


@act(may=rules.may_keep_time)
def come_alive(actor: Actor, pair: Pair) -> None:
    """Both have written: it is more than a beginning."""
    move(pair, Pair.State.ACTIVE)
    emit(actor, "pair.going_on", pair)


@act(may=rules.may_keep_time)
def ask_how(actor: Actor, pair: Pair, *, checkin: CheckIn) -> None:
    """A check-in is due: both are asked, and the next is set a month on. After a long rest they are not asked all at once."""
    if not CheckIn.objects.filter(pk=checkin.pk, told_at=None).update(told_at=clock.now()):
        raise Stale
    last = pair.checkins.order_by("due_on").last()
    if last is not None and last.pk == checkin.pk:
        CheckIn.objects.create(pair=pair, due_on=max(checkin.due_on, clock.today()) + MONTH)
    emit(actor, "pair.checkin_due", pair, wakes=_both(pair))


@act(may=rules.may_keep_time)
def notice_silence(actor: Actor, pair: Pair, *, days: int) -> None:
    """Said once per silence, to the two and to the coordinators' worklist."""
    emit(actor, "pair.silent", pair, days=days, wakes=_both(pair))
