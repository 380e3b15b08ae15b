"""Letters waiting and sent, and what each person wants to get."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Kind(models.TextChoices):
    PROPOSAL = "proposal", _("somebody may fit: a proposal waits for my answer")
    PAIR = "pair", _("a pair has come about")
    MESSAGE = "message", _("a message waits for me")
    ASK = "ask", _("news of my ask, and whether it still holds")
    CHECKIN = "checkin", _("a check-in is due")
    ENDING = "ending", _("a pair is coming to its end")
    DUTY = "duty", _("what my duties bring: reports, long waits")


class Wish(models.Model):
    """What a person wants by e-mail. No row: the defaults."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="letter_wish")
    kinds = models.JSONField(default=list)
    quiet_from = models.PositiveSmallIntegerField(default=21)  # hours of the person's own day in which no letter comes
    quiet_until = models.PositiveSmallIntegerField(default=7)

    def __str__(self) -> str:
        return "wish"


class Letter(Row, Moving):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("not needed any more")
        FAILED = "failed", _("could not be delivered")

    MOVES: ClassVar = {
        State.WAITING: {State.SENDING, State.DROPPED},
        State.SENDING: {State.SENT, State.WAITING, State.FAILED},
    }

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="letters")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=8, choices=Kind)
    thing = models.CharField(max_length=20)  # what it is about, an id: one waiting letter per thing is enough
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="letter_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "thing"],
                condition=models.Q(state="waiting"),
                name="letter_once",
            ),
        ]


class Mark(models.Model):
    """How far a reader of events has come."""

    name = models.CharField(primary_key=True, max_length=20)
    event = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
