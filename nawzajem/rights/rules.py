"""Who may leave, erase and read: everybody, themselves."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.programmes.models import Duty, Member, Programme


def may_leave(actor: Actor, member: Member) -> bool:
    """At any time, whether paused or not, agreed to the present text or not."""
    return actor.person == member.person_id and member.state != Member.State.LEFT


def may_erase(actor: Actor, person: Person) -> bool:
    """In person only; a token can be lost."""
    return actor.person == person.pk and actor.scopes is None


def may_keep_to_time(actor: Actor, programme: Programme) -> bool:
    return actor.is_house


def may_tidy(actor: Actor) -> bool:
    return actor.is_house


def is_last_coordinator(member: Member) -> bool:
    """A programme with people in it and nobody to look after it would help nobody."""
    if not member.duties.filter(kind=Duty.Kind.COORDINATOR).exists():
        return False
    others = Member.objects.filter(programme=member.programme_id).exclude(pk=member.pk).exclude(state=Member.State.LEFT)
    closed = member.programme.state == Programme.State.CLOSED
    return not closed and others.exists() and not others.filter(duties__kind=Duty.Kind.COORDINATOR).exists()
