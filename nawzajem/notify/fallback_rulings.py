"""The named fallback, told of a report that nobody on duty can look into or nobody took in time, and of such an appeal."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.core.mail import EmailMultiAlternatives
from django.utils import formats
from django.utils.translation import gettext as _

from nawzajem.ground.actor import CHORE, Actor
from nawzajem.ground.chores import each
from nawzajem.notify.fallback import hand_over, house_address, in_both
from nawzajem.rulings import acts, reads
from nawzajem.rulings.models import Appeal
from nawzajem.safety.models import Report

AGAIN = timedelta(minutes=10)


def some_due() -> bool:
    return bool(reads.for_fallback())


def tell() -> None:
    for waiting in reads.for_fallback():
        each(CHORE.within(reads.within(waiting).pk), _tell, [waiting])


def _tell(actor: Actor, waiting: Appeal | Report) -> None:
    hand_over(
        _compose(waiting),
        told=partial(acts.fallback_told, actor, waiting),
        not_told=partial(acts.fallback_not_told, actor, waiting, again_in=AGAIN),
    )


def _compose(waiting: Appeal | Report) -> EmailMultiAlternatives:
    to = reads.within(waiting).options.fallback_email
    if isinstance(waiting, Report):
        return in_both(lambda: _("A report waits"), lambda: _of_report(waiting), to)
    return in_both(lambda: _("An appeal waits"), lambda: _of_appeal(waiting), to)


def _of_report(report: Report) -> str:
    return _(
        "In “%(programme)s” somebody reported on %(day)s that something was not right, and there is nobody on duty who can look into it, or nobody has "
        "in time. Please see to it that somebody does who has no part in it: another coordinator can give the duty to one more person, and so can "
        "whoever looks after the server.\n\n%(address)s"
    ) % _facts(report, formats.date_format(report.at))


def _of_appeal(appeal: Appeal) -> str:
    return _(
        "In “%(programme)s” somebody has asked on %(day)s that another person decides anew about them, and there is nobody on duty who can, or nobody "
        "has. Please see to it that somebody does who has no part in it: a coordinator can give the duty to one more person.\n\n%(address)s"
    ) % _facts(appeal, formats.date_format(appeal.at))


def _facts(waiting: Appeal | Report, day: str) -> dict[str, str]:
    programme = reads.within(waiting)
    address = f"{house_address()}/p/{programme.slug}/desk/reports/"
    return {"programme": programme.name, "day": day, "address": address}
