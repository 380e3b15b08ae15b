"""Pages on which coordinators settle how their programme runs: its options, and the texts that everybody reads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.ground.refusals import NotFound
from nawzajem.programmes import acts, reads
from nawzajem.programmes.models import Text
from nawzajem.programmes.option_forms import (
    ANSWERS,
    GROUPS,
    KINDS,
    OptionsForm,
    PhraseForm,
    text_form,
    the_group,
    told,
)
from nawzajem.programmes.options import Options
from nawzajem.web.doorway import Request, on_duty
from nawzajem.web.refusals import told_in


@on_duty("coordinator")
def choices(request: Request) -> HttpResponse:
    """Everything that can be settled, as it stands."""
    options = request.programme.options
    context = {
        "groups": [
            (one, [(label, told(options, name)) for name, (label, _hint) in one.options.items()]) for one in GROUPS
        ],
        "texts": [reads.text(request.programme, code) for code in Text.Code.values],
        "place": "desk",
    }
    return render(request, "choices/all.html", context)


@on_duty("coordinator")
def some(request: Request, group: str) -> HttpResponse:
    """One group of options."""
    one = the_group(group)
    if one is None:
        raise NotFound
    form = OptionsForm(request.POST or None, group=one, options=request.programme.options)
    if request.method == "POST" and form.is_valid():
        acts.choose(request.actor, request.programme, **form.cleaned_data)
        messages.success(request, _("Kept. It holds from now on."))
        return redirect("choices", request.programme.slug)
    return render(
        request, "choices/some.html", {"group": one, "form": form, "place": "desk"}, status=422 if form.errors else 200
    )


@on_duty("coordinator")
def text(request: Request, code: str) -> HttpResponse:
    """A text, to be written anew. When somebody else was quicker, what was typed is given back with the refusal."""
    if code not in Text.Code.values:
        raise NotFound
    now = reads.text(request.programme, code)
    form = text_form(now, request.POST or None)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        acts.rewrite(request.actor, request.programme, code=code, words=form.words(), seen=seen)
        messages.success(request, _("Kept. It holds from now on."))
        return redirect("choices", request.programme.slug)
    context = {"text": now, "form": form, "asks_again": code == Text.Code.CONFIDENTIALITY, "place": "desk"}
    return render(request, "choices/text.html", context, status=422 if form.errors else 200)


@on_duty("coordinator")
def phrases(request: Request) -> HttpResponse:
    """Words that mean danger in this place, besides the rules: one is added here."""
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            acts.add_phrase(request.actor, request.programme, **form.cleaned_data)
            messages.success(request, _("Kept. It holds from now on."))
            return redirect("phrases", request.programme.slug)
    context = {"form": form, "rows": _told_phrases(request.programme.options), "place": "desk"}
    return render(request, "choices/phrases.html", context, status=422 if form.errors else 200)


def _told_phrases(options: Options) -> list[dict[str, object]]:
    tiers, kinds = ANSWERS["screening_from"], dict(KINDS)
    return [
        {"words": one.words, "language": one.language, "tier": tiers[one.tier], "kind": kinds[one.kind]}
        for one in options.screening_words
    ]


@on_duty("coordinator")
@require_POST
def drop_phrase(request: Request) -> HttpResponse:
    asked = {name: request.POST.get(name, "") for name in ("language", "words")}
    acts.drop_phrase(request.actor, request.programme, **asked)
    return redirect("phrases", request.programme.slug)
