"""The life of a concern: raised, called out, taken, cared for, closed. And the hours of those on duty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.states import move
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme
from nawzajem.safety.concerns import escalation, questions, reads, rules
from nawzajem.safety.concerns.models import Call, Concern, Roster, Shift, Step, Watch

State = Concern.State

# -- raising ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_raise)
def raise_concern(
    actor: Actor,
    about: Person | None,
    *,
    origin: str,
    tier: int,
    kind: str = Concern.Kind.UNSAID,
    place: str = "",
    talk: str = "",
    certainty: float | None = None,
    words: str = "",
    key: str = "",
) -> Concern:
    """A sign in a talk that has an open one already makes that more pressing, not two of it."""
    if key and (made_before := Concern.objects.filter(pk=key, by=actor.person, programme=actor.programme).first()):
        return made_before
    if before := _open_already(actor, about, origin, talk):
        return _risen(actor, before, tier=tier, kind=kind, place=place)
    made = Concern(programme_id=actor.here, about=about, by_id=actor.person, origin=origin, tier=tier, kind=kind)
    made.pk = key or made.pk
    made.place, made.talk, made.certainty, made.next_at = place, talk, certainty, clock.now()
    made.words = seal(made.vault, words, about=f"concern:{made.pk}") if words else None
    made.save(force_insert=True)
    emit(actor, "concern.raised", made, wakes=_ears(made), tier=made.tier_code, origin=origin)
    return made


def _open_already(actor: Actor, about: Person | None, origin: str, talk: str) -> Concern | None:
    same = Concern.objects.going().filter(programme=actor.programme, about=about, origin=origin, talk=talk)
    same = same if origin == Concern.Origin.SCREENING else same.filter(by=actor.person)
    return same.select_for_update().first() if about else None


def _risen(actor: Actor, one: Concern, *, tier: int, kind: str, place: str) -> Concern:
    """More pressing than it was: where nobody has it yet, the next is called at once."""
    one.signs += 1
    if tier > one.tier:
        one.tier, one.kind, one.place = tier, kind, place
        if one.state == State.RAISED:
            one.next_at = clock.now()
        emit(actor, "concern.risen", one, wakes=_ears(one), tier=one.tier_code)
    one.save(update_fields=["signs", "tier", "kind", "place", "next_at"])
    return one


def _ears(one: Concern) -> list[str]:
    return [f"person:{person}" for person in (one.about_id, one.owner_id) if person]


# -- calling ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_call)
def call_next(actor: Actor, concern: Concern) -> Call | None:
    """Whoever was called has not taken it in time: the next on duty is called, and when all have been, the named fallback
    is to be told and the round begins again. None when there is nobody to call."""
    _at_its_clock(concern)
    Call.objects.filter(concern=concern, answer=Call.Answer.WAITING).update(answer=Call.Answer.MISSED)
    if concern.state == State.ACKNOWLEDGED:
        move(concern, State.RAISED, owner=None)
        emit(actor, "concern.returned", concern, why="not_begun")
    person = _whom(concern)
    if person is None:
        _nobody(actor, concern)
        person = _whom(concern)
    _wind(concern, taken=False)
    return _called(actor, concern, person) if person else None


def _at_its_clock(concern: Concern) -> None:
    """Of two who call at once, one does. Somebody who took it meanwhile is left in peace."""
    here = Concern.objects.select_for_update().filter(pk=concern.pk, state=concern.state, next_at=concern.next_at)
    if not here.exists() or concern.next_at > clock.now():
        raise Stale


def _whom(concern: Concern) -> str | None:
    called = set(Call.objects.filter(concern=concern, round=concern.round).values_list("person", flat=True))
    here = reads.on_duty(concern.programme_id)
    return escalation.next_called(here.on_shift, here.others, called | {concern.about_id or ""})


def _nobody(actor: Actor, concern: Concern) -> None:
    concern.round += 1
    due = concern.fallback_due_at or clock.now()
    Concern.objects.filter(pk=concern.pk).update(round=concern.round, fallback_due_at=due)
    concern.fallback_due_at = due
    emit(actor, "concern.unanswered", concern, tier=concern.tier_code, round=concern.round)


def _wind(concern: Concern, *, taken: bool) -> None:
    minutes = getattr(concern.programme.options, f"call_{concern.tier_code}_minutes")
    concern.next_at = clock.now() + escalation.may_wait(minutes, taken=taken)
    Concern.objects.filter(pk=concern.pk).update(next_at=concern.next_at)


def _called(actor: Actor, concern: Concern, person: str) -> Call:
    call = Call.objects.create(concern=concern, person_id=person, round=concern.round)
    emit(actor, "concern.called", concern, wakes=[f"person:{person}"], call=call.pk, round=concern.round)
    return call


@act(may=rules.may_call)
def give_back(actor: Actor, concern: Concern) -> None:
    """Whoever had it is not on duty any more."""
    move(concern, State.RAISED, owner=None, next_at=clock.now())
    emit(actor, "concern.returned", concern, why="owner_gone")


@act(may=rules.may_call)
def call_in_vain(actor: Actor, concern: Concern) -> None:
    """Whoever was called is not on duty any more: the clock has run out for them."""
    Concern.objects.filter(pk=concern.pk, state=State.RAISED).update(next_at=clock.now())


@act(may=rules.may_call)
def fallback_told(actor: Actor, concern: Concern) -> None:
    told = Concern.objects.filter(pk=concern.pk, fallback_told_at=None)
    if not told.update(fallback_told_at=clock.now(), fallback_tries=concern.fallback_tries + 1):
        raise Stale
    emit(actor, "concern.fallback_told", concern)


@act(may=rules.may_call)
def fallback_not_told(actor: Actor, concern: Concern, *, again_in: timedelta) -> None:
    """The post did not take it: tried again, for as long as nobody takes the concern."""
    concern.fallback_tries += 1
    later = clock.now() + again_in
    Concern.objects.filter(pk=concern.pk).update(fallback_tries=concern.fallback_tries, fallback_due_at=later)


# -- being there ------------------------------------------------------------------------------------------------------


@act(may=rules.may_take)
def take(actor: Actor, concern: Concern) -> Concern:
    """Mine from now on. From somebody who has it and cannot go on, it is taken over."""
    if concern.owner_id == actor.person:
        return concern
    if concern.state != State.RAISED:
        move(concern, State.RAISED, owner=None)
    move(concern, State.ACKNOWLEDGED, owner_id=actor.person)
    _wind(concern, taken=True)
    calls = Call.objects.filter(concern=concern, answer=Call.Answer.WAITING)
    calls.filter(person=actor.person).update(answer=Call.Answer.TAKEN)
    calls.update(answer=Call.Answer.OVER)
    emit(actor, "concern.acknowledged", concern, wakes=_ears(concern), tier=concern.tier_code)
    return concern


@act(may=rules.may_take)
def pass_on(actor: Actor, concern: Concern) -> None:
    """I am called and cannot: the next is called at once."""
    mine = Call.objects.filter(concern=concern, person=actor.person, answer=Call.Answer.WAITING)
    if not mine.update(answer=Call.Answer.PASSED):
        raise Stale
    Concern.objects.filter(pk=concern.pk, state=State.RAISED).update(next_at=clock.now())
    emit(actor, "concern.passed_on", concern)


@act(may=rules.may_hand_over)
def hand_over(actor: Actor, concern: Concern, to: Person) -> None:
    """Called to somebody by name. Until they take it, it stands on the clock like any other."""
    if to.pk not in {one.pk for one in reads.officers(concern.programme_id)}:
        raise Stale
    move(concern, State.RAISED, owner=None)
    _wind(concern, taken=False)
    emit(actor, "concern.handed_over", concern)
    _called(actor, concern, to.pk)


@act(may=rules.may_care)
def note(actor: Actor, concern: Concern, *, what: str, words: str = "", key: str = "") -> Step:
    """Something was done. The first step is the beginning of care: the clock stops. Sent twice with one key it is one step."""
    if key and (before := Step.objects.filter(pk=key, concern=concern, by=actor.person).first()):
        return before
    if concern.state == State.ACKNOWLEDGED:
        move(concern, State.IN_CARE)
    elif concern.state != State.IN_CARE:
        raise Stale
    step = Step(concern=concern, by_id=actor.person, what=what)
    step.pk = key or step.pk
    step.words = seal(concern.vault, words, about=f"step:{step.pk}") if words else None
    step.save(force_insert=True)
    emit(actor, "concern.step", concern, what=what)
    return step


@act(may=rules.may_care)
def screen(actor: Actor, concern: Concern, *, yes: Mapping[str, bool], key: str = "") -> Step:
    """The official questions were gone through: the answers by their numbers. Where they press more than what was known, the
    concern rises; they never make it less."""
    step = note(actor, concern, what=Step.What.SCREENED, words=questions.words(yes), key=key)
    tier = questions.tier(yes)
    if tier is not None and tier > concern.tier:
        concern.tier = tier
        concern.save(update_fields=["tier"])
        emit(actor, "concern.risen", concern, wakes=_ears(concern), tier=concern.tier_code)
    return step


@act(may=rules.may_care)
def close(actor: Actor, concern: Concern, *, outcome: str) -> Concern:
    """Only with an outcome, and only after something was done."""
    move(concern, State.RESOLVED, outcome=outcome)
    emit(actor, "concern.resolved", concern, wakes=_ears(concern), outcome=outcome)
    return concern


# -- hours on duty ----------------------------------------------------------------------------------------------------


@act(may=rules.may_keep_hours)
def keep_week(actor: Actor, person: Person, *, week: str) -> Roster:
    kept, _new = Roster.objects.update_or_create(programme_id=actor.here, person=person, defaults={"week": week})
    emit(actor, "roster.week_kept", kept)
    return kept


@act(may=rules.may_keep_hours)
def add_shift(
    actor: Actor, person: Person, *, begins_at: datetime, ends_at: datetime, is_away: bool, key: str = ""
) -> Shift:
    if key and (before := Shift.objects.filter(pk=key, person=person, programme=actor.programme).first()):
        return before
    made = Shift(programme_id=actor.here, person=person, begins_at=begins_at, ends_at=ends_at, is_away=is_away)
    made.pk = key or made.pk
    made.save(force_insert=True)
    emit(actor, "roster.shift_added", made, away=is_away)
    return made


@act(may=rules.may_keep_hours)
def drop_shift(actor: Actor, person: Person, *, shift: Shift) -> None:
    emit(actor, "roster.shift_dropped", shift)
    shift.delete()


# -- looking ----------------------------------------------------------------------------------------------------------


@act(may=rules.may_watch)
def begin_watch(actor: Actor, programme: Programme) -> None:
    Watch.objects.create(programme=programme)
    emit(actor, "watch.begun", programme)


@act(may=rules.may_watch)
def end_watch(actor: Actor, programme: Programme) -> None:
    Watch.objects.filter(programme=programme).delete()
    emit(actor, "watch.ended", programme)
