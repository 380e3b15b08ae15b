"""After commit, a hint: this channel has news. It carries a name and never a word; a lost hint is found by the slow poll.

The body between the two local processes is a datagram socket. The listener performs an ordinary read as the ordinary actor.
"""

from __future__ import annotations

import contextlib
import os
import socket

from django.db import transaction

ADDRESS = "NAWZAJEM_BUS"  # environment: path of the listener's socket, set by whoever starts the processes


def wake(*channels: str) -> None:
    """Once the transaction is committed, tell whoever listens that these channels have news."""
    if os.environ.get(ADDRESS):
        transaction.on_commit(lambda: _send(channels))


def _send(channels: tuple[str, ...]) -> None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        out.sendto("\n".join(channels).encode(), os.environ[ADDRESS])
