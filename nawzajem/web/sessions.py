"""Sessions end in any case: so many days after one last showed who one is, however often one was here meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as SHOWN
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

from nawzajem.ground import clock

SOON = timedelta(days=7)
BEGAN = "began"  # seconds; for sessions in which nothing was shown


class SessionStore(db.SessionStore):
    """The library's, with an end. Under the same name, for that is what sessions are signed with."""

    def get_expiry_date(self, **given: Any) -> datetime:
        usual: datetime = super().get_expiry_date(**given)
        end = ends_at(self)
        return min(usual, end) if end else usual


def ends_at(session: Any) -> datetime | None:
    """None before anybody has signed in."""
    shown = [float(one["at"]) for one in session.get(SHOWN, [])] or ([session[BEGAN]] if BEGAN in session else [])
    if not shown:
        return None
    return datetime.fromtimestamp(max(shown), UTC) + timedelta(days=settings.ENV.session_days)


@dataclass(frozen=True, slots=True)
class Ending:
    day: datetime
    can_go_on: bool  # by a passphrase or a second factor; who has neither signs in by a code from a letter


def ends_soon(request: Any) -> Ending | None:
    """Told for a week, so that nobody is surprised by it at night."""
    end = ends_at(request.session)
    if end is None or end - clock.now() > SOON:
        return None
    return Ending(timezone.localtime(end), bool(get_reauthentication_flows(request.user)))
