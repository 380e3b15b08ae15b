"""Looking into a report, deciding, hearing whoever it concerns, deciding anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Closed, Invalid, Stale
from nawzajem.ground.seal import seal
from nawzajem.ground.states import move
from nawzajem.rulings import effects, reads, rules
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety.models import Report

Kind, State = Ruling.Kind, Ruling.State
LONGEST_PAUSE = timedelta(days=365)
AGAIN = timedelta(days=7)
OUTCOMES = {
    Kind.WARNING: Report.Outcome.WARNED,
    Kind.PAUSE: Report.Outcome.PAUSED,
    Kind.REMOVAL: Report.Outcome.REMOVED,
}

# -- the report -------------------------------------------------------------------------------------------------------


@act(may=rules.may_look_into)
def take(actor: Actor, report: Report) -> Report:
    move(report, Report.State.TAKEN, taken_by_id=actor.person)
    emit(actor, "report.taken", report, wakes=_reporter(report))
    return report


@act(may=rules.may_look_into)
def give_back(actor: Actor, report: Report) -> Report:
    """For somebody else on duty to take."""
    return _give_back(actor, report)


def _give_back(actor: Actor, report: Report) -> Report:
    move(report, Report.State.RAISED, taken_by=None, fallback_due_at=None, fallback_told_at=None)
    emit(actor, "report.given_back", report)
    return report


@act(may=rules.may_look_into)
def close(actor: Actor, report: Report, *, outcome: str) -> Report:
    return _close(actor, report, outcome)


def _close(actor: Actor, report: Report, outcome: str) -> Report:
    move(report, Report.State.CLOSED, outcome=outcome)
    emit(actor, "report.closed", report, outcome=outcome, wakes=_reporter(report))
    return report


def _reporter(report: Report) -> list[str]:
    return [f"person:{report.by_id}"] if report.by_id else []


# -- deciding ---------------------------------------------------------------------------------------------------------


@act(may=rules.may_rule)
def rule(
    actor: Actor,
    report: Report,
    *,
    kind: str,
    reason: str,
    words: str,
    until: date | None = None,
    urgent: bool = False,
    key: str = "",
) -> Ruling:
    """A note and a warning hold at once. Before a pause or a removal whoever it concerns is heard, unless it is urgent.
    Made twice with one `key` it is one."""
    if key and (before := Ruling.objects.filter(pk=key, report=report, by=actor.person).first()):
        return before
    here = Report.objects.select_for_update().get(pk=report.pk)
    _check(here, kind, until)
    made = Ruling(programme_id=actor.here, report=here, about_id=here.about_id, by_id=actor.person, kind=kind)
    made.pk = key or made.pk
    made.reason, made.until, made.state = reason, until if kind == Kind.PAUSE else None, State.HEARD
    made.words = seal(made.vault, words, about=f"ruling:{made.pk}")
    made.urgent = urgent and made.suspends
    if made.suspends and not urgent:
        made.answer_by = clock.now() + timedelta(days=made.programme.options.reply_days)
    made.save(force_insert=True)
    emit(actor, "ruling.made", made, what=kind, reason=reason, urgent=made.urgent)
    if made.answer_by is None:
        _begin(actor, made)
    else:
        emit(actor, "ruling.announced", made, wakes=_ears(made))
    return made


def _check(report: Report, kind: str, until: date | None) -> None:
    """A report that is closed has been decided; one about nobody concerns nobody."""
    if report.state == Report.State.CLOSED or report.about_id is None:
        raise Closed
    if not reads.can_be_ruled_on(report):
        raise Stale
    if kind == Kind.PAUSE:
        _check_until(until)


def _check_until(until: date | None) -> None:
    today = clock.house_day()
    if until is None or not today < until <= today + LONGEST_PAUSE:
        raise Invalid(fields={"until": [_("A day to come, at most a year from now.")]})


def _begin(actor: Actor, ruling: Ruling) -> None:
    """From now on it holds, and what follows from it is done."""
    today = clock.house_day()
    appeal_by = None if ruling.kind == Kind.NOTE else today + timedelta(days=ruling.programme.options.appeal_days)
    move(ruling, State.HOLDS, holds_since=clock.now(), appeal_by=appeal_by)
    effects.begin(ruling)
    if ruling.kind == Kind.NOTE:
        return
    emit(actor, "ruling.holds", ruling, what=ruling.kind, reason=ruling.reason, wakes=_ears(ruling))
    if ruling.report and ruling.report.state == Report.State.TAKEN:
        _close(actor, ruling.report, OUTCOMES[Kind(ruling.kind)])


def _ears(ruling: Ruling) -> list[str]:
    return [f"person:{ruling.about_id}"] if ruling.about_id else []


@act(may=rules.may_handle)
def settle(actor: Actor, ruling: Ruling, *, holds: bool) -> Ruling:
    """After the answer, or after the days for it: it is done, or it is not."""
    if ruling.state == State.HEARD and not rules.can_settle(ruling):
        raise Stale(_("There is still time for an answer. Where it cannot wait, decide it as urgent."))
    if holds and ruling.kind == Kind.PAUSE:
        _check_until(ruling.until)
    if holds and ruling.state == State.HEARD:
        _begin(actor, ruling)
    else:
        move(ruling, State.DROPPED)
        emit(actor, "ruling.dropped", ruling, wakes=_ears(ruling))
    return ruling


@act(may=rules.may_handle)
def lift(actor: Actor, ruling: Ruling) -> Ruling:
    """Before its time, for instance after the answer to something urgent."""
    return _lift(actor, ruling)


def _lift(actor: Actor, ruling: Ruling) -> Ruling:
    held = ruling.state == State.HOLDS
    move(ruling, State.LIFTED)
    if held:
        effects.end(ruling)
    emit(actor, "ruling.lifted", ruling, wakes=_ears(ruling))
    return ruling


# -- being heard ------------------------------------------------------------------------------------------------------


@act(may=rules.is_own)
def reply(actor: Actor, ruling: Ruling, *, words: str) -> Ruling:
    """One answer, read by those who decide."""
    here = Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.pk)
    if reads.words_in(here).reply == words:  # sent twice
        return here
    if not rules.can_reply(here):
        raise Closed
    here.reply, here.replied_at = seal(here.vault, words, about=f"reply:{here.pk}"), clock.now()
    here.save(update_fields=["reply", "replied_at"])
    emit(actor, "ruling.replied", here)
    return here


@act(may=rules.is_own)
def appeal(actor: Actor, ruling: Ruling, *, words: str) -> Appeal:
    """Somebody else decides anew. Meanwhile it holds."""
    if reads.words_in(ruling).appeal == words:  # sent twice
        return ruling.appeal
    if not rules.can_appeal(ruling):
        raise Closed
    sealed = seal(ruling.vault, words, about=f"appeal:{ruling.pk}")
    answer_by = clock.now() + timedelta(days=ruling.programme.options.appeal_answer_days)
    made = Appeal.objects.create(ruling=ruling, words=sealed, answer_by=answer_by)
    emit(actor, "ruling.appealed", ruling)
    return made


@act(may=rules.is_own)
def read(actor: Actor, ruling: Ruling) -> None:
    """No event: reading obliges nobody."""
    Ruling.objects.filter(pk=ruling.pk, read_at=None).update(read_at=clock.now())


@act(may=rules.may_decide)
def decide(
    actor: Actor, appeal: Appeal, *, outcome: str, words: str, kind: str = "", until: date | None = None
) -> Appeal:
    """Anew, by somebody else: it stays, is made milder, or is lifted. Never harder than it was."""
    ruling = (
        Ruling.objects.select_for_update(of=("self",)).select_related("programme", "report").get(pk=appeal.ruling_id)
    )
    if appeal.decided_by_id == actor.person and reads.words_in(ruling).answer == words:  # sent twice
        return appeal
    answer = seal(ruling.vault, words, about=f"answer:{ruling.pk}")
    before = {"kind_before": ruling.kind, "until_before": ruling.until} if outcome == Appeal.State.CHANGED else {}
    move(appeal, outcome, answer=answer, decided_by_id=actor.person, decided_at=clock.now(), **before)
    if outcome == Appeal.State.LIFTED and ruling.state in {State.HOLDS, State.OVER}:
        _lift(actor, ruling)
    elif outcome == Appeal.State.CHANGED:
        _make_milder(ruling, kind, until)
    emit(actor, "ruling.decided_anew", ruling, outcome=outcome, wakes=_news_for(ruling))
    return appeal


def _news_for(ruling: Ruling) -> list[str]:
    """Whoever it concerns has it to read again, and whoever reported is told too."""
    Ruling.objects.filter(pk=ruling.pk).update(read_at=None)
    return [*_ears(ruling), *(_reporter(ruling.report) if ruling.report else [])]


def _make_milder(ruling: Ruling, kind: str, until: date | None) -> None:
    hard = list(Kind.values)
    if ruling.state != State.HOLDS or kind not in hard or hard.index(kind) > hard.index(ruling.kind):
        raise Invalid(fields={"kind": [_("Only something milder, while it holds.")]})
    if kind == Kind.PAUSE:
        _check_until(until)
        if ruling.until and until and until >= ruling.until:
            raise Invalid(fields={"until": [_("An earlier day than before.")]})
    elif kind == ruling.kind:
        raise Invalid(fields={"kind": [_("Only something milder, while it holds.")]})
    ruling.kind, ruling.until = kind, until if kind == Kind.PAUSE else None
    ruling.save(update_fields=["kind", "until"])
    effects.change(ruling)


# -- by the clock -----------------------------------------------------------------------------------------------------


@act(may=rules.may_keep_time)
def end(actor: Actor, ruling: Ruling) -> None:
    """The day has come: they take part again, by themselves."""
    move(ruling, State.OVER)
    effects.end(ruling)
    emit(actor, "ruling.over", ruling, wakes=_ears(ruling))


@act(may=rules.may_keep_time)
def lapse(actor: Actor, appeal: Appeal) -> None:
    """Nobody decided it anew in time. Time does not run against whoever asked: what they asked about is lifted."""
    ruling = appeal.ruling
    move(appeal, Appeal.State.LAPSED, decided_at=clock.now())
    if ruling.state in {State.HOLDS, State.OVER}:
        _lift(actor, ruling)
    emit(actor, "ruling.appeal_lapsed", ruling, wakes=_news_for(ruling))


@act(may=rules.may_keep_time)
def call_again(actor: Actor, appeal: Appeal) -> None:
    """Something grave holds on until somebody decides. Those who may are called for it every week, and so is the fallback."""
    again = clock.now() + AGAIN
    Appeal.objects.filter(pk=appeal.pk).update(answer_by=again, fallback_due_at=clock.now())
    emit(actor, "ruling.appeal_late", appeal.ruling)


@act(may=rules.may_keep_time)
def call_fallback(actor: Actor, waiting: Appeal | Report) -> None:
    """There is nobody on duty who could look at it; or something grave was reported, and nobody took it in time."""
    _keep_call(waiting, fallback_due_at=clock.now())
    if isinstance(waiting, Report):
        emit(actor, "report.alone", waiting, reason=waiting.reason)
    else:
        emit(actor, "ruling.appeal_alone", waiting.ruling)


@act(may=rules.may_keep_time)
def fallback_told(actor: Actor, waiting: Appeal | Report) -> None:
    _keep_call(waiting, fallback_due_at=None, fallback_told_at=clock.now())
    if isinstance(waiting, Report):
        emit(actor, "report.fallback_told", waiting)
    else:
        emit(actor, "ruling.fallback_told", waiting.ruling)


@act(may=rules.may_keep_time)
def fallback_not_told(actor: Actor, waiting: Appeal | Report, *, again_in: timedelta) -> None:
    """The post did not take it. No event: it is tried again."""
    _keep_call(waiting, fallback_due_at=clock.now() + again_in)


def _keep_call(waiting: Appeal | Report, **when: datetime | None) -> None:
    type(waiting)._default_manager.filter(pk=waiting.pk).update(**when)


@act(may=rules.may_keep_time)
def return_to_queue(actor: Actor, report: Report) -> None:
    """Whoever had it is not on duty any more, or has a part in it by now."""
    _give_back(actor, report)


@act(may=rules.may_keep_time)
def let_evidence_go(actor: Actor, report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(evidence=None)
    emit(actor, "report.evidence_gone", report)
