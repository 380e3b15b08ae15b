"""A file of messages answered on the machine's cores, for the commands that read what people might write.

The carriers work on many messages at once, and best with one thread each: two processes are nearly twice as fast as one
process with two threads.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from nawzajem.management.lines import messages

AT_ONCE = 64  # messages that are carried together
PROCESSES = 2  # each loads the carriers for itself: a quarter of a gigabyte
FEW = 200  # messages; a second process would take as long to begin as they take to be read

Messages = list[dict[str, Any]]
Answer = Callable[[Messages], list[str]]


def answered(file: Path, answer: Answer, *, is_work: bool) -> Iterator[str]:
    """What `answer` says of each message, a line each, in the order of the file; on several processes if it `is_work`.

    `answer` is a function of a module: other processes must find it.
    """
    if is_work and cores() > 1 and _has_more_than(FEW, file):
        return on_processes(_parts(file), answer)
    return chain.from_iterable(map(answer, _parts(file)))


def on_processes(parts: Iterable[Messages], answer: Answer) -> Iterator[str]:
    """The same with several parts under way at a time. A line that is no message is told when all before it are answered."""
    wrong: CommandError | None = None
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=_alone) as processes:
        under_way: deque[Future[list[str]]] = deque()
        try:
            for part in parts:
                under_way.append(processes.submit(answer, part))
                if len(under_way) > 2 * PROCESSES:
                    yield from under_way.popleft().result()
        except CommandError as line:
            wrong = line
        for one in under_way:
            yield from one.result()
    if wrong:
        raise wrong


def cores() -> int:
    """Those that this process may use, which in a container are not always all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _alone() -> None:
    """Before anything here loads NumPy: one thread, and no last words when somebody stops the command."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _parts(file: Path) -> Iterator[Messages]:
    every = messages(file)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _has_more_than(few: int, file: Path) -> bool:
    with file.open("rb") as lines:
        return next(islice(lines, few, None), None) is not None
