"""The simulator: one house, one policy, one trace; what happens next, in the order of time."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.over_time.trace import Hours, Marks, Trace

Wholes = npt.NDArray[np.int64]
NOBODY = -1


class Kind(IntEnum):
    """At the same moment in this order: seats come free before somebody takes one, and people leave last."""

    ANSWER = 0
    SEAT = 1
    ARRIVE = 2
    TICK = 3
    LEAVE = 4


@dataclass(frozen=True, slots=True)
class Course:
    """How it went. Of each ask the hour at which its pair began and the edge of it; nan and -1 where it never came to one."""

    began: Hours
    edge: Wholes
    asked: int  # how often two were asked


class Policy(Protocol):
    """Called when something has happened; answers by `house.put`. Sees nothing but what `House` shows."""

    @property
    def every(self) -> float | None:
        """Hours between two ticks; None for no ticks."""

    def came(self, house: House, ask: int) -> None:
        """An ask begins to wait, or waits again after a no."""

    def freed(self, house: House, offer: int) -> None:
        """A seat is free."""

    def tick(self, house: House) -> None: ...


@dataclass
class House:
    """What a policy sees, and the one thing that it may do."""

    edges: Edges
    now: float
    ask_of: npt.NDArray[np.intp]  # [edges]
    since: Hours  # [asks]: when it came; nan before
    waiting: Marks  # [asks]: not just being asked, not paired, not gone
    free: Wholes  # [offers]
    tried: Marks  # [edges]
    ended: Hours  # [asks]: when its waiting ended, either way; nan before
    left: Marks  # [asks]: that ended by leaving
    seats_opened: list[tuple[float, int]]  # when and at which offer
    _column: Wholes  # edges by offer
    _column_start: Wholes  # [offers + 1]
    _put: list[int] = field(default_factory=list)  # since the last event

    def of_ask(self, ask: int) -> Wholes:
        """Edges of an ask that could be put now."""
        row = np.arange(self.edges.start[ask], self.edges.start[ask + 1])
        return row[~self.tried[row] & (self.free[self.edges.offer[row]] > 0)]

    def of_offer(self, offer: int) -> Wholes:
        """Edges of an offer with a free seat to everybody waiting."""
        if self.free[offer] <= 0:
            return self._column[:0]
        column = self._column[self._column_start[offer] : self._column_start[offer + 1]]
        return column[~self.tried[column] & self.waiting[self.ask_of[column]]]

    def all(self) -> Wholes:
        """Every edge that could be put now."""
        open_ = self.waiting[self.ask_of] & ~self.tried & (self.free[self.edges.offer] > 0)
        return np.flatnonzero(open_)

    def waited(self, asks: npt.NDArray[np.integer]) -> Hours:
        return np.asarray(self.now - self.since[asks])

    def put(self, edge: int) -> None:
        """Asks the two. ValueError where one of them is not free, or they were asked before."""
        ask, offer = self.ask_of[edge], self.edges.offer[edge]
        if not self.waiting[ask] or self.free[offer] <= 0 or self.tried[edge]:
            raise ValueError("these two cannot be asked now")
        self.waiting[ask] = False
        self.free[offer] -= 1
        self.tried[edge] = True
        self._put.append(int(edge))


def run(trace: Trace, policy: Policy) -> Course:
    """The whole trace under one policy, until everybody is paired or gone. Nothing is left to chance."""
    return _Run(trace, policy).to_the_end()


class _Run:
    def __init__(self, trace: Trace, policy: Policy) -> None:
        asks = len(trace.arrives)
        self.trace, self.policy, self.house = trace, policy, _empty(trace.edges)
        self.asked = np.full(asks, NOBODY)  # the edge that an ask is being asked about
        self.began, self.edge = np.full(asks, np.nan), np.full(asks, NOBODY)  # of each ask's pair
        self.count = 0
        self.open = asks  # asks that have neither a pair nor gone
        self.events: list[tuple[float, Kind, int]] = []
        offers = np.repeat(np.arange(len(trace.lasts)), trace.edges.capacity)
        self.events += [(at, Kind.SEAT, o) for at, o in zip(trace.opens.tolist(), offers.tolist(), strict=True)]
        self.events += [(at, Kind.ARRIVE, a) for a, at in enumerate(trace.arrives.tolist())]
        leaves = (trace.arrives + trace.patience).tolist()
        self.events += [(at, Kind.LEAVE, a) for a, at in enumerate(leaves)]
        if policy.every:
            self.events.append((policy.every, Kind.TICK, 0))
        heapq.heapify(self.events)

    def to_the_end(self) -> Course:
        steps = {
            Kind.ANSWER: self._answer,
            Kind.SEAT: self._seat,
            Kind.ARRIVE: self._arrive,
            Kind.TICK: self._tick,
            Kind.LEAVE: self._leave,
        }
        while self.open:
            self.house.now, kind, which = heapq.heappop(self.events)
            steps[kind](which)
            self._send()
        return Course(self.began, self.edge, self.count)

    def _send(self) -> None:
        """What the policy has put is on its way; the answers come when they come."""
        for edge in self.house._put:
            self.asked[self.house.ask_of[edge]] = edge
            heapq.heappush(self.events, (self.house.now + float(self.trace.answers[edge]), Kind.ANSWER, edge))
        self.count += len(self.house._put)
        self.house._put.clear()

    def _arrive(self, ask: int) -> None:
        self.house.since[ask] = self.house.now
        self.house.waiting[ask] = True
        self.policy.came(self.house, ask)

    def _answer(self, edge: int) -> None:
        ask, offer = int(self.house.ask_of[edge]), int(self.house.edges.offer[edge])
        if self.asked[ask] != edge:
            return  # the ask has left meanwhile, and the seat with it
        self.asked[ask] = NOBODY
        if self.trace.yes[edge]:
            self._end(ask)
            self.began[ask], self.edge[ask] = self.house.now, edge
            heapq.heappush(self.events, (self.house.now + float(self.trace.lasts[offer]), Kind.SEAT, offer))
            return
        self.house.waiting[ask] = True
        self.policy.came(self.house, ask)
        self._give_back(offer)

    def _seat(self, offer: int) -> None:
        self.house.seats_opened.append((self.house.now, offer))
        self._give_back(offer)

    def _give_back(self, offer: int) -> None:
        self.house.free[offer] += 1
        self.policy.freed(self.house, offer)

    def _leave(self, ask: int) -> None:
        if self.edge[ask] != NOBODY:
            return
        self.house.left[ask] = True
        self._end(ask)
        edge = self.asked[ask]
        self.asked[ask] = NOBODY
        if edge != NOBODY:
            self._give_back(int(self.house.edges.offer[edge]))

    def _end(self, ask: int) -> None:
        self.open -= 1
        self.house.waiting[ask] = False
        self.house.ended[ask] = self.house.now

    def _tick(self, _: int) -> None:
        self.policy.tick(self.house)
        heapq.heappush(self.events, (self.house.now + (self.policy.every or 0), Kind.TICK, 0))


def _empty(edges: Edges) -> House:
    asks, offers = len(edges.demand), len(edges.capacity)
    return House(
        edges=edges,
        now=0.0,
        ask_of=edges.asks(),
        since=np.full(asks, np.nan),
        waiting=np.zeros(asks, np.bool_),
        free=np.zeros(offers, np.int64),
        tried=np.zeros(len(edges.score), np.bool_),
        ended=np.full(asks, np.nan),
        left=np.zeros(asks, np.bool_),
        seats_opened=[],
        _column=np.argsort(edges.offer, kind="stable"),
        _column_start=np.concatenate([[0], np.cumsum(np.bincount(edges.offer, minlength=offers))]),
    )
