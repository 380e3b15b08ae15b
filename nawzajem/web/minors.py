"""Pages about minors: the minor's own, the guardian's by a link, and the desk's."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nawzajem.ground import clock
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.refusals import NotFound
from nawzajem.minors import acts, reads
from nawzajem.minors.forms import CheckForm, GuardianForm, PaperForm, StandardForm
from nawzajem.minors.models import Consent
from nawzajem.minors.standards import ITEMS
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Member
from nawzajem.web.doorway import Request, on_duty, open_page

# -- the minor and the guardian ---------------------------------------------------------------------------------------


@never_cache
def guardian(request: Request) -> HttpResponse:
    """For a minor: what is waited for, and a link to hand on."""
    member = programmes.own_place(request.actor)
    if not (member.person.is_minor and request.programme.options.guardian_consent):
        raise NotFound
    context: dict[str, Any] = {"place": "me", "consents": reads.consents(request.actor, member)}
    if request.method == "POST":
        context["link"] = _link_for(request, member)
    return render(request, "minors/guardian.html", context | {"present": reads.present(member)})


def _link_for(request: Request, member: Member) -> str:
    """Shown once."""
    _made, secret = acts.ask_guardian(request.actor, member)
    return request.build_absolute_uri(reverse("guardian_answer", args=[secret]))


@open_page
@never_cache
def answer(request: Request, secret: str) -> HttpResponse:
    """For a guardian, without an account: what this is about, yes or no; and later the way to take a consent back."""
    one = reads.consent_by(secret)
    form = GuardianForm(request.POST if "yes" in request.POST else None)
    if request.method == "POST" and (done := _answered(one, form, request.POST)):
        return render(request, "minors/answered.html", {"done": done, "bare": True})
    within = one.member.programme
    context = {
        "consent": one,
        "form": form,
        "within": within,
        "standards": reads.standards_for_all(within),
        "texts": [programmes.text(within, code) for code in ("welcome", "confidentiality", "rules")],
        "bare": True,
    }
    return render(request, "minors/answer.html", context, status=422 if form.errors else 200)


def _answered(one: Consent, form: GuardianForm, posted: Any) -> str:
    """The link is the proof, whoever is signed in on this device."""
    if one.state == Consent.State.GIVEN and "withdraw" in posted:
        acts.withdraw(NOBODY, one)
    elif one.state == Consent.State.ASKED and "no" in posted:
        acts.refuse(NOBODY, one)
    elif one.state == Consent.State.ASKED and "yes" in posted and form.is_valid():
        acts.consent(NOBODY, one, **form.cleaned_data)
    else:
        return ""
    return one.state


# -- the desk ---------------------------------------------------------------------------------------------------------


@on_duty("coordinator")
def desk(request: Request) -> HttpResponse:
    """Who waits for a guardian, where the checks stand, and how far the standards are filled in."""
    here = reads.desk(request.actor, request.programme)
    context = {
        "here": here,
        "items": ITEMS,
        "filled": sum(one is not None for _item, one in here.standards),
        "today": clock.today(),
        "place": "desk",
    }
    return render(request, "minors/desk.html", context)


@on_duty("coordinator")
def protection(request: Request, member: str) -> HttpResponse:
    """Consents and checks of one person; a check is recorded here."""
    one = programmes.member(request.actor, member)
    form = CheckForm(request.POST or None, initial={"done_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        acts.record_check(request.actor, one, **form.cleaned_data)
        messages.success(request, _("Recorded."))
        return redirect("desk_protection", request.programme.slug, member)
    return _protection(request, one, check=form)


def _protection(request: Request, one: Member, **forms: Any) -> HttpResponse:
    mine = one.person_id == request.actor.person
    context = {
        "one": one,
        "mine": mine,
        "standing": [] if one.person.is_minor else reads.standing(one),
        "consents": [] if mine else reads.consents(request.actor, one),
        "present": reads.present(one),
        "check": CheckForm(initial={"done_on": clock.today()}),
        "paper": PaperForm(initial={"given_on": clock.today()}),
        "place": "desk",
    } | forms
    return render(
        request, "minors/protection.html", context, status=422 if any(f.errors for f in forms.values()) else 200
    )


@on_duty("coordinator")
@require_POST
def paper(request: Request, member: str) -> HttpResponse:
    one, form = programmes.member(request.actor, member), PaperForm(request.POST)
    if not form.is_valid():
        return _protection(request, one, paper=form)
    acts.record_paper(request.actor, one, **form.cleaned_data)
    messages.success(request, _("Recorded. They can take part now."))
    return redirect("desk_protection", request.programme.slug, member)


@on_duty("coordinator")
@require_POST
def withdraw(request: Request, member: str) -> HttpResponse:
    """A guardian has told the coordinator that they take it back."""
    one = programmes.member(request.actor, member)
    given = reads.present(one)
    if given is not None and given.state == Consent.State.GIVEN:
        acts.withdraw(request.actor, given)
    return redirect("desk_protection", request.programme.slug, member)


@on_duty("coordinator")
def standard(request: Request, item: str) -> HttpResponse:
    """One point of the standards: how it is kept, and when it was last looked at."""
    if item not in ITEMS:
        raise NotFound
    kept = reads.standards(request.actor, request.programme)[item]
    initial = {"words": kept.words if kept else "", "done_on": clock.today()}
    form = StandardForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        acts.fill_in(request.actor, request.programme, item=item, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("desk_minors", request.programme.slug)
    context = {"form": form, "item": ITEMS[item], "kept": kept, "place": "desk"}
    return render(request, "minors/standard.html", context, status=422 if form.errors else 200)
