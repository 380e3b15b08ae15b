"""Writing down a mistake of ours: where it happened, and nothing of what anybody wrote."""

from __future__ import annotations

import logging

from nawzajem.ground.mistakes import without_words

log = logging.getLogger("nawzajem.live")


def note(what: str, error: BaseException) -> None:
    log.error("%s: %s", what, type(error).__name__, exc_info=without_words(error))
