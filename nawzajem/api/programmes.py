"""A programme: what it is about, its words, my place in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from ninja import Query, Router

from nawzajem.api.answers import Out, gives
from nawzajem.api.tokens import READ, WRITE, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.asks import reads as asks
from nawzajem.core.privacy import told_count
from nawzajem.experiences import reads as experiences
from nawzajem.ground.words import said
from nawzajem.programmes import acts, reads
from nawzajem.programmes.forms import PlaceForm
from nawzajem.programmes.models import Member, Text, Topic

router = Router(tags=["Programme"])


class CodeOut(Out):
    code: str
    words: str


class ProgrammeOut(Out):
    programme: str
    name: str
    purpose: str
    state: str
    ways: list[str]
    kinds: list[CodeOut]
    backgrounds: list[CodeOut]
    open_asks: int
    capacity: int
    answer_within_hours: int


class TextOut(Out):
    code: str
    version: int
    words: str


class TopicOut(Out):
    code: str
    parent: str
    name: str


class MyPlaceOut(Out):
    called: str
    state: str
    code: str
    unit: str
    backgrounds: list[str]
    away_until: date | None
    duties: list[str]
    agreed_version: int


class BeenThereOut(Out):
    people: int | None  # none: fewer than `floor`
    floor: int
    half_waited_hours: float | None
    waits_known: int


class AgreeForm(forms.Form):
    version = forms.IntegerField(label="The version that was read", min_value=1)


@router.get("/p/{programme}", response=gives(ProgrammeOut), auth=READ)
def programme(request: Request, programme: str) -> ProgrammeOut:
    """What it is about, and the codes that asks and offers use."""
    one = inside(request, programme, before_agreement=True).programme
    return ProgrammeOut(
        programme=one.slug,
        name=one.name,
        purpose=one.purpose,
        state=one.state,
        ways=list(one.options.forms),
        kinds=_codes(one.kinds),
        backgrounds=_codes(one.backgrounds),
        open_asks=one.options.open_asks,
        capacity=one.options.capacity,
        answer_within_hours=one.options.answer_within,
    )


def _codes(given: list[dict[str, Any]]) -> list[CodeOut]:
    return [CodeOut(code=one["code"], words=said(one["words"])) for one in given]


@router.get("/p/{programme}/texts", response=gives(list[TextOut]), auth=READ)
def texts(request: Request, programme: str) -> list[TextOut]:
    """The texts that hold, the one on confidentiality among them."""
    here = inside(request, programme, before_agreement=True)
    found = [reads.text(here.programme, code) for code in Text.Code.values]
    return [TextOut(code=one.code, version=one.version, words=said(one.words)) for one in found]


@router.post("/p/{programme}/agree", response=gives(MyPlaceOut), auth=WRITE, openapi_extra=takes(AgreeForm))
def agree(request: Request, programme: str) -> MyPlaceOut:
    """Yes to the text on confidentiality, in the version that was read."""
    here = inside(request, programme, before_agreement=True)
    return _told(acts.agree(here.actor, here.member, **typed(request, AgreeForm)))


@router.get("/p/{programme}/topics", response=gives(list[TopicOut]), auth=READ)
def topics(request: Request, programme: str, q: str = "") -> list[TopicOut]:
    """All topics; or, with `q`, those whose words begin like it, the best first. Diacritics do not matter."""
    here = inside(request, programme)
    found = reads.find_topics(here.programme, q) if q else list(here.programme.topics.all())
    names = dict(here.programme.topics.values_list("pk", "code"))
    return [_topic(one, names) for one in found]


def _topic(one: Topic, codes: dict[str, str]) -> TopicOut:
    return TopicOut(code=one.code, parent=codes.get(one.parent_id or "", ""), name=one.name)


@router.get("/p/{programme}/been-there", response=gives(BeenThereOut), auth=READ)
def been_there(request: Request, programme: str, topics: Query[list[str]]) -> BeenThereOut:
    """How many people have been there, and how long the wait honestly was."""
    here = inside(request, programme).programme
    floor = here.options.small_group
    wait = asks.wait(here, topics)
    return BeenThereOut(
        people=told_count(experiences.been_there(here.pk, topics), floor=floor),
        floor=floor,
        half_waited_hours=wait.half,
        waits_known=wait.people,
    )


@router.get("/p/{programme}/place", response=gives(MyPlaceOut), auth=READ)
def place(request: Request, programme: str) -> MyPlaceOut:
    """Me in this programme."""
    return _told(inside(request, programme, before_agreement=True).member)


@router.patch("/p/{programme}/place", response=gives(MyPlaceOut), auth=WRITE, openapi_extra=takes(PlaceForm, needs=()))
def change_place(request: Request, programme: str) -> MyPlaceOut:
    """The name shown here, what I share with others, until when I am away."""
    here = inside(request, programme, before_agreement=True)
    fields = typed(request, PlaceForm, instance=reads.own_place(here.actor))
    return _told(acts.change_place(here.actor, here.member, **fields))


@router.post("/p/{programme}/place/code", response=gives(MyPlaceOut), auth=WRITE)
def new_code(request: Request, programme: str) -> MyPlaceOut:
    """Another personal code; the old one leads nowhere."""
    here = inside(request, programme)
    return _told(acts.new_code_for(here.actor, here.member))


def _told(one: Member) -> MyPlaceOut:
    return MyPlaceOut(
        called=one.called,
        state=one.state,
        code=one.code,
        unit=one.unit.name if one.unit else "",
        backgrounds=one.backgrounds,
        away_until=one.away_until,
        duties=[duty.kind for duty in one.duties.all()],
        agreed_version=one.agreed_version,
    )
