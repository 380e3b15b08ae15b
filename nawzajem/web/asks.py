"""Pages of somebody who asks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.asks import acts, reads
from nawzajem.asks.forms import AskForm
from nawzajem.asks.models import Ask
from nawzajem.core.matching.hours import offset
from nawzajem.core.privacy import told_count
from nawzajem.experiences import reads as experiences
from nawzajem.ground import clock
from nawzajem.ground.refusals import Stale
from nawzajem.ground.words import said
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Proposal
from nawzajem.pairs.words import hint
from nawzajem.programmes import reads as programmes
from nawzajem.waiting import reads as waiting
from nawzajem.web.doorway import Request, before_agreement, for_taking_part
from nawzajem.web.once import id_in, key_of
from nawzajem.web.paging import page


def asks(request: Request) -> HttpResponse:
    return render(request, "asks/list.html", {"asks": page(request, reads.mine(request.actor)), "place": "asks"})


@for_taking_part
def write(request: Request) -> HttpResponse:
    """A new ask: at most a minute, everything but the words has an answer already."""
    before = _before(request)
    form = _form(request, initial=_initial(request, before))
    if request.method == "POST" and form.is_valid():
        return redirect("ask", request.programme.slug, _kept(request, form, before).pk)
    return _page(request, form)


def _kept(request: Request, form: AskForm, before: Ask | None) -> Ask:
    """Sent twice, or once more after a step back, it is one ask in its newest words."""
    key = key_of(request)
    own = reads.mine(request.actor).filter(pk=key, state__in=acts.CHANGEABLE).first()
    own = own or reads.unsent(request.actor, form.cleaned_data["topics"], again_of=before)
    if own:
        return _changed(request, own, form)
    try:
        return acts.draft(request.actor, again_of=before, id=key, **form.cleaned_data)
    except Stale:  # the other click came in the very same moment
        return _changed(request, reads.own_ask(request.actor, key), form)


def change(request: Request, ask: str) -> HttpResponse:
    own = reads.own_ask(request.actor, ask)
    if request.method != "POST" and own.state not in acts.CHANGEABLE:  # not for writing what could only be refused
        return redirect("ask", request.programme.slug, own.pk)
    form = _form(request, initial=_as_initial(own) | {"words": reads.words_of(request.actor, own)})
    if request.method == "POST" and form.is_valid():
        return redirect("ask", request.programme.slug, _changed(request, own, form).pk)
    return _page(request, form, own=own)


def _changed(request: Request, own: Ask, form: AskForm) -> Ask:
    kept = own.not_prints  # codes are kept scrambled and cannot be shown again; those typed now are added
    form.cleaned_data["not_prints"] = sorted({*kept, *form.cleaned_data["not_prints"]})
    return acts.change(request.actor, own, **form.cleaned_data)


def _form(request: Request, initial: dict[str, Any]) -> AskForm:
    return AskForm(request.POST or None, programme=request.programme, person=request.user, initial=initial)


def _page(request: Request, form: AskForm, own: Ask | None = None) -> HttpResponse:
    chosen = request.POST.getlist("topics") or [str(code) for code in form.initial.get("topics", [])]
    kinds = {one["code"]: said(one["about"]) for one in request.programme.kinds}
    context = {
        "form": form,
        "tree": programmes.tree(request.programme),
        "chosen": chosen,
        "kinds": kinds,
        "own": own,
        "place": "asks",
    }
    return render(request, "asks/edit.html", context, status=422 if form.errors else 200)


def _before(request: Request) -> Ask | None:
    """The ask that this one takes up again, with somebody else."""
    again = request.GET.get("again") or id_in(request, "again")
    return reads.own_ask(request.actor, again) if again else None


def _initial(request: Request, before: Ask | None) -> dict[str, Any]:
    if before:
        return _as_initial(before) | {"words": reads.words_of(request.actor, before)}
    return {"topics": request.GET.getlist("topics")} if request.GET.getlist("topics") else {}


def _as_initial(ask: Ask) -> dict[str, Any]:
    plain = (
        "stage",
        "kinds",
        "forms",
        "languages",
        "hours",
        "wish_age",
        "wish_gender",
        "wish_gender_must",
        "wish_backgrounds",
        "not_same_unit",
    )
    return {name: getattr(ask, name) for name in plain} | {"topics": [topic.code for topic in ask.topics.all()]}


def ask(request: Request, ask: str) -> HttpResponse:
    """Before sending: who has been there and how long it takes. Afterwards: where it stands, in honest words."""
    own = reads.own_ask(request.actor, ask)
    if own.state == Ask.State.NOW and (going := waiting.last_of(request.actor, own.pk)):
        return redirect("wait", request.programme.slug, going.pk)
    return render(
        request,
        "asks/ask.html",
        _standing(request, own) | {"words": reads.words_of(request.actor, own), "place": "asks"},
    )


def standing(request: Request, ask: str) -> HttpResponse:
    """The same, as a fragment that is fetched again when something has changed."""
    return render(request, "asks/_standing.html", _standing(request, reads.own_ask(request.actor, ask)))


def _standing(request: Request, own: Ask) -> dict[str, Any]:
    programme = request.programme
    codes = [topic.code for topic in own.topics.all()]
    stand = pairs.standing(own)
    cards, why_none = pairs.cards(request.actor, own) if own.state in {Ask.State.DRAFT, Ask.State.OPEN} else ([], None)
    change = pairs.would_help(request.actor, own) if why_none else None
    return {
        "ask": own,
        "stand": stand,
        "cards": cards,
        "why_none": why_none,
        "hint": hint(change, minutes=offset(request.actor.time_zone, clock.today())) if change else "",
        "people": told_count(experiences.been_there(programme.pk, codes), floor=programme.options.small_group),
        "floor": programme.options.small_group,
        "wait_here": reads.wait(programme, codes),
    }


@require_POST
def send(request: Request, ask: str) -> HttpResponse:
    acts.send(request.actor, reads.own_ask(request.actor, ask), whoever=request.POST.get("whoever") == "1")
    return redirect("ask", request.programme.slug, ask)


@require_POST
def choose(request: Request, ask: str) -> HttpResponse:
    """This one, please."""
    own = reads.own_ask(request.actor, ask)
    offer = pairs.candidate(own, id_in(request, "offer"))
    pair_acts.put(request.actor, own, offer, origin=Proposal.Origin.CHOSEN)
    messages.success(request, _("We are asking. You will see the answer here."))
    return redirect("ask", request.programme.slug, ask)


@require_POST
def way(request: Request, ask: str) -> HttpResponse:
    """Whoever is right, or I choose."""
    acts.let_whoever(request.actor, reads.own_ask(request.actor, ask), whoever=request.POST.get("whoever") == "1")
    return redirect("ask", request.programme.slug, ask)


@require_POST
def confirm(request: Request, ask: str) -> HttpResponse:
    acts.confirm(request.actor, reads.own_ask(request.actor, ask))
    messages.success(request, _("Good. We go on looking."))
    return redirect("ask", request.programme.slug, ask)


@before_agreement
@require_POST
def withdraw(request: Request, ask: str) -> HttpResponse:
    pair_acts.take_back(request.actor, reads.own_ask(request.actor, ask))
    messages.success(request, _("Taken back. You can ask again at any time."))
    return redirect("asks", request.programme.slug)
