"""Asking for an opening, agreeing or not, closing it again, telling those whom it concerns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Invalid, NotFound, Stale
from nawzajem.ground.seal import new_vault, seal, unseal
from nawzajem.ground.states import move
from nawzajem.programmes.models import Member, Programme
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.models import Report
from nawzajem.safety.openings import rules
from nawzajem.safety.openings.models import Concerned, Opening

LONGEST_SILENCE = timedelta(days=60)  # until those concerned are told, whatever the reason


@act(may=rules.may_ask)
def ask(
    actor: Actor,
    programme: Programme,
    people: Collection[str],
    *,
    kind: str,
    thing: str,
    reason: str,
    words: str,
    seq: int = 0,
    because: str = "",
    tell_on: date | None = None,
    later_words: str = "",
    key: str = "",
) -> Opening:
    """`people` are those whose talk it is, or whose identity. To be told later needs a day and a reason of its own.
    Sent twice with one key it is asked for once."""
    if key and (before := Opening.objects.filter(pk=key, asked_by=actor.person, programme=programme).first()):
        return before
    _check_later(tell_on, later_words)
    made = Opening(programme=programme, kind=kind, thing=thing, seq=seq, because=because, reason=reason)
    made.pk = key or made.pk
    made.vault, made.tell_on, made.asked_by_id = new_vault(), tell_on, actor.person
    made.words = seal(made.vault, words, about=f"opening:{made.pk}")
    made.later_words = seal(made.vault, later_words, about=f"later:{made.pk}") if tell_on else None
    made.answer_by = clock.now() + timedelta(hours=programme.options.opening_answered_within)
    made.save(force_insert=True)
    Concerned.objects.bulk_create(Concerned(opening=made, person_id=one) for one in sorted(people))
    emit(actor, "opening.asked", made, what=kind, reason=reason, later=tell_on is not None)
    return made


def _check_later(tell_on: date | None, words: str) -> None:
    if tell_on is None:
        return
    if not clock.today() < tell_on <= clock.today() + LONGEST_SILENCE:
        raise Invalid(fields={"tell_on": [_("A day to come, at most 60 days from now.")]})
    if not words.strip():
        raise Invalid(fields={"later_words": [_("Who would be in danger if they were told at once?")]})


@act(may=rules.may_answer)
def agree(actor: Actor, opening: Opening, *, later: bool) -> Opening:
    """The second person's yes. To tell later takes their yes as well; without it, those concerned are told now."""
    if clock.now() >= opening.answer_by:
        raise Stale
    until = clock.now() + timedelta(hours=opening.programme.options.opening_lasts)
    later = later and opening.tell_on is not None
    told = {} if later else {"tell_on": None, "told_at": clock.now()}
    move(opening, Opening.State.OPEN, answered_by_id=actor.person, answered_at=clock.now(), open_until=until, **told)
    emit(actor, "opening.begun", opening, later=later, wakes=[f"person:{one}" for one in rules.concerned(opening)])
    return opening


@act(may=rules.may_answer)
def refuse(actor: Actor, opening: Opening) -> Opening:
    move(opening, Opening.State.REFUSED, answered_by_id=actor.person, answered_at=clock.now())
    emit(actor, "opening.refused", opening)
    return opening


@act(may=rules.may_withdraw)
def withdraw(actor: Actor, opening: Opening) -> None:
    move(opening, Opening.State.WITHDRAWN)
    emit(actor, "opening.withdrawn", opening)


@act(may=rules.is_one_of_two)
def close(actor: Actor, opening: Opening) -> None:
    """Nothing more needs to be seen."""
    move(opening, Opening.State.OVER)
    emit(actor, "opening.over", opening)


@act(may=rules.may_tell)
def tell(actor: Actor, opening: Opening) -> None:
    """Those who were to be told later, now."""
    put_off = Opening.objects.filter(pk=opening.pk, told_at=None, answered_at__isnull=False, tell_on__isnull=False)
    if not put_off.update(told_at=clock.now()):
        raise Stale
    emit(actor, "opening.told", opening, wakes=[f"person:{one}" for one in rules.concerned(opening)])


@act(may=rules.may_keep_time)
def lapse(actor: Actor, opening: Opening) -> None:
    move(opening, Opening.State.LAPSED)
    emit(actor, "opening.lapsed", opening)


@act(may=rules.may_keep_time)
def end(actor: Actor, opening: Opening) -> None:
    move(opening, Opening.State.OVER)
    emit(actor, "opening.over", opening)


@act(may=rules.may_read)
def read(actor: Actor) -> None:
    """Whom it concerns has read of it. No event: reading obliges nobody."""
    unread = Concerned.objects.filter(person=actor.me, read_at=None, opening__told_at__isnull=False)
    unread.update(read_at=clock.now())


# -- looking ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_look)
def note_look(actor: Actor, opening: Opening, *, what: str) -> None:
    """Each view, before anything is shown: an event, and a line in the book for everybody whom it concerns."""
    logbook.note(
        actor, rules.concerned(opening), what=what, thing=opening.thing, why=opening.reason, opening=opening.pk
    )
    emit(actor, "opening.looked", opening, what=what)


@dataclass(frozen=True, slots=True)
class Identity:
    """All that a programme holds of who somebody is."""

    pseudonym: str
    called: str
    email: list[str]
    unit: str
    age: str
    languages: list[str]


@act(may=rules.may_look)
def identity(actor: Actor, opening: Opening) -> Identity:
    if opening.kind != Opening.Kind.IDENTITY:
        raise NotFound
    one = Member.objects.select_related("person", "unit").filter(pk=opening.thing, programme=opening.programme).first()
    if one is None:  # erased meanwhile
        raise NotFound
    note_look(actor, opening, what="identity")
    return Identity(
        pseudonym=one.person.pseudonym,
        called=one.called,
        email=[mail.email for mail in EmailAddress.objects.filter(user=one.person)],
        unit=one.unit.name if one.unit else "",
        age=one.person.get_age_display(),
        languages=list(one.person.speaks),
    )


@act(may=rules.may_look)
def evidence(actor: Actor, opening: Opening) -> str:
    """What was sealed with the report for which this was opened, as it stood then; empty where nothing was."""
    kind, _colon, report_id = opening.because.partition(":")
    report = Report.objects.filter(pk=report_id, programme=opening.programme).first()
    if kind != "report" or report is None or not report.evidence or opening.kind != Opening.Kind.TALK:
        return ""
    note_look(actor, opening, what="evidence")
    return unseal(report.vault, report.evidence, about=f"evidence:{report.pk}")
