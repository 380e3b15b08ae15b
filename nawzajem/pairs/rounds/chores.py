"""Rounds are worked out and sent here, in a process of its own: by one at a time, and on after a break."""

from __future__ import annotations

import time

from django.db import OperationalError

from nawzajem.asks.models import Ask
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import told
from nawzajem.ground.refusals import Refusal, Stale
from nawzajem.offers.models import Offer
from nawzajem.pairs.rounds import acts, reads
from nawzajem.pairs.rounds.models import Line, Round
from nawzajem.pairs.rounds.solving import Heard, work_out

BEAT = 0.5  # seconds between two signs of life
MOST_TRIES = 3  # of a round whose processes die


def some_wait() -> bool:
    return reads.to_work_on().exists()


def work() -> int:
    """Whatever waits; how many rounds that were."""
    waiting = list(reads.to_work_on())
    for of in waiting:
        _work_on(CHORE.within(of.programme_id), of)
    return len(waiting)


def _work_on(actor: Actor, of: Round) -> None:
    try:
        acts.take_on(actor, of)
        if of.state == Round.State.SENDING:
            _send(actor, of)
        elif of.tries > MOST_TRIES:
            acts.fail(actor, of)
        else:
            acts.propose(actor, of, solved=work_out(of, heard=_sign_of_life(actor, of)))
    except Stale:  # stopped by a coordinator, or taken over by another process
        return
    except Exception as error:
        told("rounds", error)
        if of.state == Round.State.SOLVING:
            acts.fail(actor, of)


def _sign_of_life(actor: Actor, of: Round) -> Heard:
    """Told now and then, however often the solver tells: each is a row written."""
    last = 0.0

    def heard(done: float) -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT:
            last = time.monotonic()
            acts.beat(actor, of, done=done)

    return heard


def _send(actor: Actor, of: Round) -> None:
    lines, heard = list(reads.to_put(of)), _sign_of_life(actor, of)
    for number, line in enumerate(lines):
        heard(number / len(lines))
        _put(actor, of, line)
    acts.finish(actor, of)


def _put(actor: Actor, of: Round, line: Line) -> None:
    """One that fails does not stop the others."""
    try:
        acts.put(actor, of, line)
    except Refusal:
        acts.drop(actor, of, line, why=_why_not(line))
    except OperationalError:  # no database: the others would fail as well
        raise
    except Exception as error:
        told("rounds", error)
        acts.drop(actor, of, line, why=Line.Dropped.MISTAKE)


def _why_not(line: Line) -> str:
    """What stands against it by now. That somebody closed the door to somebody is never told apart from the rest."""
    ask = Ask.objects.get(pk=line.ask_id)
    if ask.state != Ask.State.OPEN:
        found = ask.state in {Ask.State.PROPOSED, Ask.State.PAIRED, Ask.State.MET}
        return Line.Dropped.ASKED if found else Line.Dropped.WITHDRAWN
    offer = Offer.objects.filter(pk=line.offer_id).first()
    if offer is None or offer.state != Offer.State.READY:
        return Line.Dropped.RESTS
    return Line.Dropped.SEAT if offer.taken >= offer.capacity else Line.Dropped.APART
