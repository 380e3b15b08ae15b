"""Who could be there this very hour: the rows of pairs, with hours that speak of now, favourites first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from nawzajem.asks.models import Ask
from nawzajem.core.matching import OfferRow, Suggestion, hours, suggest
from nawzajem.core.matching import Offers as Columns
from nawzajem.ground import clock
from nawzajem.offers.models import Offers
from nawzajem.pairs import problem as pairs
from nawzajem.pairs.models import Pair, Rating
from nawzajem.programmes.models import Programme
from nawzajem.waiting.models import Knock, Talk, Wait

Asleep = Callable[[Iterable[str]], set[str]]  # of these people, those in their quiet hours
WEEK, A_DAY = timedelta(days=7), timedelta(days=1)


def next_asked(wait: Wait, *, most: int, asleep: Asleep) -> list[Suggestion]:
    """The next who may fit and are here: those with whom it went well before, then the best."""
    ask, programme = wait.ask, wait.ask.programme
    dear = favourites(ask)
    asked = pairs.ask_row(ask)
    tried = Knock.objects.filter(wait=wait).values_list("offer__person", flat=True)
    asked = replace(asked, hours=_this_hour(), earlier=asked.earlier - dear, tried=frozenset(tried))
    ready = _may_be_asked(programme, pairs.free(programme, knowing=pairs.known_to_one(ask)))
    columns = Columns.of(_as_of_now(programme, ready, asleep), pairs.topic_tree(programme))
    found = suggest(
        asked, columns, top=most + len(dear), weights=pairs.weights(programme), bounds=pairs.bounds(programme)
    ).best
    return sorted(found, key=lambda one: one.offer.person not in dear)[:most]


def favourites(ask: Ask) -> set[str]:
    """People with whom the asker had a pair that ended, and of whom each said they would do it again."""
    ended = Pair.objects.filter(programme=ask.programme_id, asker=ask.person_id, state=Pair.State.CLOSED)
    again = Rating.objects.filter(pair__in=ended, again=True).values_list("pair", "by", "pair__giver")
    by = {(pair, who) for pair, who, _giver in again}
    return {giver for pair, who, giver in again if who == ask.person_id and giver and (pair, giver) in by}


def _this_hour() -> str:
    """The week in which only the hour that is now is free, in the clock that all weeks are told in."""
    moment = clock.now().astimezone(UTC)
    return hours.week([moment.weekday() * hours.DAY + moment.hour])


def _may_be_asked(programme: Programme, ready: Offers) -> Offers:
    """Not those who are being asked, were asked a moment ago or often enough, or have given enough for a day."""
    options, moment = programme.options, clock.now()
    lately = moment - timedelta(minutes=options.now_rest_minutes)
    busy = Knock.objects.filter(Q(state__in=["asked", "yes"]) | Q(asked_at__gt=lately) | Q(state_since__gt=lately))
    often = Knock.objects.filter(asked_at__gt=moment - WEEK).values("offer").annotate(n=Count("pk"))
    talking = Talk.objects.filter(pair__programme=programme, pair__state__in=[Pair.State.BEGUN, Pair.State.ACTIVE])
    return (
        ready.exclude(pk__in=busy.filter(wait__programme=programme).values("offer"))
        .exclude(pk__in=often.filter(n__gte=options.now_knocks_a_week, wait__programme=programme).values("offer"))
        .exclude(pk__in=talking.filter(giver_stays=None, pair__offer__isnull=False).values("pair__offer"))
        .exclude(pk__in=_enough_for_today(programme, moment))
    )


def _enough_for_today(programme: Programme, moment: datetime) -> QuerySet:
    today = Talk.objects.filter(pair__programme=programme, pair__begun_at__gt=moment - A_DAY, pair__offer__isnull=False)
    counted = today.values("pair__offer").annotate(n=Count("pk"))
    return counted.filter(n__gte=programme.options.now_talks_a_day).values("pair__offer")


def _as_of_now(programme: Programme, ready: Offers, asleep: Asleep) -> list[OfferRow]:
    """Whoever said "I am here" has time now; of the others, whose hours say so decides the rule about hours, and nobody is
    woken."""
    here = set(ready.filter(here_until__gt=clock.now()).values_list("pk", flat=True))
    rows = pairs.offer_rows(programme, ready, expected=False, to="matched")
    resting = asleep(row.person for row in rows if row.id not in here)
    return [
        replace(row, hours=hours.ANY) if row.id in here else row
        for row in rows
        if row.id in here or row.person not in resting
    ]
