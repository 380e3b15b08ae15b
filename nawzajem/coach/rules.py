"""Who is given hints: whoever helps in a pair, where the programme has a coach and they have not switched it off."""

from __future__ import annotations

from nawzajem.coach.models import Hint, Silence
from nawzajem.ground.actor import Actor
from nawzajem.pairs.models import Pair


def may_be_hinted(actor: Actor, pair: Pair) -> bool:
    """The offer's side alone. Whoever asked may write however it comes."""
    helps = actor.takes_part and actor.person == pair.giver_id and actor.programme == pair.programme_id
    return helps and pair.state != Pair.State.CLOSED and pair.programme.options.coach and not is_silent(actor)


def is_silent(actor: Actor) -> bool:
    return Silence.objects.filter(person=actor.person).exists()


def may_answer(actor: Actor, hint: Hint) -> bool:
    return actor.person == hint.person_id


def may_choose(actor: Actor) -> bool:
    return actor.person is not None


def may_look_back(actor: Actor, pair: Pair) -> bool:
    """Whoever helped there, and nobody else: what one wrote oneself is looked at beside what it answered."""
    return actor.person is not None and actor.person == pair.giver_id
