"""Mistakes of ours, told to the keeper of the house without what anybody wrote."""

from __future__ import annotations

from types import TracebackType


def without_words(error: BaseException) -> tuple[type[Exception], Exception, TracebackType | None]:
    """For `exc_info`: the places in the code without the message, which might quote what somebody typed."""
    return Exception, Exception(type(error).__name__), error.__traceback__
