"""What a person chooses, and the life of a letter from the event to the post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeAlias

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.chores import move_mark
from nawzajem.ground.events import emit
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Stale
from nawzajem.ground.states import move
from nawzajem.notify import letters, reads, rules
from nawzajem.notify.letters import Occasion
from nawzajem.notify.models import Kind, Letter, Wish
from nawzajem.people.models import Person

MARK = "letters"
A_DAY = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=5)  # then four times as long after every try that failed
MOST_TRIES = 6  # five minutes to a day and a half

Drafts: TypeAlias = dict[tuple[str, str, str], tuple[Occasion, Event]]  # by person, kind and thing

# -- what comes -------------------------------------------------------------------------------------------------------


@act(may=rules.may_choose)
def choose(actor: Actor, person: Person, *, kinds: Iterable[str], quiet_from: int, quiet_until: int) -> Wish:
    chosen = {"kinds": sorted(kinds), "quiet_from": quiet_from, "quiet_until": quiet_until}
    wish, _new = Wish.objects.update_or_create(person=person, defaults=chosen)
    emit(actor, "letters.chosen", person, kinds=len(chosen["kinds"]))  # type: ignore[arg-type]
    return wish


@act(may=rules.may_choose)
def stop(actor: Actor, person: Person, *, kinds: Iterable[str]) -> Wish:
    """No more letters of these kinds; what already waits is found unwanted when its time comes."""
    wish = Wish.objects.filter(person=person).first() or Wish(person=person, kinds=list(Kind.values))
    wish.kinds = sorted(set(wish.kinds) - set(kinds))
    wish.save()
    emit(actor, "letters.chosen", person, kinds=len(wish.kinds))
    return wish


# -- made from events -------------------------------------------------------------------------------------------------


@act(may=rules.may_make)
def make(actor: Actor, *, events: Sequence[Event], seen: int) -> int:
    """Letters for what happened, and the mark moved on with them: of two who read the same events one writes."""
    if not move_mark(MARK, seen=seen, upto=events[-1].pk):
        raise Stale
    drafts = _drafts(events)
    addresses, wishes = (reads.addresses(key[0] for key in drafts), reads.wishes(key[0] for key in drafts))
    people = Person.objects.in_bulk(addresses)
    return sum(
        _put_down(people[person], wishes.get(person), thing, occasion, event)
        for (person, kind, thing), (occasion, event) in drafts.items()
        if person in people and (occasion.urgent or rules.wants(wishes.get(person), kind))
    )


def _drafts(events: Sequence[Event]) -> Drafts:
    """One for each person, kind and thing; of several events the last has the word."""
    last = {(event.kind, event.thing, event.by): event for event in events if event.programme}
    drafts: Drafts = {}
    for event in last.values():
        for occasion, person in letters.occasions(event):
            drafts[person, occasion.kind, getattr(event, occasion.about)] = (occasion, event)
    return drafts


def _put_down(person: Person, wish: Wish | None, thing: str, occasion: Occasion, event: Event) -> bool:
    """A letter that waits already is enough; only its words become those of the newer event."""
    same = Letter.objects.filter(person=person, kind=occasion.kind, thing=thing)
    if waiting := same.filter(state=Letter.State.WAITING).first():
        waiting.code = occasion.code
        waiting.save(update_fields=["code"])
        return False
    due = event.at + occasion.after
    if occasion.daily and (before := same.filter(state=Letter.State.SENT).order_by("-state_since").first()):
        due = max(due, before.state_since + A_DAY)
    due = due if occasion.urgent else rules.after_quiet(due, wish, person.time_zone)
    Letter.objects.create(
        person=person,
        programme_id=event.programme,
        kind=occasion.kind,
        thing=thing,
        code=occasion.code,
        due_at=due,
        made_at=clock.now(),
    )
    return True


# -- to the post ------------------------------------------------------------------------------------------------------


@act(may=rules.may_carry)
def take(actor: Actor, letter: Letter) -> None:
    """In hand: nobody else carries it now."""
    move(letter, Letter.State.SENDING, upto=letters.told_upto(letter))


@act(may=rules.may_carry)
def sent(actor: Actor, letter: Letter) -> None:
    move(letter, Letter.State.SENT, tries=letter.tries + 1)


@act(may=rules.may_carry)
def drop(actor: Actor, letter: Letter) -> None:
    move(letter, Letter.State.DROPPED)


@act(may=rules.may_carry)
def put_off(actor: Actor, letter: Letter) -> None:
    """Until the quiet hours are over."""
    wish = rules.wish_of(letter.person)
    later = rules.after_quiet(clock.now(), wish, letter.person.time_zone)
    Letter.objects.filter(pk=letter.pk, state=Letter.State.WAITING).update(due_at=later)


@act(may=rules.may_carry)
def not_delivered(actor: Actor, letter: Letter, *, for_good: bool = False) -> None:
    """Tried again, each time later; given up when the address is refused for good, or after a day and a half."""
    tries = letter.tries + 1
    newer = Letter.objects.filter(person=letter.person_id, kind=letter.kind, thing=letter.thing)
    if for_good or tries >= MOST_TRIES:
        move(letter, Letter.State.FAILED, tries=tries)
    elif newer.filter(state=Letter.State.WAITING).exists():
        move(letter, Letter.State.DROPPED, tries=tries)
    else:
        later = clock.now() + FIRST_PAUSE * 4 ** (tries - 1)
        move(letter, Letter.State.WAITING, tries=tries, due_at=later)


@act(may=rules.may_make)
def forget(actor: Actor, *, older_than: timedelta) -> int:
    """Letters that went, or were not needed, are kept only so long that one can see what came lately."""
    done = Letter.objects.exclude(state__in=[Letter.State.WAITING, Letter.State.SENDING])
    return done.filter(state_since__lt=clock.now() - older_than).delete()[0]
