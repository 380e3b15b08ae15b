"""What happens in the waiting room by itself: the next wave, whoever does not come in, the end of waiting, surges.

All of it stands in rows with a time. A process that dies between two waves is followed by the next, which finds them due.
"""

from __future__ import annotations

from functools import partial

from nawzajem.core.matching import surge
from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Programme
from nawzajem.waiting import acts, problem, reads
from nawzajem.waiting.models import Wait
from nawzajem.waiting.problem import Asleep

WIDEST = 64  # people in one wave
WIDER = 2  # times, in a surge


def some_due() -> bool:
    return reads.due().exists()


def go_round(*, asleep: Asleep) -> None:
    """Each wait in which something is due, the longest first. `asleep` says who is in their quiet hours."""
    for wait in reads.due():
        each(CHORE.within(wait.programme_id), partial(_go_on, asleep=asleep), [wait])


def _go_on(actor: Actor, wait: Wait, *, asleep: Asleep) -> None:
    if wait.state == Wait.State.COMING:
        acts.miss(actor, wait)
    elif wait.until <= clock.now():
        acts.say_nobody(actor, wait)
    else:
        acts.knock(actor, wait, found=problem.next_asked(wait, most=width(wait), asleep=asleep))


def width(wait: Wait) -> int:
    """How many are asked in the next wave: each wave is twice as wide as the one before."""
    usual = wait.ask.programme.options.now_people * 2**wait.wave
    return min(WIDEST, usual * (WIDER if reads.surge(wait.programme_id) else 1))


def end_talks() -> None:
    """Those that fell silent come to their last words; those whose last words are over, to their end."""
    for talk in reads.talks_quiet():
        each(CHORE.within(talk.pair.programme_id), pairs.end, [talk.pair], ending=Pair.Ending.DONE)
    for talk in reads.talks_over():
        each(CHORE.within(talk.pair.programme_id), pairs.close, [talk.pair])


def switch_off() -> None:
    """Whoever said "I am here" and did not answer twice."""
    for offer in reads.not_answering():
        each(CHORE.within(offer.programme_id), offers.switch_off, [offer])


def watch() -> None:
    """Whether far more ask than usual; and whether that is over."""
    for programme in programmes.kept():
        each(CHORE.within(programme.pk), _watch, [programme])


def _watch(actor: Actor, programme: Programme) -> None:
    going, asks = reads.surge(programme.pk), reads.asks_lately(programme)
    if going is None and (asks < surge.FEWEST or reads.calmed_lately(programme)):
        return
    before = reads.asks_before(programme)
    if going is None and surge.begins(asks, before):
        acts.begin_surge(actor, programme, asks=asks, usual=sum(before) / len(before))
    elif going is not None and surge.is_over(asks, before):
        acts.end_surge(actor, going)
