"""Keeping an address out after a removal, and letting it in again when that is lifted. When its day has come, it goes."""

from __future__ import annotations

from datetime import date

from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.people import reads as people
from nawzajem.people.models import Person
from nawzajem.programmes.kept_out import reads, rules
from nawzajem.programmes.kept_out.models import KeptOut
from nawzajem.programmes.models import Programme


@act(may=rules.may_keep_out)
def keep_out(actor: Actor, programme: Programme, *, person: Person, because: str, until: date) -> None:
    """All addresses that are confirmed by now; said again, what is new is added. Also without any: those who come after
    somebody was removed confirm one, where the programme asks for that."""
    found = ["", *reads.prints(programme.pk, people.confirmed_addresses(person))]
    known = set(KeptOut.objects.filter(programme=programme, because=because).values_list("print", flat=True))
    new = [KeptOut(programme=programme, because=because, print=one, until=until) for one in found if one not in known]
    KeptOut.objects.bulk_create(new)
    if new:
        emit(actor, "programme.kept_out", programme, ruling=because, until=str(until))


@act(may=rules.may_keep_out)
def let_in(actor: Actor, programme: Programme, *, because: str) -> None:
    gone, _each = KeptOut.objects.filter(programme=programme, because=because).delete()
    if gone:
        emit(actor, "programme.let_in", programme, ruling=because)
