"""Pages of the coach: a hint beside the field, one's own growth, a talk looked back at. Never on the way of a message."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.coach import acts, reads, rules
from nawzajem.coach.forms import DismissForm, DraftForm
from nawzajem.coach.models import Hint
from nawzajem.coach.words import HELPS
from nawzajem.core.coaching import Pitfall
from nawzajem.ground import language
from nawzajem.ground.refusals import Invalid, NotFound
from nawzajem.pairs import reads as pairs
from nawzajem.web.doorway import Request


@require_POST
def hint(request: Request, pair: str) -> HttpResponse:
    """What stands in the field is read and forgotten. 204 where there is nothing to say, and while the last hint stands."""
    own, form = pairs.pair(request.actor, pair), DraftForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    draft = reads.draft(request.actor, own, form.cleaned_data["text"])
    last = form.cleaned_data["hint"]
    if last:
        shown = reads.hint(request.actor, last)
        if Pitfall(shown.code) in draft.codes and shown.outcome != Hint.Outcome.DISMISSED:
            return HttpResponse(status=204)
        acts.follow(request.actor, shown)
    if draft.noticed is None:
        return HttpResponse("", content_type="text/html")
    made = acts.show(request.actor, own, code=Pitfall(draft.noticed.code))
    words = form.cleaned_data["text"][draft.noticed.start : draft.noticed.end]
    context = {"hint": made, "told": draft.told, "words": words, "reasons": Hint.Reason.choices}
    return render(request, "coach/_hint.html", context)


@require_POST
def dismiss(request: Request, hint: str) -> HttpResponse:
    form = DismissForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    acts.dismiss(request.actor, reads.hint(request.actor, hint), reason=form.cleaned_data["reason"])
    return HttpResponse("", content_type="text/html")


def growth(request: Request) -> HttpResponse:
    """One's own hints, as numbers. The post switches them off and on, or forgets them."""
    if request.method == "POST":
        return _choose(request)
    context = {
        "grown": reads.growth(request.actor),
        "silent": rules.is_silent(request.actor),
        "has_coach": request.programme.options.coach,
        "only_rules": language.is_alone(),
        "place": "offer",
    }
    return render(request, "coach/growth.html", context)


def _choose(request: Request) -> HttpResponse:
    if request.POST.get("forget"):
        acts.forget(request.actor)
        messages.success(request, _("Forgotten."))
    elif request.POST.get("hints") in {"on", "off"}:
        acts.switch(request.actor, on=request.POST["hints"] == "on")
        messages.success(request, _("Kept."))
    else:
        raise Invalid
    return redirect("growth", request.programme.slug)


def look_back(request: Request, pair: str) -> HttpResponse:
    own = pairs.pair(request.actor, pair)
    if not rules.may_look_back(request.actor, own):
        raise NotFound
    back = reads.back(request.actor, own)
    context = {
        "pair": own,
        "back": back,
        "worked": [(one, [HELPS[each] for each in one.helps]) for one in back.worked],
        "only_rules": language.is_alone(),
        "place": "talks",
    }
    return render(request, "coach/look_back.html", context)
