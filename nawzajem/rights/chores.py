"""What has had its time goes by itself, and leaves the journal of the database too."""

from __future__ import annotations

from django.db import connection

from nawzajem.conversations import reads as conversations
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Programme
from nawzajem.rights import acts

ROUNDS = 20


def keep_to_time() -> None:
    """Also in programmes that are closed. A little at a time, as long as something is left."""
    for programme in Programme.objects.order_by("made_at"):
        each(CHORE.within(programme.pk), _let_go, [programme])
    acts.tidy(CHORE)


def _let_go(actor: Actor, programme: Programme) -> None:
    for _round in range(ROUNDS):
        if not acts.keep_to_time(actor, programme):
            return


def let_words_pass() -> None:
    """And the journal with them, which would hold them on for an hour."""
    passing = [one for one in programmes.kept() if one.options.content != "kept"]
    if sum(_pass(one) for one in passing):
        empty_journal()


def _pass(programme: Programme) -> int:
    return each(
        CHORE.within(programme.pk), acts.let_words_pass, [programme] if conversations.to_pass(programme) else []
    )


def empty_journal() -> None:
    """SQLite overwrites what is deleted, and its journal still holds the old pages until it is emptied. If somebody is
    reading just now, it is emptied another time: nobody shall wait for it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA busy_timeout = 20000")
