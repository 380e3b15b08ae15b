"""What a person chooses, and the life of a letter from the event to the post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeAlias

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.chores import move_mark
from nawzajem.ground.events import emit
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Invalid, NotFound, Stale
from nawzajem.ground.seal import fingerprint, new_vault, seal
from nawzajem.ground.states import move
from nawzajem.notify import letters, push, reads, rules
from nawzajem.notify.letters import Occasion
from nawzajem.notify.models import Bell, Kind, Letter, Ringer, Wish
from nawzajem.people.models import Device, Person

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


# -- devices that ring ------------------------------------------------------------------------------------------------


@act(may=rules.may_choose)
def hang_bell(actor: Actor, person: Person, *, address: str, device: str) -> Bell:
    """From now on the device at this address rings. One device has one bell: its browser may have got another address."""
    here = Device.objects.filter(pk=device, person=person).first()
    if here is None:
        raise NotFound
    if not push.is_on() or not push.may_be_rung(address):
        raise Invalid(fields={"address": [_("Your browser uses a push service that this house does not know.")]})
    digest = fingerprint(address, purpose="bell")
    if same := Bell.objects.filter(digest=digest, person=person, device=here).first():
        return same
    Bell.objects.filter(Q(digest=digest) | Q(device=here)).delete()  # also of whoever used this browser before
    made = Bell(person=person, device=here, digest=digest)
    made.address = seal(made.vault, address, about=f"bell:{made.pk}")
    made.save(force_insert=True)
    emit(actor, "bell.hung", made)
    return made


@act(may=rules.may_choose)
def take_bell_down(actor: Actor, person: Person, *, bell: str) -> None:
    """Taken down already, it is down."""
    for one in Bell.objects.filter(person=person, pk=bell):
        emit(actor, "bell.taken_down", one)
        one.delete()


@act(may=rules.may_ring)
def forget_bell(actor: Actor, bell: Bell) -> None:
    """The browser has given the address back, or the service is not to be rung any more."""
    emit(actor, "bell.taken_down", bell)
    bell.delete()


@act(may=rules.may_make)
def make_ringer(actor: Actor) -> Ringer:
    """Once in the life of a house. Of two who begin at once, one does."""
    made = Ringer(pk=1, vault=new_vault())
    made.key = seal(made.vault, push.new_secret(), about="ringer")
    return Ringer.objects.get_or_create(pk=1, defaults={"vault": made.vault, "key": made.key})[0]


@act(may=rules.may_carry)
def rung(actor: Actor, letter: Letter) -> None:
    """Taken in hand before it rings, so that nobody rings twice for one thing."""
    upto = max(letter.upto, letters.told_upto(letter))
    if not Letter.objects.filter(pk=letter.pk, rung_at=None).update(rung_at=clock.now(), upto=upto):
        raise Stale


@act(may=rules.may_carry)
def not_rung(actor: Actor, letter: Letter) -> None:
    """No service took it: tried again."""
    Letter.objects.filter(pk=letter.pk).update(rung_at=None)


# -- made from events -------------------------------------------------------------------------------------------------


@act(may=rules.may_make)
def make(actor: Actor, *, events: Sequence[Event], seen: int) -> int:
    """Letters for what happened, and the mark moved on with them: of two who read the same events one writes."""
    if not move_mark(MARK, seen=seen, upto=events[-1].pk):
        raise Stale
    drafts = _drafts(events)
    addresses, wishes = (reads.addresses(key[0] for key in drafts), reads.wishes(key[0] for key in drafts))
    people = Person.objects.in_bulk({*addresses, *reads.with_bells(key[0] for key in drafts)})
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
    if occasion.daily and (before := same.filter(reads.TOLD).order_by("-state_since").first()):
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
