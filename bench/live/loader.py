"""A loader that costs little beside what it measures: plain sockets on one epoll, for posts and for streams alike.

Whatever is posted carries a key such as k-0123456789abcdef0123; a stream has received it when the key has come.
"""

from __future__ import annotations

import re
import secrets
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

KEY = re.compile(rb"k-[0-9a-f]{20}")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
LINES = 16

Post = Callable[[str], bytes]  # key -> the whole request


def new_key() -> str:
    return f"k-{secrets.token_hex(10)}"


@dataclass
class Line:
    """One kept connection on which one request waits for its answer."""

    socket: socket.socket
    key: str = ""
    taken: bytes = b""

    def ask(self, post: Post) -> float:
        self.key, self.taken = new_key(), b""
        now = time.perf_counter()
        self.socket.sendall(post(self.key))
        return now

    def is_answered(self) -> bool:
        self.taken += self.socket.recv(65536)
        head, _mark, body = self.taken.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not _mark or (length and len(body) < int(length[1])):
            return False
        assert head[9:10] == b"2", self.taken[:300]
        return True


@dataclass
class Heard:
    """Seconds, one for each stream and message."""

    received: list[float] = field(default_factory=list)
    after_answer: list[float] = field(default_factory=list)
    missing: int = 0


def connect(port: int, *, blocking: bool = True) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.setblocking(blocking)
    return one


def kept(port: int, posts: Sequence[Post], seconds: float) -> float:
    """Acknowledged a second, by as many clients as posts, each as fast as it gets its answers."""
    lines = {one.fileno(): Line(one) for one in (connect(port) for _ in posts)}
    does = dict(zip(lines, posts, strict=True))
    poll = select.epoll()
    for number, line in lines.items():
        poll.register(number, select.EPOLLIN)
        line.ask(does[number])
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for number, _event in poll.poll(1):
            if lines[number].is_answered():
                done += 1
                lines[number].ask(does[number])
    took = time.perf_counter() - began
    for line in lines.values():
        line.socket.close()
    return done / took


class Crowd:
    """Streams that are open. `ready` is what each says when it has been let in."""

    def __init__(self, port: int, *, ready: bytes = b"event: unread", posts_to: int = 0) -> None:
        self._port, self._ready, self._posts_to = port, ready, posts_to or port
        self._poll = select.epoll()
        self._streams: dict[int, socket.socket] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, requests: Sequence[bytes], *, at_once: int = 64) -> float:
        """How many a second were let in."""
        waiting, coming = deque(requests), dict[int, bytes]()
        began = time.perf_counter()
        while waiting or coming:
            while waiting and len(coming) < at_once:
                one = connect(self._port)
                one.sendall(waiting.popleft())
                self._streams[one.fileno()], coming[one.fileno()] = one, b""
                self._poll.register(one.fileno(), select.EPOLLIN)
            for number, _event in self._poll.poll(20):
                said = self._streams[number].recv(65536)
                assert said, "a stream was refused"
                if number in coming:
                    coming[number] += said
                    if self._ready in coming[number]:
                        del coming[number]
        return len(requests) / (time.perf_counter() - began)

    def told(self, posts: Sequence[Post], *, rate: float, seconds: float, each: int, patience: float = 20) -> Heard:
        """Posts at a steady rate, in turns; `each` streams are to hear every one of them. Ends when nothing new was heard or
        answered for a while, and in any case in time: what is missing then is missing."""
        heard, posted, answered = Heard(), dict[str, float](), dict[str, float]()
        came: list[tuple[str, float]] = []
        free, busy = deque[Line](), dict[int, Line]()
        seen = set[tuple[int, bytes]]()
        most, began, quiet_at = max(1, int(rate * seconds)), time.perf_counter(), 0.0
        for _ in range(LINES):
            free.append(self._line())
        while len(came) < most * each:
            now = time.perf_counter()
            while len(posted) < most and free and began + len(posted) / rate <= now:
                line = free.popleft()
                asked_at = line.ask(posts[len(posted) % len(posts)])
                posted[line.key] = asked_at
                busy[line.socket.fileno()] = line
                quiet_at = now
            if now - max(quiet_at, began) > patience or now - began > seconds + 2 * patience:
                break
            for number, _event in self._poll.poll(0.001 if len(posted) < most else 0.2):
                if number in busy:
                    if busy[number].is_answered():
                        answered[busy[number].key] = quiet_at = time.perf_counter()
                        free.append(busy.pop(number))
                    continue
                if number not in self._streams:  # a line that was closed because nobody used it
                    next(line for line in free if line.socket.fileno() == number).socket.close()
                    free = deque([*(line for line in free if line.socket.fileno() >= 0), self._line()])
                    continue
                said, at = self._streams[number].recv(262144), time.perf_counter()
                for key in KEY.findall(said):
                    if (number, key) not in seen:
                        seen.add((number, key))
                        came.append((key.decode(), at))
                        quiet_at = at
        for line in [*free, *busy.values()]:
            self._poll.unregister(line.socket.fileno())
            line.socket.close()
        heard.received = [at - posted[key] for key, at in came if key in posted]
        heard.after_answer = [max(0.0, at - answered.get(key, at)) for key, at in came]
        heard.missing = most * each - len(came)
        return heard

    def _line(self) -> Line:
        """For posts."""
        one = Line(connect(self._posts_to))
        self._poll.register(one.socket.fileno(), select.EPOLLIN)
        return one

    def listen(self, seconds: float) -> None:
        """Takes what comes, so that nobody is cut off."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            for number, _event in self._poll.poll(left):
                self._streams[number].recv(262144)

    def close(self) -> None:
        for one in self._streams.values():
            one.close()
        self._poll.close()


def ms(values: Sequence[float], share: float) -> float:
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 2) if values else -1.0
