"""Saying that one may be rung, ringing, answering, ending."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from nawzajem.conversations import rules as talking
from nawzajem.conversations.acts import ENDED
from nawzajem.conversations.calls import rules
from nawzajem.conversations.calls.models import Ear, Signal
from nawzajem.conversations.models import Conversation, Participant
from nawzajem.ground import bus, clock
from nawzajem.ground.act import act
from nawzajem.ground.actor import Actor
from nawzajem.ground.events import emit
from nawzajem.ground.refusals import Closed, Stale, TooMany
from nawzajem.ground.seal import seal

Step = Signal.Step

RINGS = timedelta(seconds=45)  # after which nobody has answered
KEPT = timedelta(minutes=2)
AT_MOST = 3  # rings that one may try while signals are kept, so that a ring never becomes a siege


@act(may=rules.may_choose)
def choose(actor: Actor, conversation: Conversation, *, may_be_rung: bool) -> None:
    """Whether one may be rung here. The other sees it, for it takes both."""
    mine = _seat(actor, conversation)
    if may_be_rung:
        if Ear.objects.get_or_create(participant=mine)[1]:
            emit(actor, "call.allowed", conversation, wakes=_both(conversation))
    elif Ear.objects.filter(participant=mine).delete()[0]:
        emit(actor, "call.disallowed", conversation, wakes=_both(conversation))


@act(may=rules.may_signal)
def signal(actor: Actor, conversation: Conversation, *, number: str, step: str, body: str = "") -> None:
    """One step of a call, passed on to the other. Taken twice it is the same step."""
    here = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    mine = _seat(actor, here)
    if step != Step.END:
        _check(actor, here, mine, number, step)
    elif not Signal.objects.filter(conversation=here, number=number).exists():
        return  # hanging up is always right, and of a call that is not there nothing is kept
    sealed = seal(here.vault, body, about=Signal.place(here.pk, number, step)) if here.vault else b""
    _made, new = Signal.objects.get_or_create(
        conversation=here, by=mine, number=number, step=step, defaults={"body": sealed, "at": clock.now()}
    )
    if not new:
        return
    if step == Step.RING:
        emit(actor, "call.rung", here)
    elif step == Step.ACCEPT:
        emit(actor, "call.answered", here)
    elif step == Step.DECLINE:
        emit(actor, "call.declined", here)
    elif step == Step.END:
        emit(actor, "call.ended", here)
    bus.wake(*_both(here))


def _check(actor: Actor, here: Conversation, mine: Participant, number: str, step: str) -> None:
    if not talking.goes_on(here) or talking.is_door_closed(actor, here):
        raise Closed(ENDED)
    if not rules.both_may_be_rung(here):
        raise Stale(_("A call takes both: one of you does not wish to be rung here just now."))
    recent = Signal.objects.filter(conversation=here, at__gte=clock.now() - KEPT)
    if step == Step.RING:
        if recent.filter(by=mine, step=Step.RING).exclude(number=number).count() >= AT_MOST:
            raise TooMany(_("You have rung several times. Perhaps write a few words instead."))
        return
    theirs = recent.filter(number=number, step=Signal.BEFORE[Step(step)]).exclude(by=mine)
    if step in {Step.ACCEPT, Step.DECLINE}:
        theirs = theirs.filter(at__gte=clock.now() - RINGS)
    if not theirs.exists() or recent.filter(number=number, step__in=[Step.END, Step.DECLINE]).exists():
        raise Stale(_("The other is no longer ringing."))


def _seat(actor: Actor, conversation: Conversation) -> Participant:
    return Participant.objects.get(conversation=conversation, person=actor.person, left_at=None)


def _both(conversation: Conversation) -> list[str]:
    """Everybody in it hears that there is something about the call, and asks what."""
    people = conversation.participants.filter(left_at=None, person__isnull=False).values_list("person", flat=True)
    return [f"call:{conversation.pk}", *(f"person:{one}" for one in people)]
