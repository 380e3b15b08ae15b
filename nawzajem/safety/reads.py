"""Questions about blocks and reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from nawzajem.ground import clock, rows
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.safety.models import Block, Report

CLOSED_DOORS = """SELECT by_id, of_id FROM nawzajem_block WHERE by_id IN (VALUES {})
    UNION SELECT by_id, of_id FROM nawzajem_block WHERE of_id IN (VALUES {})"""


def blocked(one: str | None, other: str | None) -> bool:
    """Whether either of the two has closed the door to the other."""
    return Block.objects.filter(Q(by=one, of=other) | Q(by=other, of=one)).exists()


def strangers_for_ever(person: str) -> set[str]:
    """Ids of all whom this person shall not meet, whoever of the two wished it."""
    rows = Block.objects.filter(Q(by=person) | Q(of=person)).values_list("by", "of")
    return {one for row in rows for one in row} - {person}


def strangers_of(people: QuerySet[Any, Any]) -> Mapping[str, set[str]]:
    """Of each of these people the ids of all whom they shall not meet, whoever of the two wished it."""
    found = defaultdict[str, set[str]](set)
    for one, other in (
        *Block.objects.filter(by__in=people).values_list("by", "of"),
        *Block.objects.filter(of__in=people).values_list("of", "by"),
    ):
        found[one].add(other)
    return found


def strangers_among(people: Collection[str]) -> Callable[[], dict[str, set[str]]]:
    """The same of a few people, in one statement, for it is asked for each message. What comes back gives the answer."""
    ids = [(one,) for one in people]
    doors = rows.ask(CLOSED_DOORS, ids, ids)

    def answer() -> dict[str, set[str]]:
        found = defaultdict[str, set[str]](set)
        for by, of in doors():
            found[by].add(of)
            found[of].add(by)
        return found

    return answer


def my_blocks(actor: Actor) -> QuerySet[Block]:
    return Block.objects.filter(by=actor.person).order_by("-at")


def my_reports(actor: Actor) -> QuerySet[Report]:
    """Those that this person made here, the latest first."""
    return Report.objects.filter(by=actor.person or "", programme=actor.programme).order_by("-at", "pk")


def my_words(actor: Actor, report: Report) -> str:
    """What the reporter wrote, for themselves."""
    if actor.person is None or actor.person != report.by_id:
        raise NotFound
    return unseal(report.vault, report.words, about=f"report:{report.pk}")


def newly_late() -> QuerySet[Report]:
    """Those that nobody took in time."""
    waiting = Report.objects.filter(state=Report.State.RAISED, late_at=None, due_at__lte=clock.now())
    return waiting.order_by("due_at")
