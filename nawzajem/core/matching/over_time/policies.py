"""When the next two are asked, and which: the policies that are compared. What they learn, they learn from days gone by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from nawzajem.core.matching.assignment import Strategy
from nawzajem.core.matching.best import best
from nawzajem.core.matching.candidates import Edges
from nawzajem.core.matching.over_time.house import House, Policy, Wholes
from nawzajem.core.matching.over_time.trace import DAY, Hours
from nawzajem.core.matching.waits import expected_wait

LOOK_BACK = 28 * DAY  # what is learned is learned from so long


@dataclass
class AtOnce:
    """Whoever comes is asked about the best who is free. A seat that comes free goes to whom it fits and who has waited
    longest, or, by `fit`, to whom it fits best."""

    fit: bool = False
    every: ClassVar[float | None] = None

    def came(self, house: House, ask: int) -> None:
        _put_best(house, house.of_ask(ask))

    def freed(self, house: House, offer: int) -> None:
        edges = house.of_offer(offer)
        if len(edges):
            since = house.since[house.ask_of[edges]]
            house.put(edges[np.argmax(house.edges.score[edges]) if self.fit else np.argmin(since)])

    def tick(self, house: House) -> None:
        """Nothing waits for an hour of the day."""


@dataclass
class Rounds:
    """Nobody is asked until the next round; then a strategy decides over all who wait and all seats that are free."""

    every: float
    strategy: Strategy = best

    def came(self, house: House, ask: int) -> None:
        """Waits for the round."""

    def freed(self, house: House, offer: int) -> None:
        """Waits for the round."""

    def tick(self, house: House) -> None:
        kept = house.all()
        if len(kept):
            for edge in kept[self.strategy(_among(house.edges, kept, house.free)).edge]:
                house.put(int(edge))


@dataclass
class Patient:
    """Nobody is asked until they might be about to leave: the hour by which a quarter of those who came before had left,
    had nobody been found for them. A house knows no more; until it knows that, it asks at once."""

    every: float = 6.0
    about_to_leave: float = 0.0

    def came(self, house: House, ask: int) -> None:
        if house.now - house.since[ask] >= self.about_to_leave:
            _put_best(house, house.of_ask(ask))

    def freed(self, house: House, offer: int) -> None:
        edges = house.of_offer(offer)
        edges = edges[house.waited(house.ask_of[edges]) >= self.about_to_leave]
        _put_best(house, edges)

    def tick(self, house: House) -> None:
        self.about_to_leave = _quarter_left(house) or 0.0
        for ask in np.flatnonzero(house.waiting & (house.now - house.since >= self.about_to_leave)):
            _put_best(house, house.of_ask(int(ask)))


@dataclass
class Reserve:
    """At once, but a seat has its price, and who has just come is asked only about people worth more than that. The price
    is what the seat would have been worth in the best total over the last four weeks; it falls for each ask with waiting,
    to nothing at the hour by which a quarter of people leave."""

    every: float = DAY
    price: Hours = field(default_factory=lambda: np.zeros(0))
    patience: float = LOOK_BACK

    def came(self, house: House, ask: int) -> None:
        self._put(house, house.of_ask(ask))

    def freed(self, house: House, offer: int) -> None:
        self._put(house, house.of_offer(offer))

    def tick(self, house: House) -> None:
        self.price, self.patience = _prices(house), _quarter_left(house) or LOOK_BACK
        edges = house.all()
        gain = self._gain(house, edges)
        for edge in edges[np.argsort(-gain, kind="stable")][: int((gain > 0).sum())]:
            if house.waiting[house.ask_of[edge]] and house.free[house.edges.offer[edge]] > 0:
                house.put(int(edge))

    def _put(self, house: House, edges: Wholes) -> None:
        gain = self._gain(house, edges)
        if len(edges) and gain.max() > 0:
            house.put(int(edges[np.argmax(gain)]))

    def _gain(self, house: House, edges: Wholes) -> Hours:
        score = house.edges.score[edges].astype(float)
        if not len(self.price):
            return score
        still = np.maximum(0, 1 - house.waited(house.ask_of[edges]) / self.patience)
        return np.asarray(score - self.price[house.edges.offer[edges]] * still)


POLICIES: Mapping[str, Callable[[], Policy]] = MappingProxyType(
    {
        "at_once": AtOnce,
        "at_once_fit": lambda: AtOnce(fit=True),
        "rounds_6": lambda: Rounds(6.0),
        "rounds_24": lambda: Rounds(DAY),
        "rounds_168": lambda: Rounds(7 * DAY),
        "patient": Patient,
        "reserve": Reserve,
    }
)


def _put_best(house: House, edges: Wholes) -> None:
    if len(edges):
        house.put(int(edges[np.argmax(house.edges.score[edges])]))


def _among(edges: Edges, kept: Wholes, free: Wholes, asks: Wholes | None = None) -> Edges:
    """These edges alone, with so many seats."""
    count = np.bincount(edges.asks()[kept], minlength=len(edges.demand))
    return Edges(
        demand=edges.demand,
        capacity=free.astype(np.int32),
        start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        offer=edges.offer[kept],
        score=edges.score[kept],
    )


def _quarter_left(house: House) -> float | None:
    """The hour of waiting by which a quarter leave if nobody is found; pairs and those still waiting count for as long as
    they did wait."""
    came = np.flatnonzero(~np.isnan(house.since))
    ended = np.where(np.isnan(house.ended[came]), house.now, house.ended[came])
    return expected_wait((ended - house.since[came]).tolist(), house.left[came].tolist()).soon


def _prices(house: House) -> Hours:
    """What a seat of each offer was worth over the last weeks, had everybody who came then been known at once."""
    recent = house.since[house.ask_of] >= house.now - LOOK_BACK  # nan, for who has not come, is not
    opened = [offer for at, offer in house.seats_opened if at >= house.now - LOOK_BACK]
    seats = np.bincount(np.array(opened, np.int64), minlength=len(house.free)) + house.free
    found = best(_among(house.edges, np.flatnonzero(recent), seats)).certificate
    assert found is not None
    return np.where(seats > 0, found.price / found.unit, 0.0)
