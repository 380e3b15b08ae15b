"""An act: one thing that can be done, with the rule that says who may. The only way anything is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction

from nawzajem.ground.refusals import NotAllowed, Stale

P = ParamSpec("P")
R = TypeVar("R")


def act(*, may: Callable[..., bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens the transaction, asks the rule, runs. `may` is given the actor and the act's positional things.

    What may be there only once, and was written by somebody else a moment ago, is refused as stale.
    """

    def gated(do: Callable[P, R]) -> Callable[P, R]:
        @wraps(do)
        def run(*things: P.args, **words: P.kwargs) -> R:
            try:
                with transaction.atomic():
                    if not may(*things):
                        raise NotAllowed
                    return do(*things, **words)
            except IntegrityError as error:
                if not _is_double(error):
                    raise
                raise Stale from error

        vars(run)["may"] = may  # the house tests look for it
        return run

    return gated


def act_each(*, may: Callable[..., bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same act done by many people in one transaction. It asks `may` itself, of each with what it has read of all. Within
    another transaction it is a part of it, without a savepoint: what upsets it upsets the whole."""

    def gated(do: Callable[P, R]) -> Callable[P, R]:
        @wraps(do)
        def run(*things: P.args, **words: P.kwargs) -> R:
            with transaction.atomic(savepoint=False):
                done = do(*things, **words)
                if transaction.get_rollback():  # leaving quietly would undo all and say nothing
                    raise transaction.TransactionManagementError("what was done is undone")
                return done

        vars(run)["may"] = may
        return run

    return gated


def _is_double(error: IntegrityError) -> bool:
    """A row that may be there only once is there already; PostgreSQL says so by a code, SQLite in words."""
    return getattr(error.__cause__, "sqlstate", "") == "23505" or str(error).startswith("UNIQUE")
