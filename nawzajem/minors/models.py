"""Consents of guardians, checks of adults, and the organisation's own standards."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.states import Moving
from nawzajem.people.models import Person
from nawzajem.programmes.models import Member, Programme

TOLD_BEFORE = timedelta(days=30)  # that a check runs out, that a standard has to be looked at again


class Consent(Row, Moving):
    """What a guardian said of a minor's taking part: who, when, how. One at a time is asked for or holds."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        GIVEN = "given", pgettext_lazy("a consent", "given")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REPLACED = "replaced", _("asked for anew")

    class How(models.TextChoices):
        LINK = "link", _("by a link of their own")
        PAPER = "paper", _("on paper, shown to a coordinator")

    class Relation(models.TextChoices):
        PARENT = "parent", _("a parent")
        GUARDIAN = "guardian", _("a legal guardian")
        CARER = "carer", _("a foster parent or another carer appointed by a court")

    MOVES: ClassVar = {
        State.ASKED: {State.GIVEN, State.REFUSED, State.REPLACED},
        State.GIVEN: {State.WITHDRAWN, State.REPLACED},
    }

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    how = models.CharField(max_length=5, choices=How)
    digest = models.CharField(max_length=64, blank=True, db_index=True)  # of the link's secret
    guardian = models.BinaryField(null=True)  # their name, sealed with the minor's own key
    relation = models.CharField(max_length=8, choices=Relation, blank=True)
    asked_at = models.DateTimeField(default=clock.stamp, editable=False)
    answered_on = models.DateField(null=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="consents_recorded")  # on paper

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state__in=["asked", "given"]), name="consent_one_at_a_time"
            )
        ]


class Check(Row):
    """That an adult was looked up or brought a certificate, before they meet minors: what, when, with which result. The paper
    itself stays in the organisation's files."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("Sexual offenders register, restricted part")
        COMMISSION = "commission", _("Register of the State Commission")
        RECORD = "record", _("Criminal record certificate")
        FOREIGN = "foreign", _("Records of other countries, or the declaration in their place")

    class Result(models.TextChoices):
        CLEAR = "clear", _("nothing found")
        FOUND = "found", _("an entry was found")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=10, choices=Kind)
    result = models.CharField(max_length=5, choices=Result)
    done_on = models.DateField()
    expires_on = models.DateField()
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="checks_recorded")
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    told_at = models.DateTimeField(null=True)  # that it runs out

    class Meta:
        ordering = ["-done_on", "-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gte=models.F("done_on")), name="check_dates"),
        ]


class Standard(Row):
    """How the organisation keeps one of the points that its standards for protecting minors have to cover."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="standards")
    item = models.CharField(max_length=20)
    words = models.TextField(max_length=4000)
    done_on = models.DateField()
    review_on = models.DateField()
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="standards_written")
    told_at = models.DateTimeField(null=True)  # that it has to be looked at again

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "item"], name="standard_once")]

    @property
    def is_due_soon(self) -> bool:
        return self.review_on <= clock.today() + TOLD_BEFORE
