"""Questions about experiences, each limited to what the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from nawzajem.experiences.models import Experience
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import NotFound
from nawzajem.ground.seal import unseal
from nawzajem.programmes.models import Member, Topic

SEEN_BY = {"member": {Experience.Sight.MEMBERS}, "matched": {Experience.Sight.MEMBERS, Experience.Sight.MATCHED}}


@dataclass(frozen=True, slots=True)
class Shown:
    """What another person may see of an experience; empty where it is hidden."""

    code: str  # of the topic
    topic: str
    stage: str
    since: str
    until: str
    words: str


def mine(actor: Actor) -> QuerySet[Experience]:
    return Experience.objects.filter(person=actor.person, programme=actor.programme).select_related("topic")


def experience(actor: Actor, experience_id: str) -> Experience:
    """One's own. Other people's are only shown as far as `shown` goes."""
    found = mine(actor).filter(pk=experience_id).first()
    if found is None:
        raise NotFound
    return found


def words_of(actor: Actor, experience: Experience) -> str:
    if actor.person != experience.person_id:
        raise NotFound
    return _unsealed(experience)


def has_told(actor: Actor, *, topic: Topic, words: str = "", **fields: Any) -> bool:
    """Whether one has told of just this, in just these words."""
    same = mine(actor).filter(topic=topic, **fields).first()
    return same is not None and words_of(actor, same) == words


def shown(experience: Experience, *, to: str) -> Shown | None:
    """An experience as a `member` or a `matched` person sees it; nothing at all when even its topic is hidden."""
    may = SEEN_BY[to]
    if experience.see_topic not in may:
        return None
    return Shown(
        code=experience.topic.code,
        topic=experience.topic.name,
        stage=str(experience.get_stage_display()) if experience.see_stage in may else "",
        since=experience.since if experience.see_when in may else "",
        until=experience.until if experience.see_when in may else "",
        words=_unsealed(experience) if experience.see_words in may else "",
    )


def _unsealed(experience: Experience) -> str:
    return unseal(experience.person.vault, experience.words, about=f"experience:{experience.pk}")


def been_there(programme: str, topic_codes: list[str]) -> int:
    """How many people who are here have told of one of these topics, or of one beneath it, and do not keep the topic to
    themselves."""
    wanted = Q()
    for code in topic_codes:
        wanted |= Q(code=code) | Q(code__startswith=code + ".")
    beneath = (
        list(Topic.objects.filter(wanted, programme=programme).values_list("pk", flat=True)) if topic_codes else []
    )
    here = Member.objects.filter(programme=programme, person=OuterRef("person")).exclude(state=Member.State.LEFT)
    told = Experience.objects.filter(Exists(here), topic__in=beneath)
    return told.exclude(see_topic=Experience.Sight.NOBODY).values("person").distinct().count()
