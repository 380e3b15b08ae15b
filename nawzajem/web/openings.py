"""Break-glass as pages: asking, being the second person, looking while it lasts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nawzajem.conversations import acts as conversation_acts
from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member
from nawzajem.rulings import reads as rulings
from nawzajem.safety import evidence
from nawzajem.safety.concerns import reads as concerns
from nawzajem.safety.openings import acts, reads, rules
from nawzajem.safety.openings.forms import OpeningForm
from nawzajem.safety.openings.models import Opening
from nawzajem.web.doorway import Request, on_duty
from nawzajem.web.fresh_factor import is_fresh, to_show
from nawzajem.web.once import key_of
from nawzajem.web.paging import page
from nawzajem.web.refusals import told_in

KEEPERS = rules.KEEPERS


@on_duty(*KEEPERS)
def openings(request: Request) -> HttpResponse:
    """What was asked for and what was opened here, and by whom."""
    rows = page(request, reads.openings(request.actor))
    people = (person for one in rows for person in (one.asked_by_id, one.answered_by_id))
    called = programmes.called(request.programme, people)
    return render(request, "openings/list.html", {"rows": rows, "called": called, "place": "desk"})


@on_duty(*KEEPERS)
def new(request: Request) -> HttpResponse:
    """For a report, or for a place in a talk that something else names: what is to be opened stands in the address."""
    what, people = _wanted(request)
    if not rules.may_ask(request.actor, request.programme, people):
        raise _why_not(request, people)
    if request.method == "GET" and not is_fresh(request):
        return redirect(to_show(request, request.get_full_path()))
    form = OpeningForm(request.POST or None, initial={"reason": REASONS.get(what["because"].partition(":")[0])})
    if request.method == "POST" and form.is_valid():
        _check_fresh(request)
        typed = {name: value for name, value in form.cleaned_data.items() if name != "later"}
        with told_in(form):
            made = acts.ask(request.actor, request.programme, people, key=key_of(request), **what, **typed)
            messages.success(request, _("Asked. Somebody else on duty has to agree."))
            return redirect("opening", request.programme.slug, made.pk)
    context = {"form": form, "kind": Opening.Kind(what["kind"]).label, "people": len(people), "place": "desk"}
    return render(request, "openings/new.html", context, status=422 if form.errors else 200)


REASONS = {"report": "report", "concern": "danger"}  # what is chosen already, by what it is asked for


def _check_fresh(request: Request) -> None:
    """Where words were sent, the page of a refusal gives them back."""
    if not is_fresh(request):
        sentence = _("Please show your second factor once more on the page before, then send it again.")
        raise NotAllowed(sentence, code="factor")


def _wanted(request: Request) -> tuple[dict[str, Any], set[str]]:
    """What the address names, and whose it is: ?report=ID or ?concern=ID, with &who for the one it is about; or
    ?talk=ID&seq=N&because=..."""
    asked = request.GET
    if asked.get("report"):
        return _of_report(request, asked["report"], identity="who" in asked)
    if asked.get("concern"):
        return _of_concern(request, asked["concern"], identity="who" in asked)
    seq, because = asked.get("seq", ""), asked.get("because", "")[:40]
    talk = asked.get("talk", "")
    what = {"kind": "talk", "thing": talk, "seq": _number(seq), "because": because}
    return what, conversations.people_in(request.actor, talk)


def _of_report(request: Request, report_id: str, *, identity: bool) -> tuple[dict[str, Any], set[str]]:
    report = rulings.report(request.actor, report_id)
    because = f"report:{report.pk}"
    if identity:
        return _identity(request, report.about_id, because)
    kind, talk, seq = _message(report.place)
    if kind != "message":
        raise NotFound
    people = conversations.people_in(request.actor, talk)
    return {"kind": "talk", "thing": talk, "seq": _number(seq), "because": because}, people


def _of_concern(request: Request, concern_id: str, *, identity: bool) -> tuple[dict[str, Any], set[str]]:
    """The talk around the sign; the last of it where somebody pressed the button beside it."""
    one = concerns.concern(request.actor, concern_id)
    because = f"concern:{one.pk}"
    if identity:
        return _identity(request, one.about_id, because)
    people = conversations.people_in(request.actor, one.talk)
    return {"kind": "talk", "thing": one.talk, "seq": _number(_message(one.place)[2]), "because": because}, people


def _identity(request: Request, person: str | None, because: str) -> tuple[dict[str, Any], set[str]]:
    who = Member.objects.filter(programme=request.programme, person=person or "").first()
    if who is None:
        raise NotFound
    return {"kind": "identity", "thing": who.pk, "because": because}, {who.person_id}


def _message(place: str) -> tuple[str, str, str]:
    """'message:TALK:SEQ', or parts of it."""
    kind, talk, seq = (*place.split(":"), "", "", "")[:3]
    return kind, talk, seq


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 9 else 0


def _why_not(request: Request, people: set[str]) -> NotAllowed:
    if request.actor.person in people:
        return NotAllowed(_("You have a part in it yourself. Others on duty can ask."))
    return NotAllowed(
        _("To open something takes a second factor of your own, and nobody opens what concerns people they lead.")
    )


@on_duty(*KEEPERS)
def opening(request: Request, opening: str) -> HttpResponse:
    one = reads.opening(request.actor, opening)
    why, later = reads.words_of(request.actor, one)
    context = {
        "one": one,
        "why": why,
        "later": later,
        "called": programmes.called(request.programme, [one.asked_by_id, one.answered_by_id]),
        "may_answer": one.state == Opening.State.ASKED and rules.may_answer(request.actor, one),
        "may_look": rules.may_look(request.actor, one),
        "is_mine": rules.is_one_of_two(request.actor, one),
        "to_show": "" if is_fresh(request) else to_show(request, request.path),
        "concern": _concern_of(request, one),
        "place": "desk",
    }
    return render(request, "openings/opening.html", context)


def _concern_of(request: Request, one: Opening) -> str:
    """The sign of danger for which it was asked, for those who may see that one."""
    kind, _colon, concern_id = one.because.partition(":")
    return concern_id if kind == "concern" and request.actor.has("duty_officer") else ""


@on_duty(*KEEPERS)
@require_POST
def answer(request: Request, opening: str) -> HttpResponse:
    one = reads.opening(request.actor, opening)
    if "yes" in request.POST and rules.may_answer(request.actor, one) and not is_fresh(request):
        return _show_first(request, opening)
    if "yes" in request.POST:
        acts.agree(request.actor, one, later="later" in request.POST)
        messages.success(request, _("Open, for both of you. Every look is written down."))
    else:
        acts.refuse(request.actor, one)
        messages.success(request, _("Refused. It stays closed."))
    return redirect("opening", request.programme.slug, opening)


def _show_first(request: Request, opening: str) -> HttpResponse:
    """And back to the page with the buttons, to press once more."""
    return redirect(to_show(request, reverse("opening", args=[request.programme.slug, opening])))


@on_duty(*KEEPERS)
@require_POST
def withdraw(request: Request, opening: str) -> HttpResponse:
    acts.withdraw(request.actor, reads.opening(request.actor, opening))
    return redirect("opening", request.programme.slug, opening)


@on_duty(*KEEPERS)
@require_POST
def close(request: Request, opening: str) -> HttpResponse:
    acts.close(request.actor, reads.opening(request.actor, opening))
    messages.success(request, _("Closed again."))
    return redirect("opening", request.programme.slug, opening)


@on_duty(*KEEPERS)
@require_POST
def tell(request: Request, opening: str) -> HttpResponse:
    acts.tell(request.actor, reads.opening(request.actor, opening))
    messages.success(request, _("Those concerned are told now."))
    return redirect("opening", request.programme.slug, opening)


@on_duty(*KEEPERS)
@require_POST
@never_cache
def look(request: Request, opening: str) -> HttpResponse:
    """Shown once for each press of the button, and each time written down."""
    one = reads.opening(request.actor, opening)
    if rules.may_look(request.actor, one) and not is_fresh(request):
        return _show_first(request, opening)
    context: dict[str, Any] = {"one": one, "place": "desk"}
    if one.kind == Opening.Kind.IDENTITY:
        context["identity"] = acts.identity(request.actor, one)
    else:
        context["lines"] = conversation_acts.look(request.actor, one)
        context["sealed"] = evidence.read(acts.evidence(request.actor, one))
    return render(request, "openings/look.html", context)
