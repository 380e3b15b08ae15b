"""Questions about offers."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.offers.models import Offer
from nawzajem.programmes.models import Programme


def mine(actor: Actor) -> Offer | None:
    """One's own offer in the programme, if there is one."""
    return (
        Offer.objects.filter(person=actor.person, programme=actor.programme)
        .select_related("person")
        .prefetch_related("experiences__topic")
        .first()
    )


def own_offer(actor: Actor) -> Offer:
    found = mine(actor)
    if found is None:
        raise NotFound
    return found


def offer(actor: Actor, offer_id: str) -> Offer:
    found = Offer.objects.visible_to(actor).filter(pk=offer_id).select_related("person").first()
    if found is None:
        raise NotFound
    return found


def all_here(actor: Actor) -> QuerySet[Offer]:
    here = Offer.objects.visible_to(actor).exclude(state=Offer.State.RETIRED)
    return here.select_related("person").order_by("-answered_at")


def words_of(actor: Actor, offer: Offer) -> str:
    if offer.person_id != actor.person:
        raise NotFound
    return unsealed(offer)


def unsealed(offer: Offer) -> str:
    """For rooms above, which have asked whether the reader may."""
    return unseal(offer.person.vault, offer.words, about=f"offer:{offer.pk}")


def rested(programme: Programme) -> QuerySet[Offer]:
    """Paused offers whose day has come."""
    return Offer.objects.filter(programme=programme, state=Offer.State.PAUSED, paused_until__lte=clock.today())


def idle(programme: Programme) -> QuerySet[Offer]:
    """Ready offers whose people have neither answered nor been here for a long time."""
    before = clock.now() - timedelta(days=programme.options.idle_offer_after)
    quiet = Q(person__seen_on__lt=clock.house_day(before)) | Q(person__seen_on=None)
    ready = Offer.objects.filter(quiet, programme=programme, state=Offer.State.READY)
    return ready.annotate(last=Coalesce(F("answered_at"), F("made_at"))).filter(last__lt=before)


def resting_by_themselves(programme: str) -> QuerySet[Offer]:
    """Offers that the house let rest because their people had fallen silent, and not because they wished to."""
    put = Event.objects.filter(kind="offer.paused", thing=OuterRef("pk")).order_by("-id")
    paused = Offer.objects.filter(programme=programme, state=Offer.State.PAUSED, paused_until=None)
    return paused.annotate(by_whom=Subquery(put.values("by")[:1])).filter(by_whom="")


def free_seats(actor: Actor) -> int:
    rows = Offer.objects.visible_to(actor).with_free_seat()
    return rows.aggregate(n=Sum(F("capacity") - F("taken")))["n"] or 0
