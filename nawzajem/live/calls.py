"""The steps of a call, and by which way two browsers may reach each other. What is said never comes here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import asdict
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nawzajem.conversations import reads as talks
from nawzajem.conversations.calls import acts, reads, rules
from nawzajem.conversations.calls.models import Signal
from nawzajem.ground.actor import Actor
from nawzajem.ground.refusals import Invalid, NotAllowed
from nawzajem.live.call import Call
from nawzajem.live.readers import Readers
from nawzajem.live.session import Visitor
from nawzajem.live.writer import Writer
from nawzajem.programmes.models import Programme

LONGEST = 60_000  # bytes of a form; what describes a way is a few thousand
BODY = 16_000  # letters
HOURS = 6  # for which a password at the relay holds; a call that lasts longer goes on


class Calls:
    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._read, self._writer = readers.read, writer

    async def signal(self, call: Call, visitor: Visitor, talk: str) -> None:
        typed = await call.form(LONGEST)
        number, step, body = (typed.get(name, "") for name in ("number", "step", "body"))
        if step not in Signal.Step.values or not 8 <= len(number) <= 36 or not number.isalnum() or len(body) > BODY:
            raise Invalid
        await self._writer.do(partial(_signal, visitor.actor, talk, number=number, step=step, body=body), about=talk)
        await call.say(204)

    async def signals(self, call: Call, visitor: Visitor, talk: str) -> None:
        """Those after a number, and the ways; asked whenever the stream says that there is something about a call."""
        after = call.query.get("after", "0")
        if not after.isdecimal() or len(after) > 18:
            raise Invalid
        await call.say_json(200, await self._read(_told, visitor.actor, talk, int(after)))


def _signal(actor: Actor, talk: str, **step: Any) -> None:
    if step["step"] == Signal.Step.RING and not _has_calls(actor):
        raise NotAllowed(_("There are no calls in this programme."))
    acts.signal(actor, talks.conversation(actor, talk), **step)


def _told(actor: Actor, talk: str, after: int) -> dict[str, Any]:
    of = talks.conversation(actor, talk)
    heard = [asdict(one) for one in reads.signals(actor, of, after=after)]
    return {"signals": heard, "ways": ways(actor), "both": reads.standing(actor, of).both}


def _has_calls(actor: Actor) -> bool:
    options = Programme.objects.get(pk=actor.here).options
    return rules.has_calls(options, through_relay=bool(settings.ENV.turn))


def ways(actor: Actor) -> dict[str, Any]:
    """As a browser's RTCPeerConnection wants them. Where the house has a relay and the programme does not let devices speak
    directly, everything goes through the relay, and neither learns where the other is."""
    env = settings.ENV
    stun = [{"urls": env.stun.split()}] if env.stun else []
    turn = [{"urls": env.turn.split(), **_password(env.turn_secret)}] if env.turn else []
    direct = Programme.objects.get(pk=actor.here).options.calls_direct
    return {"iceServers": [*stun, *turn], "iceTransportPolicy": "all" if direct else "relay"}


def _password(secret: str) -> dict[str, str]:
    """One that lasts some hours and names nobody, as relays such as coturn check it (draft-uberti-behave-turn-rest)."""
    name = f"{int(time.time()) + HOURS * 3600}:{secrets.token_hex(4)}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return {"username": name, "credential": base64.b64encode(digest).decode()}
