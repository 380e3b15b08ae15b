"""What the gate writes into the log: who was let in by which way, what opened nothing, what was refused.

Codes only: no name, no address, nothing that was typed. A person is a sign that is another one every day, so that lines of
one day belong together and those of two days do not; nobody makes it a person without the key of the house. A flood of
attempts fills no disk: of each kind so many lines a minute, and then how many more there were.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from nawzajem.ground import clock
from nawzajem.ground.refusals import NotAllowed, NotFound, Refusal
from nawzajem.ground.seal import fingerprint

log = logging.getLogger("nawzajem.gate")

A_MINUTE = 60  # seconds
LINES = 30  # of one kind in one minute, in one process


@dataclass(slots=True)
class Tally:
    """How many lines of one kind there were since the minute began."""

    since: float = 0.0
    count: int = 0


@dataclass(slots=True)
class Book:
    tallies: dict[str, Tally] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, **facts: str) -> None:
        with self.lock:
            if not self._has_room(what):
                return
        log.info(" ".join([what, *(f"{name}={fact}" for name, fact in facts.items() if fact)]))

    def _has_room(self, what: str) -> bool:
        """Kinds come from the code alone, so there are few of them."""
        tally, now = self.tallies.setdefault(what, Tally()), clock.now().timestamp()
        if not 0 <= now - tally.since < A_MINUTE:
            if tally.count > LINES:
                log.info("%s more=%d", what, tally.count - LINES)
            tally.since, tally.count = now, 0
        tally.count += 1
        if tally.count == LINES + 1:
            log.info("%s too_many=counted_only", what)
        return tally.count <= LINES


BOOK = Book()


def signed_in(person: str, *, ways: str) -> None:
    BOOK.note("signed_in", ways=ways, who=sign_of(person))


def opened_nothing(way: str, person: str | None = None) -> None:
    """Of an account that is there its sign; a name that nobody has is not written down, for it may be a passphrase."""
    BOOK.note("opened_nothing", way=way, who=sign_of(person))


def refused(refusal: Refusal, *, door: str, at: str, person: str | None) -> None:
    """What somebody may not do, or what is not theirs or not there. `at` as the code has it, without ids."""
    if isinstance(refusal, NotAllowed | NotFound):
        BOOK.note("refused", code=refusal.code, door=door, at=at, who=sign_of(person))


def sign_of(person: str | None) -> str:
    """Eight characters, for this day."""
    return fingerprint(f"{person}:{clock.today()}", purpose="signs in the log")[:8] if person else ""
