"""Asking a guardian, answering, ending it; recording checks and standards; and what stops by itself."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import NotFound, Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.states import move
from nawzajem.minors import reads, rules
from nawzajem.minors.models import Check, Consent, Standard
from nawzajem.minors.standards import ITEMS, REVIEW_DAYS
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Member, Programme

MONTH = 30.44  # days

# -- consents ---------------------------------------------------------------------------------------------------------


@act(may=rules.may_ask)
def ask_guardian(actor: Actor, member: Member) -> tuple[Consent, str]:
    """A link for the guardian, whose secret is returned here and never kept. An older request opens nothing any more; a consent
    that holds goes on to hold."""
    before = reads.present(member)
    if before is not None and before.state == Consent.State.GIVEN:
        raise Stale
    secret = secrets.token_urlsafe(24)
    made = before or Consent(member=member, how=Consent.How.LINK)
    made.digest, made.asked_at = reads.digest(secret), clock.now()
    made.save()
    emit(actor, "guardian.asked", member, how=made.how)
    return made, secret


@act(may=rules.may_answer)
def consent(actor: Actor, consent: Consent, *, name: str, relation: str) -> Consent:
    """Yes, in the guardian's own name."""
    _give(consent, name, relation, clock.today())
    emit(actor, "guardian.consented", consent.member, how=consent.how)
    _go_on(consent.member, Member.For.GUARDIAN)
    return consent


@act(may=rules.may_answer)
def refuse(actor: Actor, consent: Consent) -> Consent:
    move(consent, Consent.State.REFUSED, answered_on=clock.today())
    emit(actor, "guardian.refused", consent.member)
    return consent


@act(may=rules.may_record)
def record_paper(actor: Actor, member: Member, *, name: str, relation: str, given_on: date) -> Consent:
    """A signed paper that a coordinator has before them. The paper itself stays in the organisation's files."""
    before = reads.present(member)
    if before is not None and before.answered_on == given_on and before.how == Consent.How.PAPER:
        return before  # the same paper, once more
    if before is not None:
        move(before, Consent.State.REPLACED)
    made = Consent.objects.create(member=member, how=Consent.How.PAPER, by_id=actor.person)
    _give(made, name, relation, given_on)
    emit(actor, "guardian.consented", member, how=made.how)
    _go_on(member, Member.For.GUARDIAN)
    return made


@act(may=rules.may_withdraw)
def withdraw(actor: Actor, consent: Consent) -> Consent:
    """From now on the minor does not take part. Their talks come to their end by the clock."""
    move(consent, Consent.State.WITHDRAWN)
    emit(actor, "guardian.withdrew", consent.member)
    _stop(consent.member, Member.For.GUARDIAN)
    return consent


def _give(consent: Consent, name: str, relation: str, on: date) -> None:
    sealed = seal(consent.member.person.vault, name, about=f"consent:{consent.pk}")
    move(consent, Consent.State.GIVEN, guardian=sealed, relation=relation, answered_on=on)


# -- checks and standards ---------------------------------------------------------------------------------------------


@act(may=rules.may_record)
def record_check(actor: Actor, member: Member, *, kind: str, result: str, done_on: date) -> Check:
    """That it was looked up, and what was found. An entry stops taking part at once; the last check that was missing lets it
    go on."""
    before = member.checks.filter(kind=kind, result=result, done_on=done_on).first()
    if before is not None:
        return before
    until = done_on + timedelta(days=round(member.programme.options.checks_months * MONTH))
    made = Check.objects.create(
        member=member, kind=kind, result=result, done_on=done_on, expires_on=until, by_id=actor.person
    )
    emit(actor, "check.recorded", member, check=kind)
    if result == Check.Result.FOUND:
        _stop(member, Member.For.CHECKS)
    elif member.person_id in reads.checked(member.programme):
        _go_on(member, Member.For.CHECKS)
    return made


@act(may=rules.may_keep)
def fill_in(actor: Actor, programme: Programme, *, item: str, words: str, done_on: date) -> Standard:
    if item not in ITEMS:
        raise NotFound
    said: dict[str, Any] = {"words": words, "done_on": done_on, "review_on": done_on + timedelta(days=REVIEW_DAYS)}
    made, _new = Standard.objects.update_or_create(
        programme=programme, item=item, defaults=said | {"by_id": actor.person, "told_at": None}
    )
    emit(actor, "standard.filled_in", programme, item=item)
    return made


# -- what stops, and what goes on -------------------------------------------------------------------------------------


def _stop(member: Member, why: str) -> None:
    if member.state == Member.State.ACTIVE:
        programmes.pause(CHORE.within(member.programme_id), member, why=why)


def _go_on(member: Member, after: str) -> None:
    """What was missing is there. Whoever is paused for something else, by a decision for instance, stays so."""
    if member.state == Member.State.PAUSED and member.paused_for == after:
        programmes.resume(CHORE.within(member.programme_id), member)


@act(may=rules.may_look_after)
def stop(actor: Actor, member: Member, *, why: str) -> None:
    """Somebody takes part without what has to be in order first."""
    _stop(member, why)


@act(may=rules.may_look_after)
def stop_again(actor: Actor, member: Member) -> None:
    """They would take part from now on: what came to light in the meantime counts."""
    for one, why in reads.to_stop(member.programme):
        if one.pk == member.pk:
            _stop(one, why)


@act(may=rules.may_look_after)
def go_on(actor: Actor, member: Member) -> None:
    """The consent has come, or is needed no longer."""
    _go_on(member, Member.For.GUARDIAN)


@act(may=rules.may_look_after)
def tell_running_out(actor: Actor, check: Check) -> None:
    if not Check.objects.filter(pk=check.pk, told_at=None).update(told_at=clock.now()):
        raise Stale
    later = Check.objects.filter(member=check.member, kind=check.kind, expires_on__gt=check.expires_on)
    if not later.exists():
        emit(actor, "check.runs_out", check.member, check=check.kind, on=str(check.expires_on))


@act(may=rules.may_look_after)
def tell_to_review(actor: Actor, programme: Programme, *, standard: Standard) -> None:
    if not Standard.objects.filter(pk=standard.pk, told_at=None).update(told_at=clock.now()):
        raise Stale
    emit(actor, "standard.due", programme, item=standard.item)
