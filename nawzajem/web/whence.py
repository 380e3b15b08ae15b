"""Where somebody comes from, for counting attempts and for nothing else. Behind one address may be a whole school or ward.

So a device that has signed in before counts by itself, and nobody else's doing slows it. Any other is counted by its browser;
and the address comes last and generously, for whoever comes as another browser each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from nawzajem.ground.patience import Patience
from nawzajem.ground.seal import fingerprint
from nawzajem.programmes.reads import digest

COOKIE = settings.DEVICE_COOKIE_NAME
A_YEAR = 365 * 24 * 3600  # seconds
SALT = "a device that has signed in"
ACCOUNTS = 4  # on one device


@dataclass(frozen=True, slots=True)
class Shared:
    """Counted by browser first: what a browser does while it waits is not counted against its address."""

    by_browser: Patience
    by_address: Patience

    def wait(self, request: HttpRequest) -> int:
        if device := device_of(request):
            return self.by_browser.wait(device)
        return max(self.by_browser.wait(_browser(request)), self.by_address.wait(address_of(request)))

    def refused(self, request: HttpRequest) -> None:
        who = device_of(request) or _browser(request)
        waits = self.by_browser.wait(who)
        self.by_browser.refused(who)
        if not (waits or device_of(request)):
            self.by_address.refused(address_of(request))


# All that somebody sends to the pages of signing up and in. Nobody types sixty in a minute.
FLOODS = Shared(
    Patience("floods", free=60, first=5, longest=60, calm=1),
    Patience("floods-address", free=400, first=5, longest=30, calm=1),
)


def address_of(request: HttpRequest) -> str:
    """Told by the front door; without one, by the socket. Of IPv6 its network."""
    return str(
        ratelimit.truncate_ip(request.headers.get("X-Real-IP") or request.META.get("REMOTE_ADDR") or "127.0.0.1")
    )


def _browser(request: HttpRequest) -> str:
    """By the cookie that goes with every form; whoever sends forms without it is one of those at this address who do."""
    return digest(f"{request.COOKIES.get(settings.CSRF_COOKIE_NAME, 'none')}:{address_of(request)}")


# -- a device that has signed in --------------------------------------------------------------------------------------


def device_of(request: HttpRequest) -> str:
    """By the first account that was opened on it: signing in often makes no second device of it."""
    prints = _prints(request)
    return f"device:{prints[0]}" if prints else ""


def has_opened(request: HttpRequest, person: str | None) -> bool:
    """Whether this account was opened on this device, and kept open there."""
    return person is not None and _print(person) in _prints(request)


def remember(request: HttpRequest, response: HttpResponse, person: str) -> None:
    """Only where somebody stays signed in: on a machine that many use nothing is left behind."""
    if request.session.get_expire_at_browser_close():
        return
    prints = list(dict.fromkeys([*_prints(request), _print(person)]))[-ACCOUNTS:]
    response.set_cookie(
        COOKIE,
        signing.dumps(prints, salt=SALT),
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
        httponly=True,
    )


def _prints(request: HttpRequest) -> list[str]:
    try:
        return list(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=A_YEAR))
    except signing.BadSignature:
        return []


def _print(person: str) -> str:
    """Nobody but the house knows whose it is."""
    return fingerprint(person, purpose="devices that have signed in")[:16]
