"""Changes to programmes and to people's places in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock, events
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit, emit_each
from nawzajem.ground.models import ALPHABET
from nawzajem.ground.refusals import Closed, Invalid, Stale
from nawzajem.ground.states import move
from nawzajem.people import acts as people_acts
from nawzajem.people.models import Person
from nawzajem.programmes import reads, rules
from nawzajem.programmes.blueprint import Blueprint
from nawzajem.programmes.kept_out import reads as kept_out
from nawzajem.programmes.models import Duty, Invitation, Member, Programme, Text, Topic, Unit, new_code
from nawzajem.programmes.options import Options, OwnPhrase

MOST_PHRASES = 100

# -- the programme ----------------------------------------------------------------------------------------------------


@act(may=rules.may_create)
def create(actor: Actor, *, blueprint: Blueprint, slug: str) -> Programme:
    """A programme as its blueprint says: topics, texts, options."""
    if Programme.objects.filter(slug=slug).exists():
        raise Invalid(fields={"slug": [_("There is a programme with this address already.")]})
    programme = Programme.objects.create(
        slug=slug,
        blueprint=blueprint.code,
        name_words=blueprint.name.plain(),
        purpose_words=blueprint.purpose.plain(),
        kinds=[one.plain() for one in blueprint.kinds],
        conditions=[one.plain() for one in blueprint.conditions],
        backgrounds=[one.plain() for one in blueprint.backgrounds],
        differing=blueprint.differing(),
    )
    _plant(programme, blueprint)
    texts = {code: getattr(blueprint.texts, code).plain() for code in Text.Code.values}
    Text.objects.bulk_create(Text(programme=programme, code=code, words=words) for code, words in texts.items())
    emit(actor.within(programme.pk), "programme.created", programme, topics=len(blueprint.topics))
    return programme


def _plant(programme: Programme, blueprint: Blueprint) -> None:
    planted: dict[str, Topic] = {}
    for place, topic in enumerate(blueprint.topics):
        parent = planted[topic.parent] if topic.parent else None
        planted[topic.code] = Topic(
            programme=programme,
            parent=parent,
            code=topic.code,
            words=topic.plain(),
            also=topic.also,
            care=topic.care,
            place=place,
        )
    Topic.objects.bulk_create(planted.values())


@act(may=rules.may_keep)
def choose(actor: Actor, programme: Programme, **options: Any) -> Programme:
    """Options, checked by their types; only what differs from the defaults is kept. An event for each that changed."""
    before = (
        Programme.objects.select_for_update().get(pk=programme.pk).options
    )  # others may be choosing others just now
    after = Options(**(before.model_dump(exclude_defaults=True) | options))
    programme.differing = after.model_dump(exclude_defaults=True)
    programme.save(update_fields=["differing"])
    for option in options:
        if getattr(after, option) != getattr(before, option):
            emit(actor, "programme.option_chosen", programme, option=option)
    return programme


@act(may=rules.may_keep)
def add_phrase(actor: Actor, programme: Programme, **phrase: str) -> Programme:
    """Words that the screening is to know besides its rules. Said again with another tier or kind, the new one counts."""
    now = Programme.objects.select_for_update().get(pk=programme.pk)
    others = [one.model_dump() for one in now.options.screening_words if not _is_same(one, phrase)]
    if len(others) >= MOST_PHRASES:
        raise Invalid(fields={"words": [_("These are as many as there can be. Take one away first.")]})
    return choose(actor, now, screening_words=[*others, phrase])


@act(may=rules.may_keep)
def drop_phrase(actor: Actor, programme: Programme, **phrase: str) -> Programme:
    now = Programme.objects.select_for_update().get(pk=programme.pk)
    left = [one.model_dump() for one in now.options.screening_words if not _is_same(one, phrase)]
    return choose(actor, now, screening_words=left)


def _is_same(one: OwnPhrase, other: Mapping[str, str]) -> bool:
    return (one.language, one.words) == (other["language"], other["words"])


@act(may=rules.may_keep)
def rewrite(actor: Actor, programme: Programme, *, code: str, words: dict[str, str], seen: int | None = None) -> Text:
    """A new version of a text, after the one that was `seen`. Where it is the one on confidentiality, everybody is asked again."""
    before = reads.text(programme, code)
    if words == before.words:
        return before
    if seen not in {None, before.version}:
        raise Stale(_("Somebody else has changed this text meanwhile. Please look at theirs first."))
    written = Text.objects.create(programme=programme, code=code, version=before.version + 1, words=words)
    emit(actor, "programme.text_changed", programme, code=code, version=written.version)
    return written


@act(may=rules.may_keep)
def add_unit(actor: Actor, programme: Programme, *, name: str, parent: Unit | None = None) -> Unit:
    if programme.units.filter(name__iexact=name).exists():
        raise Invalid(fields={"name": [_("There is a unit with this name already.")]})
    unit = Unit.objects.create(programme=programme, name=name, parent=parent)
    emit(actor, "programme.unit_added", unit)
    return unit


# -- coming and going -------------------------------------------------------------------------------------------------


@act(may=rules.may_join)
def join(
    actor: Actor,
    programme: Programme,
    person: Person,
    invitation: Invitation | None,
    *,
    age: str,
    conditions: list[str],
    agreed_version: int,
    unit: Unit | None = None,
    leads: bool = False,
    known_as: str = "",
) -> Member:
    """Somebody comes in: age and conditions said, the limits of confidentiality read and agreed to."""
    _check_agreed(programme, agreed_version)
    if no := kept_out.hindrance(programme, person, invited=invitation is not None):
        raise no
    member = _place(programme, person)
    if member.agreed_version:
        raise Stale
    people_acts.say_age(actor, person, age=age)
    if invitation:
        _use(invitation)
        unit = invitation.unit or unit
    if member.is_expected:  # what their organisation says of their place holds: it keeps people apart from superiors
        unit, leads = unit or member.unit, leads or member.leads
    if known_as or not member.is_expected:
        member.known_print = reads.print_of(programme, known_as) if known_as else ""
    member.unit, member.leads, member.conditions = unit, bool(unit and leads), conditions
    member.agreed_version, member.agreed_at = agreed_version, clock.now()
    member.save()
    inside = reads.actor(person, programme, member, via=actor.via)
    emit(inside, "member.joined", member, invited=invitation is not None)
    if programme.options.guardian_consent and person.is_minor and member.state == Member.State.ACTIVE:
        _pause(inside, member, None, Member.For.GUARDIAN)
    if invitation and invitation.duty:
        _give(inside, member, invitation.duty)
    return member


@act(may=rules.may_claim)
def claim(actor: Actor, invitation: Invitation, *, pseudonym: str, passphrase: str) -> Person:
    """An account that was prepared becomes its owner's."""
    assert invitation.claims is not None
    _use(invitation)
    person = invitation.claims
    person.pseudonym = pseudonym
    person.set_password(passphrase)
    person.save(update_fields=["pseudonym", "password"])
    Member.objects.filter(person=person).update(called=pseudonym)
    emit(actor, "person.claimed", person)
    return person


@act(may=rules.may_keep)
def expect(
    actor: Actor, programme: Programme, *, announced: Iterable[tuple[Person, Mapping[str, Any]]]
) -> list[Member]:
    """Places kept for people who were announced and have not come yet: nothing is agreed to."""
    made = [_new_place(programme, person, **fields) for person, fields in announced]
    Member.objects.bulk_create(made)
    emit_each(actor, "member.expected", ((member, {}) for member in made))
    return made


def _place(programme: Programme, person: Person) -> Member:
    """A new place, or the old one of somebody who comes back."""
    member = Member.objects.filter(programme=programme, person=person).first()
    if member is None:
        return _new_place(programme, person)
    if member.state == Member.State.LEFT:
        move(member, Member.State.PAUSED if _left_while_paused(member) else Member.State.ACTIVE)
    return member


def _left_while_paused(member: Member) -> bool:
    """A pause that a coordinator made is not ended by going and coming back."""
    last = events.of(member).filter(kind__in=["member.paused", "member.resumed"]).last()
    return last is not None and last.kind == "member.paused"


def _new_place(programme: Programme, person: Person, **fields: Any) -> Member:
    code = new_code()
    code_print = reads.print_of(programme, code)
    return Member(
        programme=programme, person=person, called=person.pseudonym, code=code, code_print=code_print, **fields
    )


def _use(invitation: Invitation) -> None:
    """One use, taken so that two who come at once cannot both have the last."""
    if not Invitation.objects.filter(pk=invitation.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1):
        raise Closed(_("This invitation has been used already. Ask for a new one."))


def _check_agreed(programme: Programme, version: int) -> None:
    if version != reads.confidentiality(programme).version:
        raise Stale(_("The text has changed in the meantime. Please read it once more."))


@act(may=rules.is_own)
def agree(actor: Actor, member: Member, *, version: int) -> Member:
    _check_agreed(member.programme, version)
    member.agreed_version, member.agreed_at = version, clock.now()
    member.save(update_fields=["agreed_version", "agreed_at"])
    emit(actor, "member.agreed", member, version=version)
    return member


@act(may=rules.is_own)
def change_place(actor: Actor, member: Member, **fields: Any) -> Member:
    """The name shown here, what one shares with others, until when one is away."""
    for name, value in fields.items():
        setattr(member, name, value)
    member.save(update_fields=list(fields))
    emit(actor, "member.changed", member, fields=len(fields))
    return member


@act(may=rules.is_own)
def new_code_for(actor: Actor, member: Member) -> Member:
    """Another personal code, when the old one is known to somebody who should not have it."""
    member.code = new_code()
    member.code_print = reads.print_of(member.programme_id, member.code)
    member.save(update_fields=["code", "code_print"])
    emit(actor, "member.code_changed", member)
    return member


@act(may=rules.is_own)
def leave(actor: Actor, member: Member) -> None:
    """Out of this one programme. What depends on it is ended by the page's act before. Who comes back agrees anew."""
    member.duties.all().delete()
    move(member, Member.State.LEFT, known_print="", backgrounds=[], agreed_version=0)
    emit(actor, "member.left", member)


# -- looking after people ---------------------------------------------------------------------------------------------


@act(may=rules.may_pause)
def pause(actor: Actor, member: Member, *, until: date | None = None, why: str = "") -> Member:
    return _pause(actor, member, until, why)


def _pause(actor: Actor, member: Member, until: date | None, why: str) -> Member:
    move(member, Member.State.PAUSED, paused_until=until, paused_for=why)
    emit(actor, "member.paused", member, until=str(until or ""), why=why)
    return member


@act(may=rules.may_resume)
def resume(actor: Actor, member: Member) -> Member:
    move(member, Member.State.ACTIVE, paused_until=None, paused_for="")
    emit(actor, "member.resumed", member)
    return member


@act(may=rules.may_suspend)
def suspend(actor: Actor, member: Member, *, why: str, until: date | None = None) -> None:
    """Whatever their place is just now: a pause made by hand becomes this one, and whoever has left comes back to it."""
    if member.state == Member.State.ACTIVE:
        move(member, Member.State.PAUSED, paused_until=until, paused_for=why)
    else:
        member.paused_until, member.paused_for = until, why
        member.save(update_fields=["paused_until", "paused_for"])
    emit(actor, "member.paused", member, until=str(until or ""), why=why, wakes=[f"person:{member.person_id}"])


@act(may=rules.may_suspend)
def unsuspend(actor: Actor, member: Member, *, by_hand: bool) -> None:
    """`by_hand`: they were paused by a coordinator before, and so they are again."""
    if member.state == Member.State.PAUSED and not by_hand:
        move(member, Member.State.ACTIVE, paused_until=None, paused_for="")
    else:
        member.paused_until, member.paused_for = None, ""
        member.save(update_fields=["paused_until", "paused_for"])
    wakes = [f"person:{member.person_id}"]
    if by_hand:
        emit(actor, "member.paused", member, until="", why="", wakes=wakes)
    else:
        emit(actor, "member.resumed", member, wakes=wakes)


@act(may=rules.may_keep)
def give_duty(actor: Actor, member: Member, *, kind: str) -> Duty:
    return _give(actor, member, kind)


def _give(actor: Actor, member: Member, kind: str) -> Duty:
    duty, new = Duty.objects.get_or_create(member=member, kind=kind)
    if new:
        emit(actor, "duty.given", member, duty=kind)
    return duty


@act(may=rules.may_lay_down)
def lay_down(actor: Actor, duty: Duty) -> None:
    """The last coordinator stays: a programme without one helps nobody. Of the last two who go at once, one stays."""
    same = Duty.objects.filter(kind=duty.kind, member__programme_id=duty.member.programme_id).order_by("pk")
    held = [one.pk for one in same.select_for_update(of=("self",))]
    if duty.pk not in held:
        raise Stale
    if duty.kind == Duty.Kind.COORDINATOR and len(held) == 1:
        raise Invalid(_("This is the last coordinator. Give the duty to somebody else first."))
    emit(actor, "duty.laid_down", duty.member, duty=duty.kind)
    duty.delete()


# -- ways in ----------------------------------------------------------------------------------------------------------

CODE_USES = 500


@act(may=rules.may_keep)
def invite(
    actor: Actor,
    programme: Programme,
    *,
    unit: Unit | None = None,
    duty: str = "",
    days: int = 14,
    claims: Person | None = None,
    key: str = "",
) -> tuple[Invitation, str]:
    """A link for one person, once. Its secret is returned here and never kept. Made twice with one `key` it is one
    invitation, and the later link opens: nobody has seen the earlier."""
    secret = _secret()
    made = _make(actor, programme, secret, key=key, unit=unit, duty=duty, days=days, claims=claims)
    return made, secret


@act(may=rules.may_invite_to_claim)
def invite_to_claim(actor: Actor, programme: Programme, *, people: Sequence[Person], days: int) -> list[str]:
    """For each of these prepared accounts the secret of a link that makes it its owner's. Links from before are void."""
    before = Invitation.objects.filter(claims__in=people, uses_left__gt=0)
    emit_each(actor, "invitation.withdrawn", ((old, {}) for old in before))
    before.update(uses_left=0)
    secrets_of = {person.pk: _secret() for person in people}
    made = [_invitation(actor, programme, secrets_of[one.pk], days=days, claims=one) for one in people]
    Invitation.objects.bulk_create(made)
    emit_each(actor, "invitation.made", ((one, {"uses": 1, "duty": ""}) for one in made))
    return list(secrets_of.values())


@act(may=rules.may_keep)
def make_code(
    actor: Actor,
    programme: Programme,
    *,
    unit: Unit | None = None,
    days: int = 90,
    uses: int = CODE_USES,
    key: str = "",
) -> Invitation:
    """A code for a class or a department, to be read out."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))
    return _make(actor, programme, code, key=key, unit=unit, days=days, uses=uses, code=code)


def _make(
    actor: Actor, programme: Programme, secret: str, *, key: str, days: int, uses: int = 1, **fields: Any
) -> Invitation:
    made = _invitation(actor, programme, secret, days=days, uses_left=uses, **fields)
    if key:
        Invitation.objects.filter(pk=key, made_by=actor.person, programme=programme, uses_left=uses).delete()
        made.pk = key
    made.save(force_insert=True)
    emit(actor, "invitation.made", made, uses=uses, duty=made.duty)
    return made


def _invitation(actor: Actor, programme: Programme, secret: str, *, days: int, **fields: Any) -> Invitation:
    expires_at = clock.now() + timedelta(days=days)
    digest = reads.digest(secret)
    return Invitation(programme=programme, digest=digest, made_by_id=actor.person, expires_at=expires_at, **fields)


def _secret() -> str:
    return secrets.token_hex(16)


@act(may=rules.may_keep)
def withdraw_invitation(actor: Actor, invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(uses_left=0)
    emit(actor, "invitation.withdrawn", invitation)
