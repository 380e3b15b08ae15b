"""Who may open what is closed to everybody: two on duty, in person, with a second factor, and no part in it themselves."""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Programme
from nawzajem.safety.openings.models import Concerned, Opening

KEEPERS = ("coordinator", "duty_officer")
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def may_ask(actor: Actor, programme: Programme, people: Collection[str]) -> bool:
    """No token does it, for a token is no person; nobody opens a talk of their own, or their own self."""
    inside = actor.programme == programme.pk and actor.takes_part and actor.has(*KEEPERS)
    in_person = actor.scopes is None and actor.via == "web"
    return (
        bool(people) and inside and in_person and _has_second_factor(actor) and _stands_apart(actor, programme, people)
    )


def may_answer(actor: Actor, opening: Opening) -> bool:
    """Somebody else than who asked, under the same conditions."""
    another = opening.asked_by_id not in {None, actor.person}
    return another and may_ask(actor, opening.programme, concerned(opening))


def may_see(actor: Actor, opening: Opening) -> bool:
    """That it was asked for, by whom and why: everybody who might be the second person."""
    return may_ask(actor, opening.programme, concerned(opening))


def may_look(actor: Actor, opening: Opening) -> bool:
    """The two, while it lasts, and while both conditions still hold."""
    lasts = opening.state == Opening.State.OPEN and opening.open_until is not None and clock.now() < opening.open_until
    return lasts and is_one_of_two(actor, opening) and may_see(actor, opening)


def may_withdraw(actor: Actor, opening: Opening) -> bool:
    return actor.person is not None and actor.person == opening.asked_by_id


def is_one_of_two(actor: Actor, opening: Opening) -> bool:
    return actor.person is not None and actor.person in {opening.asked_by_id, opening.answered_by_id}


def may_tell(actor: Actor, opening: Opening) -> bool:
    """The house when the day has come, or either of the two sooner. Nobody puts it off."""
    return actor.is_house or (is_one_of_two(actor, opening) and actor.has(*KEEPERS))


def may_keep_time(actor: Actor, opening: Opening) -> bool:
    return actor.is_house


def may_read(actor: Actor) -> bool:
    return actor.person is not None


def concerned(opening: Opening) -> set[str]:
    return set(Concerned.objects.filter(opening=opening).values_list("person", flat=True))


def _has_second_factor(actor: Actor) -> bool:
    """Whatever the programme asks for otherwise. Whoever has one was asked for it when they signed in."""
    return Authenticator.objects.filter(user=actor.me, type__in=FACTORS).exists()


def _stands_apart(actor: Actor, programme: Programme, people: Collection[str]) -> bool:
    if actor.person in people:
        return False
    return programme.options.superiors_may_open or not programmes.leads_any(programme, actor.me, people)
