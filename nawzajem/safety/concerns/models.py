"""A concern, the calls and steps that follow from it, and the hours of those on duty."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.ground.seal import new_vault
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety.models import HandedOn

SHOWN = timedelta(hours=12)  # for how long after a sign help stands beside the talk, also when all is settled


class Concerns(models.QuerySet["Concern"]):
    def visible_to(self, actor: Actor) -> Concerns:
        """To those on duty, never one that is about themselves."""
        here = self.filter(programme=actor.programme).exclude(about__isnull=False, about=actor.person)
        return here if actor.has("duty_officer") and actor.takes_part else self.none()

    def going(self) -> Concerns:
        return self.exclude(state=Concern.State.RESOLVED)

    def due(self) -> Concerns:
        """Those whose clock has run out: somebody else is to be called."""
        return self.filter(state__in=[Concern.State.RAISED, Concern.State.ACKNOWLEDGED], next_at__lte=clock.now())


class Concern(Row, Moving, HandedOn):
    class State(models.TextChoices):
        RAISED = "raised", _("waits for somebody on duty")
        ACKNOWLEDGED = "acknowledged", _("somebody has taken it")
        IN_CARE = "in_care", _("being looked after")
        RESOLVED = "resolved", _("closed")

    MOVES: ClassVar = {
        State.RAISED: {State.ACKNOWLEDGED},
        State.ACKNOWLEDGED: {State.IN_CARE, State.RAISED},
        State.IN_CARE: {State.RESOLVED, State.RAISED},
    }

    class Tier(models.IntegerChoices):
        """In the order of the screening's tiers, so that they compare."""

        CONCERN = 1, _("concern")
        HIGH = 2, _("high")
        IMMINENT = 3, _("imminent")

    class Kind(models.TextChoices):
        SUICIDE = "suicide", _("somebody may take their life")
        SELF_HARM = "self_harm", _("somebody hurts themselves")
        ABUSE = "abuse", _("somebody is being hurt")
        OTHERS = "danger_to_others", _("somebody may hurt somebody else")
        UNSAID = "unsaid", _("it was not said what")

    class Origin(models.TextChoices):
        SCREENING = "screening", _("a sign in what somebody wrote")
        OTHER = "other", _("the other person in the talk is worried")
        SELF = "self", _("they asked for somebody on duty")

    class Outcome(models.TextChoices):
        SAFE = "safe", _("talked with, and safe for now")
        HANDED = "handed", _("handed over to professional help")
        EMERGENCY = "emergency", _("emergency services were called")
        NEAR = "near", _("somebody near is with them")
        UNREACHED = "unreached", _("could not be reached; all that was possible was done")
        NO_DANGER = "no_danger", _("there was no danger")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="concerns")
    about = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="concerns_about")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="concerns_raised")
    origin = models.CharField(max_length=9, choices=Origin)
    tier = models.PositiveSmallIntegerField(choices=Tier)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.UNSAID)
    state = models.CharField(max_length=12, choices=State, default=State.RAISED)
    raised_at = models.DateTimeField(default=clock.stamp, editable=False)
    place = models.CharField(max_length=40, blank=True)  # "message:CONVERSATION:SEQ", for opening it by two
    talk = models.CharField(max_length=12, blank=True)  # the conversation's id; no foreign key: safety lies below
    signs = models.PositiveSmallIntegerField(default=1)  # how many messages showed one while it was open
    certainty = models.FloatField(null=True)
    vault = models.BinaryField(default=new_vault)
    words = models.BinaryField(null=True)  # of whoever raised it by hand, to those on duty
    owner = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="concerns_owned")
    next_at = models.DateTimeField(default=clock.stamp)  # when the next is called, unless somebody takes it before
    round = models.PositiveSmallIntegerField(default=0)  # how often everybody has been called
    fallback_tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)

    objects = Concerns.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=~Q(state="resolved"), name="concern_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "talk"],
                condition=~Q(state="resolved") & ~Q(talk="") & Q(origin="screening"),
                name="concern_one_a_talk",
            ),
        ]

    @property
    def tier_code(self) -> str:
        return self.Tier(self.tier).name.lower()

    @property
    def is_open(self) -> bool:
        return self.state != self.State.RESOLVED


class Call(Row):
    """Somebody on duty is called to a concern, by page, letter and stream."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("called")
        TAKEN = "taken", _("took it")
        PASSED = "passed", _("cannot just now")
        MISSED = "missed", _("did not answer in time")
        OVER = "over", _("somebody else took it")

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="calls")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField(default=clock.stamp, editable=False)
    round = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=7, choices=Answer, default=Answer.WAITING)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["concern"], condition=Q(answer="waiting"), name="call_one_at_a_time"),
        ]


class Step(Row):
    """What was done: by whom, when; words, if any, sealed with the concern's key."""

    class What(models.TextChoices):
        WROTE = "wrote", _("wrote or talked with them")
        ASKED = "asked", _("asked about it directly, with the official questions")
        SCREENED = "screened", _("went through the official questions by their numbers")
        LINES = "lines", _("named help that answers now")
        NEAR = "near", _("reached somebody near them")
        PROFESSIONAL = "clinician", _("brought in a professional")
        EMERGENCY = "emergency", _("called emergency services")
        OTHER = "other", _("something else")

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="steps")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="concern_steps")
    at = models.DateTimeField(default=clock.stamp, editable=False)
    what = models.CharField(max_length=9, choices=What)
    words = models.BinaryField(null=True)

    class Meta:
        ordering = ["at", "pk"]


class Roster(Row):
    """The hours of the week in which somebody is on duty, on the clock where they live."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="roster")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roster")
    week = models.CharField(max_length=42)  # 168 hours from Monday midnight, as hexadecimal digits

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "person"], name="roster_once")]


class Shift(Row):
    """One stretch that differs from the week: on duty besides, or away."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="shifts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="shifts")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_away = models.BooleanField(default=False)

    class Meta:
        ordering = ["begins_at"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="shift_has_length")]


class Watch(models.Model):
    """Since when a programme screens. What was written before nobody was told about, so it is not looked at."""

    programme = models.OneToOneField(Programme, primary_key=True, on_delete=models.CASCADE, related_name="watch")
    since = models.DateTimeField(default=clock.stamp, editable=False)

    def __str__(self) -> str:
        return "watch"
