"""An act: one thing that can be done, with the rule that says who may. The only way anything is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from nawzajem.ground.refusals import NotAllowed

P = ParamSpec("P")
R = TypeVar("R")


def act(*, may: Callable[..., bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens the transaction, asks the rule, runs. `may` is given the actor and the act's positional things."""

    def gated(do: Callable[P, R]) -> Callable[P, R]:
        @wraps(do)
        def run(*things: P.args, **words: P.kwargs) -> R:
            with transaction.atomic():
                if not may(*things):
                    raise NotAllowed
                return do(*things, **words)

        vars(run)["may"] = may  # the house tests look for it
        return run

    return gated
