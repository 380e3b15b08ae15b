"""Who is doing it, in which programme, with which duties, through which door. Built once at the door, then only passed on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Door = Literal["web", "api", "live", "chore", "command"]


@dataclass(frozen=True, slots=True)
class Slowly:
    """Somebody who has just come: until when they go slowly, and how much they may do by then."""

    until: datetime
    asks: int
    choices: int  # people chosen for an ask
    messages: int  # to somebody who has not answered yet
    reports: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Ids only, so that the lowest room need not know what a person is.

    `takes_part` is true when the person may act in the programme now: member, not paused, and the present text on
    confidentiality agreed to. Rules ask for it by name; nothing checks it behind their back.
    """

    person: str | None = None
    programme: str | None = None
    member: str | None = None
    duties: frozenset[str] = frozenset()
    takes_part: bool = False
    via: Door = "web"
    language: str = "pl"
    time_zone: str = "Europe/Warsaw"
    slowly: Slowly | None = None  # see slowly.py
    scopes: frozenset[str] | None = None  # of an api token; None where the person is there in person

    @property
    def me(self) -> str:
        """The person's id, where a rule has made sure that there is one."""
        assert self.person is not None
        return self.person

    @property
    def here(self) -> str:
        """The programme's id, where a rule has made sure that there is one."""
        assert self.programme is not None
        return self.programme

    def has(self, *duties: str) -> bool:
        """Whether the actor has one of these duties in the programme."""
        return not self.duties.isdisjoint(duties)

    def within(self, programme: str | None) -> Actor:
        """The house itself, turning to one programme. Only chores and commands move about."""
        assert self.is_house, "a person's programme is chosen at the door"
        return replace(self, programme=programme)

    @property
    def is_house(self) -> bool:
        return self.person is None and self.via in {"chore", "command"}


NOBODY = Actor()
CHORE = Actor(via="chore")
