"""Where attempts are counted when several processes have to count together: in the database."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache


class Attempts(DatabaseCache):
    """Where nothing can be kept, nothing is counted, and nobody is told that they tried too often: without a session that can be
    kept nobody comes in anyway, and what is there can still be read."""

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        added: bool = super().add(key, value, timeout, version)
        return added or self.get(key, version=version) is None

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        try:
            return int(super().incr(key, delta, version))
        except ValueError:
            return delta
