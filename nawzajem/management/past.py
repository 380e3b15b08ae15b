"""What a programme has seen of asks, proposals and pairs, for the simulator: times and how well people fit. Nothing that
anybody wrote is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.asks.models import Ask
from nawzajem.core.matching import PARTS, Bounds, Edges, Offers, Weights, candidates
from nawzajem.core.matching.over_time import Seen
from nawzajem.ground import clock
from nawzajem.offers.models import Offer
from nawzajem.pairs import problem
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.programmes.models import Programme

ENOUGH = 20  # asks; from fewer nothing can be learned, and single people might be seen
KEEP = 50  # candidates of an ask


def seen(programme: Programme) -> Seen:
    opened = Ask.objects.filter(programme=programme, opened_at__isnull=False)
    asks = list(opened.defer("words").order_by("opened_at", "pk"))
    if len(asks) < ENOUGH:
        raise CommandError(_("Too few people have asked here to learn anything from it yet."))
    first = asks[0].opened_at
    assert first is not None
    edges, made = _edges(programme, asks)
    answered = list(
        Proposal.objects.filter(programme=programme)
        .exclude(state__in=[Proposal.State.OUT, Proposal.State.WITHDRAWN])
        .values_list("put_at", "state_since", "state")
    )
    pairs = list(Pair.objects.filter(programme=programme).values_list("begun_at", "state_since", "state"))
    return Seen(
        arrives=_hours((one.opened_at, first) for one in asks),
        waited=_hours((_until(one), one.opened_at) for one in asks),
        left=np.array([one.state in (Ask.State.WITHDRAWN, Ask.State.LAPSED) for one in asks], bool),
        opens=np.maximum(np.repeat(_hours((at, first) for at in made), edges.capacity), 0),
        edges=edges,
        answers=_hours((until, put) for put, until, _state in answered),
        yes=np.array([state == Proposal.State.ACCEPTED for *_times, state in answered], bool),
        going=_hours((since if state == Pair.State.CLOSED else clock.now(), begun) for begun, since, state in pairs),
        ended=np.array([state == Pair.State.CLOSED for *_times, state in pairs], bool),
    )


def _until(ask: Ask) -> datetime:
    """When its waiting ended."""
    over = ask.state in (Ask.State.WITHDRAWN, Ask.State.LAPSED)
    return ask.paired_at or (ask.state_since if over else clock.now())


def _hours(spans: Iterable[tuple[Any, Any]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([max((until - since).total_seconds(), 0) / 3600 for until, since in spans], float)


def _edges(programme: Programme, asks: list[Ask]) -> tuple[Edges, list[datetime]]:
    """Who would fit whom if everybody were new here: without earlier pairs, load and waiting. And when each offer was made."""
    offers = Offer.objects.filter(programme=programme).exclude(state=Offer.State.TRAINING)
    rows = problem.offer_rows(programme, offers, expected=False, to="desk")
    ready = Offers.of([replace(row, taken=0, idle_days=None) for row in rows], problem.topic_tree(programme))
    fresh = [_as_new(ask, place) for place, ask in enumerate(asks)]
    options = programme.options
    weights = Weights(**{part: getattr(options, f"weight_{part}") for part in PARTS})
    bounds = Bounds(minors_with_adults=options.minors_with_adults)
    round_ = candidates(fresh, ready, keep=KEEP, weights=weights, bounds=bounds)
    made = dict(offers.values_list("pk", "made_at"))
    return round_.edges, [made[row.id] for row in ready.rows]


def _as_new(ask: Ask, place: int) -> Any:
    row = problem.ask_row(ask)
    return replace(row, id=f"{place:09}", demand=1, earlier=frozenset(), tried=frozenset(), waited_hours=0.0)
