"""Who may do what with a programme and its people."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.people.models import Person
from nawzajem.programmes.models import SUSPENDED, Duty, Invitation, Member, Programme


def may_create(actor: Actor) -> bool:
    return actor.is_house


def may_keep(actor: Actor, thing: Programme | Member | Invitation | Duty) -> bool:
    """Coordinators look after their own programme; the house after all."""
    return actor.is_house or (actor.takes_part and actor.has("coordinator") and _programme_of(thing) == actor.programme)


def _programme_of(thing: Programme | Member | Invitation | Duty) -> str:
    if isinstance(thing, Programme):
        return thing.pk
    return thing.member.programme_id if isinstance(thing, Duty) else thing.programme_id


def may_join(actor: Actor, programme: Programme, person: Person, invitation: Invitation | None) -> bool:
    """Anybody signed in, by themselves, while the programme takes people in; where it asks for an invitation, with one, or
    announced by their organisation: the link that made the account theirs is used up by then."""
    invited = (
        programme.options.joining == "open"
        or (invitation is not None and invitation.programme_id == programme.pk)
        or Member.objects.filter(programme=programme, person=person, agreed_at=None)
        .exclude(announced_print="")
        .exists()
    )
    theirs = invitation is None or invitation.claims_id in {None, person.pk}
    myself = actor.person == person.pk and actor.scopes is None
    return myself and programme.state == Programme.State.OPEN and invited and theirs


def may_invite_to_claim(actor: Actor, programme: Programme) -> bool:
    """Only the house, which has prepared the accounts."""
    return actor.is_house


def may_claim(actor: Actor, invitation: Invitation) -> bool:
    """The link is the proof; it was looked up by its secret. An account that has its owner is nobody else's to claim."""
    return actor.person is None and invitation.claims is not None and invitation.claims.is_prepared


def is_own(actor: Actor, member: Member) -> bool:
    return actor.person == member.person_id and member.state != Member.State.LEFT


def may_pause(actor: Actor, member: Member) -> bool:
    """A coordinator pauses somebody else; never themselves by mistake."""
    return may_keep(actor, member) and actor.person != member.person_id


def may_resume(actor: Actor, member: Member) -> bool:
    """What waits for a guardian, or was decided, is not opened by a coordinator's hand."""
    return may_pause(actor, member) and (actor.is_house or member.paused_for not in {Member.For.GUARDIAN, *SUSPENDED})


def may_suspend(actor: Actor, member: Member) -> bool:
    """The house, for the room of rulings, which has asked who may decide."""
    return actor.is_house


def may_lay_down(actor: Actor, duty: Duty) -> bool:
    return may_keep(actor, duty) or actor.person == duty.member.person_id
