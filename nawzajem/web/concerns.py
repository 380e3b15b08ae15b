"""Pages about danger: help beside a talk, the safety button, the queue of those on duty, and their hours."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.ground import language
from nawzajem.ground.refusals import Invalid, NotFound
from nawzajem.ground.words import said
from nawzajem.pairs import reads as pairs
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.safety import helplines
from nawzajem.safety.concerns import acts, reads
from nawzajem.safety.concerns.forms import (
    HandOverForm,
    OutcomeForm,
    QuestionsForm,
    RaiseForm,
    ShiftForm,
    StepForm,
    WeekForm,
)
from nawzajem.safety.concerns.models import Concern
from nawzajem.safety.logbook import acts as logbook
from nawzajem.safety.openings import reads as openings
from nawzajem.web.doorway import Request, before_agreement, on_duty, while_suspended
from nawzajem.web.once import key_of
from nawzajem.web.paging import page

OFFICIAL = "https://cssrs.columbia.edu/"  # the questions in each language; nothing of them is repeated here

# -- for whoever it is about ------------------------------------------------------------------------------------------


def beside(request: Request) -> dict[str, Any]:
    """What stands beside the words of somebody who may be in danger: help that answers now, and who knows."""
    mine = reads.beside_me(request.actor)
    return {"my_concern": mine, "lines_now": _lines() if mine else []}


def _lines() -> list[helplines.Line]:
    lines = helplines.lines_for(settings.ENV.country, settings.DATA / "helplines.toml").lines
    return [one for one in lines if one.kind in {"emergency", "crisis", "children"}][:4]


@while_suspended
@before_agreement
def care(request: Request) -> HttpResponse:
    """The same as a fragment, fetched again when something changed."""
    return render(request, "concerns/_care.html", beside(request))


@while_suspended
@before_agreement
def raise_by_hand(request: Request) -> HttpResponse:
    """The safety button: for oneself, or for the person one talks with, when it was opened beside a talk."""
    pair = pairs.pair(request.actor, request.GET["pair"]) if request.GET.get("pair") else None
    form = RaiseForm(request.POST or None)
    if pair is None:
        del form.fields["whom"]
    if request.method == "POST" and form.is_valid():
        _raise(request, form.cleaned_data, pair)
        messages.success(
            request, _("Those on duty are being called. If it cannot wait, call one of the numbers below.")
        )
        return redirect("worried_told", request.programme.slug)
    context = {"form": form, "pair": pair, "place": "talks", "on_duty": _is_somebody_on_duty(request)}
    return render(request, "concerns/raise.html", context | _numbers(), status=422 if form.errors else 200)


def _raise(request: Request, typed: dict[str, Any], pair: Any) -> None:
    about_other = pair is not None and typed.get("whom") == "other"
    about = _other_of(request, pair) if about_other else request.user
    acts.raise_concern(
        request.actor,
        about,
        origin=Concern.Origin.OTHER if about_other else Concern.Origin.SELF,
        tier=typed["tier"],
        words=typed["words"],
        talk=pair.conversation_id if pair else "",
        place=f"pair:{pair.pk}" if pair else "",
        key=key_of(request),
    )


def _other_of(request: Request, pair: Any) -> Person | None:
    other: Person | None = pair.giver if pair.asker_id == request.actor.person else pair.asker
    return other


def _is_somebody_on_duty(request: Request) -> bool:
    return bool(reads.officers(request.programme))


def _numbers() -> dict[str, Any]:
    return {"lines_now": _lines()}


@while_suspended
@before_agreement
def told(request: Request) -> HttpResponse:
    """After the button: what happens now, and help that answers meanwhile."""
    return render(request, "concerns/told.html", beside(request) | _numbers() | {"place": "talks"})


# -- for those on duty ------------------------------------------------------------------------------------------------


@on_duty("duty_officer")
def queue(request: Request) -> HttpResponse:
    rows = page(request, reads.queue(request.actor))
    here = reads.on_duty(request.programme.pk)
    context = {
        "rows": rows,
        "called_to": set(reads.my_calls(request.actor).values_list("pk", flat=True)),
        "called": programmes.called(
            request.programme, [*here.on_shift, *(p for one in rows for p in (one.about_id, one.owner_id))]
        ),
        "on_shift": here.on_shift,
        "only_rules": request.programme.options.screening and language.is_alone(),
        "place": "desk",
    }
    return render(request, "concerns/_queue.html" if request.htmx else "concerns/queue.html", context)


@on_duty("duty_officer")
def past(request: Request) -> HttpResponse:
    rows = page(request, reads.closed(request.actor))
    called = programmes.called(request.programme, [p for one in rows for p in (one.about_id, one.owner_id)])
    return render(request, "concerns/past.html", {"rows": rows, "called": called, "place": "desk"})


@on_duty("duty_officer")
def concern(request: Request, concern: str) -> HttpResponse:
    return _page(request, reads.concern(request.actor, concern))


def _page(request: Request, one: Concern, **forms: Any) -> HttpResponse:
    whose = one.by_id if one.origin == Concern.Origin.OTHER else one.about_id  # that others worry is told to nobody
    logbook.note(request.actor, [whose], what="concern", thing=one.pk)
    done, calls = reads.steps(request.actor, one), list(reads.calls(request.actor, one))
    people = [one.about_id, one.by_id, one.owner_id, *(step.by for step in done), *(call.person_id for call in calls)]
    names = programmes.called(request.programme, people)
    officers = [member for member in reads.officers(request.programme) if member.pk != request.actor.person]
    names |= programmes.called(request.programme, [officer.pk for officer in officers])
    to = [(officer.pk, names.get(officer.pk, "")) for officer in officers if officer.pk != one.about_id]
    context = {
        "one": one,
        "words": reads.words_of(request.actor, one),
        "done": done,
        "calls": calls,
        "openings": openings.because_of(request.actor, f"concern:{one.pk}"),
        "called": names,
        "mine": one.owner_id == request.actor.person,
        "i_am_called": any(c.person_id == request.actor.person and c.answer == "waiting" for c in calls),
        "todo": _steps_of(request, one),
        "fallback": said(dict[str, str](**request.programme.options.fallback))
        if request.programme.options.fallback
        else "",
        "official": OFFICIAL,
        "step": StepForm(),
        "questions": QuestionsForm(),
        "outcome": OutcomeForm(),
        "hand": HandOverForm(to=to) if to else None,
        "place": "desk",
    } | forms
    bad = any(form.errors for form in forms.values())
    return render(request, "concerns/concern.html", context, status=422 if bad else 200)


def _steps_of(request: Request, one: Concern) -> list[str]:
    """What the programme settled for this tier, one step a line."""
    words = getattr(request.programme.options, f"steps_{one.tier_code}")
    return [line.strip() for line in said(dict[str, str](**words)).splitlines() if line.strip()] if words else []


@on_duty("duty_officer")
@require_POST
def take(request: Request, concern: str) -> HttpResponse:
    acts.take(request.actor, reads.concern(request.actor, concern))
    return redirect("concern", request.programme.slug, concern)


@on_duty("duty_officer")
@require_POST
def pass_on(request: Request, concern: str) -> HttpResponse:
    acts.pass_on(request.actor, reads.concern(request.actor, concern))
    messages.success(request, _("The next is being called."))
    return redirect("concerns", request.programme.slug)


@on_duty("duty_officer")
@require_POST
def note(request: Request, concern: str) -> HttpResponse:
    one, form = reads.concern(request.actor, concern), StepForm(request.POST)
    if not form.is_valid():
        return _page(request, one, step=form)
    acts.note(request.actor, one, key=key_of(request), **form.cleaned_data)
    return redirect("concern", request.programme.slug, concern)


@on_duty("duty_officer")
@require_POST
def screen(request: Request, concern: str) -> HttpResponse:
    """The official questions, by their numbers; the programme's steps for what came out stand on the page then."""
    one, form = reads.concern(request.actor, concern), QuestionsForm(request.POST)
    if not form.is_valid():
        return _page(request, one, questions=form)
    acts.screen(request.actor, one, key=key_of(request), **form.cleaned_data)
    return redirect("concern", request.programme.slug, concern)


@on_duty("duty_officer")
@require_POST
def hand_over(request: Request, concern: str) -> HttpResponse:
    one = reads.concern(request.actor, concern)
    to = next((who for who in reads.officers(request.programme) if who.pk == request.POST.get("to")), None)
    if to is None:
        raise Invalid(fields={"to": [_("Choose somebody on duty.")]})
    if not reads.is_called(request.actor, one, to):  # sent twice, it is handed over already
        acts.hand_over(request.actor, one, to)
    messages.success(request, _("Called. Until it is taken, it stays on the clock."))
    return redirect("concern", request.programme.slug, concern)


@on_duty("duty_officer")
@require_POST
def close(request: Request, concern: str) -> HttpResponse:
    one, form = reads.concern(request.actor, concern), OutcomeForm(request.POST)
    if not form.is_valid():
        return _page(request, one, outcome=form)
    acts.close(request.actor, one, **form.cleaned_data)
    messages.success(request, _("Closed. Thank you for having been there."))
    return redirect("concerns", request.programme.slug)


# -- hours on duty ----------------------------------------------------------------------------------------------------


@on_duty("coordinator", "duty_officer")
def roster(request: Request) -> HttpResponse:
    """Who is on duty when. One's own hours are typed here; a coordinator chooses whose."""
    whose = _whose(request)
    form = WeekForm(request.POST if "week_of" in request.POST else None, initial={"week": _week(request, whose)})
    if request.method == "POST" and form.is_valid() and whose:
        acts.keep_week(request.actor, whose, week=form.cleaned_data["week"])
        messages.success(request, _("Kept."))
        return redirect("roster", request.programme.slug)
    return _roster(request, whose, form, ShiftForm())


def _roster(request: Request, whose: Person | None, form: WeekForm, shift: ShiftForm) -> HttpResponse:
    officers = reads.officers(request.programme)
    shifts = reads.shifts(request.actor, officers)
    here = reads.on_duty(request.programme.pk)
    context = {
        "whose": whose,
        "form": form,
        "shift": shift,
        "officers": officers,
        "weeks": reads.weeks(request.programme),
        "shifts": shifts,
        "on_shift": here.on_shift,
        "called": programmes.called(request.programme, [one.pk for one in officers]),
        "has_fallback": bool(request.programme.options.fallback_email),
        "place": "desk",
    }
    return render(request, "concerns/roster.html", context, status=422 if form.errors or shift.errors else 200)


def _whose(request: Request) -> Person | None:
    """Whose hours: one's own, or those a coordinator asked for."""
    wanted = request.POST.get("of") or request.GET.get("of") or request.actor.person
    return next((one for one in reads.officers(request.programme) if one.pk == wanted), None)


def _week(request: Request, whose: Person | None) -> str:
    return reads.week_of(request.actor, whose) if whose else ""


@on_duty("coordinator", "duty_officer")
@require_POST
def add_shift(request: Request) -> HttpResponse:
    whose, form = _whose(request), ShiftForm(request.POST)
    if whose is None:
        raise NotFound
    if not form.is_valid():
        return _roster(request, whose, WeekForm(initial={"week": _week(request, whose)}), form)
    acts.add_shift(request.actor, whose, key=key_of(request), **form.cleaned_data)
    return redirect("roster", request.programme.slug)


@on_duty("coordinator", "duty_officer")
@require_POST
def drop_shift(request: Request, shift: str) -> HttpResponse:
    try:
        one = reads.shift(request.actor, shift)
    except NotFound:  # dropped already, a moment ago or in another window
        return redirect("roster", request.programme.slug)
    acts.drop_shift(request.actor, one.person, shift=one)
    return redirect("roster", request.programme.slug)
