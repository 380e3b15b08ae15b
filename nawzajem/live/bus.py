"""Hearing hints: from the pages and the clock through a datagram socket, from the writer beside us directly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from nawzajem.ground import bus


class Ear:
    def __init__(self, heard: Callable[[tuple[str, ...]], None]) -> None:
        self._heard, self._loop = heard, asyncio.get_running_loop()
        self._stop_near = bus.listen(self._hear_near)
        self._socket: socket.socket | None = None
        if path := os.environ.get(bus.ADDRESS):
            Path(path).unlink(missing_ok=True)
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self._socket.bind(path)
            self._loop.add_reader(self._socket, self._take)

    def _hear_near(self, channels: tuple[str, ...]) -> None:
        self._loop.call_soon_threadsafe(self._heard, channels)

    def _take(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard(tuple(self._socket.recv(65536).decode().split("\n")))

    def close(self) -> None:
        self._stop_near()
        if self._socket:
            self._loop.remove_reader(self._socket)
            self._socket.close()
