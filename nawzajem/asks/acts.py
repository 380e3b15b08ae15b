"""An ask from its first word on. Its later steps are called by the acts of pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nawzajem.asks import rules
from nawzajem.asks.models import Ask
from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit, emit_each
from nawzajem.ground.refusals import Closed, Invalid, NotFound, Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.slowly import is_new, wait_until
from nawzajem.ground.states import move
from nawzajem.people.models import Person
from nawzajem.programmes.models import Member, Programme, Topic

CHANGEABLE = {Ask.State.DRAFT, Ask.State.OPEN}
WAITING = {Ask.State.OPEN, Ask.State.PROPOSED}


@act(may=rules.may_ask)
def draft(actor: Actor, *, topics: Iterable[Topic], words: str = "", again_of: Ask | None = None, **fields: Any) -> Ask:
    """Written down, and seen by nobody yet. With an `id` of its own it is written down once."""
    if again_of is not None and not rules.is_own(actor, again_of):
        raise NotFound
    made = Ask(person_id=actor.me, programme_id=actor.here, again_of=again_of, **fields)
    made.words = _sealed(made, words)
    made.save(force_insert=True)
    made.topics.set(topics)
    emit(actor, "ask.drafted", made)
    return made


@act(may=rules.may_announce)
def announce(actor: Actor, told: Sequence[tuple[Person, Mapping[str, Any]]]) -> list[Ask]:
    """What people asked their organisation, who have not come yet: in the words of `draft`, and since when. It waits, and
    nobody is proposed to them by itself."""
    topics = [list(fields["topics"]) for _person, fields in told]
    made = [_announced(actor, person, **fields) for person, fields in told]
    Ask.objects.bulk_create(made)
    about = Ask.topics.through
    about.objects.bulk_create(
        about(ask=ask, topic=topic) for ask, named in zip(made, topics, strict=True) for topic in named
    )
    emit_each(actor, "ask.opened", ((ask, {"topics": len(named)}) for ask, named in zip(made, topics, strict=True)))
    return made


def _announced(
    actor: Actor,
    person: Person,
    *,
    topics: Iterable[Topic],
    words: str = "",
    since: datetime | None = None,
    **fields: Any,
) -> Ask:
    now = clock.now()
    made = Ask(person=person, programme_id=actor.here, state=Ask.State.OPEN, whoever=False, **fields)
    made.opened_at, made.confirmed_at = since or now, now
    made.words = _sealed(made, words)
    return made


@act(may=rules.may_change)
def change(actor: Actor, ask: Ask, *, topics: Iterable[Topic], words: str = "", **fields: Any) -> Ask:
    """While nobody is being asked; afterwards it would be another ask than the one they were shown."""
    _hold(ask, CHANGEABLE)
    for name, value in fields.items():
        setattr(ask, name, value)
    ask.words = _sealed(ask, words)
    ask.save(update_fields=[*fields, "words"])
    ask.topics.set(topics)
    emit(actor, "ask.changed", ask)
    return ask


def _hold(ask: Ask, states: set[Ask.State]) -> None:
    """As it is this moment, and so until the act is done: others may have moved it since it was read."""
    ask.refresh_from_db(from_queryset=Ask.objects.select_for_update(no_key=True))
    if ask.state not in states:
        raise Closed if ask.state in Ask.ends() else Stale


def _sealed(ask: Ask, words: str) -> bytes | None:
    if not words:
        return None
    return seal(ask.person.vault, words, about=f"ask:{ask.pk}")


@act(may=rules.may_change)
def send(actor: Actor, ask: Ask, *, whoever: bool = True) -> Ask:
    """From now on it waits, and somebody may be found."""
    _hold(ask, {Ask.State.DRAFT})
    Member.objects.select_for_update(no_key=True).get(pk=actor.member)  # two sent at once are counted one by one
    most = Programme.objects.get(pk=ask.programme_id).options.open_asks
    waiting = Ask.objects.filter(person=actor.person, programme=actor.programme, state__in=WAITING)
    if waiting.count() >= most:
        raise Invalid(
            ngettext_lazy(
                "You have an ask waiting already. Take it back first, or let it wait.",
                "You have %(n)d asks waiting already. Take one back first, or let them wait.",
                most,
            )
            % {"n": most}
        )
    _check_newcomer(actor)
    now = clock.now()
    move(ask, Ask.State.OPEN, opened_at=now, confirmed_at=now, whoever=whoever)
    emit(actor, "ask.opened", ask, topics=ask.topics.count(), wakes=_ears(ask))
    return ask


def _check_newcomer(actor: Actor) -> None:
    """Asking for somebody now goes another way, and is never slowed."""
    slowly = is_new(actor)
    if slowly is not None:
        sent = Ask.objects.filter(person=actor.person, programme=actor.programme, opened_at__isnull=False)
        if sent.count() >= slowly.asks:
            raise wait_until(actor, slowly)


def _ears(ask: Ask) -> list[str]:
    return [f"ask:{ask.pk}", f"person:{ask.person_id}"]


@act(may=rules.may_change)
def confirm(actor: Actor, ask: Ask) -> Ask:
    """Yes, I still wait."""
    _hold(ask, WAITING)
    ask.confirmed_at = clock.now()
    ask.save(update_fields=["confirmed_at"])
    emit(actor, "ask.confirmed", ask)
    return ask


@act(may=rules.may_change)
def let_whoever(actor: Actor, ask: Ask, *, whoever: bool) -> Ask:
    """Whether the next who fits is asked by itself, or the person chooses."""
    _hold(ask, CHANGEABLE | WAITING)
    ask.whoever = whoever
    ask.save(update_fields=["whoever"])
    emit(actor, "ask.way_chosen", ask, whoever=whoever, wakes=_ears(ask))
    return ask


@act(may=rules.may_withdraw)
def withdraw(actor: Actor, ask: Ask, *, ending: str = "withdrawn") -> Ask:
    move(ask, Ask.State.WITHDRAWN, ending=ending)
    emit(actor, "ask.withdrawn", ask, ending=ending, wakes=_ears(ask))
    return ask


# -- the waiting room, which is a room above --------------------------------------------------------------------------


@act(may=rules.may_change)
def need_now(actor: Actor, ask: Ask) -> None:
    """Somebody is needed this very hour: not proposed to anybody, but asked about among those who are here."""
    _hold(ask, {Ask.State.DRAFT})
    if Ask.objects.filter(person=actor.person, programme=actor.programme, state=Ask.State.NOW).exists():
        raise Stale(_("You are in the waiting room already."))
    move(ask, Ask.State.NOW)
    emit(actor, "ask.needed_now", ask, topics=ask.topics.count(), wakes=_ears(ask))


@act(may=rules.may_carry)
def put_back(actor: Actor, ask: Ask) -> None:
    """Out of the waiting room: nothing of what was written is lost, and nobody sees it."""
    move(ask, Ask.State.DRAFT)
    emit(actor, "ask.put_back", ask, wakes=_ears(ask))


# -- steps that follow from proposals and pairs -----------------------------------------------------------------------


@act(may=rules.may_carry)
def propose(actor: Actor, ask: Ask) -> None:
    move(ask, Ask.State.PROPOSED)
    emit(actor, "ask.proposed", ask, wakes=_ears(ask))


@act(may=rules.may_carry)
def reopen(actor: Actor, ask: Ask) -> None:
    move(ask, Ask.State.OPEN)
    emit(actor, "ask.reopened", ask, wakes=_ears(ask))


@act(may=rules.may_carry)
def pair(actor: Actor, ask: Ask) -> None:
    move(ask, Ask.State.PAIRED, paired_at=clock.now())
    emit(actor, "ask.paired", ask, wakes=_ears(ask))


@act(may=rules.may_carry)
def meet(actor: Actor, ask: Ask) -> None:
    """The pair has ended: what was asked for has had its talk."""
    move(ask, Ask.State.MET)
    emit(actor, "ask.met", ask)


@act(may=rules.may_keep_time)
def ask_whether_still(actor: Actor, ask: Ask) -> None:
    """Nobody has said for a while that it still holds: its owner is asked, once."""
    emit(actor, "ask.confirmation_due", ask, wakes=_ears(ask))


@act(may=rules.may_keep_time)
def lapse(actor: Actor, ask: Ask, *, ending: str) -> None:
    """Politely, by the clock: nobody came, or nobody said that it still holds. Who says so in this very moment keeps it."""
    seen = ask.confirmed_at
    _hold(ask, {Ask.State.OPEN})
    if ask.confirmed_at != seen:
        raise Stale
    move(ask, Ask.State.LAPSED, ending=ending)
    emit(actor, "ask.lapsed", ask, ending=ending, wakes=_ears(ask))
