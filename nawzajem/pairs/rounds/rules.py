"""Who may make, decide and send: those who coordinate. Who works it out: the house."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.pairs.rounds.models import Line, Round
from nawzajem.programmes.models import Programme


def may_make(actor: Actor, programme: Programme) -> bool:
    return actor.has("coordinator") and actor.programme == programme.pk


def may_coordinate(actor: Actor, of: Round) -> bool:
    return actor.has("coordinator") and actor.programme == of.programme_id


def may_decide(actor: Actor, of: Round, line: Line) -> bool:
    return may_coordinate(actor, of) and line.round_id == of.pk


def may_work(actor: Actor, of: Round) -> bool:
    return actor.is_house


def may_work_on(actor: Actor, of: Round, line: Line) -> bool:
    return actor.is_house and line.round_id == of.pk
