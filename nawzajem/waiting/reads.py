"""Questions about the waiting room: where one stands in it, what one is asked, how it went, whether there is a surge."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from nawzajem.asks import reads as asks
from nawzajem.core.matching import Wait as Expected
from nawzajem.core.matching import expected_wait
from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import NotFound
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair
from nawzajem.programmes.models import Programme
from nawzajem.waiting.models import LAST_WORDS, QUIET, Knock, Surge, Talk, Wait

LOOKED_BACK = timedelta(days=60)
MOST = 1000
SURGE_HOURS = timedelta(hours=2)
SURGE_DAYS = 28
CALM = timedelta(hours=12)  # after a coordinator ended a surge
A_DAY = timedelta(days=1)
TIME_TO_ANSWER = timedelta(minutes=3)

# -- for the one who waits --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands in the waiting room: numbers, and never who."""

    wait: Wait
    before: int  # people who have waited here for longer
    asked: int  # people who were asked until now
    open: int  # of them, those who have not answered
    expected: Expected  # in hours, from those who waited
    pair: Pair | None


def wait(actor: Actor, wait_id: str) -> Wait:
    found = Wait.objects.visible_to(actor).filter(pk=wait_id).select_related("ask__programme", "ask__person").first()
    if found is None:
        raise NotFound
    return found


def my_wait(actor: Actor) -> Wait | None:
    """The one I am in the waiting room with, if I am."""
    return Wait.objects.visible_to(actor).going().select_related("ask__programme", "ask__person").first()


def last_of(actor: Actor, ask_id: str) -> Wait | None:
    """The last stay in the waiting room for an ask."""
    return Wait.objects.visible_to(actor).filter(ask=ask_id).order_by("-begun_at").first()


def standing(one: Wait) -> Standing:
    asked = dict(one.knocks.values_list("state").annotate(n=Count("pk")))
    earlier = Wait.objects.going().filter(programme=one.programme_id, begun_at__lt=one.begun_at)
    return Standing(
        wait=one,
        before=earlier.count(),
        asked=sum(asked.values()),
        open=asked.get(Knock.State.ASKED, 0),
        expected=expected(one.programme_id, but=one),
        pair=Pair.objects.filter(ask=one.ask_id).order_by("-begun_at").first() if one.state == Wait.State.MET else None,
    )


def expected(programme: str, *, but: Wait | None = None) -> Expected:
    """How long people waited here until somebody came; those who left or for whom nobody could come are counted too, and
    whoever is just asking is not."""
    lately = Wait.objects.filter(programme=programme, begun_at__gte=clock.now() - LOOKED_BACK)
    rows = lately.exclude(pk=but.pk if but else None).order_by("pk")
    waits = [_waited(*row) for row in rows.values_list("begun_at", "state", "state_since")[:MOST]]
    return expected_wait([hours for hours, _met in waits], [met for _hours, met in waits])


def _waited(begun: datetime, state: str, since: datetime) -> tuple[float, bool]:
    going = state in {Wait.State.WAITING, Wait.State.COMING}
    end = clock.now() if going else since
    return max(0.0, (end - begun).total_seconds() / 3600), state == Wait.State.MET


# -- for those who are asked ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A knock as the one who is asked sees it. What somebody wrote is read only by the one who said yes."""

    knock: Knock
    topics: list[str]
    languages: list[str]
    forms: list[str]
    words: str
    on_the_way: bool  # somebody else has said yes and is waited for
    reasons: list[list[object]]


def knock(actor: Actor, knock_id: str) -> Knock:
    found = _with_all(Knock.objects.visible_to(actor)).filter(pk=knock_id).first()
    if found is None:
        raise NotFound
    return found


def _with_all(knocks: QuerySet[Knock]) -> QuerySet[Knock]:
    return knocks.select_related("wait__ask__person", "offer__person").prefetch_related("wait__ask__topics")


def my_knocks(actor: Actor) -> list[Asked]:
    """Those that wait for an answer of mine, or for me to come in."""
    return [told(one) for one in _with_all(Knock.objects.visible_to(actor).open()).order_by("asked_at")]


def told(one: Knock) -> Asked:
    ask = one.wait.ask
    return Asked(
        knock=one,
        topics=[topic.name for topic in ask.topics.all()],
        languages=sorted(set(ask.languages) & set(one.offer.languages)),
        forms=ask.forms,
        words=asks.unsealed(ask) if one.state == Knock.State.YES else "",
        on_the_way=one.state == Knock.State.ASKED and one.wait.state == Wait.State.COMING,
        reasons=one.reasons,
    )


def pair_of(one: Knock) -> Pair | None:
    """The talk that came of it."""
    if one.state != Knock.State.MET:
        return None
    return Pair.objects.filter(ask=one.wait.ask_id, offer=one.offer_id).order_by("-begun_at").first()


# -- the talk ---------------------------------------------------------------------------------------------------------


def talk(of: Pair) -> Talk | None:
    """What a pair that began at once has beside itself, as long as it has not become a pair like any other."""
    found = Talk.objects.filter(pair=of).first()
    return None if found and found.asker_stays and found.giver_stays else found


def own_talk(actor: Actor, of: Pair) -> Talk:
    found = talk(of)
    if found is None or actor.person not in {of.asker_id, of.giver_id}:
        raise NotFound
    return found


def needs_rest(actor: Actor, programme: Programme) -> int:
    """How many talks somebody has given within a day, once that is as many as is good; else none."""
    given = Talk.objects.filter(
        pair__giver=actor.person, pair__programme=programme, pair__begun_at__gt=clock.now() - A_DAY
    )
    many = given.count()
    return many if many >= programme.options.now_talks_a_day else 0


# -- for those who coordinate -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """The waiting room in numbers."""

    waiting: int
    longest: datetime | None  # since when the one who has waited longest waits
    met: int  # within a day
    nobody: int
    left: int
    here: int  # people who said that they are here now
    expected: Expected
    surge: Surge | None


def room(actor: Actor) -> Room:
    if not actor.has("coordinator", "duty_officer"):
        raise NotFound
    here = Wait.objects.filter(programme=actor.programme)
    going = list(here.going().order_by("begun_at").values_list("begun_at", flat=True))
    day = Counter(here.filter(begun_at__gt=clock.now() - A_DAY).values_list("state", flat=True))
    said = Offer.objects.filter(programme=actor.programme).with_free_seat().filter(here_until__gt=clock.now())
    return Room(
        waiting=len(going),
        longest=going[0] if going else None,
        met=day[Wait.State.MET],
        nobody=day[Wait.State.NOBODY],
        left=day[Wait.State.LEFT],
        here=said.count(),
        expected=expected(actor.here),
        surge=surge(actor.here),
    )


def surge(programme: str) -> Surge | None:
    return Surge.objects.filter(programme=programme, ended_at=None).first()


# -- for the clock ----------------------------------------------------------------------------------------------------


def due() -> QuerySet[Wait]:
    """Waits in which something is to be done now, the longest first."""
    going = Wait.objects.going().filter(next_at__lte=clock.now())
    return going.select_related("ask__programme", "ask__person").order_by("begun_at")


def not_answering() -> QuerySet[Offer]:
    """Offers whose owners said "I am here", and who were asked twice since, for some minutes each, without an answer."""
    since = Q(knocks__state=Knock.State.OVER, knocks__asked_at__gte=F("here_since"))
    long_enough = Q(knocks__state_since__gt=F("knocks__asked_at") + TIME_TO_ANSWER)
    here = Offer.objects.filter(here_until__gt=clock.now())
    return here.annotate(silent=Count("knocks", filter=since & long_enough)).filter(silent__gte=2)


def talks_over() -> QuerySet[Talk]:
    """Talks in their last words for a day."""
    over = Talk.objects.filter(pair__state=Pair.State.CLOSING, pair__state_since__lt=clock.now() - LAST_WORDS)
    ended = over.exclude(asker_stays=True, giver_stays=True)
    return ended.select_related("pair__conversation", "pair__offer", "pair__ask")


def talks_quiet() -> QuerySet[Talk]:
    """Talks that nobody has ended, and in which nobody writes any more."""
    before = clock.now() - QUIET
    going = Talk.objects.filter(pair__state__in=[Pair.State.BEGUN, Pair.State.ACTIVE], giver_stays=None)
    quiet = Q(pair__conversation__last_at__lt=before) | Q(pair__conversation__last_at=None, pair__begun_at__lt=before)
    return going.filter(quiet).select_related("pair__conversation", "pair__offer", "pair__ask")


ASKING = ("ask.opened", "wait.begun")


def asks_lately(programme: Programme) -> int:
    return _asking(programme, clock.now()).count()


def asks_before(programme: Programme) -> list[int]:
    """How many asked in the same hours of each of the last days, as far back as the programme goes."""
    days = min(SURGE_DAYS, (clock.now() - programme.made_at).days)
    return [_asking(programme, clock.now() - timedelta(days=day)).count() for day in range(1, days + 1)]


def _asking(programme: Programme, end: datetime) -> QuerySet[Event]:
    within = Event.objects.filter(programme=programme.pk, kind__in=ASKING)
    return within.filter(at__gt=end - SURGE_HOURS, at__lte=end)


def calmed_lately(programme: Programme) -> bool:
    """A coordinator has just said that it is none."""
    return Surge.objects.filter(programme=programme, by_hand=True, ended_at__gt=clock.now() - CALM).exists()
