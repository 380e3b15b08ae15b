"""Being ready, resting, holding and freeing seats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit, emit_each
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
    made = Offer(person_id=actor.me, programme_id=actor.here, **fields)
    _write(made, experiences, words)
    emit(actor, "offer.made", made, capacity=made.capacity)
    return made


@act(may=rules.may_announce)
def announce(actor: Actor, told: Sequence[tuple[Person, Mapping[str, Any]]]) -> list[Offer]:
    """What people told their organisation they could give, who have not come yet, in the words of `make`. Nobody is
    proposed to them by itself."""
    lived = [list(fields["experiences"]) for _person, fields in told]
    made = [_announced(actor, person, **fields) for person, fields in told]
    Offer.objects.bulk_create(made)
    on = Offer.experiences.through
    on.objects.bulk_create(
        on(offer=offer, experience=one) for offer, own in zip(made, lived, strict=True) for one in own
    )
    emit_each(actor, "offer.made", ((one, {"capacity": one.capacity}) for one in made))
    return made


def _announced(
    actor: Actor, person: Person, *, experiences: Iterable[Experience], words: str = "", **fields: Any
) -> Offer:
    made = Offer(person=person, programme_id=actor.here, **fields)
    _own(made, experiences)
    made.words = _sealed(made, words)
    return made


@act(may=rules.may_change)
def change(actor: Actor, offer: Offer, *, experiences: Iterable[Experience], words: str = "", **fields: Any) -> Offer:
    for name, value in fields.items():
        setattr(offer, name, value)
    _write(offer, experiences, words, fields=[*fields, "words"])
    emit(actor, "offer.changed", offer, capacity=offer.capacity)
    return offer


def _write(offer: Offer, experiences: Iterable[Experience], words: str, *, fields: Sequence[str] | None = None) -> None:
    """Only these fields, where there are some: another process may be holding a seat, or another window pausing."""
    own = _own(offer, experiences)
    offer.words = _sealed(offer, words)
    offer.save(update_fields=fields)
    offer.experiences.set(own)


def _own(offer: Offer, experiences: Iterable[Experience]) -> list[Experience]:
    mine = (offer.person_id, offer.programme_id)
    own = [one for one in experiences if (one.person_id, one.programme_id) == mine]
    if not own:
        raise Invalid(
            fields={"experiences": [_("An offer stands on something you lived through. Choose at least one.")]}
        )
    return own


def _sealed(offer: Offer, words: str) -> bytes | None:
    return seal(offer.person.vault, words, about=f"offer:{offer.pk}") if words else None


@act(may=rules.may_pause)
def pause(actor: Actor, offer: Offer, *, until: date | None = None, why: str = "own") -> Offer:
    move(offer, Offer.State.PAUSED, paused_until=until)
    emit(actor, "offer.paused", offer, until=str(until or ""), why=why)
    return offer


@act(may=rules.may_take_up)
def resume(actor: Actor, offer: Offer) -> Offer:
    move(offer, Offer.State.READY, paused_until=None, answered_at=clock.now())
    emit(actor, "offer.resumed", offer)
    return offer


@act(may=rules.may_take_up)
def retire(actor: Actor, offer: Offer) -> Offer:
    move(offer, Offer.State.RETIRED)
    emit(actor, "offer.retired", offer)
    return offer


@act(may=rules.may_change)
def be_here(actor: Actor, offer: Offer, *, hours: int) -> Offer:
    """For so many hours whoever needs somebody now may be told of; with none, no longer."""
    if hours and offer.state != Offer.State.READY:
        raise Stale(_("Your offer rests. Take it up first; then you can say that you are here."))
    offer.here_since = clock.now() if hours else None
    offer.here_until = clock.now() + timedelta(hours=hours) if hours else None
    offer.save(update_fields=["here_since", "here_until"])
    emit(actor, "offer.here", offer, hours=hours, wakes=[f"person:{offer.person_id}"])
    return offer


@act(may=rules.may_keep_time)
def switch_off(actor: Actor, offer: Offer) -> None:
    """Said to be here, and did not answer: perhaps called away. Nobody is blamed."""
    if not Offer.objects.filter(pk=offer.pk, here_until=offer.here_until).update(here_since=None, here_until=None):
        raise Stale
    emit(actor, "offer.here", offer, hours=0, wakes=[f"person:{offer.person_id}"])


@act(may=rules.may_seat)
def hold_seat(actor: Actor, offer: Offer) -> None:
    """One free seat, taken so that of two who try only one gets it."""
    if not Offer.objects.with_free_seat().filter(pk=offer.pk).update(taken=F("taken") + 1):
        raise Stale(_("This place has just been taken. Somebody else may fit as well."))
    emit(actor, "offer.seat_held", offer)


@act(may=rules.may_seat)
def free_seat(actor: Actor, offer: Offer) -> None:
    if Offer.objects.filter(pk=offer.pk, taken__gt=0).update(taken=F("taken") - 1):
        emit(actor, "offer.seat_freed", offer)


@act(may=rules.may_seat)
def answered(actor: Actor, offer: Offer) -> None:
    """Its owner has said yes or no to something: not idle. The proposal's own event tells of it."""
    Offer.objects.filter(pk=offer.pk).update(answered_at=clock.now())
