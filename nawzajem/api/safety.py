"""Saying that something was not right."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from ninja.responses import Status

from nawzajem.api.answers import Out, gives, made
from nawzajem.api.tokens import TALK, Request, inside
from nawzajem.api.typed import takes, typed
from nawzajem.conversations import reads as conversations
from nawzajem.ground.refusals import NotFound
from nawzajem.pairs import acts as pair_acts
from nawzajem.pairs import reads as pairs
from nawzajem.safety import acts
from nawzajem.safety.forms import ReportForm

router = Router(tags=["Safety"])


class ReportedOut(Out):
    at: datetime
    reason: str
    state: str


@router.post(
    "/p/{programme}/conversations/{conversation}/messages/{seq}/report",
    response=gives(ReportedOut, 201),
    auth=TALK,
    openapi_extra=takes(ReportForm),
)
def report(request: Request, programme: str, conversation: str, seq: int) -> Status:
    """About one message of somebody else. Its text is sealed as it stands; those who look into it do not read the talk."""
    here = inside(request, programme, before_agreement=True)
    of = conversations.conversation(here.actor, conversation)
    message = conversations.message(here.actor, of, seq)
    author = message.author.person
    if author is not None and author.pk == here.actor.person:
        raise NotFound
    said = typed(request, ReportForm)
    evidence = conversations.line(here.actor, of, message).text
    raised = acts.report(
        here.actor,
        author,
        reason=said["reason"],
        words=said["words"],
        place=f"message:{of.pk}:{seq}",
        evidence=evidence,
    )
    if said["block"] and author is not None:
        pair_acts.close_door(here.actor, pairs.pair_of(here.actor, conversation))
    return made(ReportedOut(at=raised.at, reason=raised.reason, state=raised.state))
