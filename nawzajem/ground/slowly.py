"""Whoever has just come goes slowly for some hours. Never on the ways to help: a danger, asking for somebody now, a grave report."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor, Slowly
from nawzajem.ground.refusals import TooMany


def is_new(actor: Actor) -> Slowly | None:
    """How slowly; None for everybody else, also when the hours ran out since they came through the door."""
    slowly = actor.slowly
    return slowly if slowly is not None and clock.now() < slowly.until else None


def wait_until(actor: Actor, slowly: Slowly) -> TooMany:
    """In words, with the hour on their own clock."""
    at = formats.date_format(timezone.localtime(slowly.until, ZoneInfo(actor.time_zone)), "j E, H:i")
    told = _(
        "You are new here, and at first things go slowly for everybody. From %(when)s on it goes as usual. Help answers at any hour."
    )
    return TooMany(told % {"when": at}, code="new_here")
