"""Pages for everybody: the beginning, how this works, help lines, the language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from nawzajem.programmes import reads as programmes
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
