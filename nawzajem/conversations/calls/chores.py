"""Signals that have done their work are forgotten."""

from __future__ import annotations

from nawzajem.conversations.calls.acts import KEPT
from nawzajem.conversations.calls.models import Signal
from nawzajem.ground import clock


def forget() -> int:
    return Signal.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
