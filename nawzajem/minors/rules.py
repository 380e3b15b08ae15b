"""Who asks, answers and ends a guardian's consent; who records checks and standards."""

from __future__ import annotations

from nawzajem.ground.actor import Actor
from nawzajem.minors.models import Check, Consent
from nawzajem.programmes import rules as programmes
from nawzajem.programmes.models import Member, Programme


def may_ask(actor: Actor, member: Member) -> bool:
    """The minor, also while waiting for just this; or whoever keeps the programme."""
    theirs = programmes.is_own(actor, member) or programmes.may_keep(actor, member)
    return member.person.is_minor and theirs and member.programme.options.guardian_proof == "link"


def may_answer(actor: Actor, consent: Consent) -> bool:
    """Whoever holds the link, which is the proof; but never the minor's own account."""
    return bool(consent.digest) and actor.person != consent.member.person_id


def may_record(actor: Actor, member: Member) -> bool:
    """Of somebody else: nobody vouches for themselves."""
    return programmes.may_keep(actor, member) and actor.person != member.person_id


def may_withdraw(actor: Actor, consent: Consent) -> bool:
    return may_answer(actor, consent) or may_record(actor, consent.member)


def may_keep(actor: Actor, programme: Programme) -> bool:
    return programmes.may_keep(actor, programme)


def may_look_after(actor: Actor, thing: Member | Check | Programme) -> bool:
    """By the clock."""
    return actor.is_house
