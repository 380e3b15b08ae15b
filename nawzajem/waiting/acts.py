"""From the first step into the waiting room to the talk, or to the plain word that nobody could come.

Every change of a wait is made under its row, so that of two who say yes at once one comes and the other is thanked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from nawzajem.asks import acts as asks
from nawzajem.asks.models import Ask
from nawzajem.core.matching import Suggestion
from nawzajem.ground import bus, clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Closed, Stale
from nawzajem.ground.states import move
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair
from nawzajem.pairs.problem import as_fit, may_meet
from nawzajem.programmes.models import Programme
from nawzajem.waiting import rules
from nawzajem.waiting.models import ARRIVE, Knock, Surge, Talk, Wait

NOT_OF_NOW = {
    "shared_hours",
    "most_hours",
    "has_room",
}  # reasons that say nothing to somebody who is asked for this hour
TAKEN_CARE_OF = _("Somebody else is on the way already. Thank you for being here.")

# -- the one who waits ------------------------------------------------------------------------------------------------


@act(may=rules.may_begin)
def begin(actor: Actor, ask: Ask) -> Wait:
    """Into the waiting room. The first are asked as soon as the house looks round, which is at once."""
    options = ask.programme.options
    if not options.ask_now:
        raise Closed(_("Here nobody can be asked at once. An ask that waits reaches more people."))
    asks.need_now(actor, ask)
    moment = clock.now()
    until = moment + timedelta(minutes=options.now_minutes)
    made = Wait.objects.create(programme_id=ask.programme_id, ask=ask, next_at=moment, until=until)
    emit(actor, "wait.begun", made, wakes=_ears(made))
    return made


@act(may=rules.may_leave)
def leave(actor: Actor, wait: Wait) -> Wait:
    """No longer needed, or no longer borne. What was written is still there."""
    here = _hold(wait)
    move(here, Wait.State.LEFT)
    _let_go(actor, here)
    emit(actor, "wait.left", here, wakes=_ears(here))
    return here


# -- those who are asked ----------------------------------------------------------------------------------------------


@act(may=rules.may_keep_time)
def knock(actor: Actor, wait: Wait, *, found: Sequence[Suggestion]) -> None:
    """The next wave. With nobody found the wave stays the same, and the house looks round again after the same while."""
    here = _hold(wait)
    if here.state != Wait.State.WAITING or here.wave != wait.wave:
        raise Stale
    here.wave += bool(found)
    here.next_at = clock.now() + timedelta(seconds=here.programme.options.now_seconds)
    here.save(update_fields=["wave", "next_at"])
    Knock.objects.bulk_create(_asked(here, one) for one in found)
    if found:
        emit(actor, "wait.wave", here, wave=here.wave, people=len(found), wakes=_everybody(here))


def _asked(wait: Wait, one: Suggestion) -> Knock:
    reasons = [reason for reason in as_fit(one).reasons if reason[0] not in NOT_OF_NOW]
    return Knock(wait=wait, offer_id=one.offer.id, wave=wait.wave, score=one.score, reasons=reasons)


@act(may=rules.may_answer)
def say_yes(actor: Actor, knock: Knock) -> Knock:
    """The first yes holds. Nothing has begun yet: there is a moment to read, and then to come in."""
    wait, here = _both(knock)
    if here.state == Knock.State.YES:
        return here
    if wait.state == Wait.State.COMING or here.state == Knock.State.TAKEN:
        raise Stale(TAKEN_CARE_OF)
    if not may_meet(wait.ask, here.offer):
        raise Closed
    move(wait, Wait.State.COMING, next_at=clock.now() + ARRIVE)
    move(here, Knock.State.YES)
    offers.hold_seat(actor, here.offer)
    offers.answered(actor, here.offer)
    emit(actor, "knock.answered", here, wakes=_everybody(wait))
    return here


@act(may=rules.may_answer)
def say_not_now(actor: Actor, knock: Knock) -> Knock:
    """Costs nothing and is told to nobody. When all have answered, the next are asked without waiting."""
    wait, here = _both(knock)
    if here.state == Knock.State.YES:
        _miss(actor, wait, here)
        return here
    move(here, Knock.State.NOT_NOW)
    offers.answered(actor, here.offer)
    if wait.state == Wait.State.WAITING and not wait.knocks.open().exists():
        _look_round(wait)
    emit(actor, "knock.answered", here, wakes=[f"person:{actor.me}"])
    return here


@act(may=rules.may_answer)
def come_in(actor: Actor, knock: Knock) -> Pair:
    """Whoever said yes is here: the talk begins for both at once, and the others are thanked."""
    wait, here = _both(knock)
    if here.state == Knock.State.MET:
        return Pair.objects.get(ask=wait.ask, offer=here.offer, state=Pair.State.BEGUN)
    if here.state != Knock.State.YES:
        raise Stale(_("It took a little long, so somebody else is being asked. Thank you for being here."))
    everybody = _everybody(wait)
    pair = pairs.begin_at_once(actor, wait.ask, here.offer, score=here.score, reasons=here.reasons)
    Talk.objects.create(pair=pair)
    move(here, Knock.State.MET)
    move(wait, Wait.State.MET)
    wait.knocks.filter(state=Knock.State.ASKED).update(state=Knock.State.TAKEN, state_since=clock.now())
    emit(actor, "wait.met", wait, seconds=int((clock.now() - wait.begun_at).total_seconds()), wakes=everybody)
    return pair


# -- by the clock -----------------------------------------------------------------------------------------------------


@act(may=rules.may_keep_time)
def miss(actor: Actor, wait: Wait) -> None:
    """Whoever said yes did not come in. The others may still say yes, and the next are asked."""
    here = _hold(wait)
    said = here.knocks.filter(state=Knock.State.YES).select_related("offer").first()
    if said is None or here.next_at > clock.now():
        raise Stale
    _miss(actor, here, said)


def _miss(actor: Actor, wait: Wait, said: Knock) -> None:
    move(said, Knock.State.MISSED)
    offers.free_seat(actor, said.offer)
    move(wait, Wait.State.WAITING, next_at=clock.now(), until=max(wait.until, clock.now() + ARRIVE))
    emit(actor, "knock.missed", said, wakes=_everybody(wait))


@act(may=rules.may_keep_time)
def say_nobody(actor: Actor, wait: Wait) -> None:
    """Said plainly, with what there is instead. Whoever has said yes in this very moment is waited for."""
    here = _hold(wait)
    if here.state != Wait.State.WAITING or here.until > clock.now():
        raise Stale
    move(here, Wait.State.NOBODY)
    _let_go(actor, here)
    emit(actor, "wait.nobody", here, asked=here.knocks.count(), wakes=_ears(here))


@act(may=rules.may_keep_time)
def step_back(actor: Actor, knock: Knock) -> None:
    """Somebody who was being asked leaves the programme, or is no longer there for others."""
    wait, here = _both(knock)
    if here.state == Knock.State.YES:
        _miss(actor, wait, here)
    else:
        move(here, Knock.State.OVER)


# -- afterwards -------------------------------------------------------------------------------------------------------


@act(may=rules.may_stay)
def stay(actor: Actor, talk: Talk, *, yes: bool) -> Talk:
    """Whether one would like to stay in touch, unseen by the other. Two who would go on as a pair; else it ends quietly when
    both have said, or after a day."""
    rows = Talk.objects.select_for_update(of=("self",), no_key=True)
    now = rows.select_related("pair__conversation", "pair__ask", "pair__offer").get(pk=talk.pk)
    if now.pair.state != Pair.State.CLOSING:
        raise Stale
    side = "asker" if actor.person == now.pair.asker_id else "giver"
    setattr(now, f"{side}_stays", yes)
    now.save(update_fields=[f"{side}_stays"])
    emit(actor, "talk.answered", now, side=side, wakes=[f"person:{actor.me}"])
    if now.asker_stays and now.giver_stays:
        pairs.stay(actor, now.pair)
    elif None not in (now.asker_stays, now.giver_stays):
        pairs.close(CHORE.within(actor.here), now.pair)
    return now


# -- surges -----------------------------------------------------------------------------------------------------------


@act(may=rules.may_notice)
def begin_surge(actor: Actor, programme: Programme, *, asks: int, usual: float) -> Surge:
    made = Surge.objects.create(programme=programme, asks=asks, usual=usual)
    emit(actor, "surge.begun", made, asks=asks, usual=round(usual, 1))
    return made


@act(may=rules.may_end_surge)
def end_surge(actor: Actor, surge: Surge) -> Surge:
    changes = {"ended_at": clock.now(), "by_hand": not actor.is_house}
    if not Surge.objects.filter(pk=surge.pk, ended_at=None).update(**changes):
        raise Stale
    emit(actor, "surge.ended", surge)
    return surge


# -- under the wait's row ---------------------------------------------------------------------------------------------


def _hold(wait: Wait) -> Wait:
    """As it is this moment, and so until the act is done."""
    rows = Wait.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("ask__programme", "ask__person", "programme").get(pk=wait.pk)


def _both(knock: Knock) -> tuple[Wait, Knock]:
    wait = _hold(knock.wait)
    return wait, wait.knocks.select_related("offer__person").get(pk=knock.pk)


def _look_round(wait: Wait) -> None:
    wait.next_at = clock.now()
    wait.save(update_fields=["next_at"])


def _let_go(actor: Actor, wait: Wait) -> None:
    """Nobody is asked any more, whoever was on the way is free again, and the ask is its owner's own."""
    for said in wait.knocks.filter(state=Knock.State.YES).select_related("offer"):
        offers.free_seat(actor, said.offer)
    people = [ear for ear in _everybody(wait) if ear not in _ears(wait)]
    wait.knocks.open().update(state=Knock.State.OVER, state_since=clock.now())
    asks.put_back(actor, wait.ask)
    bus.wake(*people)


def _ears(wait: Wait) -> list[str]:
    return [f"wait:{wait.pk}", f"person:{wait.ask.person_id}"]


def _everybody(wait: Wait) -> list[str]:
    """The one who waits, and all whose doors were knocked at and who have not said no."""
    asked = wait.knocks.open().values_list("offer__person", flat=True)
    return [*_ears(wait), *(f"person:{one}" for one in asked)]
