"""A round from its making to its proposals: what coordinators do, and what the house does for them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.models import new_id
from nawzajem.ground.refusals import Invalid, Stale
from nawzajem.ground.states import move
from nawzajem.offers.models import Offer
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.rounds import rules
from nawzajem.pairs.rounds.models import Decision, Line, Material, Round
from nawzajem.pairs.rounds.solving import Solved
from nawzajem.programmes.models import Programme

State = Round.State
LOCKED, FORBIDDEN = Decision.Kind.LOCKED, Decision.Kind.FORBIDDEN

# -- what coordinators do ---------------------------------------------------------------------------------------------


@act(may=rules.may_make)
def make(
    actor: Actor, programme: Programme, *, asks: Iterable[Ask], strategy: str, after: Round | None = None, key: str = ""
) -> Round:
    """Asks to be matched. Nothing is held: whoever finds somebody meanwhile has found somebody."""
    made = Round(pk=key or new_id(), programme=programme, strategy=strategy, seed=secrets.randbelow(2**31), after=after)
    lines = [Line(round=made, ask=ask) for ask in asks]
    if not lines:
        raise Invalid(_("Nobody waits whom this round could bring to somebody."))
    made.save(force_insert=True)
    Line.objects.bulk_create(lines)
    emit(actor, "round.made", made, asks=len(lines), strategy=strategy)
    return made


@act(may=rules.may_coordinate)
def solve_again(actor: Actor, of: Round, *, strategy: str = "", anew: bool = False) -> Round:
    """With what was decided since, by the same scores; `anew` reads everybody as they stand by now."""
    move(of, State.WAITING, strategy=strategy or of.strategy, claim="", progress=0, tries=0)
    if anew:
        Material.objects.filter(round=of).delete()
    emit(actor, "round.asked_again", of, strategy=of.strategy, anew=anew)
    return of


@act(may=rules.may_decide)
def decide(
    actor: Actor, of: Round, line: Line, *, what: str, offer: Offer | None = None, other: Line | None = None
) -> None:
    """One of the decisions below, by its name, with what belongs to it."""
    if what == "leave_out":
        leave_out(actor, of, line)
    elif what == "swap" and other:
        swap(actor, of, line, other=other)
    elif what in PAIRS and offer:
        PAIRS[what](actor, of, line, offer=offer)
    else:
        raise Invalid


@act(may=rules.may_decide)
def lock(actor: Actor, of: Round, line: Line, *, offer: Offer) -> None:
    """These two surely. Of one ask the last word counts."""
    if _settle(of, line, offer, LOCKED):
        _decided(actor, of, LOCKED, changes=offer.pk != line.offer_id)


@act(may=rules.may_decide)
def forbid(actor: Actor, of: Round, line: Line, *, offer: Offer) -> None:
    """These two surely not, in this round."""
    if _settle(of, line, offer, FORBIDDEN):
        _decided(actor, of, FORBIDDEN, changes=offer.pk == line.offer_id)


def _settle(of: Round, line: Line, offer: Offer, kind: str) -> bool:
    """False where just this was decided before."""
    _hold(of)
    two = {"ask": line.ask_id, "offer": offer.pk}
    if Decision.objects.filter(round=of, ask=line.ask_id, offer=offer, kind=kind).exists():
        return False
    _forget(of, **two)
    if kind == LOCKED:
        _forget(of, ask=line.ask_id, kind=LOCKED)
    Decision.objects.create(round=of, ask_id=line.ask_id, offer=offer, kind=kind)
    return True


@act(may=rules.may_decide)
def undo(actor: Actor, of: Round, line: Line, *, offer: Offer) -> None:
    """What was decided of these two is open again."""
    _hold(of)
    if _forget(of, ask=line.ask_id, offer=offer.pk):
        _decided(actor, of, "undone", changes=offer.pk != line.offer_id)


PAIRS = {"lock": lock, "forbid": forbid, "undo": undo}


@act(may=rules.may_decide)
def swap(actor: Actor, of: Round, line: Line, *, other: Line) -> None:
    """The two asks change places: each surely gets whom the other would have had."""
    if other.round_id != of.pk or not (line.offer and other.offer):
        raise Stale
    mine, theirs = line.offer, other.offer
    lock(actor, of, line, offer=theirs)
    lock(actor, of, other, offer=mine)


@act(may=rules.may_decide)
def leave_out(actor: Actor, of: Round, line: Line) -> None:
    """The ask waits on, and is in the next round."""
    _hold(of)
    _forget(of, ask=line.ask_id)
    line.delete()
    _decided(actor, of, "left_out", changes=True)


def _hold(of: Round) -> None:
    """As it is this moment, and so until the act is done: another coordinator may be sending it."""
    of.refresh_from_db(from_queryset=Round.objects.select_for_update(no_key=True))
    if of.state != State.PROPOSED:
        raise Stale


def _forget(of: Round, **about: Any) -> int:
    gone, _by = Decision.objects.filter(round=of, **about).delete()
    return gone


def _decided(actor: Actor, of: Round, what: str, *, changes: bool) -> None:
    """Where the solution does not follow any more, it is solved once more before it can be sent."""
    if changes:
        of.changes += 1
        of.save(update_fields=["changes"])
    emit(actor, "round.decided", of, what=str(what))


@act(may=rules.may_coordinate)
def send(actor: Actor, of: Round, *, digest: str) -> Round:
    """What was seen is sent, and nothing else: `digest` says which solution the sender has looked at."""
    _hold(of)
    if of.digest != digest:
        raise Stale(_("This round has been worked out anew since you looked. Here is how it stands now."))
    if of.changes:
        raise Invalid(_("Something was decided that is not worked in yet. Work the round out once more, then send it."))
    if not Line.objects.filter(round=of, offer__isnull=False).exists():
        raise Invalid(_("There is nothing to send: nobody could be paired."))
    move(of, State.SENDING, claim="", beat_at=None, progress=0, tries=0)
    emit(actor, "round.sending", of)
    return of


@act(may=rules.may_coordinate)
def cancel(actor: Actor, of: Round) -> Round:
    """While it is being worked out once more: back to what was there before. Else the round is put away."""
    going = of.state in {State.WAITING, State.SOLVING}
    move(of, State.PROPOSED if going and of.solved_at else State.CANCELLED, claim="")
    emit(actor, "round.cancelled", of, whole=of.state == State.CANCELLED)
    return of


# -- what the house does ----------------------------------------------------------------------------------------------


@act(may=rules.may_work)
def take_on(actor: Actor, of: Round) -> None:
    """By one process; of a round whose process has died, by the next that comes."""
    mine = {"claim": new_id(), "beat_at": clock.now(), "progress": 0, "tries": of.tries + 1}
    if of.state == State.WAITING:
        move(of, State.SOLVING, **mine)
        return
    seen = Round.objects.filter(pk=of.pk, state=of.state, claim=of.claim, beat_at=of.beat_at)
    if not seen.update(**mine):
        raise Stale
    of.refresh_from_db()


@act(may=rules.may_work)
def beat(actor: Actor, of: Round, *, done: float) -> None:
    """A sign of life. Stale when somebody stopped the round, or another process has taken it over."""
    of.beat_at, of.progress = clock.now(), round(100 * done)
    mine = Round.objects.filter(pk=of.pk, state=of.state, claim=of.claim)
    if not mine.update(beat_at=of.beat_at, progress=of.progress):
        raise Stale


@act(may=rules.may_work)
def propose(actor: Actor, of: Round, *, solved: Solved) -> None:
    """Worked out. What was locked and cannot be any more is open again, and said."""
    digest, lines = solved.problem.digest(), solved.lines
    figures = solved.figures | {"lost": len(solved.lost)}
    beat(actor, of, done=1)
    move(of, State.PROPOSED, solved_at=clock.now(), digest=digest, figures=figures, changes=0, claim="", tries=0)
    for ask, offer in solved.lost:
        _forget(of, ask=ask, offer=offer)
    Material.objects.update_or_create(round=of, defaults={"packed": solved.problem.packed()})
    Line.objects.filter(round=of).delete()
    Line.objects.bulk_create(lines, batch_size=2000)
    paired = sum(line.offer_id is not None for line in lines)
    emit(actor, "round.proposed", of, pairs=paired, alone=len(lines) - paired, digest=digest[:40])


@act(may=rules.may_work)
def fail(actor: Actor, of: Round) -> None:
    """It cannot be worked out: that is said, and everything may be tried again."""
    move(of, State.FAILED, claim="")
    emit(actor, "round.failed", of)


@act(may=rules.may_work_on)
def put(actor: Actor, of: Round, line: Line) -> None:
    """One proposal, kept with its line at once: whoever goes on after a break sees what was sent already."""
    line = _still_to_put(of, line)
    if line.offer is None:
        return
    line.proposal = pairs.put(actor, line.ask, line.offer, origin=Proposal.Origin.ROUND)
    line.save(update_fields=["proposal"])


@act(may=rules.may_work_on)
def drop(actor: Actor, of: Round, line: Line, *, why: str) -> None:
    """Somebody was faster, or something has changed: it is not sent, and the reason is kept."""
    line = _still_to_put(of, line)
    line.dropped = why
    line.save(update_fields=["dropped"])
    emit(actor, "round.dropped", of, why=why)


def _still_to_put(of: Round, line: Line) -> Line:
    """Under the line's row, and under our claim: two processes never send the same."""
    mine = Round.objects.filter(pk=of.pk, state=State.SENDING, claim=of.claim)
    rows = Line.objects.select_for_update(of=("self",), no_key=True).select_related("ask__programme", "offer__person")
    held = rows.filter(pk=line.pk, proposal=None, dropped="").first()
    if held is None or not mine.update(beat_at=clock.now()):
        raise Stale
    return held


@act(may=rules.may_work)
def finish(actor: Actor, of: Round) -> None:
    """Everything that could be sent is sent."""
    lines = Line.objects.filter(round=of)
    move(of, State.SENT, sent_at=clock.now(), claim="", progress=100)
    sent, dropped = lines.filter(proposal__isnull=False).count(), lines.exclude(dropped="").count()
    emit(actor, "round.sent", of, proposals=sent, dropped=dropped)
