"""Showing a hint, what became of it, and switching them off and on. None of it makes an event: nobody is watched here."""

from __future__ import annotations

from datetime import timedelta

from nawzajem.coach import rules
from nawzajem.coach.models import Hint, Silence
from nawzajem.core.coaching import Pitfall
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.pairs.models import Pair

ONE_HINT = timedelta(minutes=1)  # within which the same one, asked for again, is not counted again


@act(may=rules.may_be_hinted)
def show(actor: Actor, pair: Pair, *, code: Pitfall) -> Hint:
    """When the answer was lost on its way, or two windows ask, the hint that stands is shown once more."""
    mine = Hint.objects.visible_to(actor).filter(code=code.value, outcome=Hint.Outcome.SHOWN)
    stands = mine.filter(shown_at__gt=clock.now() - ONE_HINT).first()
    return stands or Hint.objects.create(person_id=actor.me, programme_id=actor.here, code=code.value)


@act(may=rules.may_answer)
def follow(actor: Actor, hint: Hint) -> None:
    """What it was about is gone from what is being written. One that was put aside stays so."""
    Hint.objects.filter(pk=hint.pk, outcome=Hint.Outcome.SHOWN).update(outcome=Hint.Outcome.FOLLOWED)


@act(may=rules.may_answer)
def dismiss(actor: Actor, hint: Hint, *, reason: str) -> None:
    Hint.objects.filter(pk=hint.pk).update(outcome=Hint.Outcome.DISMISSED, reason=reason)


@act(may=rules.may_choose)
def switch(actor: Actor, *, on: bool) -> None:
    if on:
        Silence.objects.filter(person=actor.person).delete()
    else:
        Silence.objects.get_or_create(person_id=actor.me)


@act(may=rules.may_choose)
def forget(actor: Actor) -> None:
    """The growth page begins anew."""
    Hint.objects.visible_to(actor).delete()
