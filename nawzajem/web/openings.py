"""Break-glass as pages: asking, being the second person, looking while it lasts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nawzajem.conversations import acts as conversation_acts
from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import NotAllowed, NotFound
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member
from nawzajem.safety import evidence
from nawzajem.safety import reads as safety
from nawzajem.safety.openings import acts, reads, rules
from nawzajem.safety.openings.forms import OpeningForm
from nawzajem.safety.openings.models import Opening
from nawzajem.web.doorway import Request, on_duty
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
    form = OpeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = {name: value for name, value in form.cleaned_data.items() if name != "later"}
        with told_in(form):
            made = acts.ask(request.actor, request.programme, people, key=key_of(request), **what, **typed)
            messages.success(request, _("Asked. Somebody else on duty has to agree."))
            return redirect("opening", request.programme.slug, made.pk)
    context = {"form": form, "kind": Opening.Kind(what["kind"]).label, "people": len(people), "place": "desk"}
    return render(request, "openings/new.html", context, status=422 if form.errors else 200)


def _wanted(request: Request) -> tuple[dict[str, Any], set[str]]:
    """What the address names, and whose it is: ?report=ID, with &who for the one it is about; or ?talk=ID&seq=N&because=..."""
    asked = request.GET
    if asked.get("report"):
        return _of_report(request, asked["report"], identity="who" in asked)
    seq, because = asked.get("seq", ""), asked.get("because", "")[:40]
    talk = asked.get("talk", "")
    what = {"kind": "talk", "thing": talk, "seq": _number(seq), "because": because}
    return what, conversations.people_in(request.actor, talk)


def _of_report(request: Request, report_id: str, *, identity: bool) -> tuple[dict[str, Any], set[str]]:
    report = safety.report(request.actor, report_id)
    because = f"report:{report.pk}"
    if identity:
        who = Member.objects.filter(programme=request.programme, person=report.about_id or "").first()
        if who is None:
            raise NotFound
        return {"kind": "identity", "thing": who.pk, "because": because}, {who.person_id}
    kind, talk, seq = (*report.place.split(":"), "", "", "")[:3]
    if kind != "message":
        raise NotFound
    people = conversations.people_in(request.actor, talk)
    return {"kind": "talk", "thing": talk, "seq": _number(seq), "because": because}, people


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
        "place": "desk",
    }
    return render(request, "openings/opening.html", context)


@on_duty(*KEEPERS)
@require_POST
def answer(request: Request, opening: str) -> HttpResponse:
    one = reads.opening(request.actor, opening)
    if "yes" in request.POST:
        acts.agree(request.actor, one, later="later" in request.POST)
        messages.success(request, _("Open, for both of you. Every look is written down."))
    else:
        acts.refuse(request.actor, one)
        messages.success(request, _("Refused. It stays closed."))
    return redirect("opening", request.programme.slug, opening)


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
    context: dict[str, Any] = {"one": one, "place": "desk"}
    if one.kind == Opening.Kind.IDENTITY:
        context["identity"] = acts.identity(request.actor, one)
    else:
        context["lines"] = conversation_acts.look(request.actor, one)
        context["sealed"] = evidence.read(acts.evidence(request.actor, one))
    return render(request, "openings/look.html", context)
