"""Waits, knocks, talks for one hour, surges."""

from __future__ import annotations

from datetime import timedelta
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
from nawzajem.pairs.models import Pair
from nawzajem.programmes.models import Programme

ARRIVE = timedelta(minutes=2)  # from a yes to coming in; after that the others are asked again
LAST_WORDS = timedelta(hours=24)  # after a talk: time to say whether one would like to stay in touch
QUIET = timedelta(hours=6)  # a talk for now in which nobody wrote for so long has ended


class Waits(models.QuerySet["Wait"]):
    def visible_to(self, actor: Actor) -> Waits:
        """One's own. Those who look after a programme see numbers."""
        return self.filter(programme=actor.programme, ask__person=actor.person) if actor.person else self.none()

    def going(self) -> Waits:
        return self.filter(state__in=[Wait.State.WAITING, Wait.State.COMING])


class Wait(Row, Moving):
    """Somebody in the waiting room: one stay for one ask, until somebody comes, nobody could, or they leave."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        COMING = "coming", _("somebody is on the way")
        MET = "met", _("met")
        LEFT = "left", _("left the waiting room")
        NOBODY = "nobody", _("nobody could come")

    MOVES: ClassVar = {
        State.WAITING: {State.COMING, State.LEFT, State.NOBODY},
        State.COMING: {State.MET, State.WAITING, State.LEFT},
    }

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="waits")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="waits")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    begun_at = models.DateTimeField(default=clock.stamp, editable=False)
    wave = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()  # of the next wave; while somebody is on the way, until when they are waited for
    until = models.DateTimeField()  # then it is said that nobody could come

    objects = Waits.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ask"], condition=Q(state__in=["waiting", "coming"]), name="wait_one_going"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "coming"]), name="wait_due"),
            models.Index(fields=["programme", "begun_at"], name="wait_lately"),
        ]


class Knocks(models.QuerySet["Knock"]):
    def visible_to(self, actor: Actor) -> Knocks:
        """Those at one's own door."""
        return (
            self.filter(offer__programme=actor.programme, offer__person=actor.person) if actor.person else self.none()
        )

    def open(self) -> Knocks:
        return self.filter(state__in=[Knock.State.ASKED, Knock.State.YES])


class Knock(Row, Moving):
    """Somebody who may fit is asked whether they could be there now. A no costs nothing and is told to nobody."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        YES = "yes", _("on the way")
        MET = "met", _("was there")
        NOT_NOW = "not_now", _("not now")
        TAKEN = "taken", _("somebody else came")
        OVER = "over", _("over without an answer")
        MISSED = "missed", _("did not come in")

    MOVES: ClassVar = {
        State.ASKED: {State.YES, State.NOT_NOW, State.TAKEN, State.OVER},
        State.YES: {State.MET, State.MISSED, State.OVER},
    }

    wait = models.ForeignKey(Wait, on_delete=models.CASCADE, related_name="knocks")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="knocks")
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    wave = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(default=clock.stamp, editable=False)
    score = models.FloatField(default=0)
    reasons = models.JSONField(default=list)

    objects = Knocks.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wait", "offer"], name="knock_once"),
            models.UniqueConstraint(fields=["wait"], condition=Q(state="yes"), name="knock_first_yes"),
            models.UniqueConstraint(
                fields=["offer"], condition=Q(state__in=["asked", "yes"]), name="knock_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["offer", "asked_at"], name="knock_lately")]


class Talk(Row):
    """What a pair that began at once has beside itself. Each says for themselves whether they would like to stay in touch."""

    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="talk")
    asker_stays = models.BooleanField(null=True)
    giver_stays = models.BooleanField(null=True)


class Surge(Row):
    """A time in which far more people ask than usual."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="surges")
    begun_at = models.DateTimeField(default=clock.stamp, editable=False)
    ended_at = models.DateTimeField(null=True)
    by_hand = models.BooleanField(default=False)  # a coordinator ended it
    asks = models.PositiveIntegerField()  # in the hours in which it was noticed
    usual = models.FloatField()  # in the same hours of other days

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme"], condition=Q(ended_at=None), name="surge_one_going"),
        ]
