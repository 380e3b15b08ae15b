"""An opening: who asked for it and why, who agreed, how long it lasts, when those concerned are told; and who they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.seal import new_vault
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety.logbook.models import Why

REASONS = [(value, label) for value, label in Why.choices if value != Why.DUTY]


class Opening(Row, Moving):
    class Kind(models.TextChoices):
        TALK = "talk", _("a part of a talk")
        IDENTITY = "identity", _("who somebody is")

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second person")
        OPEN = "open", _("open")
        REFUSED = "refused", _("the second person said no")
        WITHDRAWN = "withdrawn", _("taken back")
        LAPSED = "lapsed", _("nobody answered in time")
        OVER = "over", _("closed again")

    MOVES: ClassVar = {
        State.ASKED: {State.OPEN, State.REFUSED, State.WITHDRAWN, State.LAPSED},
        State.OPEN: {State.OVER},
    }

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="openings")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    thing = models.CharField(max_length=12)  # a conversation's id, or a member's
    seq = models.PositiveIntegerField(default=0)  # of the message around which a part is shown; 0: the last ones
    because = models.CharField(max_length=40, blank=True)  # "report:ID" or "concern:ID"
    reason = models.CharField(max_length=8, choices=REASONS)
    vault = models.BinaryField(default=new_vault)
    words = models.BinaryField()  # why, for the second person and for the record
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.stamp, editable=False)
    answer_by = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    tell_on = models.DateField(null=True)  # asked for, where telling at once would endanger somebody
    later_words = models.BinaryField(null=True)  # why later
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(asked_by=None) | ~Q(asked_by=F("answered_by")), name="opening_by_two"
            ),
        ]


class Concerned(models.Model):
    """Somebody whose talk, or whose identity, it is."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="concerned")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True)  # when they read that it was opened

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "person"], name="concerned_once")]

    def __str__(self) -> str:
        return f"concerned {self.pk}"
