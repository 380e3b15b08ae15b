"""Whether somebody may come in again. Asked with confirmed addresses only: with any other, everybody could try out whom a
programme has removed, and keep out whoever it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from unicodedata import normalize

from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from nawzajem.ground import clock
from nawzajem.ground.refusals import NotAllowed
from nawzajem.ground.seal import fingerprint
from nawzajem.people import reads as people
from nawzajem.people.models import Person
from nawzajem.programmes.kept_out.models import KeptOut
from nawzajem.programmes.models import SUSPENDED, Member, Programme

DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # where dots and this name make no other box


def hindrance(programme: Programme, person: Person, *, invited: bool) -> NotAllowed | None:
    """Why somebody does not come in just now, in words for them. Who is suspended comes back to what was decided."""
    standing = KeptOut.objects.filter(programme=programme, until__gte=clock.house_day())
    if _comes_back(programme, person) or not standing.exists():
        return None
    addresses = people.confirmed_addresses(person)
    until = _latest(standing.filter(print__in=prints(programme.pk, addresses)))
    if until:
        return _kept_out(until)
    wanted = programme.options.after_removal
    if invited or programme.options.joining != "open" or wanted == "nothing" or (wanted == "address" and addresses):
        return None
    return _by_invitation() if wanted == "invited" else _address_first()


def _comes_back(programme: Programme, person: Person) -> bool:
    return Member.objects.filter(programme=programme, person=person, paused_for__in=SUSPENDED).exists()


def _latest(rows: QuerySet[KeptOut]) -> date | None:
    return rows.order_by("-until").values_list("until", flat=True).first()


def prints(programme: str, addresses: Iterable[str]) -> list[str]:
    return [fingerprint(one_box(address), purpose=f"kept out of {programme}") for address in addresses]


def one_box(address: str) -> str:
    """The same for all spellings that reach one box."""
    name, _at, domain = normalize("NFKC", address).casefold().strip().rpartition("@")
    name, domain = name.partition("+")[0] or name, domain.rstrip(".")
    if domain in DOTLESS:
        name, domain = name.replace(".", ""), DOTLESS[domain]
    return f"{name}@{domain}"


def over() -> QuerySet[KeptOut]:
    return KeptOut.objects.filter(until__lt=clock.house_day())


def until(because: str) -> date | None:
    """The last day on which this decision keeps an address out."""
    return _latest(KeptOut.objects.filter(because=because))


def _kept_out(until: date) -> NotAllowed:
    told = _(
        "Whoever had your e-mail address was removed from this programme by a decision. Until %(day)s nobody comes in with this address, under any name. "
        "If you think this is a mistake, write to those who run this house. Help lines are open to you as to everybody."
    )
    return NotAllowed(told % {"day": formats.date_format(until)}, code="kept_out")


def _address_first() -> NotAllowed:
    told = _(
        "Whoever comes in here without an invitation confirms an e-mail address first. Nobody here sees it. Add one under “Me”, then come back."
    )
    return NotAllowed(told, code="address_first")


def _by_invitation() -> NotAllowed:
    return NotAllowed(_("For now people come in here with an invitation."), code="by_invitation")
