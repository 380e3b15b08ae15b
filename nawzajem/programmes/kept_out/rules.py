"""Who keeps somebody out: the house, for the room of rulings, which has asked who may decide."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.programmes.models import Programme


def may_keep_out(actor: Actor, programme: Programme) -> bool:
    return actor.is_house
