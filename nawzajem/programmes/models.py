"""A programme with its topics, texts and units; and a person's place in it."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import ALPHABET, Row
from nawzajem.ground.states import Moving
from nawzajem.ground.words import said
from nawzajem.people.models import PSEUDONYM, Person
from nawzajem.programmes.options import Options


class Way(models.TextChoices):
    """Ways of talking that a programme may allow, an ask may wish for and an offer may give."""

    TEXT = "text", _("writing")
    CALL = "call", _("a call")
    MEETING = "meeting", _("meeting in person")


class Programme(Row):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(max_length=40, unique=True)
    blueprint = models.CharField(max_length=40)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    name_words = models.JSONField()
    purpose_words = models.JSONField()
    kinds = models.JSONField(default=list)  # kinds of support: code, words, about
    conditions = models.JSONField(default=list)  # asked plainly when joining: code, words
    backgrounds = models.JSONField(default=list)  # what people may share: code, words
    differing = models.JSONField(default=dict)  # options that differ from their defaults

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return said(self.name_words)

    @property
    def purpose(self) -> str:
        return said(self.purpose_words)

    @property
    def options(self) -> Options:
        return Options(**self.differing)

    @cached_property
    def all_topics(self) -> list[Topic]:
        """Asked for once, however many parts of a page speak of them."""
        return list(self.topics.all())


class Text(Row):
    """A text that people read and agree to, by version. The newest holds."""

    class Code(models.TextChoices):
        CONFIDENTIALITY = "confidentiality", _("limits of confidentiality")
        WELCOME = "welcome", _("welcome")
        RULES = "rules", _("how we are with each other")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="texts")
    code = models.CharField(max_length=20, choices=Code)
    version = models.PositiveSmallIntegerField(default=1)
    words = models.JSONField()
    since = models.DateTimeField(default=clock.stamp, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "code", "version"], name="text_version")]


class Topic(Row):
    """A node in the programme's tree of experiences."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="topics")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    code = models.CharField(max_length=60)  # dotted path: "grief.partner"
    words = models.JSONField()
    also = models.JSONField(default=dict)  # other words people use: {"pl": [...], "en": [...]}
    care = models.BooleanField(default=False)  # help that answers now is shown beside it
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="topic_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return said(self.words)


class Unit(Row):
    """A class, a department, a station. Units lie within units; who leads one is a superior of all within."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="units")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="within")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["programme", "name"], name="unit_name")]

    def __str__(self) -> str:
        return self.name


def new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))


class Member(Row, Moving):
    """A person's place in one programme."""

    class State(models.TextChoices):
        ACTIVE = "active", _("taking part")
        PAUSED = "paused", _("paused")
        LEFT = "left", _("gone")

    class For(models.TextChoices):
        GUARDIAN = "guardian", _("until a guardian has consented")
        CHECKS = "checks", _("until checks are in order")
        RULING = "ruling", _("by a decision, for some time")
        REMOVED = "removed", _("by a decision, for good")

    MOVES: ClassVar = {
        State.ACTIVE: {State.PAUSED, State.LEFT},
        State.PAUSED: {State.ACTIVE, State.LEFT},
        State.LEFT: {State.ACTIVE, State.PAUSED},
    }

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    state = models.CharField(max_length=6, choices=State, default=State.ACTIVE)
    joined_at = models.DateTimeField(default=clock.stamp, editable=False)
    called = models.CharField(max_length=40, validators=[PSEUDONYM])  # the name shown here; at first the pseudonym
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    leads = models.BooleanField(default=False)  # leads that unit
    backgrounds = models.JSONField(default=list)
    conditions = models.JSONField(default=list)  # those confirmed
    code = models.CharField(max_length=9, default=new_code)  # others may name it as one they do not want to meet
    code_print = models.CharField(max_length=64, db_index=True)  # keyed hash of it
    known_print = models.CharField(max_length=64, blank=True, db_index=True)  # keyed hash of a staff or student number
    announced_print = models.CharField(max_length=64, blank=True, db_index=True)  # of their name in the imported sheet
    agreed_version = models.PositiveSmallIntegerField(default=0)
    agreed_at = models.DateTimeField(null=True)
    away_until = models.DateField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    paused_for = models.CharField(max_length=8, choices=For, blank=True)  # what has to be in order first

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "person"], name="member_once")]

    def __str__(self) -> str:
        return self.called

    @property
    def prints(self) -> tuple[str, str, str]:
        """By which others may have named this person as one they do not want to meet."""
        return self.code_print, self.known_print, self.announced_print

    @property
    def is_suspended(self) -> bool:
        """By a decision: nothing here is open to them but what was decided, how to answer it, and help."""
        return self.state == self.State.PAUSED and self.paused_for in SUSPENDED

    @property
    def is_expected(self) -> bool:
        """Announced by their organisation, and not come yet: nothing is agreed to."""
        return bool(self.announced_print) and self.agreed_at is None


SUSPENDED = (Member.For.RULING, Member.For.REMOVED)


class Duty(Row):
    """What somebody does for the programme. A task, not a rank."""

    class Kind(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")
        SUPERVISOR = "supervisor", _("supervisor")
        EDUCATOR = "educator", _("educator")
        TEACHER = "teacher", _("teacher")
        OFFICER = "duty_officer", _("duty officer")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="duties")
    kind = models.CharField(max_length=12, choices=Kind)
    since = models.DateTimeField(default=clock.stamp, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="duty_once")]


class Invitation(Row):
    """A way in: a link for one person, or a code for a class or a department."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)  # of the link's secret or of the code
    code = models.CharField(max_length=20, blank=True)  # a code is read out to a class, so it may be read again
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    duty = models.CharField(max_length=12, choices=Duty.Kind, blank=True)
    claims = models.ForeignKey(
        Person, null=True, on_delete=models.CASCADE, related_name="+"
    )  # an account waiting for its owner
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    expires_at = models.DateTimeField()
    uses_left = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(uses_left__gte=0), name="invitation_uses")]
