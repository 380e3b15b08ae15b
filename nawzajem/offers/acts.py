"""Being ready, resting, holding and freeing seats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Invalid, Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.states import move
from nawzajem.offers import rules
from nawzajem.offers.models import Offer
from nawzajem.people.models import Person


@act(may=rules.may_offer)
def make(actor: Actor, *, experiences: Iterable[Experience], words: str = "", **fields: Any) -> Offer:
    """One offer in a programme; a second would only be the same person twice."""
    if Offer.objects.filter(person=actor.person, programme=actor.programme).exists():
        raise Invalid(_("You have an offer here already. It is easy to change."))
    return _begin(actor, Offer(person_id=actor.me, **fields), experiences, words)


@act(may=rules.may_announce)
def announce(
    actor: Actor, person: Person, *, experiences: Iterable[Experience], words: str = "", **fields: Any
) -> Offer:
    """What somebody told their organisation they could give, who has not come yet. Nobody is proposed to them by itself."""
    return _begin(actor, Offer(person=person, **fields), experiences, words)


def _begin(actor: Actor, made: Offer, experiences: Iterable[Experience], words: str) -> Offer:
    made.programme_id = actor.here
    _write(made, experiences, words)
    emit(actor, "offer.made", made, capacity=made.capacity)
    return made


@act(may=rules.may_change)
def change(actor: Actor, offer: Offer, *, experiences: Iterable[Experience], words: str = "", **fields: Any) -> Offer:
    for name, value in fields.items():
        setattr(offer, name, value)
    _write(offer, experiences, words)
    emit(actor, "offer.changed", offer, capacity=offer.capacity)
    return offer


def _write(offer: Offer, experiences: Iterable[Experience], words: str) -> None:
    own = [one for one in experiences if one.person_id == offer.person_id]
    if not own:
        raise Invalid(
            fields={"experiences": [_("An offer stands on something you lived through. Choose at least one.")]}
        )
    offer.words = seal(offer.person.vault, words, about=f"offer:{offer.pk}") if words else None
    fields = [
        field.name for field in Offer._meta.concrete_fields if field.name not in {"id", "taken", "state", "state_since"}
    ]
    if offer._state.adding:
        offer.save(force_insert=True)
    else:
        offer.save(update_fields=fields)  # not the seats: another process may be holding one
    offer.experiences.set(own)


@act(may=rules.may_pause)
def pause(actor: Actor, offer: Offer, *, until: date | None = None, why: str = "own") -> Offer:
    move(offer, Offer.State.PAUSED, paused_until=until)
    emit(actor, "offer.paused", offer, until=str(until or ""), why=why)
    return offer


@act(may=rules.may_pause)
def resume(actor: Actor, offer: Offer) -> Offer:
    move(offer, Offer.State.READY, paused_until=None, answered_at=clock.now())
    emit(actor, "offer.resumed", offer)
    return offer


@act(may=rules.may_pause)
def retire(actor: Actor, offer: Offer) -> Offer:
    move(offer, Offer.State.RETIRED)
    emit(actor, "offer.retired", offer)
    return offer


@act(may=rules.may_seat)
def hold_seat(actor: Actor, offer: Offer) -> None:
    """One free seat, taken so that of two who try only one gets it."""
    if not Offer.objects.with_free_seat().filter(pk=offer.pk).update(taken=F("taken") + 1):
        raise Stale(_("This place has just been taken. Somebody else may fit as well."))
    emit(actor, "offer.seat_held", offer)


@act(may=rules.may_seat)
def free_seat(actor: Actor, offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk, taken__gt=0).update(taken=F("taken") - 1)
    emit(actor, "offer.seat_freed", offer)


@act(may=rules.may_seat)
def answered(actor: Actor, offer: Offer) -> None:
    """Its owner has said yes or no to something: not idle. The proposal's own event tells of it."""
    Offer.objects.filter(pk=offer.pk).update(answered_at=clock.now())
