"""What happens to concerns by themselves: the next is called, and what lost its owner is called out again."""

from __future__ import annotations

from nawzajem.ground.actor import CHORE
from nawzajem.ground.chores import each
from nawzajem.safety.concerns import acts, reads


def some_due() -> bool:
    return reads.due().exists()


def call() -> None:
    for concern in reads.due():
        each(CHORE.within(concern.programme_id), acts.call_next, [concern])


def give_back() -> None:
    for concern in reads.without_owner():
        each(CHORE.within(concern.programme_id), acts.give_back, [concern])
    for concern in reads.called_in_vain():
        each(CHORE.within(concern.programme_id), acts.call_in_vain, [concern])
