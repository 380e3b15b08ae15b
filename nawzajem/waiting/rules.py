"""Who may sit in the waiting room, answer a knock, and keep the time."""

from __future__ import annotations

from nawzajem.asks.models import Ask
from nawzajem.asks.rules import may_change
from nawzajem.ground.actor import Actor
from nawzajem.pairs.rules import may_settle
from nawzajem.programmes.models import Programme
from nawzajem.waiting.models import Knock, Surge, Talk, Wait


def may_begin(actor: Actor, ask: Ask) -> bool:
    return may_change(actor, ask)


def may_leave(actor: Actor, wait: Wait) -> bool:
    """At any time, agreed or not; the house, when somebody leaves the programme."""
    return actor.is_house or actor.person == wait.ask.person_id


def may_answer(actor: Actor, knock: Knock) -> bool:
    theirs = actor.person is not None and actor.person == knock.offer.person_id
    return theirs and actor.takes_part and actor.programme == knock.wait.programme_id


def may_stay(actor: Actor, talk: Talk) -> bool:
    return may_settle(actor, talk.pair)


def may_keep_time(actor: Actor, thing: Wait | Knock) -> bool:
    return actor.is_house


def may_notice(actor: Actor, programme: Programme) -> bool:
    return actor.is_house


def may_end_surge(actor: Actor, surge: Surge) -> bool:
    """By itself, or by whoever coordinates."""
    return actor.is_house or (actor.takes_part and actor.has("coordinator") and actor.programme == surge.programme_id)
