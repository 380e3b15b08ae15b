"""Writing down a mistake of ours: where it happened, and nothing of what anybody wrote."""

from __future__ import annotations

import logging

log = logging.getLogger("nawzajem.live")


def note(what: str, error: BaseException) -> None:
    """The places in the code, without the message, which might quote what somebody typed."""
    log.error(
        "%s: %s", what, type(error).__name__, exc_info=(Exception, Exception(type(error).__name__), error.__traceback__)
    )
