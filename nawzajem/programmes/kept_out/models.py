"""An address that does not come in: a hash that is worth nothing elsewhere, and a day on which it goes."""

from __future__ import annotations

from django.db import models

from nawzajem.ground.models import Row
from nawzajem.programmes.models import Programme


class KeptOut(Row):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="kept_out")
    because = models.CharField(max_length=12)  # id of the decision; the room that decides lies above
    print = models.CharField(max_length=64)  # keyed, another in each programme; empty where no address was confirmed
    until = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "because", "print"], name="kept_out_once")]
