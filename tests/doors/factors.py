"""Second factors of those on duty, and that one was shown, without an app or a key."""

from __future__ import annotations

from time import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from nawzajem.people.models import Person
from tests.doors.plain import Browser


def with_second_factors(world: Any) -> None:
    """Nothing is opened without them, whatever the programme says."""
    for name in ("celina", "franek"):
        Authenticator.objects.create(user=world.people[name], type="totp", data={"secret": "x"})


def has_shown(one: Browser, person: Person, *, ago: float = 0) -> Browser:
    """As the library notes it; `ago` in seconds."""
    request = HttpRequest()
    request.session, request.user = one.client.session, person  # type: ignore[assignment]
    record_authentication(request, person, method="mfa", type="totp", reauthenticated=True)
    request.session["account_authentication_methods"][-1]["at"] = time() - ago
    request.session.save()
    return one
