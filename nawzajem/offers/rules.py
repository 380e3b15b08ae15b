"""Who may do what with an offer."""

from __future__ import annotations

from collections.abc import Sequence

from nawzajem.ground.actor import Actor
from nawzajem.offers.models import Offer
from nawzajem.people.models import Person


def may_offer(actor: Actor) -> bool:
    return actor.person is not None and actor.takes_part


def may_announce(actor: Actor, told: Sequence[tuple[Person, object]]) -> bool:
    """The house, while the accounts are nobody's own yet; afterwards nobody offers in their owners' name."""
    return actor.is_house and all(person.is_prepared for person, _fields in told)


def may_change(actor: Actor, offer: Offer) -> bool:
    return actor.person == offer.person_id and actor.takes_part and actor.programme == offer.programme_id


def may_pause(actor: Actor, offer: Offer) -> bool:
    """One's own; a coordinator, when somebody has fallen silent; the house, by the clock."""
    keeps = actor.takes_part and actor.has("coordinator") and actor.programme == offer.programme_id
    return actor.is_house or actor.person == offer.person_id or keeps


def may_take_up(actor: Actor, offer: Offer) -> bool:
    """One's own, while one is here; the house, when a rest is over. Whether somebody is there for others again is for nobody
    else to say."""
    here = actor.member is not None and actor.programme == offer.programme_id
    return actor.is_house or (here and actor.person == offer.person_id)


def may_seat(actor: Actor, offer: Offer) -> bool:
    """Seats are held and freed by proposals and pairs, whoever of the programme moves those."""
    return actor.is_house or (actor.member is not None and actor.programme == offer.programme_id)


def may_keep_time(actor: Actor, offer: Offer) -> bool:
    return actor.is_house
