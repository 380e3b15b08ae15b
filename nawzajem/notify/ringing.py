"""Devices rung for letters that are due. Apart from the post: when one of the two is down, the other goes on."""

from __future__ import annotations

from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.ground.seal import unseal
from nawzajem.notify import acts, letters, push, reads, rules
from nawzajem.notify.models import Bell, Letter

AT_ONCE = 20  # letters in one go: a service that does not answer takes ten seconds for each


def begin() -> None:
    """The key of the house, once."""
    if push.is_on() and not reads.secret_of_ringer():
        acts.make_ringer(CHORE)


def some_due() -> bool:
    return push.is_on() and reads.to_ring().exists()


def ring() -> None:
    if push.is_on():
        each(CHORE, _ring_for, list(reads.to_ring()[:AT_ONCE]), secret=reads.secret_of_ringer())


def _ring_for(actor: Actor, letter: Letter, *, secret: str) -> None:
    wish, urgent = rules.wish_of(letter.person), letters.is_urgent(letter)
    if not urgent and rules.after_quiet(clock.now(), wish, letter.person.time_zone) > clock.now():
        return
    is_wanted = urgent or rules.wants(wish, letter.kind)
    needed = is_wanted and letters.is_needed(letter)
    acts.rung(actor, letter)
    if not needed:
        return
    tried = [_rang(actor, bell, secret, urgent=urgent) for bell in reads.bells_of(letter)]
    if False in tried and True not in tried:
        acts.not_rung(actor, letter)


def _rang(actor: Actor, bell: Bell, secret: str, *, urgent: bool) -> bool | None:
    """None where nobody is there any more."""
    try:
        push.ring(unseal(bell.vault, bell.address, about=f"bell:{bell.pk}"), secret, urgent=urgent)
    except push.NotThere:
        acts.forget_bell(actor, bell)
        return None
    except push.NotNow:
        return False
    return True
