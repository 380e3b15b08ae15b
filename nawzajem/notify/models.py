"""Letters waiting and sent, and what each person wants to get."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.seal import new_vault
from nawzajem.ground.states import Moving
from nawzajem.people.models import Device, Person
from nawzajem.programmes.models import Programme


class Kind(models.TextChoices):
    PROPOSAL = "proposal", _("somebody may fit: a proposal waits for my answer")
    PAIR = "pair", _("a pair has come about, or something is to be settled")
    MESSAGE = "message", _("a message waits for me")
    ASK = "ask", _("news of my ask, and whether it still holds")
    CHECKIN = "checkin", _("how it is going: a check-in, or a long silence")
    ENDING = "ending", _("a pair is coming to its end")
    OFFER = "offer", _("my offer rests, or is needed more than usual")
    NOW = "now", _("somebody needs company now, and my hours say that I could be there")
    DUTY = "duty", _("what my duties bring: reports, long waits")
    SAFETY = "safety", _("what is decided about me or what I reported, and what is opened of mine")


class Wish(models.Model):
    """What a person wants by e-mail. No row: every kind, and nothing at night."""

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
        State.SENDING: {State.SENT, State.WAITING, State.DROPPED, State.FAILED},
    }

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="letters")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=8, choices=Kind)
    thing = models.CharField(max_length=20)  # what it is about, an id: one waiting letter per thing is enough
    code = models.CharField(max_length=12)  # which words; the occasions are in letters.py
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    due_at = models.DateTimeField(default=clock.stamp)
    tries = models.PositiveSmallIntegerField(default=0)
    upto = models.PositiveIntegerField(default=0)  # of messages: how far the one that was sent told
    rung_at = models.DateTimeField(
        null=True
    )  # when their devices rang about it; apart from the post, which may be down

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="letter_due"),
            models.Index(fields=["person", "state_since"], name="letter_sent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "thing"], condition=Q(state="waiting"), name="letter_once"
            ),
        ]


class Bell(Row):
    """A device that somebody lets ring when something waits for them. What rings carries no word, so nothing is kept but
    where to ring; it goes with the device, and with the session on it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="bells")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="bells")
    digest = models.CharField(max_length=64, unique=True)  # of the address, so that each is kept once
    vault = models.BinaryField(default=new_vault)
    address = models.BinaryField()  # at the push service of the browser; whoever knows it can ring, so it is sealed
    made_at = models.DateTimeField(default=clock.stamp, editable=False)


class Ringer(models.Model):
    """The one key with which the house tells push services who rings. Made when the first bell is hung."""

    vault = models.BinaryField(default=new_vault)
    key = models.BinaryField()  # sealed: a secret number of the curve P-256, in hexadecimal digits

    def __str__(self) -> str:
        return "ringer"
