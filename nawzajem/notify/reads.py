"""Questions about letters: who wants which, where to, what is due, what came lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.notify import rules
from nawzajem.notify.models import Bell, Kind, Letter, Ringer, Wish
from nawzajem.people.models import Person
from nawzajem.programmes.models import Duty, Member

SETTLED = timedelta(seconds=30)  # of two events written at once, the one with the lower number may appear later
LOST = timedelta(minutes=10)  # a letter in hand for longer was in the hands of a process that died
RINGS = timedelta(hours=1)  # later than that nothing rings any more: whoever looks sees it
TOLD = Q(state=Letter.State.SENT) | Q(rung_at__isnull=False)
SALT = "nawzajem.letters.stop"


# -- for their reader -------------------------------------------------------------------------------------------------


def wish(actor: Actor) -> Wish:
    """What I want, or what comes to those who have not said."""
    return Wish.objects.filter(person=actor.person).first() or Wish(person_id=actor.me, kinds=Kind.values)


def is_on_duty(actor: Actor) -> bool:
    return Duty.objects.filter(member__person=actor.person).exists()


def address(person: Person) -> str | None:
    """The confirmed address; without one no letter comes."""
    return addresses([person.pk]).get(person.pk)


def unconfirmed_address(person: Person) -> str | None:
    return EmailAddress.objects.filter(user=person, verified=False).values_list("email", flat=True).first()


def sent(actor: Actor, most: int = 20) -> QuerySet[Letter]:
    mine = Letter.objects.filter(person=actor.person, state__in=[Letter.State.SENT, Letter.State.FAILED])
    return mine.order_by("-state_since")[:most]


def letter(actor: Actor, letter_id: str) -> Letter:
    found = Letter.objects.filter(person=actor.person, pk=letter_id).select_related("programme").first()
    if found is None:
        raise NotFound
    return found


def bells(actor: Actor) -> QuerySet[Bell]:
    """My devices that ring, the one longest here first."""
    return Bell.objects.filter(person=actor.person).select_related("device").order_by("made_at", "pk")


def has_bell(actor: Actor, device: str) -> bool:
    return Bell.objects.filter(person=actor.person, device=device).exists()


def rang_lately(actor: Actor) -> Letter | None:
    """For what a device has just rung."""
    mine = Letter.objects.filter(person=actor.person, rung_at__gte=clock.now() - RINGS)
    return mine.select_related("programme", "person").order_by("-rung_at").first()


# -- the way to stop them, which works without signing in -------------------------------------------------------------


def stop_token(letter: Letter) -> str:
    return signing.dumps([letter.person_id, letter.kind], salt=SALT)


def stopped_by(token: str) -> tuple[Person, Kind]:
    """Whom and what the signed link in a letter speaks for. It does not grow old: a letter may be read years later."""
    try:
        person_id, kind = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotFound from None
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person, Kind(kind)


# -- for those who make and carry them --------------------------------------------------------------------------------


def news(kinds: Iterable[str], *, after: int) -> QuerySet[Event]:
    settled = Event.objects.filter(id__gt=after, at__lt=clock.now() - SETTLED)
    return settled.filter(kind__in=kinds).order_by("id")


def addresses(people: Iterable[str]) -> dict[str, str]:
    """The confirmed address of each who has one and is here."""
    rows = EmailAddress.objects.filter(user__in=set(people), verified=True, user__is_active=True)
    return dict(rows.order_by("primary", "pk").values_list("user", "email"))  # the primary one last, so that it stays


def with_bells(people: Iterable[str]) -> set[str]:
    """Of these people those with a device that rings."""
    hung = Bell.objects.filter(person__in=set(people), person__is_active=True)
    return set(hung.values_list("person", flat=True))


def bells_of(letter: Letter) -> QuerySet[Bell]:
    """Where its reader is still signed in: after signing out a device says nothing more."""
    here = Session.objects.filter(session_key=OuterRef("device__session"), expire_date__gt=clock.now())
    return Bell.objects.filter(Exists(here), person=letter.person_id)


def secret_of_ringer() -> str:
    """Empty as long as nobody has a bell."""
    one = Ringer.objects.first()
    return unseal(one.vault, one.key, about="ringer") if one else ""


def to_ring() -> QuerySet[Letter]:
    """Due lately, and nobody's device has rung for it; whatever became of it at the post, which puts off what it could not send."""
    was_due = Q(due_at__lte=clock.now()) | Q(tries__gt=0)
    late = Letter.objects.filter(was_due, rung_at=None, due_at__gt=clock.now() - RINGS)
    hung = Bell.objects.filter(person=OuterRef("person"))
    return late.filter(Exists(hung)).select_related("person__letter_wish", "programme").order_by("due_at")


def wishes(people: Iterable[str]) -> dict[str, Wish]:
    return Wish.objects.in_bulk(set(people))


def asleep(people: Iterable[str]) -> set[str]:
    """Of these people those in their quiet hours, in which nothing comes to them."""
    zones = dict(Person.objects.filter(pk__in=set(people)).values_list("pk", "time_zone"))
    said, moment = wishes(zones), clock.now()
    return {one for one, zone in zones.items() if rules.after_quiet(moment, said.get(one), zone) > moment}


def due() -> QuerySet[Letter]:
    waiting = Letter.objects.filter(state=Letter.State.WAITING, due_at__lte=clock.now())
    return waiting.select_related("person__letter_wish", "programme").order_by("due_at")


def lost() -> QuerySet[Letter]:
    return Letter.objects.filter(state=Letter.State.SENDING, state_since__lt=clock.now() - LOST)


def last_sent(letter: Letter) -> Letter | None:
    """The letter about the same thing before this one, that reached its reader one way or the other."""
    same = Letter.objects.filter(person=letter.person_id, kind=letter.kind, thing=letter.thing)
    return same.filter(TOLD).exclude(pk=letter.pk).order_by("-state_since").first()


def still_there(letter: Letter) -> bool:
    """Whether the reader still belongs to the programme. Somebody who left is not followed."""
    here = Member.objects.filter(programme=letter.programme_id, person=letter.person_id)
    return here.exclude(state=Member.State.LEFT).exists()
