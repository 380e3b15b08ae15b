"""The second factor of those on duty in the journeys: an app with codes, whose secret the stories know."""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, *, later: int = 0) -> str:
    """The code that the app shows; a code is good once, so `later` counts on. The house takes the next one too."""
    _before, now, _next = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now + later))
