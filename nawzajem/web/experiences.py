"""Pages about what I have lived through."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.experiences import acts, reads
from nawzajem.experiences.forms import ExperienceForm
from nawzajem.ground.events import has_done
from nawzajem.programmes import reads as programmes
from nawzajem.web.doorway import Request, before_agreement, for_taking_part
from nawzajem.web.refusals import told_in


def experiences(request: Request) -> HttpResponse:
    return render(request, "experiences/list.html", {"experiences": reads.mine(request.actor), "place": "offer"})


@for_taking_part
def add(request: Request) -> HttpResponse:
    form = ExperienceForm(
        request.POST or None, programme=request.programme, initial={"topic": request.GET.get("topic")}
    )
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            if not reads.has_told(request.actor, **form.cleaned_data):
                acts.add(request.actor, **form.cleaned_data)
            messages.success(request, _("Kept. You can change or take it back at any time."))
            return redirect("experiences", request.programme.slug)
    chosen = [request.POST.get("topic") or request.GET.get("topic") or ""]
    context = {"form": form, "tree": programmes.tree(request.programme), "chosen": chosen, "place": "offer"}
    return render(request, "experiences/edit.html", context, status=422 if form.errors else 200)


def change(request: Request, experience: str) -> HttpResponse:
    own = reads.experience(request.actor, experience)
    form = ExperienceForm(
        request.POST or None,
        instance=own,
        programme=request.programme,
        initial={"words": reads.words_of(request.actor, own)},
    )
    if request.method == "POST" and form.is_valid():
        acts.change(request.actor, own, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("experiences", request.programme.slug)
    return render(
        request,
        "experiences/edit.html",
        {"form": form, "own": own, "place": "offer"},
        status=422 if form.errors else 200,
    )


@before_agreement
@require_POST
def remove(request: Request, experience: str) -> HttpResponse:
    if not has_done(request.actor, "experience.removed", experience):
        acts.remove(request.actor, reads.experience(request.actor, experience))
    messages.success(request, _("Taken back. Nothing of it is left."))
    return redirect("experiences", request.programme.slug)
