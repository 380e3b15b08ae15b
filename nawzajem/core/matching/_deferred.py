"""The compiled part of `stable`: asks propose, offers keep the best they hear of until a better one comes.

What comes out does not hang on the order in which asks propose, so one queue of work is as good as another.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

LOWEST, HIGHEST = -(2**40), 2**40  # beyond any score


@njit(cache=True, nogil=True)
def drawn(seed: np.uint64, edge: int) -> np.uint64:
    """The draw of an edge: the same for both sides, and made only where two scores are equal.

    [G. L. Steele, D. Lea, C. H. Flood: Fast splittable pseudorandom number generators, OOPSLA 2014: splitmix64]
    """
    z = seed + np.uint64(edge + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True, nogil=True)
def above(score: Places, seed: np.uint64, one: int, other: int) -> bool:
    """Whether one edge stands above another: never both ways round, so that there are no equals."""
    if score[one] != score[other]:
        return score[one] > score[other]
    return bool(drawn(seed, one) > drawn(seed, other))  # splitmix64 gives no two edges the same draw


@njit(cache=True, nogil=True)
def sink(seat: Places, first: int, seats: int, k: int, back: Places, seed: np.uint64) -> None:
    """Puts place k of an offer's seats in order when all below it are: a heap with the worst edge at its top."""
    edge = seat[first + k]
    while 2 * k + 1 < seats:
        child = 2 * k + 1
        if child + 1 < seats and above(back, seed, seat[first + child], seat[first + child + 1]):
            child += 1
        if not above(back, seed, edge, seat[first + child]):
            break
        seat[first + k] = seat[first + child]
        k = child
    seat[first + k] = edge


@njit(cache=True, nogil=True)
def all_fall(start: Wholes, score: Places) -> bool:
    """Whether no row rises anywhere: all steps upwards are then steps from the end of one row to the next. Counted in two
    plain sums, for a sum is many edges at a time and a way out of it would not be."""
    before, after = score[:-1], score[1:]
    rises = np.int64(0)
    for e in range(len(after)):
        rises += before[e] < after[e]
    for a in range(1, len(start) - 1):
        if 0 < start[a] < start[a + 1]:
            rises -= score[start[a] - 1] < score[start[a]]
    return bool(rises == 0)


@njit(cache=True, nogil=True)
def propose(
    start: Wholes,
    offer: Places,
    score: Places,
    back: Places,
    demand: Places,
    capacity: Places,
    seed: np.uint64,
) -> npt.NDArray[np.uint8]:
    """Marks the edges that are held when no ask has anybody left to propose to.

    What an offer holds only ever gets better, so who would be refused now would have been refused at any later time: an
    ask goes at once to the best of those who would have it. So its row needs no order, and each look through it is a step.
    Where all rows fall, as a search for candidates gives them, a look ends with the best score that is found, and the
    next one begins there: everything before it is held or refused for good.
    """
    asks, offers = len(demand), len(capacity)
    seat_start = np.zeros(offers + 1, np.int64)
    bar = np.full(offers, LOWEST, np.int64)  # what the worst edge held is worth to a full offer
    for o in range(offers):
        seat_start[o + 1] = seat_start[o] + capacity[o]
        if capacity[o] == 0:
            bar[o] = HIGHEST
    seat = np.empty(seat_start[offers], np.int32)
    taken = np.zeros(offers, np.int32)
    held = np.zeros(len(offer), np.uint8)
    whose = np.empty(len(offer), np.int32)  # of edges that have been held: the ask they belong to
    missing = demand.copy()
    since = start[:-1].copy()  # where an ask's next look begins
    falls = all_fall(start, score)
    work = np.empty(asks, np.int32)  # who lost a place again, each at most once
    for begin in range(asks):
        work[0] = begin
        waiting = 1
        while waiting > 0:
            waiting -= 1
            a = work[waiting]
            while missing[a] > 0:
                best, most, luck = -1, np.int64(LOWEST), np.uint64(0)
                level = np.int64(HIGHEST)
                for e in range(since[a], start[a + 1]):
                    worth = np.int64(score[e])
                    if worth < most:
                        if falls:
                            break
                        continue
                    if falls and worth < level:
                        level, since[a] = worth, e
                    o = offer[e]
                    if back[e] < bar[o] or held[e]:
                        continue
                    if back[e] == bar[o] and not above(back, seed, e, seat[seat_start[o]]):
                        continue
                    chance = drawn(seed, e)
                    if worth == most and chance < luck:
                        continue
                    best, most, luck = e, worth, chance
                if best < 0:
                    break
                o = offer[best]
                first, seats = seat_start[o], capacity[o]
                held[best], whose[best] = 1, a
                missing[a] -= 1
                if taken[o] < seats:
                    seat[first + taken[o]] = best
                    taken[o] += 1
                    if taken[o] < seats:
                        continue
                    for k in range(seats // 2 - 1, -1, -1):
                        sink(seat, first, seats, k, back, seed)
                else:
                    out = seat[first]
                    held[out] = 0
                    b = whose[out]
                    missing[b] += 1
                    if b <= begin and missing[b] == 1:  # who comes later proposes in turn
                        work[waiting] = b
                        waiting += 1
                    seat[first] = best
                    sink(seat, first, seats, 0, back, seed)
                bar[o] = back[seat[first]]
    return held
