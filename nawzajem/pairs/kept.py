"""Offers of a programme, kept in memory between two answers and made right by what has happened since.

Every process keeps its own. Before each answer it counts the events that may have changed who is suggested, reads those offers
anew that they speak of, and looks the best ones up once more: what is told is what the database says now.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from nawzajem.asks.models import Ask
from nawzajem.core.matching import Live, OfferRow, Plain, Suggestions
from nawzajem.core.matching import Offers as Columns
from nawzajem.ground import chores, clock
from nawzajem.ground.models import Event
from nawzajem.offers.models import Offers
from nawzajem.pairs import problem
from nawzajem.pairs.models import Proposal
from nawzajem.programmes.models import Member, Programme

ABOUT = (
    "offer",
    "experience",
    "member",
    "person",
    "proposal",
    "knock",
)  # things whose events may change who is suggested
SETTLED = timedelta(hours=1)  # no transaction is open for so long
AT_ONCE = 500  # offers that are read while somebody waits; more are read beside, and the database answers meanwhile
COMPILED = 50_000  # offers from which on the compiled index is loaded, which takes a hundred megabytes by itself
MOST, MOST_OFFERS = 16, 100_000  # kept in one process; what was asked least lately goes first
MANY = 1_000  # events after which those that are settled are no longer counted
TRIES = 3
A_DAY = timedelta(days=1)


class Pool(Protocol):
    """Offers that can be asked."""

    def best(self, ask: Ask, *, top: int) -> Suggestions: ...


def suggestions(ask: Ask, *, top: int = 5, desk: bool = False) -> Suggestions:
    """As `problem.suggestions`: the best offers for an ask as things stand this moment, and what each rule left."""
    kept = of(ask.programme, desk=desk)
    found = kept.answer(ask, top=top) if kept else None
    return found or problem.suggestions(ask, top=top, desk=desk)


def pool(programme: Programme) -> Pool:
    """For many asks, one after the other."""
    return of(programme, desk=False) or FromDatabase(programme)


@dataclass(frozen=True, slots=True)
class FromDatabase:
    """All offers, read once and for this occasion."""

    programme: Programme
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", problem.pool(self.programme))

    def best(self, ask: Ask, *, top: int) -> Suggestions:
        return problem.among(ask, self.columns, top=top)


# -- what is kept in this process -------------------------------------------------------------------------------------

Key = tuple[str, bool]  # a programme, and whether it is for its desk
_all: OrderedDict[Key, Kept] = OrderedDict()
_reading: set[Key] = set()
_lock = threading.Lock()


def forget() -> None:
    """Nothing is kept any more: the database has become another one."""
    with _lock:
        _all.clear()


def of(programme: Programme, *, desk: bool) -> Kept | None:
    """None while it is being read, and within a transaction: what that has written may be taken back."""
    if connection.in_atomic_block:
        return None
    key = (programme.pk, desk)
    with _lock:
        kept = _all.get(key)
        if kept and kept.fits(programme):
            _all.move_to_end(key)
            return kept
        if key in _reading:
            return None
        _reading.add(key)
    if problem.free(programme)[AT_ONCE : AT_ONCE + 1].exists():
        threading.Thread(target=_read_beside, args=(programme, key), name="offers are read", daemon=True).start()
        return None
    return _read(programme, key)


def _read_beside(programme: Programme, key: Key) -> None:
    try:
        _read(programme, key)
    except Exception as error:
        chores.told("offers are read", error)
    finally:
        connection.close()


def _read(programme: Programme, key: Key) -> Kept:
    try:
        kept = Kept.of(programme, desk=key[1])
        with _lock:
            _all[key] = kept
            _all.move_to_end(key)
            while len(_all) > 1 and (len(_all) > MOST or sum(len(one.known) for one in _all.values()) > MOST_OFFERS):
                _all.popitem(last=False)
        return kept
    finally:
        _reading.discard(key)


@dataclass(eq=False)
class Kept:
    """The offers of one programme, for its members or for its desk."""

    programme: Programme
    desk: bool
    index: Plain | Live
    at: datetime  # when they were read; days of rest are counted up to then, and those since are added to each answer
    day: date  # of which months, hours of the zones and absences are
    settled: int  # events up to this one are all in it
    seen: set[int]  # and of those after it, these
    known: dict[str, tuple[str, int]]  # of each offer its person, and what its row was
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, programme: Programme, *, desk: bool) -> Kept:
        """Events first: what happens while the offers are read is read once more."""
        at, day, settled = clock.now(), clock.house_day(), _settled()
        seen = set(_news(programme, settled).values_list("pk", flat=True))
        read = rows(programme, problem.free(programme), desk=desk, at=at)
        by = {"weights": problem.weights(programme), "bounds": problem.bounds(programme)}
        kind = Live if len(read) > COMPILED else Plain
        index = kind.of(read, problem.topic_tree(programme), **by)
        known = {row.id: (row.person, hash(row)) for row in read}
        return cls(programme, desk, index, at, day, settled, seen, known)

    def fits(self, programme: Programme) -> bool:
        """Whether it is of today, and weighed as the programme wishes by now."""
        weighed = (problem.weights(programme), problem.bounds(programme)) == (self.index.weights, self.index.bounds)
        return weighed and clock.house_day() == self.day

    def best(self, ask: Ask, *, top: int) -> Suggestions:
        return self.answer(ask, top=top) or problem.suggestions(ask, top=top)

    def answer(self, ask: Ask, *, top: int) -> Suggestions | None:
        """None where so much has happened that it is read anew."""
        asked = problem.ask_row(ask)
        with self.lock:
            if not self.catch_up():
                self._go()
                return None
            for _ in range(TRIES):
                found = self.index.suggest(asked, top=top, later=(clock.now() - self.at) / A_DAY)
                if not self.put_right({one.id for one in found.best}, set()):
                    _ = [one.reasons for one in found.best]  # told before another thread changes what they speak of
                    return found
        return None

    # -- what has happened since

    def catch_up(self) -> bool:
        """Reads the offers anew of which events speak that have come to light since; False where it is easier to read all."""
        news = _news(self.programme, self.settled)
        count = news.aggregate(n=Count("pk"), last=Max("pk"))
        if (count["n"], count["last"]) == (len(self.seen), max(self.seen, default=None)):
            return True
        told = {event[0]: event[1:] for event in news.values_list("pk", "by", "thing_kind", "thing")}
        fresh = [event for pk, event in told.items() if pk not in self.seen]
        if len(fresh) > AT_ONCE or not self.seen <= told.keys():
            return False
        self.put_right(*_spoken_of(fresh))
        self.seen |= told.keys()
        if len(self.seen) > MANY:
            self.settled = _settled()
            self.seen = {pk for pk in self.seen if pk > self.settled}
        return True

    def put_right(self, offers: set[str], people: set[str]) -> bool:
        """These offers, and those of these people, as they are now; whether any was other than it was kept."""
        offers |= {offer for offer, (person, _row) in self.known.items() if person in people} if people else set()
        wanted = problem.free(self.programme).filter(Q(pk__in=offers) | Q(person__in=people))
        read = (
            {row.id: row for row in rows(self.programme, wanted, desk=self.desk, at=self.at)}
            if offers or people
            else {}
        )
        other = [row for row in read.values() if self.known.get(row.id) != (row.person, hash(row))]
        gone = [offer for offer in offers if offer in self.known and offer not in read]
        for row in other:
            self.known[row.id] = (row.person, hash(row))
            self.index.put(row)
        for offer in gone:
            del self.known[offer]
            self.index.remove(offer)
        return bool(other or gone)

    def _go(self) -> None:
        with _lock, suppress(KeyError):
            if _all[self.programme.pk, self.desk] is self:
                del _all[self.programme.pk, self.desk]


def _settled() -> int:
    """An event written so long ago that every one with a lower number is there by now, or never will be: a number is drawn when
    an event is written, and shows when its transaction is over."""
    return Event.objects.filter(at__lt=clock.now() - SETTLED).order_by("-at").values_list("pk", flat=True).first() or 0


def _news(programme: Programme, after: int) -> QuerySet[Event]:
    """What people change about themselves holds everywhere."""
    here = Q(programme__in=["", programme.pk]) | Q(thing_kind="person")
    return Event.objects.filter(here, pk__gt=after, thing_kind__in=ABOUT)


def _spoken_of(events: Iterable[tuple[str, str, str]]) -> tuple[set[str], set[str]]:
    """Offers and people of which these events speak: whoever did it, and to what."""
    things: Mapping[str, set[str]] = {kind: set() for kind in ABOUT}
    people = set()
    for by, kind, thing in events:
        things[kind].add(thing)
        people |= {by} - {""}
    offers = {
        *things["offer"],
        *Proposal.objects.filter(pk__in=things["proposal"]).values_list("offer", flat=True),
        *problem.Lived.objects.filter(experience__in=things["experience"]).values_list("offer", flat=True),
    }
    members = Member.objects.filter(pk__in=things["member"]).values_list("person", flat=True)
    return offers, {*people, *things["person"], *members}


def rows(programme: Programme, offers: Offers, *, desk: bool, at: datetime) -> list[OfferRow]:
    """With days of rest counted up to that moment, so that a row in which nothing happened stays the same row."""
    return problem.offer_rows(programme, offers, expected=desk, to="desk" if desk else "matched", at=at)
