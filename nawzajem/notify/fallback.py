"""The last in the line: somebody named by the programme, told by e-mail when nobody on duty took a concern.

Told again and again until the post takes it. No name, no word of anybody: where it waits, since when, and how pressing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.safety.concerns import acts, reads
from nawzajem.safety.concerns.models import Concern

AGAIN = timedelta(minutes=2)


def some_due() -> bool:
    return reads.untold_fallbacks().exists()


def tell() -> None:
    for concern in reads.untold_fallbacks():
        each(CHORE.within(concern.programme_id), _tell, [concern])


def _tell(actor: Actor, concern: Concern) -> None:
    """A programme without such an address is told so on its pages; here nothing can be done but wait for one."""
    to = concern.programme.options.fallback_email
    if not to:
        acts.fallback_not_told(actor, concern, again_in=AGAIN)
        return
    hand_over(
        compose(concern, to),
        told=partial(acts.fallback_told, actor, concern),
        not_told=partial(acts.fallback_not_told, actor, concern, again_in=AGAIN),
    )


def hand_over(letter: EmailMultiAlternatives, *, told: Callable[[], object], not_told: Callable[[], object]) -> None:
    """To the post; what is kept of it depends on whether the post took it."""
    try:
        letter.send()
    except (SMTPException, OSError):
        not_told()
    else:
        told()


def compose(concern: Concern, to: str) -> EmailMultiAlternatives:
    return in_both(lambda: _("Nobody on duty has answered"), lambda: _words(concern), to)


def in_both(subject: Callable[[], str], words: Callable[[], str], to: str) -> EmailMultiAlternatives:
    """In both languages: nobody knows which one the fallback reads."""
    parts = []
    for language in ("pl", "en"):
        with override(language):
            parts.append(words())
            last = subject()
    return EmailMultiAlternatives(
        subject=last,
        body="\n\n--\n\n".join(parts),
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "Importance": "high"},
    )


def _words(concern: Concern) -> str:
    return _(
        "In “%(programme)s” a sign of danger (%(tier)s) waits since %(when)s, and nobody on duty has taken it. "
        "Please reach somebody on duty now, or act as your programme has settled. It stands here:\n\n%(address)s"
    ) % {
        "programme": concern.programme.name,
        "tier": concern.get_tier_display(),
        "when": timezone.localtime(concern.raised_at).strftime("%H:%M"),
        "address": f"{house_address()}/p/{concern.programme.slug}/desk/concerns/{concern.pk}/",
    }


def house_address() -> str:
    env = settings.ENV
    return (env.origin or f"http://{env.host}:{env.port}").rstrip("/")
