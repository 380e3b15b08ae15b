"""Blocks and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Block(Row):
    """Two people who shall not meet here any more: mutual in effect, silent, in every programme, for ever."""

    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="blocks_made")
    of = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="blocks_met")
    at = models.DateTimeField(default=clock.stamp, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "of"], name="block_once"),
            models.CheckConstraint(condition=~Q(by=F("of")), name="block_another"),
        ]


class HandedOn(models.Model):
    """What nobody on duty can take, or nobody took: whom the programme names for that, the fallback, is told by letter."""

    fallback_due_at = models.DateTimeField(null=True)
    fallback_told_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Report(Row, Moving, HandedOn):
    """Somebody says that something was not right. The words and the evidence are sealed with the programme's desk in mind:
    a coordinator sees who, where and why, never what was written in the conversation."""

    class State(models.TextChoices):
        RAISED = "raised", _("waiting")
        TAKEN = "taken", _("being looked at")
        CLOSED = "closed", _("closed")

    MOVES: ClassVar = {State.RAISED: {State.TAKEN}, State.TAKEN: {State.CLOSED, State.RAISED}}

    class Reason(models.TextChoices):
        HURTFUL = "hurtful", _("it was hurtful or contemptuous")
        PRESSURE = "pressure", _("I was put under pressure")
        SEXUAL = "sexual", _("it was sexual, and I did not want that")
        CONTACT = "contact", _("they pressed for my name, address or another channel")
        MONEY = "money", _("it was about money or goods")
        DANGER = "danger", _("I fear for somebody's safety")
        THREAT = "threat", _("I was threatened")
        TOLD_ON = "told_on", _("what I told was passed on")
        TOO_MUCH = "too_much", _("they would not take a no, and went on and on")
        UNFAIR = "unfair", _("I was treated unfairly")
        PEEKED = "peeked", _("they looked at what they need not see")
        SILENCE = "silence", _("I asked for something and nobody answered")
        FALSE = "false", _("this is not who they say they are")
        OTHER = "other", _("something else")

    class Side(models.TextChoices):
        """Who reports whom, of which the reasons to choose from follow."""

        ASKER = "asker", _("whoever asked, about whoever gives")
        GIVER = "giver", _("whoever gives, about whoever asked")
        MEMBER = "member", _("somebody who takes part, about somebody on duty")
        KEEPER = "keeper", _("somebody on duty, about somebody who takes part")

    class Outcome(models.TextChoices):
        TALKED = "talked", _("talked with those involved")
        WARNED = "warned", _("a warning was given")
        PAUSED = "paused", _("taking part was paused")
        REMOVED = "removed", _("no longer part of the programme")
        NOTHING = "nothing", _("nothing further was needed")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="reports_made")
    about = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="reports_met")
    at = models.DateTimeField(default=clock.stamp, editable=False)
    state = models.CharField(max_length=6, choices=State, default=State.RAISED)
    reason = models.CharField(max_length=8, choices=Reason)
    place = models.CharField(max_length=40, blank=True)  # "message:CONVERSATION:SEQ" or "pair:ID"
    vault = models.BinaryField()
    words = models.BinaryField(null=True)  # the reporter's own, for the coordinator
    evidence = models.BinaryField(null=True)  # the reported message, for later break-glass only
    evidence_until = models.DateField(null=True)  # its own end, whatever becomes of the talk and of its people
    side = models.CharField(max_length=6, choices=Side, blank=True)
    due_at = models.DateTimeField(null=True)  # by when somebody takes it
    late_at = models.DateTimeField(null=True)  # when it was noticed that nobody had
    taken_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    @property
    def is_grave(self) -> bool:
        return self.reason in GRAVE

    @property
    def is_late(self) -> bool:
        return self.state == self.State.RAISED and self.due_at is not None and self.due_at < clock.now()

    @property
    def people(self) -> set[str]:
        return {one for one in (self.by_id, self.about_id) if one}


R, S = Report.Reason, Report.Side
GRAVE = {R.DANGER, R.THREAT, R.SEXUAL}  # looked at first, and never counted against a newcomer
BETWEEN_TWO = (R.HURTFUL, R.SEXUAL, R.CONTACT, R.MONEY, R.THREAT, R.DANGER, R.FALSE)
REASONS: Mapping[str, tuple[Report.Reason, ...]] = {
    S.ASKER: (R.PRESSURE, R.TOLD_ON, *BETWEEN_TWO, R.OTHER),
    S.GIVER: (R.TOO_MUCH, *BETWEEN_TWO, R.OTHER),
    S.MEMBER: (R.UNFAIR, R.SILENCE, R.PEEKED, R.TOLD_ON, R.HURTFUL, R.PRESSURE, R.SEXUAL, R.OTHER),
    S.KEEPER: (R.PRESSURE, R.TOLD_ON, R.TOO_MUCH, *BETWEEN_TWO, R.OTHER),
}
