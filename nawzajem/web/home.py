"""Home: what waits for me, and what I can do."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from nawzajem.asks import reads as asks
from nawzajem.asks.models import Ask
from nawzajem.conversations import reads as conversations
from nawzajem.offers import reads as offers
from nawzajem.pairs import reads as pairs
from nawzajem.pairs.models import Pair
from nawzajem.rulings import reads as rulings
from nawzajem.safety.concerns import reads as concerns
from nawzajem.safety.openings import reads as openings
from nawzajem.waiting import reads as waiting_room
from nawzajem.waiting.forms import HOURS
from nawzajem.web.doorway import Request
from nawzajem.web.sessions import ends_soon


def home(request: Request) -> HttpResponse:
    actor = request.actor
    waiting = asks.mine(actor).filter(state__in=[Ask.State.OPEN, Ask.State.PROPOSED, Ask.State.DRAFT])
    going = list(pairs.mine(actor).exclude(state=Pair.State.CLOSED))
    context = {
        "to_answer": pairs.to_answer(actor),
        "asks": pairs.standings(waiting),
        "pairs": going,
        "names": conversations.names(actor, [pair.conversation_id for pair in going]),
        "checkins": pairs.checkins_due(actor),
        "my_offer": offers.mine(actor),
        "knocks": waiting_room.my_knocks(actor),
        "my_wait": waiting_room.my_wait(actor),
        "here_hours": HOURS,
        "called_to": concerns.my_calls(actor) if actor.has("duty_officer") else [],
        "was_decided": rulings.has_news(actor),
        "was_opened": openings.has_news(actor),
        "ends": ends_soon(request),
    }
    return render(request, "home/_home.html" if request.htmx else "home/home.html", context)
