"""A second factor shown a moment ago. For what is closed to everybody it is not enough to have signed in some time today:
the device may lie open on a desk.
"""

from __future__ import annotations

from datetime import timedelta
from time import time
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from nawzajem.web.doorway import Request

FRESH = timedelta(minutes=10)
WHERE = {"opening", "opening_new"}


def is_fresh(request: Request) -> bool:
    """Whether a factor was shown lately, when signing in or since. The library counts it, on the clock of the machine."""
    shown = [one["at"] for one in get_authentication_records(request, request.user) if one["method"] == "mfa"]
    return bool(shown) and time() - max(shown) < FRESH.total_seconds()


def to_show(request: Request, following: str) -> str:
    """Where it is shown: a code, or a passkey where there is no app with codes; and from there on."""
    has_codes = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if has_codes else "mfa_reauthenticate_webauthn")
    return f"{page}?{urlencode({'next': following})}"


def is_asked_for(request: HttpRequest) -> bool:
    """Whether this page leads on to one that needs a factor; then a passphrase would lead nowhere."""
    following = request.POST.get("next", request.GET.get("next", ""))
    try:
        return resolve(urlsplit(following).path).url_name in WHERE
    except Resolver404:
        return False
