"""The talk as plain pages: reading, reading back, sending, changing what one wrote. The live path shows the same fragment."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from nawzajem.conversations import acts, reads, rules
from nawzajem.conversations.calls import acts as call_acts
from nawzajem.conversations.calls import reads as call_reads
from nawzajem.conversations.calls.rules import has_calls
from nawzajem.conversations.forms import MessageForm, OtherWordsForm
from nawzajem.conversations.models import Conversation
from nawzajem.core.privacy.noticed import PATTERNS
from nawzajem.ground import clock
from nawzajem.ground.refusals import NotFound
from nawzajem.pairs import reads as pairs
from nawzajem.web.doorway import Request

NOTICED = json.dumps({kind: list(every) for kind, every in PATTERNS.items()})  # the same on every page


def talk(
    request: Request, of: Conversation, *, form: MessageForm | None = None, before: int | None = None
) -> dict[str, Any]:
    """What `_talk.html` shows. Opening it is reading it: the count of unread words goes down without JavaScript too."""
    opened = reads.opened(request.actor, of, before=before)
    lines, others, read = opened.lines, opened.others, opened.read_to
    today, options = clock.today(request.actor.time_zone), request.programme.options
    if read < of.last_seq and before is None:
        with contextlib.suppress(OperationalError):  # where nothing can be kept, everything can still be read
            acts.read_to(request.actor, of, seq=of.last_seq)
    may_write = of.closed_at is None and rules.may_write(request.actor, of)
    return {
        "conversation": of,
        "lines": lines,
        "earlier": bool(lines) and lines[0].seq > 1 and (options.content == "kept" or len(lines) == reads.PAGE),
        "options": options,
        "others": others,
        "other": others[0] if others else None,
        "away": [one for one in others if one.away_until and one.away_until >= today],
        "first_unread": next((line.seq for line in lines if line.seq > read and not line.mine), 0),
        "reading_back": before is not None,
        "may_write": may_write,
        "form": form or MessageForm(),
        "changeable": int(rules.CHANGEABLE.total_seconds()),
        "bare": True,
        "patterns": NOTICED,
    } | (_calls(request, of) if may_write and len(others) == 1 else {})


def _calls(request: Request, of: Conversation) -> dict[str, Any]:
    """Who may be rung, where the programme has calls."""
    relayed = bool(settings.ENV.turn)
    if not has_calls(request.programme.options, through_relay=relayed):
        return {}
    relayed = relayed and not request.programme.options.calls_direct
    return {"calls": call_reads.standing(request.actor, of), "relayed": relayed}


def voice(request: Request, conversation: str) -> HttpResponse:
    """Whether one may be rung in this talk."""
    of = reads.conversation(request.actor, conversation)
    about = _calls(request, of)
    if not about:
        raise NotFound
    if request.method == "POST":
        call_acts.choose(request.actor, of, may_be_rung=request.POST.get("rung") == "yes")
        return redirect(_home_of(request, of))
    return render(request, "conversations/_voice.html", about | {"conversation": of})


def messages(request: Request, conversation: str) -> HttpResponse:
    """Send one message; or, with `before` a place, read back: a fragment for an element, a page for everybody else."""
    of = reads.conversation(request.actor, conversation)
    if request.method == "POST":
        return _send(request, of)
    before = request.GET.get("before", "")
    context = talk(request, of, before=int(before) if before.isdigit() else None) | _around(request, of)
    fragment = request.headers.get("X-Nawzajem")
    return render(request, "conversations/_earlier.html" if fragment else "conversations/talk.html", context)


def _send(request: Request, of: Conversation) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        context = talk(request, of, form=form) | _around(request, of)
        return render(request, "conversations/talk.html", context, status=422)
    acts.send(request.actor, of, **form.cleaned_data)
    return redirect(f"{_home_of(request, of)}#last")


def message(request: Request, conversation: str, seq: int) -> HttpResponse:
    """One's own message: other words for a while, and taking it back."""
    of = reads.conversation(request.actor, conversation)
    own = reads.own_message(request.actor, of, seq)
    line = reads.line(request.actor, of, own)
    form = OtherWordsForm(request.POST or None, initial={"text": line.text, "after": line.latest})
    if request.method == "POST" and form.is_valid():
        acts.edit(request.actor, own, **form.cleaned_data)
        return redirect(f"{_home_of(request, of)}#m{seq}")
    until = own.at + rules.CHANGEABLE if rules.is_fresh(own) else None
    context = {"form": form, "line": line, "until": until, "conversation": of} | _around(request, of)
    return render(request, "conversations/message.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def withdraw(request: Request, conversation: str, seq: int) -> HttpResponse:
    of = reads.conversation(request.actor, conversation)
    own = reads.message(request.actor, of, seq)
    if own.author.person_id != request.actor.person:
        raise NotFound
    acts.withdraw(request.actor, own)
    return redirect(f"{_home_of(request, of)}#m{seq}")


def _around(request: Request, of: Conversation) -> dict[str, Any]:
    return {"home_of_talk": _home_of(request, of), "place": "talks"}


def _home_of(request: Request, of: Conversation) -> str:
    """The page on which this conversation lives."""
    return reverse("pair", args=[request.programme.slug, pairs.pair_of(request.actor, of.pk).pk])
