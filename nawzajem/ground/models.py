"""What every table has, the one table of events, the three of what runs by itself, and keys that outlast the master key."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from nawzajem.ground import clock

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no look-alikes: it may be read out over the telephone


OFTEN = "message.sent"  # the one kind of event that comes by the thousand: found by its thing, not by who did it


def new_id() -> str:
    """58 random bits: nobody can guess, count or list them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


class Row(models.Model):
    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__.lower()} {self.pk}"


class Event(models.Model):
    """One row per fact: audit trail, outbox of letters, source of reports, replay for live. Never what people wrote."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=clock.stamp, db_index=True)
    kind = models.CharField(max_length=40)
    by = models.CharField(max_length=12, blank=True)  # a person's id; no foreign key: the ground knows no people
    via = models.CharField(max_length=8)
    programme = models.CharField(max_length=12, blank=True)
    thing_kind = models.CharField(max_length=20)
    thing = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "id"], name="event_kind"),
            models.Index(fields=["programme", "id"], name="event_programme"),
            models.Index(fields=["thing_kind", "thing"], name="event_thing"),
            models.Index(fields=["by"], condition=~Q(kind=OFTEN), name="event_by"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}"


class Mark(models.Model):
    """How far a reader of events has come."""

    name = models.CharField(primary_key=True, max_length=20)
    event = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When a chore is due, and until when a process has taken it on."""

    name = models.CharField(primary_key=True, max_length=40)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One time that a chore was done, for whoever runs the house: when, how long, by which process, what came of it."""

    name = models.CharField(max_length=40)
    worker = models.CharField(max_length=60)  # machine and process
    began_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    mistake = models.CharField(max_length=8, blank=True)  # the number that stands in the log

    class Meta:
        indexes = [models.Index(fields=["name", "-began_at"], name="run_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.began_at:%H:%M:%S}"


class Lasting(models.Model):
    """A key of the house that must stay the same when the master key changes."""

    name = models.CharField(primary_key=True, max_length=20)
    vault = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Passing(Row):
    """The key of a conversation that is not kept. Apart from the conversation, so that backups can leave out this table: with
    its row gone, what was sealed is gone from every backup too."""

    vault = models.BinaryField()
