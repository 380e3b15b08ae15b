"""A ruling about somebody, and the appeal against it. All words are sealed with a key of the ruling's own."""

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
from nawzajem.safety.models import HandedOn, Report


class Ruling(Row, Moving):
    class Kind(models.TextChoices):
        """From the mildest to the hardest; only the last two change what somebody may do."""

        NOTE = "note", _("a note for those on duty")
        WARNING = "warning", _("a warning")
        PAUSE = "pause", _("a pause")
        REMOVAL = "removal", _("removal from the programme")

    class State(models.TextChoices):
        HEARD = "heard", _("not decided yet: the answer is waited for")
        HOLDS = "holds", _("holds")
        DROPPED = "dropped", _("not done after all")
        OVER = "over", _("its time is over")
        LIFTED = "lifted", _("lifted")

    MOVES: ClassVar = {
        State.HEARD: {State.HOLDS, State.DROPPED},
        State.HOLDS: {State.OVER, State.LIFTED},
        State.OVER: {State.LIFTED},
    }

    class Reason(models.TextChoices):
        HURTFUL = "hurtful", _("hurtful or contemptuous words")
        PRESSURE = "pressure", _("putting somebody under pressure, or not taking a no")
        SEXUAL = "sexual", _("something sexual that was not wanted")
        CONTACT = "contact", _("pressing for a name, an address or another channel")
        MONEY = "money", _("money or goods")
        THREAT = "threat", _("a threat, or danger to somebody")
        FALSE = "false", _("pretending to be somebody else")
        PASSED_ON = "passed_on", _("passing on what somebody told in confidence")
        DUTY = "duty", _("a duty that was misused or neglected")
        RULES = "rules", _("something else against the rules of this place")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rulings")
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="rulings")
    about = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="rulings")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    state = models.CharField(max_length=7, choices=State)
    reason = models.CharField(max_length=9, choices=Reason)
    urgent = models.BooleanField(default=False)  # it held before there was time for an answer
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    vault = models.BinaryField(default=new_vault)
    words = models.BinaryField()  # what happened and why this follows, to the person; of a note, to those on duty
    answer_by = models.DateTimeField(null=True)  # until when the answer is waited for
    reply = models.BinaryField(null=True)
    replied_at = models.DateTimeField(null=True)
    holds_since = models.DateTimeField(null=True)
    until = models.DateField(null=True)  # the day on which a pause ends
    appeal_by = models.DateField(null=True)
    paused_before = models.BooleanField(default=False)  # by a coordinator's hand, to which the end of this goes back
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(about=None) | Q(by=None) | ~Q(about=F("by")), name="ruling_by_another"),
            models.CheckConstraint(condition=~Q(kind="pause") | Q(until__isnull=False), name="ruling_pause_ends"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(state="holds"), name="ruling_ends")]

    @property
    def suspends(self) -> bool:
        return self.kind in {self.Kind.PAUSE, self.Kind.REMOVAL}

    @property
    def is_grave(self) -> bool:
        """About danger, a threat or something sexual: never lifted because nobody had time."""
        return self.reason in {self.Reason.THREAT, self.Reason.SEXUAL} or bool(self.report and self.report.is_grave)


class Appeal(Row, Moving, HandedOn):
    """Whoever is concerned asks that somebody else decides anew. Once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("somebody else looks at it anew")
        UPHELD = "upheld", _("it stays as it was")
        CHANGED = "changed", _("it was made milder")
        LIFTED = "lifted", _("it was lifted")
        LAPSED = "lapsed", _("nobody decided it in time, so it was lifted")

    MOVES: ClassVar = {State.WAITING: {State.UPHELD, State.CHANGED, State.LIFTED, State.LAPSED}}

    ruling = models.OneToOneField(Ruling, on_delete=models.CASCADE, related_name="appeal")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    at = models.DateTimeField(default=clock.stamp, editable=False)
    words = models.BinaryField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.BinaryField(null=True)
    kind_before = models.CharField(max_length=7, blank=True)  # where it was made milder: from what
    until_before = models.DateField(null=True)
    answer_by = models.DateTimeField(null=True)  # after which it is lifted, or, of something grave, called for again
