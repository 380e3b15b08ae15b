"""Whose looks are written down: of everybody who looks by duty."""

from __future__ import annotations

from collections.abc import Iterable

from nawzajem.ground.actor import Actor


def may_note(actor: Actor, looked: Iterable[object]) -> bool:
    return actor.person is not None and actor.programme is not None and bool(actor.duties)
