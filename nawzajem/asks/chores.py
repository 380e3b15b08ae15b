"""What asks do by themselves: they ask whether they still hold, and end politely."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from nawzajem.asks import acts, reads
from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.ground.models import Event
from nawzajem.programmes import reads as programmes

TIME_TO_SAY = timedelta(days=7)  # between the question and the end, also after a time in which no chores ran


def ask_again() -> None:
    """Asks of which nobody has said for long that they still hold: their owners are asked, once."""
    for programme in programmes.kept():
        doubtful = _asked_about(reads.unconfirmed(programme), ever=False)
        each(CHORE.within(programme.pk), acts.ask_whether_still, doubtful)


def lapse() -> None:
    """Asks whose owners were asked and did not say that they still hold."""
    for programme in programmes.kept():
        over = _asked_about(reads.overdue(programme), ever=True)
        each(CHORE.within(programme.pk), acts.lapse, over, ending="unconfirmed")


def _asked_about(asks: QuerySet[Ask], *, ever: bool) -> QuerySet[Ask]:
    """Those about which the question was put since their owner last said something, some days ago; or those where it was not."""
    put = Event.objects.filter(kind="ask.confirmation_due", thing=OuterRef("pk"), at__gt=OuterRef("confirmed_at"))
    if ever:
        return asks.filter(Exists(put.filter(at__lt=clock.now() - TIME_TO_SAY)))
    return asks.exclude(Exists(put))
