"""Questions about programmes, their topics and their people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q, QuerySet

from nawzajem.ground import clock, rows
from nawzajem.ground.actor import Actor, Door, Slowly
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.ground.seal import fingerprint
from nawzajem.ground.words import fold
from nawzajem.people.models import Person
from nawzajem.programmes.models import SUSPENDED, Duty, Invitation, Member, Programme, Text, Topic, Unit
from nawzajem.programmes.options import Options

VERSIONS = """SELECT programme_id, max(version) FROM nawzajem_text WHERE code = %s AND programme_id IN (VALUES {})
    GROUP BY programme_id"""

# -- at the door ------------------------------------------------------------------------------------------------------


def programme(slug: str) -> Programme:
    found = Programme.objects.filter(slug=slug).exclude(state=Programme.State.CLOSED).first()
    if found is None:
        raise NotFound
    return found


def membership(person: Person, within: Programme) -> Member | None:
    """The person's place in the programme, unless they left it."""
    return memberships([person.pk], within).get(person.pk)


def memberships(people: Iterable[str], within: Programme) -> dict[str, Member]:
    """The same of many, by person."""
    here = Member.objects.filter(person__in=set(people), programme=within).exclude(state=Member.State.LEFT)
    return {one.person_id: one for one in here.select_related("unit").prefetch_related("duties")}


def actor(
    person: Person,
    within: Programme,
    member: Member | None,
    *,
    via: Door,
    scopes: frozenset[str] | None = None,
    second_factor: Callable[[], bool] = bool,
    version: int | None = None,
) -> Actor:
    """The person as somebody who acts in this programme. `version` of its text on confidentiality, where it is known.

    Duties rest while the person is paused, and until a second factor is there, where the programme asks for one; through
    a token they need its scope.
    """
    duties = frozenset(duty.kind for duty in member.duties.all()) if member else frozenset[str]()
    options = within.options
    resting = options.duties_need_second_factor and duties and not second_factor()
    paused = member is not None and member.state == Member.State.PAUSED
    if paused or resting or (scopes is not None and "coordinate" not in scopes):
        duties = frozenset()
    return Actor(
        person=person.pk,
        programme=within.pk,
        member=member.pk if member else None,
        duties=duties,
        takes_part=member is not None
        and member.state == Member.State.ACTIVE
        and not must_agree(member, within, version),
        via=via,
        language=person.language_code(formal=options.address == "formal"),
        time_zone=person.time_zone,
        slowly=_slowly(member, options) if member else None,
        scopes=scopes,
    )


def _slowly(member: Member, options: Options) -> Slowly | None:
    until = member.joined_at + timedelta(hours=options.newcomer_hours)
    if clock.now() >= until:
        return None
    return Slowly(
        until=until,
        asks=options.newcomer_asks,
        choices=options.newcomer_choices,
        messages=options.newcomer_messages,
        reports=options.newcomer_reports,
    )


def must_agree(member: Member, within: Programme, version: int | None = None) -> bool:
    """Whether the text on confidentiality has changed since this person agreed to it."""
    return member.agreed_version < (present_version(within) if version is None else version)


def to_agree(places: Iterable[Member]) -> set[str]:
    """Of a person's places, those where the text has changed."""
    versions = present_versions(place.programme_id for place in places)
    return {place.pk for place in places if place.agreed_version < versions[place.programme_id]}


# -- programmes and their texts ---------------------------------------------------------------------------------------


def open_programmes() -> QuerySet[Programme]:
    """Those that anybody may walk into."""
    by_invitation = Q(
        differing__has_key="joining", differing__joining="invited"
    )  # in SQL, a key that is not there is neither
    return Programme.objects.filter(state=Programme.State.OPEN).exclude(by_invitation).order_by("made_at")


def kept() -> QuerySet[Programme]:
    """Those that chores look after: all but the closed ones."""
    return Programme.objects.exclude(state=Programme.State.CLOSED).order_by("made_at")


def mine(person: Person) -> QuerySet[Member]:
    here = Member.objects.filter(person=person).exclude(state=Member.State.LEFT)
    return here.exclude(programme__state=Programme.State.CLOSED).select_related("programme").order_by("joined_at")


def text(within: Programme, code: str) -> Text:
    found = Text.objects.filter(programme=within, code=code).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def confidentiality(within: Programme) -> Text:
    return text(within, Text.Code.CONFIDENTIALITY)


def present_version(within: Programme) -> int:
    """Of the text on confidentiality, without its words: asked at every page and every message."""
    version = present_versions([within.pk]).get(within.pk)
    if version is None:
        raise NotFound
    return version


def present_versions(within: Iterable[str]) -> dict[str, int]:
    return dict(rows.read(VERSIONS, {(one,) for one in within}, first=[Text.Code.CONFIDENTIALITY.value]))


# -- topics -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Branch:
    """A topic with what lies beneath it."""

    topic: Topic
    leaves: list[Branch] = field(default_factory=list)


def tree(within: Programme) -> list[Branch]:
    branches: dict[str, Branch] = {topic.pk: Branch(topic) for topic in within.all_topics}
    for branch in branches.values():
        if branch.topic.parent_id:
            branches[branch.topic.parent_id].leaves.append(branch)
    return [branch for branch in branches.values() if not branch.topic.parent_id]


def find_topics(within: Programme, words: str) -> list[Topic]:
    """Topics whose words, in either language, begin as the given words do; the best first. Diacritics do not matter."""
    wanted = [word for word in fold(words).split() if len(word) > 1]
    if not wanted:
        return []
    scored = [(_nearness(topic, wanted), topic) for topic in within.all_topics]
    return [topic for score, topic in sorted(scored, key=lambda pair: (-pair[0], pair[1].place)) if score > 0]


def _nearness(topic: Topic, wanted: list[str]) -> float:
    """For each wanted word the best of: the same word 1, the same beginning 0.8, the same stem 0.5 (Polish endings change)."""
    names = set(fold(" ".join(topic.words.values())).split())
    others = set(fold(" ".join(word for words in topic.also.values() for word in words)).split())
    found = [max(_alike(word, names), 0.9 * _alike(word, others)) for word in wanted]
    return sum(found) / len(found) if any(found) else 0


def _alike(word: str, among: Iterable[str]) -> float:
    best = 0.0
    for other in among:
        if other == word:
            return 1.0
        if len(word) > 2 and other.startswith(word):
            best = max(best, 0.8)
        elif min(len(word), len(other)) > 4 and word[: _stem(word)] == other[: _stem(word)]:
            best = max(best, 0.5)
    return best


def _stem(word: str) -> int:
    return max(4, len(word) - 3)


# -- people, for those who look after them ----------------------------------------------------------------------------


def members(by: Actor, *, called: str = "") -> QuerySet[Member]:
    """Everybody in the programme, for its coordinators."""
    if not by.has("coordinator"):
        raise NotAllowed
    here = Member.objects.filter(programme=by.programme).exclude(state=Member.State.LEFT)
    if called:
        here = here.filter(called__icontains=called)
    return here.select_related("unit", "person").prefetch_related("duties").order_by("called", "pk")


def member(by: Actor, member_id: str) -> Member:
    found = members(by).filter(pk=member_id).first()
    if found is None:
        raise NotFound
    return found


def places(within: Programme) -> QuerySet[Member]:
    """Everybody who has, or had, a place there, with their accounts: an import looks here whom it tells of again."""
    return Member.objects.filter(programme=within).select_related("person")


def own_place(by: Actor) -> Member:
    found = Member.objects.filter(pk=by.member).select_related("programme", "unit", "person").first()
    if found is None:
        raise NotFound
    return found


def on_duty(by: Actor) -> list[tuple[str, list[Member]]]:
    """People by duty."""
    with_duty = members(by).filter(duties__isnull=False).distinct()
    return [
        (kind.value, [one for one in with_duty if kind.value in {duty.kind for duty in one.duties.all()}])
        for kind in Duty.Kind
    ]


def keepers(within: Programme | str, *kinds: str) -> QuerySet[Member]:
    """Active members with one of these duties."""
    return (
        Member.objects.filter(programme=within, state=Member.State.ACTIVE, duties__kind__in=kinds)
        .select_related("person")
        .distinct()
    )


def rested(within: Programme) -> QuerySet[Member]:
    """Members whose pause is over."""
    over = Member.objects.filter(programme=within, state=Member.State.PAUSED, paused_until__lte=clock.today())
    return over.exclude(paused_for__in=SUSPENDED)  # a decision ends by itself


def duty(by: Actor, duty_id: str) -> Duty:
    """For coordinators; and everybody's own."""
    here = Duty.objects.filter(pk=duty_id, member__programme=by.programme).select_related("member").first()
    if here is None or not (by.has("coordinator") or here.member.person_id == by.person):
        raise NotFound
    return here


def units(within: Programme) -> QuerySet[Unit]:
    return Unit.objects.filter(programme=within).select_related("parent")


def lines(within: Programme) -> dict[str, tuple[str, ...]]:
    """For each unit its line from the root down to itself: who leads one of them leads all that lies within."""
    parents = dict(within.units.values_list("pk", "parent_id"))
    return {unit: _line(unit, parents) for unit in parents}


def _line(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    up: list[str] = []
    at: str | None = unit
    while at and at not in up:
        up.append(at)
        at = parents.get(at)
    return tuple(reversed(up))


def leads_any(within: Programme, person: str, people: Iterable[str]) -> bool:
    """Whether this person leads a unit, or one around it, to which one of these people belongs."""
    led = Member.objects.filter(programme=within, person=person, leads=True).values_list("unit", flat=True).first()
    if led is None:
        return False
    theirs = Member.objects.filter(programme=within, person__in=list(people), unit__isnull=False)
    above = lines(within)
    return any(led in above.get(unit or "", ()) for unit in theirs.values_list("unit", flat=True))


def above_and_below(within: Programme | str, person: str) -> set[str]:
    """Everybody there who leads this person, and everybody whom this person leads."""
    here = Member.objects.filter(programme=within)
    unit, leads = here.filter(person=person).values_list("unit", "leads").first() or (None, False)
    if unit is None:
        return set()
    line = lines(Programme.objects.get(pk=within) if isinstance(within, str) else within)
    above = here.filter(leads=True, unit__in=line.get(unit, ()))
    below = here.filter(unit__in=[one for one, up in line.items() if leads and unit in up])
    return {*above.values_list("person", flat=True), *below.values_list("person", flat=True)} - {person}


def called(within: Programme | str, people: Iterable[str | None]) -> dict[str, str]:
    """The names that these people have there, or had."""
    here = Member.objects.filter(programme=within, person__in=set(filter(None, people)))
    return dict(here.values_list("person", "called"))


# -- ways in ----------------------------------------------------------------------------------------------------------


def digest(secret: str) -> str:
    """Of an invitation's link or code as somebody typed it."""
    return hashlib.sha256("".join(filter(str.isalnum, secret.lower())).encode()).hexdigest()


def invitation(secret: str) -> Invitation:
    """A way in that still holds."""
    holds = Q(expires_at__gt=clock.now()) & Q(uses_left__gt=0)
    found = (
        Invitation.objects.filter(holds, digest=digest(secret)).select_related("programme", "unit", "claims").first()
    )
    if found is None:
        raise NotFound
    return found


def led_inside(person: Person, secret: str) -> Programme | None:
    """Where a way in led to, for somebody who is inside there: people keep the link by which they came."""
    here = Member.objects.filter(person=person).exclude(state=Member.State.LEFT)
    return Programme.objects.filter(invitations__digest=digest(secret), pk__in=here.values("programme")).first()


def invitations(by: Actor) -> QuerySet[Invitation]:
    if not by.has("coordinator"):
        raise NotAllowed
    holds = Q(expires_at__gt=clock.now()) & Q(uses_left__gt=0)
    return Invitation.objects.filter(holds, programme=by.programme).select_related("unit").order_by("-made_at", "pk")


def an_invitation(by: Actor, invitation_id: str) -> Invitation:
    found = invitations(by).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound
    return found


def print_of(within: Programme | str, code: str) -> str:
    """Keyed hash of a person's code or staff number in one programme: equal for equal codes, and useless elsewhere. Empty
    for a hyphen or the like, by which people mean that there is none."""
    key = within if isinstance(within, str) else within.pk
    plain = "".join(filter(str.isalnum, fold(code)))
    return fingerprint(plain, purpose="known-as/" + key) if plain else ""
