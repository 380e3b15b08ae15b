"""An ask."""

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
from nawzajem.programmes.models import Programme, Topic

ANY_TIME = "f" * 42  # 168 hours of a week, Monday 0:00 first, four a digit


class Asks(models.QuerySet["Ask"]):
    def visible_to(self, actor: Actor) -> Asks:
        """One's own; and for a coordinator those of the programme that were sent, without their words."""
        here, mine = self.filter(programme=actor.programme), models.Q(person=actor.person)
        return here.filter(mine | ~models.Q(state=Ask.State.DRAFT) if actor.has("coordinator") else mine)


class Ask(Row, Moving):
    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        NOW = "now", _("in the waiting room")
        OPEN = "open", _("waiting")
        PROPOSED = "proposed", _("somebody is being asked")
        PAIRED = "paired", _("paired")
        MET = "met", _("met")
        WITHDRAWN = "withdrawn", _("taken back")
        LAPSED = "lapsed", _("ended without a pair")

    MOVES: ClassVar = {
        State.DRAFT: {State.NOW, State.OPEN, State.WITHDRAWN},
        State.NOW: {State.DRAFT, State.PAIRED},  # whoever leaves the waiting room keeps what was written
        State.OPEN: {State.PROPOSED, State.WITHDRAWN, State.LAPSED},
        State.PROPOSED: {State.OPEN, State.PAIRED, State.WITHDRAWN},
        State.PAIRED: {State.MET},
    }

    class Age(models.TextChoices):
        ANY = "", _("any age")
        NEAR = "near", _("about my age")
        OLDER = "older", _("older than I am")
        YOUNGER = "younger", _("younger than I am")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="asks")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="asks")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    topics = models.ManyToManyField(Topic, related_name="asks")
    stage = models.CharField(max_length=14, choices=Experience.Stage, default=Experience.Stage.IN_IT)
    kinds = models.JSONField(default=list)  # of support, the programme's codes
    words = models.BinaryField(null=True)  # sealed with the person's key
    forms = models.JSONField(default=list)
    hours = models.CharField(max_length=42, default=ANY_TIME)  # in the person's own time zone
    languages = models.JSONField(default=list)
    wish_age = models.CharField(max_length=7, choices=Age, blank=True)
    wish_gender = models.CharField(max_length=5, choices=Person.Gender, blank=True)
    wish_gender_must = models.BooleanField(default=False)
    wish_backgrounds = models.JSONField(default=list)
    not_same_unit = models.BooleanField(default=False)
    not_prints = models.JSONField(default=list)  # keyed hashes of the codes of people not wanted
    whoever = models.BooleanField(default=True)  # go on asking the next who fits, without waiting for a choice
    again_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    opened_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # last time the person said: yes, still
    paired_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=20, blank=True)  # why it lapsed or was withdrawn, a code

    objects = Asks.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "person"], condition=Q(state="now"), name="ask_one_now"),
        ]
        indexes = [models.Index(fields=["programme", "state", "opened_at"], name="ask_waiting")]
