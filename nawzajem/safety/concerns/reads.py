"""Questions about concerns, calls and hours on duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Duty, Member, Programme
from nawzajem.safety.concerns import escalation, rules
from nawzajem.safety.concerns.models import SHOWN, Call, Concern, Roster, Shift, Step

# -- for those on duty ------------------------------------------------------------------------------------------------


def queue(actor: Actor) -> QuerySet[Concern]:
    """What is open, the most pressing first, of equals the oldest."""
    going = Concern.objects.visible_to(actor).going().select_related("about", "owner", "programme")
    return going.order_by("-tier", "raised_at", "pk")


def closed(actor: Actor) -> QuerySet[Concern]:
    done = Concern.objects.visible_to(actor).filter(state=Concern.State.RESOLVED)
    return done.select_related("about", "owner").order_by("-state_since", "pk")


def concern(actor: Actor, concern_id: str) -> Concern:
    found = (
        Concern.objects.visible_to(actor).select_related("about", "owner", "programme").filter(pk=concern_id).first()
    )
    if found is None:
        raise NotFound
    return found


def my_calls(actor: Actor) -> QuerySet[Concern]:
    """Those to which I am called just now."""
    mine = Call.objects.filter(person=actor.person, answer=Call.Answer.WAITING).values("concern")
    return queue(actor).filter(pk__in=mine)


def words_of(actor: Actor, concern: Concern) -> str:
    """What whoever raised it by hand wrote to those on duty."""
    if not (rules.may_take(actor, concern) or _is_mine(actor, concern)):
        raise NotFound
    return unseal(concern.vault, concern.words, about=f"concern:{concern.pk}")


@dataclass(frozen=True, slots=True)
class Done:
    """A step as those on duty read it."""

    at: datetime
    by: str | None
    what: str
    words: str


def steps(actor: Actor, concern: Concern) -> list[Done]:
    if not rules.may_take(actor, concern):
        raise NotFound
    return [
        Done(one.at, one.by_id, one.get_what_display(), unseal(concern.vault, one.words, about=f"step:{one.pk}"))
        for one in Step.objects.filter(concern=concern)
    ]


def calls(actor: Actor, concern: Concern) -> QuerySet[Call]:
    if not rules.may_take(actor, concern):
        raise NotFound
    return concern.calls.all()


def is_called(actor: Actor, concern: Concern, person: Person) -> bool:
    """Whether somebody is called to it just now and has not answered."""
    return calls(actor, concern).filter(person=person, answer=Call.Answer.WAITING).exists()


# -- for whoever it is about ------------------------------------------------------------------------------------------


def beside_me(actor: Actor) -> Concern | None:
    """A sign in my own words, or my own request, lately. That somebody else worries about me is not shown to me."""
    if actor.person is None:
        return None
    mine = Concern.objects.filter(about=actor.person, programme=actor.programme).exclude(origin=Concern.Origin.OTHER)
    return mine.filter(Q(raised_at__gte=clock.now() - SHOWN)).order_by("-raised_at").first()


def _is_mine(actor: Actor, concern: Concern) -> bool:
    return actor.person is not None and actor.person == concern.by_id


# -- who is on duty ---------------------------------------------------------------------------------------------------


def officers(programme: Programme | str) -> list[Person]:
    """Everybody with the duty who takes part just now, the longest first."""
    here = programmes.keepers(programme, Duty.Kind.OFFICER).order_by("joined_at", "pk")
    return [member.person for member in here]


@dataclass(frozen=True, slots=True)
class OnDuty:
    on_shift: tuple[str, ...]
    others: tuple[str, ...]


def on_duty(programme: str, at: datetime | None = None) -> OnDuty:
    """Of everybody with the duty, those whose hours these are; a single shift counts before the week."""
    moment, people = at or clock.now(), officers(programme)
    weeks = dict(Roster.objects.filter(programme=programme).values_list("person", "week"))
    away, besides = _differing(programme, moment)

    def serves(one: Person) -> bool:
        if one.pk in away:
            return False
        return one.pk in besides or escalation.is_on(weeks.get(one.pk, "0"), one.time_zone, moment)

    on_shift = tuple(one.pk for one in people if serves(one))
    others = tuple(one.pk for one in people if one.pk not in on_shift and one.pk not in away)
    return OnDuty(on_shift, (*others, *(one.pk for one in people if one.pk in away)))


def _differing(programme: str, moment: datetime) -> tuple[set[str], set[str]]:
    """Those away just now, and those on duty besides their week."""
    now = Shift.objects.filter(programme=programme, begins_at__lte=moment, ends_at__gt=moment)
    rows = list(now.values_list("person", "is_away"))
    return {one for one, gone in rows if gone}, {one for one, gone in rows if not gone}


def week_of(actor: Actor, person: Person) -> str:
    return Roster.objects.filter(programme=actor.programme, person=person).values_list("week", flat=True).first() or ""


def weeks(programme: Programme) -> Mapping[str, str]:
    return dict(Roster.objects.filter(programme=programme).values_list("person", "week"))


def shifts(actor: Actor, people: Iterable[Person]) -> QuerySet[Shift]:
    """Those to come, and the one that runs."""
    coming = Shift.objects.filter(programme=actor.programme, person__in=list(people), ends_at__gt=clock.now())
    return coming.select_related("person")


def shift(actor: Actor, shift_id: str) -> Shift:
    found = Shift.objects.filter(programme=actor.programme, pk=shift_id).select_related("person").first()
    if found is None or not rules.may_keep_hours(actor, found.person):
        raise NotFound
    return found


# -- for what runs by itself ------------------------------------------------------------------------------------------


def due() -> QuerySet[Concern]:
    return Concern.objects.due().select_related("programme").order_by("-tier", "next_at")


def without_owner() -> list[Concern]:
    """Taken by somebody who has the duty no longer, is paused, or has left."""
    taken = Concern.objects.filter(state__in=[Concern.State.ACKNOWLEDGED, Concern.State.IN_CARE])
    still = _on_duty_anywhere()
    return [one for one in taken.select_related("programme") if (one.programme_id, one.owner_id) not in still]


def called_in_vain() -> list[Concern]:
    """Whoever is called to them just now cannot come any more, for the same reasons."""
    calls = Call.objects.filter(answer=Call.Answer.WAITING, concern__state=Concern.State.RAISED)
    still = _on_duty_anywhere()
    rows = calls.select_related("concern__programme")
    return [call.concern for call in rows if (call.concern.programme_id, call.person_id) not in still]


def _on_duty_anywhere() -> set[tuple[str, str | None]]:
    duties = Duty.objects.filter(kind=Duty.Kind.OFFICER, member__state=Member.State.ACTIVE)
    return set(duties.values_list("member__programme", "member__person"))


def untold_fallbacks() -> QuerySet[Concern]:
    """The named fallback is to be told, and it has not come about yet."""
    open_now = Concern.objects.filter(state=Concern.State.RAISED, fallback_due_at__lte=clock.now())
    return open_now.filter(fallback_told_at=None).select_related("programme").order_by("fallback_due_at")
