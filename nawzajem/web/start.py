"""Pages for everybody: the beginning, how this works, help lines, the language."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from nawzajem.core.matching import Wait, hours
from nawzajem.ground import clock
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.week import WeekField
from nawzajem.people.forms import LanguageForm
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Topic
from nawzajem.programmes.reads import Branch
from nawzajem.safety import helplines
from nawzajem.web.doorway import Request, open_page


@open_page
def start(request: Request) -> HttpResponse:
    """One programme: straight to it. Several, or none of one's own yet: a choice."""
    mine = list(programmes.mine(request.user)) if request.user.is_authenticated else []
    if len(mine) == 1:
        return redirect("home", mine[0].programme.slug)
    open_ones = programmes.open_programmes()
    if not mine and len(open_ones) == 1:
        return redirect("programme", open_ones[0].slug)
    return render(request, "home/start.html", {"mine": mine, "open_ones": open_ones})


@open_page
def about(request: Request) -> HttpResponse:
    return render(request, "home/about.html")


@open_page
def help_now(request: Request) -> HttpResponse:
    """Help that answers now. Needs no account, and never the database of people."""
    country = request.GET.get("country", settings.ENV.country).upper()[:2]
    own = settings.ENV.data / "helplines.toml"  # an organisation's own list, if it has one
    told = {"country": helplines.lines_for(country, own), "countries": helplines.countries(own)}
    return render(request, "safety/help.html", told)


@open_page
def parts(request: Request) -> HttpResponse:
    """All parts beside each other, in both languages and both themes: for those who build the house."""
    if not settings.DEBUG:
        raise NotFound
    sample = {
        "form": LanguageForm(data={}),
        "week_form": Week(initial={"hours": hours.PRESETS["evenings"]}),
        "waits": [Wait(None, None, None, 0, 0), Wait(None, None, None, 3, 1), Wait(1.0, 5.0, 30.0, 40, 31)],
        "stretches": [hours.Stretch(18, 3), hours.Stretch(0, hours.HOURS)],
        "line": helplines.lines_for("PL").lines[1],
        "moment": clock.now(),
        "middle": Paginator(range(3), 1).page(2),
        "tree": [
            Branch(
                Topic(code="a", words={"pl": "Żałoba", "en": "Grief"}),
                [Branch(Topic(code="a.b", words={"pl": "Śmierć mamy", "en": "Death of a parent"}))],
            )
        ],
        "icons": [
            "home",
            "talks",
            "ask",
            "offer",
            "person",
            "help",
            "exit",
            "info",
            "desk",
            "plus",
            "back",
            "send",
            "dots",
            "clock",
            "check",
            "lock",
            "leaf",
            "key",
            "moon",
        ],
    }
    return render(request, "home/parts.html", sample)


class Week(forms.Form):
    hours = WeekField(label=_("When?"))


@open_page
@require_POST
def language(request: Request) -> HttpResponse:
    """For visitors; people with an account have it in their settings."""
    wanted, following = request.POST.get("language", ""), request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        following, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    answer = redirect(following if safe else "/")
    if wanted in {"pl", "en"}:
        age = settings.SESSION_COOKIE_AGE
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=age,
            samesite="Lax",
            secure=settings.SECURE_COOKIES,
            httponly=True,
        )
    return answer
