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
from nawzajem.pairs.models import Pair
from nawzajem.people.models import Person
from nawzajem.programmes import reads as programmes
from nawzajem.rulings import reads as rulings
from nawzajem.rulings.rules import KEEPERS
from nawzajem.safety import acts
from nawzajem.safety.forms import HeardForm, KeeperReportForm, ReportForm
from nawzajem.safety.models import Report
from nawzajem.web.doorway import Request, before_agreement, on_duty, while_suspended
from nawzajem.web.once import key_of


@while_suspended
@before_agreement
def report(request: Request, conversation: str, seq: int) -> HttpResponse:
    """About one message; its text is sealed as it stands, for those who may open it together."""
    here = conversations.conversation(request.actor, conversation)
    message = conversations.message(request.actor, here, seq)
    author = message.author.person
    if author is not None and author.pk == request.actor.person:
        raise NotFound
    line = conversations.line(request.actor, here, message)
    side = _side(request, pairs.pair_of(request.actor, conversation))
    form = ReportForm(request.POST or None, side=side)
    if request.method == "POST" and form.is_valid():
        sealed = conversations.evidence(request.actor, here, message)
        reason, words = form.cleaned_data["reason"], form.cleaned_data["words"]
        place = f"message:{here.pk}:{seq}"
        acts.report(request.actor, author, reason=reason, words=words, place=place, evidence=sealed, side=side)
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
    messages.success(request, _("Thank you for saying so. It has been received."))
    if block and about is not None:
        pair_acts.close_door(request.actor, pair)
    return redirect("reported", request.programme.slug)


def _side(request: Request, pair: Pair) -> str:
    return Report.Side.ASKER if pair.asker_id == request.actor.person else Report.Side.GIVER


@before_agreement
@while_suspended
def reported(request: Request) -> HttpResponse:
    """What I reported here: that it was received, what comes next, and what came of it."""
    context = {"reports": rulings.my_reports(request.actor), "place": "me"}
    return render(request, "safety/reported.html", context)


@before_agreement
@while_suspended
def report_keeper(request: Request) -> HttpResponse:
    """About somebody on duty; looked into by another."""
    keepers = programmes.keepers(request.programme, *KEEPERS).exclude(person=request.actor.person)
    people = {one.pk: one for one in keepers}
    form = KeeperReportForm(request.POST or None, people=[(one.pk, one.called) for one in people.values()])
    if request.method == "POST" and form.is_valid():
        about = people[form.cleaned_data["about"]].person
        reason, words = form.cleaned_data["reason"], form.cleaned_data["words"]
        acts.report(request.actor, about, reason=reason, words=words, side=Report.Side.MEMBER, key=key_of(request))
        return redirect("reported", request.programme.slug)
    context = {"form": form, "place": "me"}
    return render(request, "safety/report_keeper.html", context, status=422 if form.errors else 200)


@on_duty("coordinator")
def pass_on(request: Request, member: str) -> HttpResponse:
    """What reached somebody on duty in another way. Somebody else on duty looks into it."""
    one = programmes.member(request.actor, member)
    if one.person_id == request.actor.person:
        raise NotFound
    form = HeardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.report(request.actor, one.person, side=Report.Side.KEEPER, key=key_of(request), **form.cleaned_data)
        messages.success(request, _("Noted. Somebody else on duty looks into it."))
        return redirect("desk_person", request.programme.slug, one.pk)
    context = {"form": form, "one": one, "place": "desk"}
    return render(request, "safety/pass_on.html", context, status=422 if form.errors else 200)
