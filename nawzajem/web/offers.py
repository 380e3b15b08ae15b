"""Pages of somebody who gives: experiences and the offer that stands on them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.experiences import reads as experiences
from nawzajem.ground.words import said
from nawzajem.offers import acts, reads
from nawzajem.offers.forms import OfferForm, RestForm
from nawzajem.offers.models import Offer
from nawzajem.pairs import reads as pairs
from nawzajem.waiting import reads as waiting
from nawzajem.waiting.forms import HOURS
from nawzajem.web.doorway import Request, before_agreement, for_taking_part


def offer(request: Request) -> HttpResponse:
    """My being ready: what I have lived through, the offer, and what it has come to."""
    own = reads.mine(request.actor)
    context = {
        "own": own,
        "words": reads.words_of(request.actor, own) if own else "",
        "experiences": experiences.mine(request.actor),
        "balance": pairs.balance(request.actor),
        "rest": RestForm(),
        "my_offer": own,
        "knocks": waiting.my_knocks(request.actor),
        "here_hours": HOURS,
        "place": "offer",
    }
    return render(request, "offers/offer.html", context)


@for_taking_part
def change(request: Request) -> HttpResponse:
    own = reads.mine(request.actor)
    if not experiences.mine(request.actor).exists():
        messages.info(request, _("An offer stands on something you lived through. Tell of that first."))
        return redirect("experience_add", request.programme.slug)
    form = OfferForm(
        request.POST or None, programme=request.programme, person=request.user, initial=_initial(request, own)
    )
    if request.method == "POST" and form.is_valid():
        _keep(request, own, form)
        return redirect("offer", request.programme.slug)
    kinds = {one["code"]: said(one["about"]) for one in request.programme.kinds}
    return render(
        request,
        "offers/edit.html",
        {"form": form, "own": own, "kinds": kinds, "place": "offer"},
        status=422 if form.errors else 200,
    )


def _keep(request: Request, own: Offer | None, form: OfferForm) -> None:
    if own is None:
        acts.make(request.actor, **form.cleaned_data)
        messages.success(request, _("You are there for others now. When somebody fits, you are asked first."))
        return
    form.cleaned_data["not_prints"] = sorted({*own.not_prints, *form.cleaned_data["not_prints"]})
    acts.change(request.actor, own, **form.cleaned_data)
    messages.success(request, _("Kept."))


def _initial(request: Request, own: Offer | None) -> dict[str, Any]:
    if own is None:
        return {"experiences": [one.pk for one in experiences.mine(request.actor)]}
    plain = ("kinds", "forms", "languages", "hours", "capacity", "not_same_unit")
    chosen = {"experiences": [one.pk for one in own.experiences.all()], "words": reads.words_of(request.actor, own)}
    return {name: getattr(own, name) for name in plain} | chosen


@before_agreement
@require_POST
def rest(request: Request) -> HttpResponse:
    form = RestForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["until"])))
        return redirect("offer", request.programme.slug)
    acts.pause(request.actor, reads.own_offer(request.actor), until=form.cleaned_data["until"])
    messages.success(request, _("Rest well. Nobody new is proposed to you until then."))
    return redirect("offer", request.programme.slug)


@require_POST
def resume(request: Request) -> HttpResponse:
    acts.resume(request.actor, reads.own_offer(request.actor))
    messages.success(request, _("Good to have you back."))
    return redirect("offer", request.programme.slug)


@before_agreement
@require_POST
def retire(request: Request) -> HttpResponse:
    acts.retire(request.actor, reads.own_offer(request.actor))
    messages.success(request, _("Your offer is put away. Your experiences stay yours, and pairs go on."))
    return redirect("offer", request.programme.slug)
