"""Questions about asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from nawzajem.asks.models import Ask
from nawzajem.core.matching import Wait, expected_wait
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.programmes.models import Member, Programme, Topic

LOOKED_BACK = timedelta(days=180)
ENOUGH = 8  # fewer waits on the very topics, and those of the whole programme say more
MOST = 1000


def ask(actor: Actor, ask_id: str) -> Ask:
    found = (
        Ask.objects.visible_to(actor)
        .filter(pk=ask_id)
        .select_related("person", "programme")
        .prefetch_related("topics")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def own_ask(actor: Actor, ask_id: str) -> Ask:
    """For pages that only its owner has, coordinators among them."""
    found = ask(actor, ask_id)
    if found.person_id != actor.person:
        raise NotFound
    return found


def mine(actor: Actor) -> QuerySet[Ask]:
    here = Ask.objects.filter(person=actor.person, programme=actor.programme)
    return here.prefetch_related("topics").order_by("-made_at", "pk")


def unsent(actor: Actor, topics: Iterable[Topic], *, again_of: Ask | None) -> Ask | None:
    """A draft of the last hour about just this: somebody took a step back and wrote it once more."""
    wanted = {topic.pk for topic in topics}
    lately = mine(actor).filter(state=Ask.State.DRAFT, made_at__gt=clock.now() - timedelta(hours=1))
    return next(
        (one for one in lately.filter(again_of=again_of) if {topic.pk for topic in one.topics.all()} == wanted), None
    )


def waiting(actor: Actor) -> QuerySet[Ask]:
    """Asks that wait for somebody, the longest first. Without their words."""
    here = Ask.objects.visible_to(actor).filter(state__in=[Ask.State.OPEN, Ask.State.PROPOSED])
    return here.select_related("person").prefetch_related("topics").order_by("opened_at", "pk")


def words_of(actor: Actor, ask: Ask) -> str:
    """To its owner. Whoever it is proposed to reads them through the proposal."""
    if ask.person_id != actor.person:
        raise NotFound
    return unsealed(ask)


def unsealed(ask: Ask) -> str:
    """For rooms above, which have asked whether the reader may."""
    return unseal(ask.person.vault, ask.words, about=f"ask:{ask.pk}")


def wait(programme: Programme, topic_codes: list[str]) -> Wait:
    """How long people waited for somebody here, those still waiting counted too; on these topics where enough have."""
    topics = list(Topic.objects.filter(programme=programme, code__in=topic_codes)) if topic_codes else []
    waits = _waits(Ask.objects.filter(topics__in=topics)) if topics else []
    waits = waits if len(waits) >= ENOUGH else _waits(Ask.objects.filter(programme=programme))
    return expected_wait([hours for hours, _paired in waits], [paired for _hours, paired in waits])


def _waits(asks: QuerySet[Ask]) -> list[tuple[float, bool]]:
    """Of very many, a thousand; the ids are random, so these are taken at random and say the same."""
    lately = asks.filter(~_expected(), opened_at__gte=clock.now() - LOOKED_BACK).order_by("pk")
    rows = lately.values_list("pk", "opened_at", "paired_at", "state", "state_since")[:MOST]
    return list({row[0]: _waited(*row[1:]) for row in rows}.values())  # an ask on two of the topics is one ask


def _waited(opened: datetime | None, paired: datetime | None, state: str, since: datetime) -> tuple[float, bool]:
    """Hours waited, and whether it ended with a pair."""
    still = state in {Ask.State.OPEN, Ask.State.PROPOSED}
    assert opened is not None, "only asks that were opened are looked at"
    end = paired or (clock.now() if still else since)
    return max(0.0, (end - opened).total_seconds() / 3600), paired is not None


def unconfirmed(programme: Programme) -> QuerySet[Ask]:
    """Asks whose people have not said for a while that they still wait."""
    return _silent(programme, days=programme.options.confirm_ask_after)


def overdue(programme: Programme) -> QuerySet[Ask]:
    return _silent(programme, days=programme.options.lapse_ask_after)


def _silent(programme: Programme, *, days: int) -> QuerySet[Ask]:
    before = clock.now() - timedelta(days=days)
    return Ask.objects.filter(~_expected(), programme=programme, state=Ask.State.OPEN, confirmed_at__lt=before)


def _expected() -> Exists:
    """Whoever was announced and has not come yet cannot be asked anything, and cannot be found either: they do not wait."""
    place = Member.objects.filter(programme=OuterRef("programme"), person=OuterRef("person"))
    return Exists(place.filter(agreed_at=None).exclude(announced_print=""))


def done(programme: Programme) -> QuerySet[Ask]:
    """Asks that have ended and are older than the programme keeps them."""
    before = clock.now() - timedelta(days=programme.options.keep_closed_asks)
    old_draft = Q(state=Ask.State.DRAFT, made_at__lt=clock.now() - timedelta(days=30))
    return Ask.objects.filter(Q(state__in=Ask.ends(), state_since__lt=before) | old_draft, programme=programme)
