"""Two people, each with two tabs open, over a network that loses questions and answers; they write, change what they wrote,
take it back, close the door, have themselves erased. However it goes: both see the same sequence, in the order in which it
was kept, and nothing that was acknowledged is missing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench.devices import Heard, Outbox
from nawzajem.conversations import acts, reads
from nawzajem.conversations.models import Message
from nawzajem.ground.refusals import Refusal
from nawzajem.people.models import Person
from nawzajem.rights import acts as rights
from nawzajem.safety import acts as safety
from tests.doors.conftest import Kept
from tests.doors.hall import Door, Ears, Hall, open_house

NAMES = ("asia", "bolek")
PATIENCE = 20  # seconds for what takes milliseconds

somebody, tab = st.sampled_from(NAMES), st.integers(0, 1)
fate = st.sampled_from(["arrives", "arrives", "question lost", "answer lost"])
some = st.integers(0, 20)


@dataclass
class Tab:
    """A page with the talk on it."""

    heard: Heard
    ears: Ears | None = None
    had: str = ""
    seen: int = 0  # events looked at

    async def digest(self, fetch: Any) -> None:
        """As the page does: what comes next is put in, and where something is missing all that is newer is fetched."""
        for event in self.ears.events[self.seen :] if self.ears else []:
            self.seen += 1
            self.had = event.get("id", self.had)
            if event.get("event") == "message" and not self.heard.take(event["data"]):
                await self.catch_up(fetch)

    async def catch_up(self, fetch: Any) -> None:
        while self.heard.take_all((await fetch(self.heard.place)).text) == reads.PAGE:
            pass


@dataclass
class One:
    outbox: Outbox = field(default_factory=Outbox)
    tabs: list[Tab] = field(default_factory=list)
    is_gone: bool = False


class Talks(RuleBasedStateMachine):
    hall: ClassVar[Hall]
    rows: ClassVar[Kept]
    loop: ClassVar[asyncio.AbstractEventLoop]
    door: ClassVar[Door]

    def __init__(self) -> None:
        super().__init__()
        self.rows.put_back()
        self.talk = self.hall.talk.pk
        self.people = {name: One(tabs=[Tab(Heard(self.talk)), Tab(Heard(self.talk))]) for name in NAMES}
        self.kept: list[str] = []  # keys, in the order in which the house took them
        self.words: dict[str, str] = {}  # as they must be now
        self.wrote: dict[str, str] = {}
        self.asked: list[tuple[str, str, int]] = []  # changes that were made: key, words, the place they were made upon
        self.is_closed = False
        self.n = 0

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(what, PATIENCE))

    def browser(self, name: str) -> Any:
        return self.door.browser(self.hall.session(name))

    async def fetch(self, name: str, place: int) -> Any:
        return await self.browser(name).get(f"/live/p/hall/talks/{self.talk}/messages?after={place}")

    # -- writing ------------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self):
        """Each has one page open that listens, and one that does not yet."""
        for name in NAMES:
            self.line_opens_or_breaks(name, 0)

    @rule(who=somebody, fate=fate)
    def write(self, who, fate):
        self.n += 1
        key = f"key-{who}-{self.n:05}"
        self.wrote[key] = who
        self.people[who].outbox.write(key, f"words {self.n}")
        self.send(who, fate, 1)

    @precondition(lambda self: any(one.outbox.waiting for one in self.people.values()))
    @rule(who=somebody, fate=fate, windows=st.sampled_from([1, 1, 2]))
    def send(self, who, fate, windows):
        """The first in the box; now and then by both tabs in the same moment."""
        box = self.people[who].outbox
        if not box.waiting or fate == "question lost":
            return
        key, words = box.waiting[0]
        answers = self.run(self._sent(who, key, words, windows))
        assert len({one.status for one in answers}) == 1
        if self.people[who].is_gone:
            assert answers[0].status in {403, 404}
            box.waiting.pop(0)
            return
        if answers[0].status == 200 and key not in self.words:
            self.kept.append(key)
            self.words[key] = words
        assert (answers[0].status == 200) is (key in self.words)
        if fate == "arrives":
            box.answered(answers[0].status, answers[0].body)

    async def _sent(self, who: str, key: str, words: str, windows: int) -> list[Any]:
        browser = self.browser(who)
        return await asyncio.gather(*(browser.send(self.hall, words, key) for _ in range(windows)))

    @precondition(lambda self: self.kept)
    @rule(n=some, takes_back=st.sampled_from([False, False, True]), by_other=st.sampled_from([False] * 5 + [True]))
    def change(self, n, takes_back, by_other):
        """One's own, and now and then an attempt at what somebody else wrote."""
        key = self.kept[n % len(self.kept)]
        who = self.wrote[key]
        if by_other:
            who = NAMES[1 - NAMES.index(who)]
        self.n += 1
        words = "" if takes_back else f"other words {self.n}"
        may = not (by_other or self.is_closed or self.people[who].is_gone) and (takes_back or self.words[key])
        after = self.run(self.door.aside(_place, self.talk, key))
        assert self.run(self.door.aside(_change, self.hall, who, self.talk, key, words, after)) is bool(may)
        if may:
            self.words[key] = words
            self.asked.append((key, words, after))

    @precondition(lambda self: self.asked)
    @rule(n=some)
    def a_change_comes_once_more(self, n):
        """Given up on the way and delivered late: the last is the same again, and what another has followed undoes nothing."""
        key, words, after = self.asked[-1 - n % len(self.asked)]
        who = self.wrote[key]
        may = not (self.is_closed or self.people[who].is_gone) and self.words[key] == words
        assert self.run(self.door.aside(_change, self.hall, who, self.talk, key, words, after)) is may

    # -- listening ----------------------------------------------------------------------------------------------------

    @rule(who=somebody, tab=tab)
    def line_opens_or_breaks(self, who, tab):
        self.run(self._line(who, self.people[who].tabs[tab]))

    async def _line(self, who: str, one: Tab) -> None:
        if one.ears is not None:
            one.ears.leave()
            await one.ears.task
            one.ears = None
        elif not self.people[who].is_gone:
            one.ears, one.seen = await self.browser(who).listen(self.hall, had=one.had), 0
            await one.catch_up(lambda place: self.fetch(who, place))

    @rule(who=somebody, tab=tab)
    def page_is_loaded_anew(self, who, tab):
        one = self.people[who].tabs[tab]
        one.heard = Heard(self.talk)
        if not self.people[who].is_gone:
            self.run(one.catch_up(lambda place: self.fetch(who, place)))

    @rule(who=somebody, tab=tab)
    def page_looks(self, who, tab):
        if not self.people[who].is_gone:
            self.run(self.people[who].tabs[tab].digest(lambda place: self.fetch(who, place)))

    # -- endings ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.n > 12)
    @rule(who=somebody)
    def close_the_door(self, who):
        if not any(one.is_gone for one in self.people.values()):
            self.run(self.door.aside(_block, self.hall, who))
            self.is_closed = True

    @precondition(lambda self: self.n > 16 and not any(one.is_gone for one in self.people.values()))
    @rule(who=somebody)
    def be_erased(self, who):
        """Their words go from the other's open pages as well; and no door is closed to somebody who is nobody any more."""
        self.run(self.door.aside(_erase, self.hall, who))
        self.people[who].is_gone = True
        self.is_closed = False
        self.words |= {key: "" for key in self.kept if self.wrote[key] == who}

    # -- what must hold -----------------------------------------------------------------------------------------------

    @property
    def truth(self) -> list[tuple[str, str]]:
        return [(key, self.words[key]) for key in self.kept]

    @invariant()
    def both_read_the_same_and_nothing_acknowledged_is_missing(self):
        for name, person in self.people.items():
            for key, seq in person.outbox.acknowledged.items():
                assert self.kept.count(key) == 1, f"{key} was acknowledged at {seq}"
            assert person.outbox.answers_changed == 0
            if not person.is_gone:
                lines = self.run(self.door.aside(_lines, self.hall, name, self.talk))
                assert [(line.key, line.text) for line in lines] == self.truth
                assert all(a.seq < b.seq for a, b in pairwise(lines))

    def teardown(self) -> None:
        """The network is back: every box is emptied, every page is brought up to date; and by then all hear a last change."""
        try:
            for name, person in self.people.items():
                while person.outbox.waiting:
                    self.send(name, "arrives", 1)
            self.everybody_sees_the_same()
            if self.kept:
                self.change(len(self.kept) // 2, takes_back=False, by_other=False)
            self.everybody_sees_the_same()
        finally:
            for one in (one for person in self.people.values() for one in person.tabs if one.ears):
                self.run(self._line(NAMES[0], one))

    def everybody_sees_the_same(self) -> None:
        for name, person in self.people.items():
            for one in person.tabs:
                self.run(self._up_to_date(name, one))
                assert person.is_gone or [(key, words) for _seq, key, words in one.heard.shown] == self.truth

    async def _up_to_date(self, name: str, one: Tab) -> None:
        """By the stream alone, when it is open; a page without one asks."""
        if self.people[name].is_gone:
            return
        if one.ears is None:
            await self._line(name, one)
        last = await self.door.aside(_last, self.talk)
        while one.heard.place < last:
            await one.digest(lambda place: self.fetch(name, place))
            await asyncio.sleep(0.005)


def _lines(hall: Hall, name: str, talk: str) -> list[reads.Line]:
    actor = hall.actor(name)
    return list(reads.every_line(actor, reads.conversation(actor, talk)))


def _last(talk: str) -> int:
    return (
        Message.objects.filter(conversation=talk).order_by("-latest_seq").values_list("latest_seq", flat=True).first()
        or 0
    )


def _place(talk: str, key: str) -> int:
    return Message.objects.get(conversation=talk, client_key=key).latest_seq


def _change(hall: Hall, name: str, talk: str, key: str, words: str, after: int) -> bool:
    """As the pages do; whether it may be."""
    message = Message.objects.select_related("author", "conversation").get(conversation=talk, client_key=key)
    try:
        acts.edit(hall.actor(name), message, text=words, after=after) if words else acts.withdraw(
            hall.actor(name), message
        )
    except Refusal:
        return False
    return True


def _block(hall: Hall, name: str) -> None:
    safety.block(hall.actor(name), _person(hall, NAMES[1 - NAMES.index(name)]))


def _erase(hall: Hall, name: str) -> None:
    rights.erase(hall.actor(name), _person(hall, name), keep_messages=False)


def _person(hall: Hall, name: str) -> Person:
    """As the database has them: in another life they may have been erased."""
    return Person.objects.get(pk=hall.actor(name).person)


@pytest.fixture
def talks(hall: Hall, _built: tuple[Hall, Kept]) -> Iterator[type[Talks]]:
    Talks.hall, Talks.rows, Talks.loop = hall, _built[1], asyncio.new_event_loop()
    house = open_house()
    Talks.door = Talks.loop.run_until_complete(house.__aenter__())
    yield Talks
    Talks.loop.run_until_complete(house.__aexit__(None, None, None))
    Talks.loop.close()


def test_whatever_the_network_does_both_see_the_same(talks: type[Talks]):
    """The same talks each time; with NAWZAJEM_LIVES=300 that many, and others each time."""
    more = int(os.environ.get("NAWZAJEM_LIVES", "0"))
    bounded = settings(
        max_examples=more or 12,
        stateful_step_count=30,
        derandomize=not more,
        database=None,
        deadline=None,
        phases=list(Phase) if more else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(talks, settings=bounded)
