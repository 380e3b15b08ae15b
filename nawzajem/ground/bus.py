"""After commit, a hint: this channel has news. It carries a name and never a word; a lost hint is found by the slow poll.

The body between the two local processes is a datagram socket. The listener performs an ordinary read as the ordinary actor.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

from django.db import transaction

ADDRESS = "NAWZAJEM_BUS"  # environment: path of the listener's socket, set by whoever starts the processes

Listener = Callable[[tuple[str, ...]], None]
_near: list[Listener] = []


def wake(*channels: str) -> None:
    """Once the transaction is committed, tell whoever listens that these channels have news."""
    if _near or os.environ.get(ADDRESS):
        transaction.on_commit(
            lambda: _send(channels), robust=True
        )  # a hint that fails must not fail what was committed


def listen(listener: Listener) -> Callable[[], None]:
    """For the process that listens: its own hints need no socket. Called in the thread that commits; returns how to stop."""
    _near.append(listener)
    return lambda: _near.remove(listener)


def _send(channels: tuple[str, ...]) -> None:
    for listener in _near:
        listener(channels)
    if _near:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        out.sendto("\n".join(channels).encode(), os.environ[ADDRESS])
