"""Those who needed somebody at once, and those who are here just now."""

from __future__ import annotations

from datetime import timedelta

from nawzajem.asks import acts as asks
from nawzajem.conversations import acts as conversations
from nawzajem.ground import clock
from nawzajem.management.demo.moments import Strand
from nawzajem.management.demo.script import Here, Pressed
from nawzajem.management.demo.town import Town
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import Pair
from nawzajem.waiting import acts, chores
from nawzajem.waiting.models import Knock, Talk, Wait

MINUTE, WAVE = timedelta(minutes=1), timedelta(seconds=41)
MOST_WAVES = 8


def here_now(town: Town, one: Here) -> Strand:
    """Somebody said a while ago that they are here, for most of the day."""
    yield town.ago(one.since)
    offers.be_here(town.actor(one.who, one.place), town.offer(one.who, one.place), hours=8)


def pressing(town: Town, one: Pressed) -> Strand:
    """Somebody pressed "I need somebody now": whoever is named came; without a name they wait still, or nobody could come."""
    yield town.ago(one.pressed)
    if one.by:
        offers.be_here(town.actor(one.by, one.place), town.offer(one.by, one.place), hours=1)
    me = town.actor(one.who, one.place)
    ask = asks.draft(
        me,
        topics=town.topics(one.place, one.topics),
        words=one.words,
        forms=["text"],
        languages=town.script.people[one.place][one.who].speaks[:1],
    )
    wait = acts.begin(me, ask)
    yield from (_met(town, one, wait) if one.by else _alone(town, wait))


def _alone(town: Town, wait: Wait) -> Strand:
    for _wave in range(MOST_WAVES):
        _go_round()
        yield clock.now() + WAVE
    yield wait.until + MINUTE
    _go_round()


def _go_round() -> None:
    chores.go_round(asleep=lambda _people: set())


def _met(town: Town, one: Pressed, wait: Wait) -> Strand:
    """Waves until it knocks at the door of the one who came; an evening of twenty minutes; no more than that."""
    giver = town.actor(one.by, one.place)
    knock = None
    while knock is None:
        _go_round()
        knock = Knock.objects.filter(wait=wait, offer__person=giver.person).select_related("wait__ask", "offer").first()
        yield clock.now() + WAVE
    acts.say_yes(giver, knock)
    yield clock.now() + MINUTE
    pair = acts.come_in(giver, knock)
    yield from _said(town, one, town.pair(pair.pk))
    pairs.end(giver, town.pair(pair.pk), ending="done")
    yield clock.now() + 2 * MINUTE
    talk = Talk.objects.select_related("pair").get(pair=pair)
    for who in (giver, town.actor(one.who, one.place)):
        acts.stay(who, talk, yes=one.stays)


def _said(town: Town, one: Pressed, pair: Pair) -> Strand:
    for line in one.talk:
        who, _colon, text = line.partition(": ")
        yield clock.now() + town.within(MINUTE, 3 * MINUTE)
        conversations.send(town.actor(who, one.place), pair.conversation, text=text, client_key=town.new_key())
    yield clock.now() + 3 * MINUTE
