"""A round, its lines, what a coordinator decided in it, and the figures from which it can be solved again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Proposal
from nawzajem.programmes.models import Programme


class Rounds(models.QuerySet["Round"]):
    def visible_to(self, actor: Actor) -> Rounds:
        """A coordinator's only."""
        return self.filter(programme=actor.programme) if actor.has("coordinator") else self.none()


class Round(Row, Moving):
    """It holds no seat and no ask: until it is sent it is only a thought."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be worked out")
        SOLVING = "solving", _("is being worked out")
        PROPOSED = "proposed", _("ready to be looked at")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("has been sent")
        CANCELLED = "cancelled", _("put away")
        FAILED = "failed", _("could not be worked out")

    MOVES: ClassVar = {
        State.WAITING: {State.SOLVING, State.PROPOSED, State.CANCELLED},
        State.SOLVING: {State.PROPOSED, State.FAILED, State.CANCELLED},
        State.PROPOSED: {State.WAITING, State.SENDING, State.CANCELLED},
        State.FAILED: {State.WAITING, State.CANCELLED},
        State.SENDING: {State.SENT},
    }

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rounds")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    strategy = models.CharField(max_length=20)  # one of the core's
    seed = models.PositiveIntegerField(default=0)  # decides between equals
    after = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")  # whose asks it takes up
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    solved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)  # of all that the solution followed from
    figures = models.JSONField(default=dict)  # what it comes to, and what the other strategies would
    changes = models.PositiveIntegerField(default=0)  # decisions since it was solved

    # while somebody works on it: which process, whether it is alive, how far it has come, how often it was begun
    claim = models.CharField(max_length=12, blank=True)
    beat_at = models.DateTimeField(null=True)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    tries = models.PositiveSmallIntegerField(default=0)

    objects = Rounds.as_manager()

    class Meta:
        indexes = [models.Index(fields=["programme", "made_at"], name="round_made")]


class Line(Row):
    """One ask of a round: with whom it is to be put, or why with nobody; and what came of it."""

    class Dropped(models.TextChoices):
        ASKED = "asked", _("Somebody has been found or is being asked already.")
        WITHDRAWN = "withdrawn", _("The ask does not wait any more.")
        SEAT = "seat", _("The place was taken meanwhile.")
        RESTS = "rests", _("The offer rests, or its owner is away or has left.")
        APART = "apart", _("The two do not fit any more.")
        MISTAKE = "mistake", _("Something went wrong on our side.")

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="lines")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="lines")
    offer = models.ForeignKey(Offer, null=True, on_delete=models.SET_NULL, related_name="lines")
    points = models.PositiveIntegerField(null=True)  # millionths; None with nobody
    why = models.CharField(max_length=16, blank=True)  # why with nobody, a code of the core
    facts = models.JSONField(default=dict)  # what belongs to that reason, as the core tells it
    hint = models.JSONField(default=list)  # the smallest change that would have found somebody: codes with facts
    proposal = models.OneToOneField(Proposal, null=True, on_delete=models.SET_NULL, related_name="line")
    dropped = models.CharField(max_length=9, choices=Dropped, blank=True)  # why it was not sent after all

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "ask"], name="line_once")]
        indexes = [models.Index(fields=["round", "points"], name="line_points")]


class Decision(Row):
    """What a coordinator settled before solving: these two surely, or surely not."""

    class Kind(models.TextChoices):
        LOCKED = "locked", _("kept together")
        FORBIDDEN = "forbidden", _("not together")

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="decisions")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "ask", "offer"], name="decision_once"),
            models.UniqueConstraint(fields=["round", "ask"], condition=Q(kind="locked"), name="decision_one_locked"),
        ]


class Material(models.Model):
    """From what a round was solved, as `material.py` packs it: ids and numbers, and nothing that anybody wrote."""

    round = models.OneToOneField(Round, primary_key=True, on_delete=models.CASCADE, related_name="material")
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"material of {self.pk}"
