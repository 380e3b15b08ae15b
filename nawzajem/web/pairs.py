"""Pages of two people: the proposal, the talk, what they settle, the ending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nawzajem.coach import rules as coach
from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import Invalid
from nawzajem.pairs import acts, reads
from nawzajem.pairs.forms import AgreementForm, AnswerForm, CheckInForm, EndForm, RatingForm
from nawzajem.pairs.models import Pair
from nawzajem.web import concerns, waiting
from nawzajem.web.conversations import talk
from nawzajem.web.doorway import Request, before_agreement, while_suspended
from nawzajem.web.paging import page


def proposal(request: Request, proposal: str) -> HttpResponse:
    """Somebody may fit. Both read the same reasons; neither has a name yet."""
    put = reads.put(request.actor, reads.proposal(request.actor, proposal))
    return render(request, "pairs/proposal.html", {"put": put, "proposal": put.proposal, "place": "home"})


@require_POST
def answer(request: Request, proposal: str) -> HttpResponse:
    put, form = reads.proposal(request.actor, proposal), AnswerForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    one = acts.answer(request.actor, put, yes=form.cleaned_data["yes"])
    pair = Pair.objects.filter(proposal=one).first()
    if pair:
        return redirect("pair", request.programme.slug, pair.pk)
    messages.success(
        request,
        _("Thank you. As soon as both have answered, you will see it here.")
        if form.cleaned_data["yes"]
        else _("Thank you for saying so. Nobody is told why."),
    )
    return redirect("home", request.programme.slug)


def pairs(request: Request) -> HttpResponse:
    mine = reads.mine(request.actor)
    going = list(mine.exclude(state=Pair.State.CLOSED))
    past = page(request, mine.filter(state=Pair.State.CLOSED))
    context = {
        "going": going,
        "past": past,
        "names": conversations.names(request.actor, [pair.conversation_id for pair in (*going, *past)]),
        "place": "talks",
    }
    return render(request, "pairs/list.html", context)


def pair(request: Request, pair: str) -> HttpResponse:
    """The talk, with what the two have settled beside it."""
    own = reads.pair(request.actor, pair)
    shown = talk(request, own.conversation) | _beside(request, own) | concerns.beside(request)
    if coach.may_be_hinted(request.actor, own):
        shown["hint_at"] = reverse("hint", args=[request.programme.slug, own.pk])
    return render(request, "pairs/pair.html", shown)


def _beside(request: Request, own: Pair) -> dict[str, Any]:
    mine, theirs = reads.ratings(request.actor, own)
    return {
        "pair": own,
        "agreement": reads.agreement(request.actor, own),
        "next_checkin": reads.next_checkin(own),
        "checkins": [one for one in reads.checkins_due(request.actor) if one.pair_id == own.pk],
        "i_ended": own.ended_by_id == request.actor.person,
        "my_rating": mine,
        "their_rating": theirs,
        "may_look_back": coach.may_look_back(request.actor, own),
        "place": "talks",
    } | waiting.beside(request, own)


def agreement(request: Request, pair: str) -> HttpResponse:
    own = reads.pair(request.actor, pair)
    if _is_read_after_the_end(request, own):
        return redirect("pair", request.programme.slug, own.pk)
    settled = reads.agreement(request.actor, own)
    initial = {
        "aim": settled.aim,
        "safety_words": settled.safety_words,
        "rhythm": own.rhythm,
        "turns": own.turns,
        "ends_on": own.ends_on,
    }
    form = AgreementForm(request.POST or None, initial=initial, words=request.programme.options.content == "kept")
    if request.method == "POST" and form.is_valid():
        acts.suggest_agreement(request.actor, own, **form.cleaned_data)
        messages.success(request, _("Suggested. It holds as soon as the other agrees."))
        return redirect("pair", request.programme.slug, own.pk)
    return render(
        request, "pairs/agreement.html", _beside(request, own) | {"form": form}, status=422 if form.errors else 200
    )


def _is_read_after_the_end(request: Request, own: Pair) -> bool:
    """A form that could only be refused is not shown; one that was sent is told so, with what was written in it."""
    return request.method != "POST" and own.state == Pair.State.CLOSED


@require_POST
def agree(request: Request, pair: str) -> HttpResponse:
    acts.agree(request.actor, reads.pair(request.actor, pair), version=request.POST.get("version", ""))
    messages.success(request, _("Settled. You can change it together at any time."))
    return redirect("pair", request.programme.slug, pair)


@require_POST
def rest(request: Request, pair: str) -> HttpResponse:
    acts.rest(request.actor, reads.pair(request.actor, pair))
    return redirect("pair", request.programme.slug, pair)


@require_POST
def go_on(request: Request, pair: str) -> HttpResponse:
    acts.go_on(request.actor, reads.pair(request.actor, pair))
    return redirect("pair", request.programme.slug, pair)


def check_in(request: Request, checkin: str) -> HttpResponse:
    one = reads.checkin(request.actor, checkin)
    if one.pair.state == Pair.State.CLOSED:
        messages.info(request, _("This talk has ended. What was said stays here to be read."))
        return redirect("pair", request.programme.slug, one.pair_id)
    form = CheckInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.check_in(request.actor, one, **form.cleaned_data)
        messages.success(request, _("Thank you."))
        return redirect("pair", request.programme.slug, one.pair_id)
    names = conversations.names(request.actor, [one.pair.conversation_id])
    context = {"form": form, "checkin": one, "name": names.get(one.pair.conversation_id, ""), "place": "talks"}
    return render(request, "pairs/check_in.html", context, status=422 if form.errors else 200)


@before_agreement
def end(request: Request, pair: str) -> HttpResponse:
    """A talk can end at any time, kindly, without a reason."""
    own = reads.pair(request.actor, pair)
    if _is_read_after_the_end(request, own):
        return redirect("pair", request.programme.slug, own.pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.end(request.actor, own, **form.cleaned_data)
        return redirect("rating", request.programme.slug, own.pk)
    return render(request, "pairs/end.html", _beside(request, own) | {"form": form}, status=422 if form.errors else 200)


@before_agreement
def rating(request: Request, pair: str) -> HttpResponse:
    own = reads.pair(request.actor, pair)
    if own.state not in {Pair.State.CLOSING, Pair.State.CLOSED}:
        return redirect("pair", request.programme.slug, own.pk)
    before, _theirs = reads.ratings(request.actor, own)
    form = RatingForm(request.POST or None, initial=vars(before) if before else {})
    if request.method == "POST" and form.is_valid():
        acts.rate(request.actor, own, **form.cleaned_data)
        messages.success(request, _("Thank you. The other sees it once both have answered."))
        return redirect("pair", request.programme.slug, own.pk)
    return render(
        request, "pairs/rating.html", _beside(request, own) | {"form": form}, status=422 if form.errors else 200
    )


@while_suspended
@before_agreement
def close_door(request: Request, pair: str) -> HttpResponse:
    own = reads.pair(request.actor, pair)
    if request.method == "POST":
        acts.close_door(request.actor, own)
        messages.success(request, _("The door is closed. You will not be brought together again."))
        return redirect("pairs", request.programme.slug)
    return render(request, "pairs/close_door.html", _beside(request, own))
