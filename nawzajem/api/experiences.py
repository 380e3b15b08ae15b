"""What I have lived through."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import NOTHING, Out, done, gives, made
from nawzajem.api.tokens import READ, WRITE, Here, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.experiences import acts, reads
from nawzajem.experiences.forms import ExperienceForm
from nawzajem.experiences.models import Experience

router = Router(tags=["Experiences"])


class ExperienceOut(Out):
    id: str
    topic: str
    stage: str
    since: str
    until: str
    words: str
    see_topic: str
    see_stage: str
    see_when: str
    see_words: str
    changed_at: datetime


@router.get("/p/{programme}/experiences", response=gives(list[ExperienceOut]), auth=READ)
def experiences(request: Request, programme: str) -> list[ExperienceOut]:
    """Mine. What others see of them, each field says."""
    here = inside(request, programme)
    return [_told(here, one) for one in reads.mine(here.actor).select_related("person")]


@router.post(
    "/p/{programme}/experiences", response=gives(ExperienceOut, 201), auth=WRITE, openapi_extra=takes(ExperienceForm)
)
def tell(request: Request, programme: str) -> Status:
    """Tell of something. Only the topic and the stage are needed."""
    here = inside(request, programme)
    return made(_told(here, acts.add(here.actor, **typed(request, ExperienceForm, programme=here.programme))))


@router.get("/p/{programme}/experiences/{experience}", response=gives(ExperienceOut), auth=READ)
def experience(request: Request, programme: str, experience: str) -> ExperienceOut:
    here = inside(request, programme)
    return _told(here, reads.experience(here.actor, experience))


@router.patch(
    "/p/{programme}/experiences/{experience}",
    response=gives(ExperienceOut),
    auth=WRITE,
    openapi_extra=takes(ExperienceForm, needs=()),
)
def change(request: Request, programme: str, experience: str) -> ExperienceOut:
    """Change what is named; the rest stays. The topic stays in any case."""
    here = inside(request, programme)
    own = reads.experience(here.actor, experience)
    words = {"words": reads.words_of(here.actor, own)}
    fields = typed(request, ExperienceForm, programme=here.programme, instance=own, initial=words)
    return _told(here, acts.change(here.actor, own, **fields))


@router.delete("/p/{programme}/experiences/{experience}", response=NOTHING, auth=WRITE)
def remove(request: Request, programme: str, experience: str) -> Status:
    """Take it back. Nothing of it is left."""
    here = inside(request, programme, before_agreement=True)
    acts.remove(here.actor, reads.experience(here.actor, experience))
    return done()


def _told(here: Here, one: Experience) -> ExperienceOut:
    plain = ("stage", "since", "until", "see_topic", "see_stage", "see_when", "see_words", "changed_at")
    return ExperienceOut(
        id=one.pk,
        topic=one.topic.code,
        words=reads.words_of(here.actor, one),
        **{name: getattr(one, name) for name in plain},
    )
