"""The named fallback, told when an appeal waits that nobody on duty can decide, or that nobody decided in time."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException

from django.utils import formats
from django.utils.translation import gettext as _

from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.notify.fallback import house_address, in_both
from nawzajem.rulings import acts, reads
from nawzajem.rulings.models import Appeal

AGAIN = timedelta(minutes=10)


def some_due() -> bool:
    return bool(reads.appeals_for_fallback())


def tell() -> None:
    for appeal in reads.appeals_for_fallback():
        each(CHORE.within(appeal.ruling.programme_id), _tell, [appeal])


def _tell(actor: Actor, appeal: Appeal) -> None:
    to = appeal.ruling.programme.options.fallback_email
    try:
        in_both(lambda: _("An appeal waits"), lambda: _words(appeal), to).send()
    except (SMTPException, OSError):
        acts.fallback_not_told(actor, appeal, again_in=AGAIN)
    else:
        acts.fallback_told(actor, appeal)


def _words(appeal: Appeal) -> str:
    programme = appeal.ruling.programme
    return _(
        "In “%(programme)s” somebody has asked on %(day)s that another person decides anew about them, and there is nobody on duty who can, or nobody "
        "has. Please see to it that somebody does who has no part in it: a coordinator can give the duty to one more person.\n\n%(address)s"
    ) % {
        "programme": programme.name,
        "day": formats.date_format(appeal.at),
        "address": f"{house_address()}/p/{programme.slug}/desk/reports/",
    }
