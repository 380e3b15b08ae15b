"""Hints that were shown, as codes; and who wants none."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Hints(models.QuerySet["Hint"]):
    def visible_to(self, actor: Actor) -> Hints:
        """One's own. There is no duty with which one sees those of others."""
        return self.filter(person=actor.person, programme=actor.programme) if actor.person else self.none()


class Hint(Row):
    """That a hint was shown and what became of it. Neither the words nor the talk it was about."""

    class Code(models.TextChoices):
        DIRECTIVE = "dir", _("Advice nobody asked for")
        MINIMISING = "min", _("Making it small")
        REASSURANCE = "rea", _("A promise nobody can keep")
        HIJACKING = "hij", _("Turning to one's own story")
        JUDGING = "jud", _("Judging")
        DIAGNOSING = "dia", _("Naming an illness")
        SECRECY = "sec", _("Promising to keep a secret")
        RESCUING = "res", _("Taking it all on")
        INTERROGATING = "int", _("Asking why")
        PRIVATE = "pri", _("Private contact or money")

    class Outcome(models.TextChoices):
        SHOWN = "", _("shown")
        FOLLOWED = "followed", _("written differently")
        DISMISSED = "dismissed", _("put aside")

    class Reason(models.TextChoices):
        ASKED = "asked", _("I was asked for it")
        FITS = "fits", _("It fits between the two of us")
        MISTAKEN = "mistaken", _("That is not what I wrote")
        LATER = "later", _("Not now")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="hints")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="hints")
    code = models.CharField(max_length=3, choices=Code)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    reason = models.CharField(max_length=8, choices=Reason, blank=True)
    shown_at = models.DateTimeField(default=clock.stamp, editable=False)

    objects = Hints.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "programme", "-shown_at"], name="hint_person")]
        constraints = [
            models.CheckConstraint(condition=Q(reason="") | Q(outcome="dismissed"), name="hint_reason"),
        ]


class Silence(models.Model):
    """Somebody who wants no hints. No row: hints come where the programme has them."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="coach_silence")
    since = models.DateTimeField(default=clock.stamp, editable=False)

    def __str__(self) -> str:
        return "silence"
