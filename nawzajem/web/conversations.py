"""The talk as plain pages: reading, reading back, sending without JavaScript. The live path shows the same fragment."""

from __future__ import annotations

import contextlib
from typing import Any

from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from nawzajem.conversations import acts, reads, rules
from nawzajem.conversations.forms import MessageForm
from nawzajem.conversations.models import Conversation
from nawzajem.ground import clock
from nawzajem.pairs import reads as pairs
from nawzajem.web.doorway import Request


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
        "may_write": of.closed_at is None and rules.may_write(request.actor, of),
        "form": form or MessageForm(),
        "bare": True,
    }


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


def _around(request: Request, of: Conversation) -> dict[str, Any]:
    return {"home_of_talk": _home_of(request, of), "place": "talks"}


def _home_of(request: Request, of: Conversation) -> str:
    """The page on which this conversation lives."""
    return reverse("pair", args=[request.programme.slug, pairs.pair_of(request.actor, of.pk).pk])
