"""Proposals and pairs."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from nawzajem.asks.models import Ask
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.offers.models import Offer
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Proposals(models.QuerySet["Proposal"]):
    def visible_to(self, actor: Actor) -> Proposals:
        here = self.filter(programme=actor.programme)
        mine = Q(ask__person=actor.person) | Q(offer__person=actor.person)
        return here if actor.has("coordinator") else here.filter(mine)

    def out(self) -> Proposals:
        return self.filter(state=Proposal.State.OUT)


class Proposal(Row, Moving):
    """An ask and an offer put to both. What each answered is not told to the other before both did."""

    class State(models.TextChoices):
        OUT = "out", _("waiting for an answer")
        ACCEPTED = "accepted", _("both said yes")
        DECLINED = "declined", _("did not come about")
        LAPSED = "lapsed", _("time ran out")
        WITHDRAWN = "withdrawn", _("no longer needed")

    MOVES: ClassVar = {State.OUT: {State.ACCEPTED, State.DECLINED, State.LAPSED, State.WITHDRAWN}}

    class Origin(models.TextChoices):
        CHOSEN = "chosen", _("chosen by the one who asks")
        NEXT = "next", _("the next who fits")
        COORDINATOR = "coordinator", _("put by a coordinator")
        ROUND = "round", _("from a round")
        NOW = "now", _("came at once")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="proposals")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="proposals")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="proposals")
    state = models.CharField(max_length=9, choices=State, default=State.OUT)
    origin = models.CharField(max_length=11, choices=Origin)
    asker_says = models.BooleanField(null=True)
    giver_says = models.BooleanField(null=True)
    put_at = models.DateTimeField(default=clock.stamp, editable=False)
    answer_by = models.DateTimeField()
    score = models.FloatField(default=0)
    parts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)  # codes with what they need to become a sentence

    objects = Proposals.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ask"], condition=Q(state="out"), name="proposal_one_out"),
        ]
        indexes = [models.Index(fields=["state", "answer_by"], name="proposal_due")]


class Pairs(models.QuerySet["Pair"]):
    def visible_to(self, actor: Actor) -> Pairs:
        """One's own; and for a coordinator those of the programme, without words."""
        here = self.filter(programme=actor.programme)
        return here if actor.has("coordinator") else here.of(actor.person)

    def of(self, person: str | None) -> Pairs:
        """Those of one person. A side that was erased is nobody's."""
        return self.filter(Q(asker=person) | Q(giver=person)) if person else self.none()

    def going(self) -> Pairs:
        return self.exclude(state=Pair.State.CLOSED)


class Pair(Row, Moving):
    class State(models.TextChoices):
        BEGUN = "begun", _("just begun")
        ACTIVE = "active", _("going on")
        PAUSING = "pausing", _("taking a break")
        CLOSING = "closing", _("coming to its end")
        CLOSED = "closed", _("ended")

    MOVES: ClassVar = {
        State.BEGUN: {State.ACTIVE, State.PAUSING, State.CLOSING, State.CLOSED},
        State.ACTIVE: {State.PAUSING, State.CLOSING, State.CLOSED},
        State.PAUSING: {State.ACTIVE, State.CLOSING, State.CLOSED},
        State.CLOSING: {State.CLOSED, State.ACTIVE},
    }

    class Rhythm(models.TextChoices):
        OPEN = "", _("as it comes")
        DAILY = "daily", _("every day or two")
        WEEKLY = "weekly", _("once a week")
        FORTNIGHTLY = "fortnightly", _("every two weeks")
        MONTHLY = "monthly", _("once a month")

    class Turns(models.TextChoices):
        OPEN = "", _("we see as we go")
        ASKER = "asker", _("mostly for the one who asked")
        HALVES = "halves", _("half the time for each")
        TALKS = "talks", _("one talk for you, one for me")

    class Ending(models.TextChoices):
        UNSAID = "unsaid", _("I would rather not say")
        DONE = "done", _("we did what we set out to do")
        BETTER = "better", _("I do not need it any more")
        TIME = "time", _("there is too little time")
        HOURS = "hours", _("no hours that suit both")
        SILENT = "silent", _("the other has gone silent")
        FIT = "fit", _("we do not fit well")
        HEAVY = "heavy", _("it is too much for me")
        OTHER_HELP = "other_help", _("other help suits better")
        UNEASY = "uneasy", _("I felt uneasy")
        LEFT = "left", _("one of the two left")
        BLOCKED = "blocked", _("one of the two closed the door")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="pairs")
    proposal = models.OneToOneField(Proposal, null=True, on_delete=models.SET_NULL, related_name="pair")
    ask = models.ForeignKey(Ask, null=True, on_delete=models.SET_NULL, related_name="pairs")
    offer = models.ForeignKey(Offer, null=True, on_delete=models.SET_NULL, related_name="pairs")
    asker = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="pairs_asking")
    giver = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="pairs_giving")
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="pair")
    state = models.CharField(max_length=7, choices=State, default=State.BEGUN)
    begun_at = models.DateTimeField(default=clock.stamp, editable=False)

    # the agreement: what the two settled. A change takes back the other's yes.
    aim = models.BinaryField(null=True)  # sealed with the conversation's key
    safety_words = models.BinaryField(null=True)
    rhythm = models.CharField(max_length=11, choices=Rhythm, blank=True)
    turns = models.CharField(max_length=6, choices=Turns, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    asker_agreed_at = models.DateTimeField(null=True)
    giver_agreed_at = models.DateTimeField(null=True)

    ended_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    ending = models.CharField(max_length=10, choices=Ending, blank=True)

    objects = Pairs.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(asker=F("giver")), name="pair_of_two"),
            models.UniqueConstraint(fields=["ask"], condition=~Q(state="closed"), name="pair_one_going"),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="pair_state")]

    @property
    def is_agreed(self) -> bool:
        return bool(self.asker_agreed_at and self.giver_agreed_at)

    @property
    def agreement_version(self) -> str:
        """Changes whenever one of the two suggests other words."""
        latest = max(filter(None, [self.asker_agreed_at, self.giver_agreed_at]), default=None)
        return latest.isoformat() if latest else ""


class CheckIn(Row):
    """A date on which both are asked, lightly, how it goes: twice in the first month, then every month."""

    class How(models.TextChoices):
        WELL = "well", _("it goes well")
        SO_SO = "so_so", _("so-so")
        CHANGE = "change", _("I would like something to change")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="checkins")
    due_on = models.DateField()
    told_at = models.DateTimeField(null=True)
    asker_says = models.CharField(max_length=6, choices=How, blank=True)
    giver_says = models.CharField(max_length=6, choices=How, blank=True)

    class Meta:
        ordering = ["due_on"]
        constraints = [models.UniqueConstraint(fields=["pair", "due_on"], name="checkin_once")]


class Rating(Row):
    """How it was, by one of the two. Shown to the other only when both have said."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="ratings")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="ratings")
    understood = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    helped = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    again = models.BooleanField(null=True, blank=True)
    at = models.DateTimeField(default=clock.stamp, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "by"], condition=Q(by__isnull=False), name="rating_once"),
            models.CheckConstraint(condition=Q(understood__range=(1, 5)), name="rating_understood"),
            models.CheckConstraint(condition=Q(helped=None) | Q(helped__range=(1, 5)), name="rating_helped"),
        ]
