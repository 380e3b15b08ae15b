"""Pages for when something was not right."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import NotFound
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.people.models import Person
from nawzajem.safety import acts
from nawzajem.safety.forms import ReportForm
from nawzajem.web.doorway import Request, before_agreement


@before_agreement
def report(request: Request, conversation: str, seq: int) -> HttpResponse:
    """About one message; its text is sealed as it stands, for those who may open it together."""
    here = conversations.conversation(request.actor, conversation)
    message = conversations.message(request.actor, here, seq)
    author = message.author.person
    if author is not None and author.pk == request.actor.person:
        raise NotFound
    line = conversations.line(request.actor, here, message)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sealed = conversations.evidence(request.actor, here, message)
        reason, words = form.cleaned_data["reason"], form.cleaned_data["words"]
        acts.report(
            request.actor, author, reason=reason, words=words, place=f"message:{here.pk}:{seq}", evidence=sealed
        )
        return _reported(request, conversation, author, block=form.cleaned_data["block"])
    context = {
        "form": form,
        "line": line,
        "is_sealed": request.programme.options.content == "kept",
        "conversation": here,
        "pair": pairs.pair_of(request.actor, conversation),
        "place": "talks",
    }
    return render(request, "safety/report.html", context, status=422 if form.errors else 200)


def _reported(request: Request, conversation: str, about: Person | None, *, block: bool) -> HttpResponse:
    pair = pairs.pair_of(request.actor, conversation)
    messages.success(request, _("Thank you for saying so. Somebody will look into it."))
    if block and about is not None:
        pair_acts.close_door(request.actor, pair)
        return redirect("pairs", request.programme.slug)
    return redirect("pair", request.programme.slug, pair.pk)
