"""An offer. A seat is a place with one person; `taken` counts those held by proposals and pairs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.experiences.models import Experience
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Offers(models.QuerySet["Offer"]):
    def visible_to(self, actor: Actor) -> Offers:
        """One's own; and for a coordinator those of the programme."""
        here = self.filter(programme=actor.programme)
        return here if actor.has("coordinator") else here.filter(person=actor.person)

    def with_free_seat(self) -> Offers:
        return self.filter(state=Offer.State.READY, taken__lt=models.F("capacity"))


class Offer(Row, Moving):
    class State(models.TextChoices):
        TRAINING = "training", _("in training")
        READY = "ready", _("ready")
        PAUSED = "paused", _("paused")
        RETIRED = "retired", _("put away")

    MOVES: ClassVar = {
        State.TRAINING: {State.READY, State.RETIRED},
        State.READY: {State.PAUSED, State.RETIRED},
        State.PAUSED: {State.READY, State.RETIRED},
        State.RETIRED: {State.READY},
    }

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="offers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="offers")
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    experiences = models.ManyToManyField(Experience, related_name="offers")
    kinds = models.JSONField(default=list)
    forms = models.JSONField(default=list)
    hours = models.CharField(max_length=42)
    languages = models.JSONField(default=list)
    words = models.BinaryField(null=True)  # sealed with the person's key; shown to people it is proposed to
    capacity = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)
    not_same_unit = models.BooleanField(default=False)
    not_prints = models.JSONField(default=list)
    paused_until = models.DateField(null=True, blank=True)
    here_since = models.DateTimeField(null=True)
    here_until = models.DateTimeField(
        null=True
    )  # "I am here now": may be asked at once until then, whatever the hours say
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    answered_at = models.DateTimeField(null=True)  # the last proposal answered, so that idle offers are noticed

    objects = Offers.as_manager()

    @property
    def is_here(self) -> bool:
        """Whether its owner has said so, and may be asked at once."""
        said = self.here_until is not None and self.here_until > clock.now()
        return said and self.state == Offer.State.READY

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "person"], name="offer_once")]
        indexes = [models.Index(fields=["programme", "state"], name="offer_ready", condition=Q(state="ready"))]
