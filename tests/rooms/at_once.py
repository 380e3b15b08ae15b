"""Two people in the same moment: threads with connections of their own, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

from nawzajem.ground.refusals import Refusal

Deed = Callable[[], Any]
PATIENCE = 30


def _closing(deed: Deed) -> Any:
    """What came of it: what it returned, or the refusal. Anything else is a mistake, and is raised."""
    try:
        return deed()
    except Refusal as refusal:
        return refusal
    finally:
        connection.close()


def at_once(*deeds: Deed) -> list[Any]:
    """All from one starting line."""
    line = threading.Barrier(len(deeds))

    def run(deed: Deed) -> Any:
        line.wait(PATIENCE)
        return _closing(deed)

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [one.result(PATIENCE) for one in [pool.submit(run, deed) for deed in deeds]]


def while_open(first: Deed, then: Deed) -> tuple[Any, Any]:
    """`first` has done its work and not committed yet when `then` begins: the narrowest moment, every time."""
    done, begun, start = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Any:
        with transaction.atomic():
            try:
                result = first()
            finally:
                start.set()
            begun.wait(PATIENCE)
            done.wait(0.3)  # either the other gets through meanwhile, or it waits for this commit
        return result

    def quick() -> Any:
        start.wait(PATIENCE)
        begun.set()
        try:
            return then()
        finally:
            done.set()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(_closing, deed) for deed in (slow, quick)]
        return both[0].result(PATIENCE), both[1].result(PATIENCE)


def refused(results: list[Any] | tuple[Any, ...]) -> list[str]:
    """The codes of those who were refused."""
    return [one.code for one in results if isinstance(one, Refusal)]
