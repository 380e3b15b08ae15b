"""Who may be rung, and the signals by which two browsers find each other."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from nawzajem.conversations.models import Conversation, Participant
from nawzajem.ground import clock


class Ear(models.Model):
    """Somebody may be rung in this one conversation. A call takes two of these."""

    participant = models.OneToOneField(Participant, primary_key=True, on_delete=models.CASCADE, related_name="ear")
    since = models.DateTimeField(default=clock.stamp, editable=False)

    def __str__(self) -> str:
        return f"ear of {self.participant_id}"


class Signal(models.Model):
    """One step of a call. `number` is made by the device that rings; each side takes each step once."""

    class Step(models.TextChoices):
        RING = "ring"
        ACCEPT = "accept"
        DECLINE = "decline"
        OFFER = "offer"  # how the one who rang can be reached
        ANSWER = "answer"  # how the other can be
        END = "end"

    BEFORE: ClassVar = {
        Step.ACCEPT: Step.RING,
        Step.DECLINE: Step.RING,
        Step.OFFER: Step.ACCEPT,
        Step.ANSWER: Step.OFFER,
    }

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="signals")
    by = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="signals")
    number = models.CharField(max_length=36)
    step = models.CharField(max_length=7, choices=Step)
    body = models.BinaryField()  # sealed with the conversation's key: it holds network addresses
    at = models.DateTimeField(default=clock.stamp, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "by", "number", "step"], name="signal_once"),
        ]

    def __str__(self) -> str:
        return self.step

    @staticmethod
    def place(conversation: str, number: str, step: str) -> str:
        """What its body is sealed to."""
        return f"signal:{conversation}:{number}:{step}"
