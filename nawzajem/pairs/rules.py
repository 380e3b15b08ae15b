"""Who may put, answer, settle and end."""

from __future__ import annotations

from nawzajem.asks.models import Ask
from nawzajem.ground.actor import Actor
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import CheckIn, Pair, Proposal


def may_put(actor: Actor, ask: Ask, offer: Offer) -> bool:
    """The one who asks chooses; a coordinator proposes; the house goes on to the next who fits."""
    here = actor.is_house or (actor.takes_part and actor.programme == ask.programme_id)
    theirs = actor.is_house or actor.person == ask.person_id or actor.has("coordinator")
    return here and theirs and ask.programme_id == offer.programme_id


def may_begin_at_once(actor: Actor, ask: Ask, offer: Offer) -> bool:
    """Whoever gives: the one who asks has said yes to whoever comes, by asking for somebody now."""
    here = actor.takes_part and actor.programme == ask.programme_id == offer.programme_id
    return here and actor.person == offer.person_id


def sides(actor: Actor, proposal: Proposal) -> set[str]:
    """Which of the two the actor is: 'asker', 'giver', or neither."""
    people = {"asker": proposal.ask.person_id, "giver": proposal.offer.person_id}
    return {side for side, person in people.items() if person == actor.person}


def may_answer(actor: Actor, proposal: Proposal) -> bool:
    return actor.takes_part and actor.programme == proposal.programme_id and bool(sides(actor, proposal))


def may_lapse(actor: Actor, proposal: Proposal) -> bool:
    return actor.is_house


def may_take_back(actor: Actor, ask: Ask) -> bool:
    """One's own ask, at any time; the house, when somebody leaves or is erased."""
    return actor.is_house or actor.person == ask.person_id


def is_in(actor: Actor, pair: Pair) -> bool:
    return actor.person is not None and actor.person in {pair.asker_id, pair.giver_id}


def may_settle(actor: Actor, pair: Pair) -> bool:
    return is_in(actor, pair) and actor.takes_part and actor.programme == pair.programme_id


def may_end(actor: Actor, pair: Pair) -> bool:
    """Either of the two, at any time, without a reason, agreed to anything or not; the house when its time is over."""
    return actor.is_house or is_in(actor, pair)


def may_check_in(actor: Actor, checkin: CheckIn) -> bool:
    return may_settle(actor, checkin.pair)


def may_keep_time(actor: Actor, pair: Pair) -> bool:
    return actor.is_house
