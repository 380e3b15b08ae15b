"""Questions about reports, for those who look into them; and about rulings, for them and for whoever they concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import Stored, unseal
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.kept_out.models import KeptOut
from nawzajem.programmes.models import Member, Programme
from nawzajem.rulings import rules
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety import reads as safety
from nawzajem.safety.models import GRAVE, Report

# -- the queue --------------------------------------------------------------------------------------------------------


def reports(actor: Actor) -> QuerySet[Report]:
    """Those that this keeper may look into, the gravest first, of equals the oldest."""
    if not rules.on_duty(actor, actor.programme or ""):
        return Report.objects.none()
    bound = rules.bound_to(actor)
    here = Report.objects.filter(programme=actor.programme).exclude(about__in=bound).exclude(by__in=bound)
    grave = Case(When(reason__in=GRAVE, then=Value(0)), default=Value(1), output_field=IntegerField())
    return here.select_related("by", "about", "taken_by", "programme").order_by(grave, "at", "pk")


def waiting_reports(actor: Actor) -> QuerySet[Report]:
    return reports(actor).exclude(state=Report.State.CLOSED)


FILTERS = ("open", "free", "mine", "grave", "closed")


def queue(actor: Actor, which: str) -> QuerySet[Report]:
    """One of the filters; of what is closed the latest first."""
    if which == "closed":
        return reports(actor).filter(state=Report.State.CLOSED).order_by("-state_since", "pk")
    limits = {
        "free": Q(state=Report.State.RAISED),
        "mine": Q(taken_by=actor.person),
        "grave": Q(reason__in=GRAVE),
    }
    return waiting_reports(actor).filter(limits.get(which, Q()))


def report(actor: Actor, report_id: str) -> Report:
    found = reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def words_of(actor: Actor, report: Report) -> str:
    """What the reporter wrote to those who look into it."""
    found = words_of_each(actor, [report])
    if report.pk not in found:
        raise NotFound
    return found[report.pk]


def words_of_each(actor: Actor, reports: Iterable[Report]) -> dict[str, str]:
    """The same of many, by their ids; those that somebody may not look into are left out."""
    bound = rules.bound_to(actor) if actor.person else set()
    return {
        one.pk: unseal(one.vault, one.words, about=f"report:{one.pk}")
        for one in reports
        if actor.person and rules.on_duty(actor, one.programme_id) and not bound & set(one.people)
    }


def who_may_look_into(report: Report) -> list[str]:
    """Everybody on duty who stands apart from it."""
    keepers = programmes.keepers(report.programme_id, *rules.KEEPERS).prefetch_related("duties")
    return [one.person_id for one in keepers if rules.may_look_into(_as_actor(report.programme, one), report)]


def who_may_handle(ruling: Ruling, *, anew: bool) -> list[str]:
    """Everybody on duty who stands apart from it; for deciding anew, but for whoever decided."""
    keepers = programmes.keepers(ruling.programme_id, *rules.KEEPERS).prefetch_related("duties")
    apart = [one for one in keepers if rules.may_handle(_as_actor(ruling.programme, one), ruling)]
    return [one.person_id for one in apart if not (anew and one.person_id == ruling.by_id)]


def _as_actor(within: Programme, member: Member) -> Actor:
    return programmes.actor(member.person, within, member, via="chore", second_factor=lambda: True)


# -- rulings at the desk ----------------------------------------------------------------------------------------------


def rulings(actor: Actor) -> QuerySet[Ruling]:
    if not rules.on_duty(actor, actor.programme or ""):
        return Ruling.objects.none()
    bound = rules.bound_to(actor)
    here = Ruling.objects.filter(programme=actor.programme).exclude(about__in=bound).exclude(report__by__in=bound)
    return here.select_related("programme", "report", "about", "by", "appeal").order_by("-made_at", "pk")


def ruling(actor: Actor, ruling_id: str) -> Ruling:
    found = rulings(actor).filter(pk=ruling_id).first()
    if found is None or not rules.may_handle(actor, found):
        raise NotFound
    return found


def to_decide(actor: Actor) -> list[Ruling]:
    """What waits for this keeper: answers that have come or were waited for, and appeals against what others decided."""
    heard = Q(state=Ruling.State.HEARD) & (Q(replied_at__isnull=False) | Q(answer_by__lte=clock.now()))
    appealed = Q(appeal__state=Appeal.State.WAITING) & ~Q(by=actor.person)
    return list(rulings(actor).filter(heard | appealed).order_by("made_at"))


def can_come_again(ruling: Ruling) -> bool:
    """Whether somebody who was removed comes in under another name without being asked for anything."""
    options = ruling.programme.options
    removed = ruling.kind == Ruling.Kind.REMOVAL and ruling.state == Ruling.State.HOLDS
    return removed and options.joining == "open" and options.after_removal == "nothing"


def about(actor: Actor, person: str) -> QuerySet[Ruling]:
    """Everything that was decided about somebody here, notes too."""
    return rulings(actor).filter(about=person)


# -- for whoever it concerns ------------------------------------------------------------------------------------------


def mine(actor: Actor) -> QuerySet[Ruling]:
    """Of this programme, the latest first; never a note."""
    about_me = Ruling.objects.filter(about=actor.person or "", programme=actor.programme)
    return about_me.exclude(kind=Ruling.Kind.NOTE).select_related("programme", "appeal").order_by("-made_at", "pk")


def my_ruling(actor: Actor, ruling_id: str) -> Ruling:
    found = mine(actor).filter(pk=ruling_id).first()
    if found is None:
        raise NotFound
    return found


def has_news(actor: Actor) -> bool:
    return mine(actor).filter(read_at=None).exists()


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a ruling, in the order in which they were said."""

    words: str
    reply: str
    appeal: str
    answer: str


def said(actor: Actor, ruling: Ruling) -> Said:
    """For those on duty who may handle it, and for whoever it concerns."""
    if not (rules.is_own(actor, ruling) or rules.may_handle(actor, ruling)):
        raise NotFound
    return words_in(ruling)


def words_in(ruling: Ruling) -> Said:
    appeal: Appeal | None = getattr(ruling, "appeal", None)

    def opened(sealed: Stored | None, what: str) -> str:
        return unseal(ruling.vault, sealed, about=f"{what}:{ruling.pk}")

    return Said(
        opened(ruling.words, "ruling"),
        opened(ruling.reply, "reply"),
        opened(appeal.words, "appeal") if appeal else "",
        opened(appeal.answer, "answer") if appeal else "",
    )


# -- for whoever made the report --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as its maker sees it: what came of it, and nothing about the other's private affairs."""

    id: str
    at: datetime
    reason: str
    words: str
    state: str
    due_at: datetime | None
    outcome: str
    anew: str  # how an appeal ended, if there was one
    somebody: bool  # whether anybody on duty stands apart from it
    fallback_told_at: datetime | None


def my_reports(actor: Actor) -> list[Reported]:
    made = list(safety.my_reports(actor).select_related("programme"))
    anew = _decided_anew(made)
    return [
        Reported(
            id=one.pk,
            at=one.at,
            reason=one.get_reason_display(),
            words=safety.my_words(actor, one),
            state=one.state,
            due_at=one.due_at,
            outcome=one.outcome,
            anew=anew.get(one.pk, ""),
            somebody=one.state == Report.State.CLOSED or bool(who_may_look_into(one)),
            fallback_told_at=one.fallback_told_at,
        )
        for one in made
    ]


def _decided_anew(reports: Iterable[Report]) -> dict[str, str]:
    decided = Appeal.objects.filter(ruling__report__in=[one.pk for one in reports]).exclude(state=Appeal.State.WAITING)
    return dict(decided.order_by("decided_at").values_list("ruling__report", "state"))


# -- for what runs by itself ------------------------------------------------------------------------------------------


def to_end() -> QuerySet[Ruling]:
    over = Ruling.objects.filter(state=Ruling.State.HOLDS, kind=Ruling.Kind.PAUSE, until__lte=clock.house_day())
    return over.select_related("programme").order_by("until")


def holding(programme: str, person: str | None) -> QuerySet[Ruling]:
    """What keeps somebody from taking part just now, the hardest and longest first."""
    hard = (Ruling.Kind.PAUSE, Ruling.Kind.REMOVAL)
    here = Ruling.objects.filter(programme=programme, about=person or "", state=Ruling.State.HOLDS, kind__in=hard)
    return here.order_by("-kind", "-until")


def appeals_waiting() -> QuerySet[Appeal]:
    waiting = Appeal.objects.filter(state=Appeal.State.WAITING)
    return waiting.select_related("ruling__programme", "ruling__report", "ruling__about").order_by("at")


def appeals_late() -> QuerySet[Appeal]:
    """Nobody has decided them by their day."""
    return appeals_waiting().filter(answer_by__lte=clock.now())


def reports_waiting() -> QuerySet[Report]:
    return Report.objects.filter(state=Report.State.RAISED).select_related("programme").order_by("at")


def unanswered() -> list[Report]:
    """Nobody on duty can look into them, or they are grave and late; and whom the programme names for that was not called yet."""
    uncalled = reports_waiting().filter(fallback_due_at=None, fallback_told_at=None)
    return [one for one in uncalled if (one.is_grave and one.is_late) or not who_may_look_into(one)]


def for_fallback() -> list[Appeal | Report]:
    """Whom a programme names for when nobody can decide is to be told of these, and was not yet."""
    due = {"fallback_due_at__lte": clock.now()}
    every: list[Appeal | Report] = [*appeals_waiting().filter(**due), *reports_waiting().filter(**due)]
    return [one for one in every if within(one).options.fallback_email]


def within(waiting: Appeal | Report) -> Programme:
    return waiting.programme if isinstance(waiting, Report) else waiting.ruling.programme


def can_be_ruled_on(report: Report) -> bool:
    """It is being looked into, whoever it is about is still here, and no ruling of it waits for their answer."""
    heard = report.rulings.filter(state=Ruling.State.HEARD)
    return report.state == Report.State.TAKEN and report.about_id is not None and not heard.exists()


def can_be_decided(ruling: Ruling) -> bool:
    """Whether anybody on duty could decide an appeal against it just now."""
    return bool(who_may_handle(ruling, anew=True))


def removals(person: Person) -> QuerySet[Ruling]:
    """From any programme, that hold."""
    theirs = Ruling.objects.filter(about=person, kind=Ruling.Kind.REMOVAL, state=Ruling.State.HOLDS)
    return theirs.select_related("programme", "about")


def evidence_had_its_time() -> QuerySet[Report]:
    """Sealed messages past their day, unless the report, an answer or an appeal still waits."""
    past = Report.objects.filter(
        evidence__isnull=False, evidence_until__lt=clock.house_day(), state=Report.State.CLOSED
    )
    waiting = Q(rulings__state=Ruling.State.HEARD) | Q(rulings__appeal__state=Appeal.State.WAITING)
    return past.exclude(waiting)


def had_their_time(programme: Programme, *, kept: int) -> QuerySet[Ruling]:
    """Long over. What still holds stays: somebody must be able to read why, or, when they have erased themselves, to lift it."""
    before = clock.now() - timedelta(days=kept)
    ended = Q(state__in=[Ruling.State.OVER, Ruling.State.LIFTED, Ruling.State.DROPPED])
    mild = Q(state=Ruling.State.HOLDS, kind__in=[Ruling.Kind.NOTE, Ruling.Kind.WARNING])
    nobodys = Q(state=Ruling.State.HOLDS, about=None) & ~Q(pk__in=KeptOut.objects.values("because"))
    here = Ruling.objects.filter(ended | mild | nobodys, programme=programme, state_since__lt=before)
    return here.exclude(appeal__state=Appeal.State.WAITING)


def left_alone() -> list[Report]:
    """Taken by somebody who may look into it no longer."""
    taken = Report.objects.filter(state=Report.State.TAKEN).select_related("programme")
    return [one for one in taken if one.taken_by_id not in who_may_look_into(one)]
