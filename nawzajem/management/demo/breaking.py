"""What two on duty opened together in the town, once: asked for, agreed to, looked at, closed again; those concerned are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from nawzajem.conversations import acts as conversations
from nawzajem.conversations import reads as talks
from nawzajem.ground import clock
from nawzajem.management.demo.moments import Strand
from nawzajem.management.demo.script import Endangered
from nawzajem.management.demo.town import Town
from nawzajem.pairs.models import Pair
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.openings import acts as openings
from nawzajem.safety.openings.models import Opening

MINUTE = timedelta(minutes=1)


def beside(town: Town, one: Endangered) -> dict[str, str]:
    """The talk beside which the button was pressed."""
    told = town.script.talks[one.talk]
    pair = Pair.objects.get(
        asker=town.people[told.asker], giver=town.people[told.giver], programme=town.places[told.place]
    )
    return {"talk": pair.conversation_id, "place": f"pair:{pair.pk}"}


def glass(town: Town, one: Endangered, concern: Concern) -> Strand:
    officer, second = town.actor(one.taken_by, one.place), town.coordinator(one.place)
    yield clock.now() + 2 * MINUTE
    with _factor(town, one.taken_by):
        asked = openings.ask(
            officer,
            town.places[one.place],
            talks.people_in(officer, concern.talk),
            kind=Opening.Kind.TALK,
            thing=concern.talk,
            because=f"concern:{concern.pk}",
            reason="danger",
            words=one.opened,
        )
    yield clock.now() + 6 * MINUTE
    opened = openings.agree(second, asked, later=False)
    yield clock.now() + MINUTE
    with _factor(town, one.taken_by):
        conversations.look(officer, opened)
    yield clock.now() + 20 * MINUTE
    openings.close(officer, opened)


@contextmanager
def _factor(town: Town, name: str) -> Iterator[None]:
    """For these minutes only: everybody in the town signs in with the passphrase alone, but for one coordinator."""
    factor = TOTP.activate(town.people[name], generate_totp_secret())
    try:
        yield
    finally:
        factor.instance.delete()
