"""What I ask for, where it stands, and who could be there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, a_page, gives, made
from nawzajem.api.tokens import READ, WRITE, Here, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.api.words import CardOut, card, in_words
from nawzajem.asks import acts, reads
from nawzajem.asks.forms import AskForm
from nawzajem.asks.models import Ask
from nawzajem.ground.refusals import Closed
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Proposal

router = Router(tags=["Asks"])

WISHES = (
    "stage", "kinds", "forms", "languages", "hours", "wish_age", "wish_gender", "wish_gender_must", "wish_backgrounds",
    "not_same_unit",
)  # fmt: skip


class StandingOut(Out):
    """Where it stands: draft, choosing, looking, yours, theirs, paired, met, withdrawn, lapsed."""

    code: str
    asked_before: int
    proposal: str | None
    pair: str | None
    until: datetime | None


class AskOut(Out):
    id: str
    state: str
    topics: list[str]
    words: str
    stage: str
    kinds: list[str]
    forms: list[str]
    languages: list[str]
    hours: str
    wish_age: str
    wish_gender: str
    wish_gender_must: bool
    wish_backgrounds: list[str]
    not_same_unit: bool
    people_not_wanted: int
    whoever: bool
    made_at: datetime
    opened_at: datetime | None
    confirmed_at: datetime | None
    standing: StandingOut


class SuggestionsOut(Out):
    suggestions: list[CardOut]
    why_none: str | None  # the first rule that leaves nobody, when there is nobody
    would_help: str | None  # the smallest change of the ask with which somebody would be there


class WhoeverForm(forms.Form):
    whoever = forms.BooleanField(label="Whether the next who fits is asked by itself", required=False, initial=True)


class ChooseForm(forms.Form):
    offer = forms.CharField(label="The `offer` of a suggestion", max_length=12)


@router.get("/p/{programme}/asks", response=gives(list[AskOut]), auth=READ)
def asks(request: Request, programme: str, page: int = 1) -> list[AskOut]:
    """Mine, the newest first. 200 a page."""
    here = inside(request, programme)
    mine = pairs.standings(a_page(reads.mine(here.actor).select_related("person"), page))
    return [_told(here, one, stand) for one, stand in mine]


@router.post(
    "/p/{programme}/asks", response=gives(AskOut, 201), auth=WRITE, openapi_extra=takes(AskForm, needs=["topics"])
)
def draft(request: Request, programme: str) -> Status:
    """Write an ask down. Nobody sees it before it is sent."""
    here = inside(request, programme)
    fields = typed(request, AskForm, programme=here.programme, person=here.person)
    return made(_told(here, acts.draft(here.actor, **fields)))


@router.get("/p/{programme}/asks/{ask}", response=gives(AskOut), auth=READ)
def ask(request: Request, programme: str, ask: str) -> AskOut:
    """One of mine, and where it stands."""
    here = inside(request, programme)
    return _told(here, reads.own_ask(here.actor, ask))


@router.patch("/p/{programme}/asks/{ask}", response=gives(AskOut), auth=WRITE, openapi_extra=takes(AskForm, needs=()))
def change(request: Request, programme: str, ask: str) -> AskOut:
    """Change what is named, while nobody is being asked. People not wanted are added to those named before."""
    here = inside(request, programme)
    own = reads.own_ask(here.actor, ask)
    fields = typed(request, AskForm, programme=here.programme, person=here.person, initial=_initial(here, own))
    fields["not_prints"] = sorted({*own.not_prints, *fields["not_prints"]})
    return _told(here, acts.change(here.actor, own, **fields))


def _initial(here: Here, own: Ask) -> dict[str, Any]:
    words = {"topics": [topic.code for topic in own.topics.all()], "words": reads.words_of(here.actor, own)}
    return {name: getattr(own, name) for name in WISHES} | words


@router.post("/p/{programme}/asks/{ask}/send", response=gives(AskOut), auth=WRITE, openapi_extra=takes(WhoeverForm))
def send(request: Request, programme: str, ask: str) -> AskOut:
    """From now on it waits, and somebody may be found."""
    here = inside(request, programme)
    return _told(here, acts.send(here.actor, reads.own_ask(here.actor, ask), **typed(request, WhoeverForm)))


@router.get("/p/{programme}/asks/{ask}/suggestions", response=gives(SuggestionsOut), auth=READ)
def suggestions(request: Request, programme: str, ask: str) -> SuggestionsOut:
    """Who could be there, the best first, with reasons. No names yet."""
    here = inside(request, programme)
    own = reads.own_ask(here.actor, ask)
    if own.state not in {Ask.State.DRAFT, Ask.State.OPEN}:
        raise Closed
    cards, why_none = pairs.cards(here.actor, own)
    told = [card(here, one, reader="asker") for one in cards]
    change = pairs.would_help(here.actor, own) if why_none else None
    return SuggestionsOut(suggestions=told, why_none=why_none, would_help=in_words(here, change) if change else None)


@router.post("/p/{programme}/asks/{ask}/choose", response=gives(AskOut), auth=WRITE, openapi_extra=takes(ChooseForm))
def choose(request: Request, programme: str, ask: str) -> AskOut:
    """This one, please: they are asked."""
    here = inside(request, programme)
    own = reads.own_ask(here.actor, ask)
    offer = pairs.candidate(own, typed(request, ChooseForm)["offer"])
    pair_acts.put(here.actor, own, offer, origin=Proposal.Origin.CHOSEN)
    return _told(here, reads.own_ask(here.actor, ask))


@router.post("/p/{programme}/asks/{ask}/way", response=gives(AskOut), auth=WRITE, openapi_extra=takes(WhoeverForm))
def way(request: Request, programme: str, ask: str) -> AskOut:
    """Whoever is right, or I choose."""
    here = inside(request, programme)
    own = reads.own_ask(here.actor, ask)
    return _told(here, acts.let_whoever(here.actor, own, **typed(request, WhoeverForm)))


@router.post("/p/{programme}/asks/{ask}/confirm", response=gives(AskOut), auth=WRITE)
def confirm(request: Request, programme: str, ask: str) -> AskOut:
    """Yes, I still wait."""
    here = inside(request, programme)
    return _told(here, acts.confirm(here.actor, reads.own_ask(here.actor, ask)))


@router.post("/p/{programme}/asks/{ask}/withdraw", response=gives(AskOut), auth=WRITE)
def withdraw(request: Request, programme: str, ask: str) -> AskOut:
    """No longer needed."""
    here = inside(request, programme, before_agreement=True)
    return _told(here, pair_acts.take_back(here.actor, reads.own_ask(here.actor, ask)))


def _told(here: Here, one: Ask, stand: pairs.Standing | None = None) -> AskOut:
    plain = (*WISHES, "state", "whoever", "made_at", "opened_at", "confirmed_at")
    return AskOut(
        id=one.pk,
        topics=[topic.code for topic in one.topics.all()],
        words=reads.words_of(here.actor, one),
        people_not_wanted=len(one.not_prints),
        standing=_standing(stand or pairs.standing(one)),
        **{name: getattr(one, name) for name in plain},
    )


def _standing(stand: pairs.Standing) -> StandingOut:
    return StandingOut(
        code=stand.code,
        asked_before=stand.tried,
        proposal=stand.proposal.pk if stand.proposal else None,
        pair=stand.pair.pk if stand.pair else None,
        until=stand.until,
    )
