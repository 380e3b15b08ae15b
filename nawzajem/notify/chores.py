"""What letters do by themselves: they are made of events, and old ones are forgotten. The post is in post.py."""

from __future__ import annotations

from datetime import timedelta

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import come_to
from nawzajem.notify import acts, reads
from nawzajem.notify.letters import OCCASIONS

AT_ONCE = 500
KEPT = timedelta(days=90)


def some_news() -> bool:
    return reads.news(OCCASIONS, after=come_to(acts.MARK)).exists()


def make() -> None:
    """Goes on where the last one stopped, until nothing new is left."""
    while True:
        seen = come_to(acts.MARK)
        events = list(reads.news(OCCASIONS, after=seen)[:AT_ONCE])
        if not events:
            return
        acts.make(CHORE, events=events, seen=seen)


def forget() -> None:
    acts.forget(CHORE, older_than=KEPT)
