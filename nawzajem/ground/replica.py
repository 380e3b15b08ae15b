"""Reads that may be some seconds late go to a replica of the database, where there is one (DATABASE_REPLICA_URL).

Only those that say so, never within a transaction, and nothing that somebody has just written or that decides what they may
do. When the replica does not answer, the database itself does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, models

REPLICA = "replica"

P = ParamSpec("P")
R = TypeVar("R")

_late: ContextVar[bool] = ContextVar("late", default=False)
log = logging.getLogger("nawzajem")


def may_be_late(read: Callable[P, R]) -> Callable[P, R]:
    """For reads that give back figures or lists, not questions still to be asked: those would go to the database itself."""

    @wraps(read)
    def elsewhere(*things: P.args, **words: P.kwargs) -> R:
        if REPLICA not in connections.settings or connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return read(*things, **words)
        token = _late.set(True)
        try:
            return read(*things, **words)
        except OperationalError:
            log.warning("the replica does not answer; asked the database itself")
        finally:
            _late.reset(token)
        return read(*things, **words)

    return elsewhere


class Router:
    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        return REPLICA if _late.get() else None

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_things: Any, **_hints: Any) -> bool:
        return True  # both are the same database

    def allow_migrate(self, db: str, *_things: Any, **_hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS
