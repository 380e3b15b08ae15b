"""Questions about minors, their guardians' consents, and the checks of adults."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.minors import rules
from nawzajem.minors.models import TOLD_BEFORE, Check, Consent, Standard
from nawzajem.minors.standards import ITEMS, Item
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member, Programme

MINOR = ["13_15", "16_17"]
LINK_HOLDS = timedelta(days=30)
HOLDS = [Consent.State.ASKED, Consent.State.GIVEN]


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# -- consents ---------------------------------------------------------------------------------------------------------


def consent_by(secret: str) -> Consent:
    """By the link: while it is asked for, and as long as it holds, for it is also the way to withdraw."""
    asked = Q(state=Consent.State.ASKED, asked_at__gt=clock.now() - LINK_HOLDS)
    here = Consent.objects.filter(asked | Q(state=Consent.State.GIVEN), digest=digest(secret))
    found = here.exclude(member__state=Member.State.LEFT).select_related("member__programme", "member__person").first()
    if found is None:
        raise NotFound
    return found


def present(member: Member) -> Consent | None:
    """What is asked for or holds."""
    return member.consents.filter(state__in=HOLDS).select_related("member__person").first()


def consents(by: Actor, of: Member) -> list[tuple[Consent, str]]:
    """With the guardians' names: for the minor, and for coordinators."""
    if not (by.person == of.person_id or rules.may_record(by, of)):
        raise NotFound
    rows = of.consents.select_related("by").order_by("-asked_at")
    return [(one, unseal(of.person.vault, one.guardian, about=f"consent:{one.pk}")) for one in rows]


def to_stop(within: Programme) -> list[tuple[Member, str]]:
    """Those who take part without what has to be in order first, and what that is."""
    unasked = _without_consent(within) if within.options.guardian_consent else ()
    return [
        *((one, Member.For.GUARDIAN.value) for one in unasked),
        *((one, Member.For.CHECKS.value) for one in _with_entry(within)),
    ]


def _without_consent(within: Programme) -> QuerySet[Member]:
    """Minors who take part although nobody has consented."""
    given = Consent.objects.filter(state=Consent.State.GIVEN).values("member")
    here = Member.objects.filter(programme=within, state=Member.State.ACTIVE, person__age__in=MINOR)
    return here.exclude(pk__in=given).exclude(agreed_at=None).select_related("person", "programme")


def with_consent_again(within: Programme) -> QuerySet[Member]:
    """Those who wait for a consent that has come, or that they need no longer."""
    waiting = Member.objects.filter(programme=within, state=Member.State.PAUSED, paused_for=Member.For.GUARDIAN)
    if within.options.guardian_consent:
        given = Q(consents__state=Consent.State.GIVEN)
        waiting = waiting.filter(given | (~Q(person__age__in=MINOR)))
    return waiting.select_related("person", "programme").distinct()


def withdrawn(within: Programme) -> QuerySet[Member]:
    """Minors whose guardian has withdrawn, and nobody has consented since."""
    waiting = Member.objects.filter(programme=within, paused_for=Member.For.GUARDIAN, state=Member.State.PAUSED)
    ended = waiting.filter(consents__state=Consent.State.WITHDRAWN)
    return ended.exclude(pk__in=Consent.objects.filter(state__in=HOLDS).values("member"))


# -- checks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an adult stands with one kind of check."""

    kind: str
    last: Check | None

    @property
    def words(self) -> str:
        return str(Check.Kind(self.kind).label)

    @property
    def is_in_date(self) -> bool:
        return (
            self.last is not None and self.last.result == Check.Result.CLEAR and self.last.expires_on >= clock.today()
        )

    @property
    def runs_out(self) -> bool:
        assert self.last
        return self.is_in_date and self.last.expires_on <= clock.today() + TOLD_BEFORE


def standing(of: Member) -> list[Standing]:
    last: dict[str, Check] = {}
    for check in of.checks.all():
        last.setdefault(check.kind, check)
    needed = list(of.programme.options.checks)
    return [Standing(kind, last.get(kind)) for kind in dict.fromkeys([*needed, *sorted(last)])]


def _last(within: Programme) -> dict[tuple[str, str], tuple[str, date]]:
    """Of each person and kind the last check: its result, and until when it holds."""
    last: dict[tuple[str, str], tuple[str, date]] = {}
    here = Check.objects.filter(member__programme=within).order_by("-done_on", "-made_at")
    for person, kind, result, until in here.values_list("member__person", "kind", "result", "expires_on"):
        last.setdefault((person, kind), (result, until))
    return last


def _with_entry(within: Programme) -> QuerySet[Member]:
    """Those who take part although the last check of some kind found an entry."""
    found = {person for (person, _kind), (result, _until) in _last(within).items() if result == Check.Result.FOUND}
    here = Member.objects.filter(programme=within, state=Member.State.ACTIVE, person__in=found)
    return here.select_related("person", "programme")


def checked(within: Programme) -> set[str]:
    """People of whom every check that the programme needs is in date and clear; the last of each kind counts."""
    last, today, needed = _last(within), clock.today(), within.options.checks
    clear = {key for key, (result, until) in last.items() if result == Check.Result.CLEAR and until >= today}
    return {person for person, _kind in clear if all((person, kind) in clear for kind in needed)}


def kept_from_minors(within: Programme, people: Iterable[tuple[str, str]]) -> set[str]:
    """Of these people with their ages, the adults who may not meet a minor here: their checks are not in order."""
    if not within.options.minors_with_adults:
        return set()  # no adult may, and the rule about ages sees to it
    clear = checked(within)
    return {person for person, age in people if age not in MINOR and person not in clear}


def running_out() -> QuerySet[Check]:
    """Checks of which somebody should be told: the last of their kind, clear, over within a month."""
    soon = Check.objects.filter(told_at=None, result=Check.Result.CLEAR, expires_on__lte=clock.today() + TOLD_BEFORE)
    return soon.exclude(member__state=Member.State.LEFT).select_related("member__programme")


# -- for the desk -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    waiting: list[Member]  # minors without a consent
    adults: list[tuple[Member, list[Standing]]]
    standards: list[tuple[str, Standard | None]]


def desk(by: Actor, within: Programme) -> Desk:
    """Who waits for a guardian; where the adults stand of whom something is known, and those with a duty."""
    here = programmes.members(by)
    waiting = here.filter(paused_for=Member.For.GUARDIAN, state=Member.State.PAUSED)
    concerned = Q(checks__isnull=False) | Q(duties__isnull=False) | Q(paused_for=Member.For.CHECKS)
    adults = here.filter(concerned).exclude(person__age__in=MINOR).prefetch_related("checks").distinct()
    return Desk(list(waiting), [(one, _standing(one, within)) for one in adults], list(standards(by, within).items()))


def _standing(one: Member, within: Programme) -> list[Standing]:
    one.programme = within
    return standing(one)


def standards(by: Actor, within: Programme) -> Mapping[str, Standard | None]:
    """Every point of the list, with what was filled in."""
    if not by.has("coordinator"):
        raise NotFound
    filled = {one.item: one for one in Standard.objects.filter(programme=within).select_related("by")}
    return {item: filled.get(item) for item in ITEMS}


def standards_for_all(within: Programme) -> list[tuple[Item, Standard]]:
    """Those points that whoever takes part should know, and their guardians: whom to tell, and what holds among each other."""
    filled = {one.item: one for one in Standard.objects.filter(programme=within)}
    return [(item, filled[code]) for code, item in ITEMS.items() if item.is_for_all and code in filled]


def to_review() -> QuerySet[Standard]:
    soon = clock.today() + TOLD_BEFORE
    return Standard.objects.filter(told_at=None, review_on__lte=soon).select_related("programme")
