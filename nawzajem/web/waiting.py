"""Pages of the waiting room: of somebody who needs somebody now, and of those at whose doors it knocks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from nawzajem.asks import acts as ask_acts
from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.ground.refusals import Invalid, NotFound, Stale
from nawzajem.ground.words import said
from nawzajem.offers import acts as offer_acts
from nawzajem.offers import reads as offers
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Pair
from nawzajem.programmes import reads as programmes
from nawzajem.safety import helplines
from nawzajem.waiting import acts, reads
from nawzajem.waiting.forms import HereForm, NowForm, StayForm
from nawzajem.waiting.models import Knock, Wait
from nawzajem.web.doorway import Request, before_agreement
from nawzajem.web.once import key_of

# -- the one who waits ------------------------------------------------------------------------------------------------


def now(request: Request) -> HttpResponse:
    """I need somebody now: one tap is enough. Whoever waits already is led back to where they wait."""
    if not request.programme.options.ask_now:
        raise NotFound
    if going := reads.my_wait(request.actor):
        return redirect("wait", request.programme.slug, going.pk)
    form = NowForm(request.POST or None, programme=request.programme, person=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect("wait", request.programme.slug, _begun(request, form).pk)
    context = {
        "form": form,
        "tree": programmes.tree(request.programme),
        "chosen": request.POST.getlist("topics"),
        "expected": reads.expected(request.programme.pk),
        "place": "asks",
    } | _lines()
    return render(request, "waiting/now.html", context, status=422 if form.errors else 200)


def _begun(request: Request, form: NowForm) -> Wait:
    """Pressed twice, also in the same moment, it is one wait."""
    key = key_of(request)
    try:
        own = asks.mine(request.actor).filter(pk=key).select_related("programme").first()
        return acts.begin(request.actor, own or ask_acts.draft(request.actor, id=key, **form.cleaned_data))
    except Stale:
        return _going(request)


def _going(request: Request) -> Wait:
    going = reads.my_wait(request.actor)
    if going is None:
        raise Stale
    return going


@require_POST
def ask_now(request: Request, ask: str) -> HttpResponse:
    """With what is written down already."""
    own = asks.own_ask(request.actor, ask)
    going = acts.begin(request.actor, own) if own.state == Ask.State.DRAFT else _going(request)
    return redirect("wait", request.programme.slug, going.pk)


def wait(request: Request, wait: str) -> HttpResponse:
    """The waiting room. It stands in the database, so the page may be left open, closed, or opened elsewhere."""
    return render(request, "waiting/wait.html", _standing(request, wait) | {"place": "asks"})


def standing(request: Request, wait: str) -> HttpResponse:
    """The same, as a fragment that is fetched again when something has changed."""
    return render(request, "waiting/_standing.html", _standing(request, wait))


def _standing(request: Request, wait: str) -> dict[str, Any]:
    one = reads.wait(request.actor, wait)
    return {
        "wait": one,
        "ask": one.ask,
        "stand": reads.standing(one),
        "words": asks.words_of(request.actor, one.ask),
        "contact": said(dict[str, str](**request.programme.options.now_contact)),
    } | _lines()


def _lines() -> dict[str, Any]:
    """Help that answers now, in this country."""
    return {"country": helplines.lines_for(settings.ENV.country, settings.DATA / "helplines.toml")}


@before_agreement
@require_POST
def leave(request: Request, wait: str) -> HttpResponse:
    one = reads.wait(request.actor, wait)
    if one.state in {Wait.State.WAITING, Wait.State.COMING}:
        acts.leave(request.actor, one)
    return redirect("wait", request.programme.slug, one.pk)


# -- those who are asked ----------------------------------------------------------------------------------------------


def knock(request: Request, knock: str) -> HttpResponse:
    """Somebody needs company now: topic, language, about twenty minutes. Yes, or not now."""
    one = reads.knock(request.actor, knock)
    if one.state == Knock.State.MET and (pair := reads.pair_of(one)):
        return redirect("pair", request.programme.slug, pair.pk)
    return render(request, "waiting/knock.html", {"asked": reads.told(one), "knock": one, "place": "offer"})


@require_POST
def answer(request: Request, knock: str) -> HttpResponse:
    form, one = StayForm(request.POST), reads.knock(request.actor, knock)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    if form.cleaned_data["yes"]:
        acts.say_yes(request.actor, one)
        return redirect("knock", request.programme.slug, one.pk)
    if one.state != Knock.State.NOT_NOW:
        acts.say_not_now(request.actor, one)
        messages.success(request, _("That is fine. Somebody else is asked, and nobody is told."))
    return redirect("home", request.programme.slug)


@require_POST
def come_in(request: Request, knock: str) -> HttpResponse:
    pair = acts.come_in(request.actor, reads.knock(request.actor, knock))
    return redirect("pair", request.programme.slug, pair.pk)


@require_POST
def here(request: Request) -> HttpResponse:
    """I am here now, for so many hours; or no longer."""
    form = HereForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    hours = form.cleaned_data["hours"]
    offer_acts.be_here(request.actor, offers.own_offer(request.actor), hours=hours)
    thanks = ngettext(
        "Good that you are here. For %(n)d hour you may be asked.",
        "Good that you are here. For %(n)d hours you may be asked.",
        hours,
    )
    messages.success(request, thanks % {"n": hours} if hours else _("You are no longer asked at once. Thank you."))
    return redirect("offer", request.programme.slug)


# -- the talk ---------------------------------------------------------------------------------------------------------


def talk(request: Request, pair: str) -> HttpResponse:
    """What stands beside a talk for now, as a fragment."""
    own = pairs.pair(request.actor, pair)
    reads.own_talk(request.actor, own)
    return render(request, "waiting/_talk.html", {"pair": own} | beside(request, own))


def beside(request: Request, own: Pair) -> dict[str, Any]:
    found = reads.talk(own)
    asked = own.asker_id == request.actor.person
    return {
        "talk": found,
        "i_asked": asked,
        "i_stay": (found.asker_stays if asked else found.giver_stays) if found else None,
        "given_today": 0 if asked or found is None else reads.needs_rest(request.actor, request.programme),
    }


@require_POST
def talk_end(request: Request, pair: str) -> HttpResponse:
    """Enough for now. Either may say so, and neither needs a reason."""
    own = pairs.pair(request.actor, pair)
    reads.own_talk(request.actor, own)
    if own.state in {Pair.State.BEGUN, Pair.State.ACTIVE}:
        pair_acts.end(request.actor, own, ending=Pair.Ending.DONE)
    return redirect("pair", request.programme.slug, own.pk)


@require_POST
def talk_stay(request: Request, pair: str) -> HttpResponse:
    own, form = pairs.pair(request.actor, pair), StayForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    talk = acts.stay(request.actor, reads.own_talk(request.actor, own), yes=form.cleaned_data["yes"])
    if talk.asker_stays and talk.giver_stays:
        messages.success(request, _("You both would like to stay in touch. Write whenever it suits you."))
    else:
        messages.success(request, _("Thank you. The other is not told what you said."))
    return redirect("pair", request.programme.slug, own.pk)
