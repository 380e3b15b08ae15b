"""A line for each look, the names that lines carry instead of people's, and the one row that holds the end of the chain.

Lines are only ever added: the database itself refuses to change or to delete one (`append_only.py`), and each holds a
keyed hash of itself and of the one before. So that somebody can still be erased, a line names nobody. It carries a name
made for this book only, and what connects it with the person is a row beside it, which goes with the person.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import new_id
from nawzajem.ground.seal import new_vault
from nawzajem.people.models import Person


class Why(models.TextChoices):
    """Everyday duty, or the coded reason for which two people opened something."""

    DUTY = "duty", _("everyday duty")
    DANGER = "danger", _("somebody's life or health may be in danger")
    CHILD = "child", _("a child or a teenager may be harmed")
    REPORT = "report", _("a report cannot be decided otherwise")
    LAW = "law", _("the law obliges the programme to it")
    WISH = "wish", _("somebody who takes part asked for it")


class Look(models.Model):
    class What(models.TextChoices):
        PERSON = "person", _("your page on the desk: duties, pauses, numbers")
        ASK = "ask", _("an ask of yours, without its words")
        REPORT = "report", _("what you reported")
        CONCERN = "concern", _("a sign of danger that has to do with you")
        RULING = "ruling", _("a decision about you, and what you said to it")
        TALK = "talk", _("a part of a talk of yours")
        EVIDENCE = "evidence", _("messages that were sealed with a report")
        IDENTITY = "identity", _("what is kept of who you are")

    seq = models.BigIntegerField(primary_key=True)  # from 1, without gaps
    at = models.DateTimeField(default=clock.stamp)
    programme = models.CharField(max_length=12)
    who = models.CharField(max_length=12, db_index=True)  # a LookName
    whose = models.CharField(max_length=12, db_index=True)  # a LookName
    what = models.CharField(max_length=8, choices=What)
    thing = models.CharField(max_length=40)
    why = models.CharField(max_length=8, choices=Why)
    opening = models.CharField(max_length=12, blank=True)  # which two people agreed to
    link = models.CharField(max_length=64, unique=True)  # keyed hash of this line and of the link before

    def __str__(self) -> str:
        return f"look {self.seq}"


class LookName(models.Model):
    """How the book calls a person. Without this row a line says that somebody looked at something of somebody."""

    name = models.CharField(primary_key=True, max_length=12, default=new_id)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.name


class Logbook(models.Model):
    """The one row under which lines are added one by one, and which knows how the book ends: whoever cut off the last lines
    would have to change it too. The secret of the links is sealed, so a copy of the database is not enough to forge them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    vault = models.BinaryField(default=new_vault)
    secret = models.BinaryField(default=b"")
    lines = models.BigIntegerField(default=0)
    link = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return "logbook"
