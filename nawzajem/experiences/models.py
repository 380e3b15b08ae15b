"""An experience; each of its fields is shown to nobody, to matched people, or to members."""

from __future__ import annotations

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme, Topic

MONTH = RegexValidator(r"^\d{4}(-(0[1-9]|1[0-2]))?$", _("A year, or a year and a month."))


class Experiences(models.QuerySet["Experience"]):
    def visible_to(self, actor: Actor) -> Experiences:
        """One's own, and those of which members may see something. `reads` hides what may not be seen."""
        mine = models.Q(person=actor.person)
        shown = models.Q(programme=actor.programme, see_topic=Experience.Sight.MEMBERS)
        return self.filter(mine | shown if actor.takes_part else mine)


class Experience(Row):
    class Stage(models.TextChoices):
        IN_IT = "in_it", _("I am in it now")
        COMING_THROUGH = "coming_through", _("I am coming through")
        BEEN_THROUGH = "been_through", _("I have been through it")

    class Sight(models.TextChoices):
        NOBODY = "nobody", _("only me")
        MATCHED = "matched", _("people I am matched with")
        MEMBERS = "members", _("members of the programme")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="experiences")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="experiences")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="experiences")
    stage = models.CharField(max_length=14, choices=Stage)
    since = models.CharField(max_length=7, blank=True, validators=[MONTH])  # "2024" or "2024-05": nobody owes a day
    until = models.CharField(max_length=7, blank=True, validators=[MONTH])
    words = models.BinaryField(null=True)  # sealed with the person's key
    see_topic = models.CharField(max_length=7, choices=Sight, default=Sight.MATCHED)
    see_stage = models.CharField(max_length=7, choices=Sight, default=Sight.MATCHED)
    see_when = models.CharField(max_length=7, choices=Sight, default=Sight.NOBODY)
    see_words = models.CharField(max_length=7, choices=Sight, default=Sight.NOBODY)
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    changed_at = models.DateTimeField(default=clock.stamp, editable=False)

    objects = Experiences.as_manager()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="experience_once")]

    def __str__(self) -> str:
        return self.topic.name

    def months_since_end(self, today: date) -> int:
        """How long ago it ended, in months; 0 while it lasts, and for 'coming through' without a date."""
        if self.stage != self.Stage.BEEN_THROUGH or not (self.until or self.since):
            return 0
        return months_since(self.until or self.since, today)


def months_since(end: str, today: date) -> int:
    """Since a month, or since the middle of a year."""
    year, _dash, month = end.partition("-")
    return max(0, (today.year - int(year)) * 12 + today.month - int(month or 6))
