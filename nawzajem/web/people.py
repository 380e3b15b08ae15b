"""Pages about my account: language, comfort, signing in, tokens."""

from __future__ import annotations

import contextlib

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from nawzajem.ground.events import has_done
from nawzajem.ground.refusals import NotFound
from nawzajem.people import acts, reads
from nawzajem.people.forms import AboutForm, ComfortForm, LanguageForm, TokenForm
from nawzajem.people.models import Token
from nawzajem.programmes import reads as programmes
from nawzajem.safety import reads as safety
from nawzajem.safety.logbook import reads as logbook
from nawzajem.safety.openings import acts as opening_acts
from nawzajem.safety.openings import reads as openings
from nawzajem.web.accounts import _following
from nawzajem.web.doorway import Request
from nawzajem.web.once import key_of
from nawzajem.web.paging import page
from nawzajem.web.sessions import ends_soon

FORMS = {"language": LanguageForm, "comfort": ComfortForm, "about": AboutForm}


def me(request: Request) -> HttpResponse:
    person = reads.me(request.actor)
    context = {
        "person": person,
        "mine": programmes.mine(person),
        "ends": ends_soon(request),
        "has_second_factor": is_mfa_enabled(person),
        "blocks": safety.my_blocks(request.actor).count(),
    }
    return render(request, "people/me.html", context)


def looks(request: Request) -> HttpResponse:
    """Who looked by duty at what is mine, and why."""
    rows = page(request, logbook.of_mine(request.actor))
    opened = openings.of_mine(request.actor)
    if any(one.is_new for one in opened):
        opening_acts.read(request.actor)
    return render(request, "people/looks.html", {"rows": rows, "looks": logbook.told(rows), "opened": opened})


def settings(request: Request, part: str) -> HttpResponse:
    """Language, comfort, about me: each a short page."""
    if part not in FORMS:
        raise NotFound
    person = reads.me(request.actor)
    form = FORMS[part](request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        acts.change(request.actor, reads.me(request.actor), **form.cleaned_data)
        with override(person.language_code(formal=False)):
            messages.success(request, _("Kept."))
        return redirect("me")
    return render(request, "people/settings.html", {"form": form, "part": part}, status=422 if form.errors else 200)


def second_factor(request: Request) -> HttpResponse:
    """Why a duty asks for it, and the way to it."""
    return render(request, "people/second_factor.html", {"following": _following(request)})


def tokens(request: Request) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _made, secret = acts.make_token(
            request.actor, reads.me(request.actor), key=key_of(request), **form.cleaned_data
        )
        return render(request, "people/token.html", {"secret": secret})
    context = {"form": form, "tokens": reads.tokens(request.actor), "scopes": dict(Token.Scope.choices)}
    return render(request, "people/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def drop_token(request: Request, token: str) -> HttpResponse:
    if not has_done(request.actor, "token.dropped", token):
        acts.drop_token(request.actor, reads.token(request.actor, token))
    messages.success(request, _("The token no longer opens anything."))
    return redirect("tokens")


def devices(request: Request) -> HttpResponse:
    """Where I am signed in; ended one by one, or all but this one."""
    if request.method == "POST":
        acts.end_other_devices(request.actor, reads.me(request.actor), but=request.session.session_key or "")
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("devices")
    context = {"devices": reads.devices(request.actor), "this": request.session.session_key}
    return render(request, "people/devices.html", context)


@require_POST
def end_device(request: Request, device: str) -> HttpResponse:
    with contextlib.suppress(NotFound):  # ended already, a moment ago
        acts.end_device(request.actor, reads.device(request.actor, device))
        messages.success(request, _("You are signed out there."))
    return redirect("devices")
