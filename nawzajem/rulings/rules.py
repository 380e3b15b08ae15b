"""Who may look into a report and decide: somebody on duty who has no part in it, no pair with anybody in it, and is neither
above nor below them; and of an appeal, somebody else than who decided first."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.pairs.models import Pair
from nawzajem.programmes import reads as programmes
from nawzajem.rulings.models import Appeal, Ruling
from nawzajem.safety.models import Report

KEEPERS = ("coordinator", "duty_officer")
State, Kind = Ruling.State, Ruling.Kind


def may_look_into(actor: Actor, report: Report) -> bool:
    return on_duty(actor, report.programme_id) and stands_apart(actor, report.people)


def may_rule(actor: Actor, report: Report) -> bool:
    """In person: no token decides about people."""
    return actor.scopes is None and may_look_into(actor, report)


def may_handle(actor: Actor, ruling: Ruling) -> bool:
    """Everybody on duty who stands apart, also from whoever made the report."""
    people = {one for one in (ruling.about_id, ruling.report.by_id if ruling.report else None) if one}
    return actor.scopes is None and on_duty(actor, ruling.programme_id) and stands_apart(actor, people)


def may_decide(actor: Actor, appeal: Appeal) -> bool:
    """Never whoever decided first."""
    return may_handle(actor, appeal.ruling) and actor.person != appeal.ruling.by_id


def is_own(actor: Actor, ruling: Ruling) -> bool:
    """Of whoever it concerns, paused or not. A note is for those on duty alone."""
    return actor.person is not None and actor.person == ruling.about_id and ruling.kind != Kind.NOTE


def may_keep_time(actor: Actor, thing: Ruling | Report | Appeal) -> bool:
    return actor.is_house


def can_reply(ruling: Ruling) -> bool:
    """Before it is decided; afterwards where it was urgent, or a warning."""
    return ruling.replied_at is None and ruling.state in {State.HEARD, State.HOLDS} and ruling.kind != Kind.NOTE


def can_settle(ruling: Ruling) -> bool:
    """Answered, or there was time enough to answer."""
    waited = ruling.answer_by is None or clock.now() >= ruling.answer_by
    return ruling.state == State.HEARD and (waited or ruling.replied_at is not None)


def can_appeal(ruling: Ruling) -> bool:
    in_time = ruling.appeal_by is not None and clock.house_day() <= ruling.appeal_by
    return ruling.state in {State.HOLDS, State.OVER} and in_time and not hasattr(ruling, "appeal")


# -- standing apart ---------------------------------------------------------------------------------------------------


def on_duty(actor: Actor, programme: str) -> bool:
    return actor.programme == programme and actor.takes_part and actor.has(*KEEPERS)


def stands_apart(actor: Actor, people: Collection[str]) -> bool:
    return actor.person is not None and not (bound_to(actor) & set(people))


def bound_to(actor: Actor) -> set[str]:
    """Oneself, everybody with whom one is or was in a pair, and everybody above or below in the same units."""
    pairs = Pair.objects.filter(Q(asker=actor.me) | Q(giver=actor.me)).values_list("asker", "giver")
    partners = {one for pair in pairs for one in pair if one}
    return {actor.me} | partners | programmes.above_and_below(actor.here, actor.me)
