"""After commit, a hint: this channel has news. It carries a name and never a word; a lost hint is found by the slow poll.
Only whoever listens in the very process that committed is handed the news itself.

Between processes it travels in one of three ways: through Redis where one is named, else through the database where that is
PostgreSQL (NOTIFY, in the transaction itself), else through a datagram socket on the one machine. Whoever hears it performs
an ordinary read as the ordinary actor.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.db import connection, transaction

from nawzajem.ground import rows

if TYPE_CHECKING:
    from redis import Redis

ADDRESS = "NAWZAJEM_BUS"  # environment: path of the listener's socket, set by whoever starts the processes
CHANNEL = "nawzajem"  # of PostgreSQL, where each house has a database of its own
ME = secrets.token_hex(6)  # this process
MOST = 200  # names in one hint: PostgreSQL carries 8000 bytes
REST = 1.0  # seconds after Redis did not answer, in which it is not asked again: nobody who sends shall wait for it

Way = Literal["redis", "postgresql", "socket"]
Brought = Mapping[str, Any]  # channel: what is new there
Listener = Callable[[tuple[str, ...], Brought], None]
_near: list[Listener] = []
_takers: list[Callable[[str], bool]] = []
NOTHING: Brought = {}


def way() -> Way:
    if settings.ENV.redis:
        return "redis"
    return "postgresql" if connection.vendor == "postgresql" else "socket"


def wake(*channels: str, brought: Brought = NOTHING) -> None:
    """Once the transaction is committed, tell whoever listens that these channels have news. A hint that fails does not fail
    what was committed; that the library asks for its name then, a `partial` has none. What is `brought` along stays in this
    process."""
    if _near:
        transaction.on_commit(lambda: _tell_near(channels, brought), robust=True)
    for hint in _hints(channels):
        if way() == "postgresql":
            _notify(hint)
        else:
            transaction.on_commit(lambda hint=hint: _send(hint), robust=True)  # type: ignore[misc]


def tell_others(*channels: str) -> None:
    """What is true whether or not anything is kept, such as who is here: at once, to the other processes that listen."""
    for hint in _hints(channels):
        if way() != "socket":  # there no other listens
            _send(hint)


def listen(listener: Listener, takes: Callable[[str], bool]) -> Callable[[], None]:
    """For the process that listens: its own hints need no socket. Called in the thread that commits; returns how to stop.
    `takes` says of a channel whether its news should be brought along, which saves reading them."""
    _near.append(listener)
    _takers.append(takes)

    def stop() -> None:
        _near.remove(listener)
        _takers.remove(takes)

    return stop


def is_taken(channel: str) -> bool:
    """Whether somebody in this process would take its news from the hand of whoever writes them."""
    return any(takes(channel) for takes in _takers)


def understood(hint: str) -> tuple[str, tuple[str, ...]]:
    """Which process said it, and what. One that has told its own listeners already need not hear itself."""
    process, *channels = hint.split("\n")
    return process, tuple(channels)


def _tell_near(channels: tuple[str, ...], brought: Brought) -> None:
    for listener in _near:
        listener(channels, brought)


def _hints(channels: tuple[str, ...]) -> Iterator[str]:
    """What names many people is said in parts, each with all that it is about."""
    people = [one for one in channels if one.startswith("person:")]
    about = [one for one in channels if not one.startswith("person:")]
    for start in range(0, max(1, len(people)), MOST):
        yield "\n".join([ME if _near else "", *about, *people[start : start + MOST]])


def _send(hint: str) -> None:
    {"redis": _publish, "postgresql": _notify, "socket": _post}[way()](hint)


def _notify(hint: str) -> None:
    rows.write("SELECT pg_notify(%s, %s)", first=[CHANNEL, hint])


def _post(hint: str) -> None:
    if _near or ADDRESS not in os.environ:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        out.sendto(hint.encode(), os.environ[ADDRESS])


_rested_at = 0.0  # when Redis may be asked again


def _publish(hint: str) -> None:
    from redis import RedisError

    global _rested_at  # noqa: PLW0603  one connection, one state
    if time.monotonic() < _rested_at:
        return
    try:
        _redis().publish(redis_channel(), hint)
    except (RedisError, OSError):
        _rested_at = time.monotonic() + REST


@cache
def _redis() -> Redis:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    patience = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "retry": Retry(NoBackoff(), 0)}
    return Redis.from_url(settings.ENV.redis, **patience)


def redis_channel() -> str:
    """Houses that share a Redis have databases of different names."""
    return f"nawzajem:{connection.settings_dict['NAME']}"
