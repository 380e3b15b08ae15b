"""The compiled part of `fair`: chains of exchanges, by which somebody gets more and nobody falls below their level.

A chain goes from offer to offer: somebody comes, one of those who were there leaves for another offer, and so on until a
free seat, or somebody who can spare the place. Each ask takes part in a chain at most once, so whether a step is allowed
depends on that ask alone. Whatever happens, the state fits demand and capacity before and after each chain.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nawzajem.core.matching._kernel import down, up

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]
Whole = int | np.integer[Any]

NONE = np.int64(-1)
ANY = np.int64(-2)
FAR = 2**62
LONGEST = 100  # steps of a chain
WANT = 64  # what a missing point weighs, against one of the total


class Graph(NamedTuple):
    start: Wholes
    offer: Places
    score: Wholes
    ask_of: Places
    demand: Places
    capacity: Places
    price: Wholes  # of a seat: guides the searches, decides nothing


class State(NamedTuple):
    held: Marks  # [edges]
    has: Wholes  # [asks], points in all
    least: Wholes  # [asks], points below which nobody may bring it
    target: Wholes  # [asks], points that make it one of those who are served
    pooled: Marks  # [asks], whether it may be left out for another
    mine: Wholes  # edges that ask a holds, from mine_start[a] on, many[a] of them
    mine_start: Wholes
    many: Places
    theirs: Wholes  # edges that offer o holds, from theirs_start[o] on, full[o] of them
    theirs_start: Wholes
    full: Places


class Search(NamedTuple):
    """By offers, and two places more: nobody's seat, and the asks that are left out."""

    dist: Wholes
    seen: Wholes  # in which search; 0 never
    into: Wholes  # the edge that is taken there
    out: Wholes  # the edge that is left for it
    via: Wholes  # where from
    mark: Marks
    key: Wholes  # a heap of offers, and where each of them stands in it
    node: Places
    where: Places
    done: Places  # those that it gave


@njit(cache=True, nogil=True)
def most(g: Graph) -> Wholes:
    """[asks]: the points that each would have if it alone could choose."""
    points = np.zeros(len(g.demand), np.int64)
    for a in range(len(points)):
        top = np.zeros(g.demand[a], np.int64)
        for e in range(g.start[a], g.start[a + 1]):
            k = g.demand[a]
            if k == 0 or g.capacity[g.offer[e]] == 0 or g.score[e] <= top[k - 1]:
                continue
            k -= 1
            while k > 0 and top[k - 1] < g.score[e]:
                top[k] = top[k - 1]
                k -= 1
            top[k] = g.score[e]
        points[a] = top.sum()
    return points


@njit(cache=True, nogil=True)
def _without(edges: Wholes, first: Whole, count: Whole, e: Whole) -> None:
    for k in range(first, first + count):
        if edges[k] == e:
            edges[k] = edges[first + count - 1]
            return


@njit(cache=True, nogil=True)
def leave(g: Graph, s: State, e: Whole) -> None:
    a, o = g.ask_of[e], g.offer[e]
    s.held[e] = 0
    s.has[a] -= g.score[e]
    _without(s.mine, s.mine_start[a], s.many[a], e)
    _without(s.theirs, s.theirs_start[o], s.full[o], e)
    s.many[a] -= 1
    s.full[o] -= 1


@njit(cache=True, nogil=True)
def come(g: Graph, s: State, e: Whole) -> None:
    a, o = g.ask_of[e], g.offer[e]
    s.held[e] = 1
    s.has[a] += g.score[e]
    s.mine[s.mine_start[a] + s.many[a]] = e
    s.theirs[s.theirs_start[o] + s.full[o]] = e
    s.many[a] += 1
    s.full[o] += 1


@njit(cache=True, nogil=True)
def settle(g: Graph, s: State, edges: Wholes) -> None:
    for e in edges:
        come(g, s, e)


@njit(cache=True, nogil=True)
def _takes_part(g: Graph, into: Wholes, via: Wholes, o: Whole, b: Whole) -> bool:
    """Whether ask b stands in the chain that leads to offer o; a chain that grew too long counts as full."""
    for _ in range(LONGEST):
        if o == NONE:
            return False
        if g.ask_of[into[o]] == b:
            return True
        o = via[o]
    return True


@njit(cache=True, nogil=True)
def _wait(q: Search, size: int, o: Whole, cost: Whole, search: Whole) -> int:
    """In the heap, or further to the front of it. Returns how many are there."""
    if q.seen[o] != search:
        q.seen[o], q.mark[o], q.where[o], q.node[size] = search, 0, size, o
        size += 1
    q.dist[o] = q.key[q.where[o]] = cost
    up(q.key, q.node, q.where, q.where[o])
    return size


@njit(cache=True, nogil=True)
def lift(g: Graph, s: State, q: Search, dead: Marks, a: Whole, only: Whole, partly: Whole, search: Whole) -> bool:
    """One chain that brings ask a to its target, or partly there, at the least loss of total; False if there is none.
    `only`: for which of its offers it gets another, -1 for one more, ANY for whatever is best.

    `dead` are offers from which no chain goes on to an end; a search that finds none adds all that it saw.
    """
    target = s.target[a]
    missing = target - s.has[a]
    size, finished = 0, 0
    for e in range(g.start[a], g.start[a + 1]):
        o = g.offer[e]
        if s.held[e] or dead[o]:
            continue
        for k in range(-1 if s.many[a] < g.demand[a] else 0, s.many[a]):
            if only not in (k, ANY):
                continue
            f = s.mine[s.mine_start[a] + k] if k >= 0 else NONE
            less = g.score[f] if k >= 0 else np.int64(0)
            gain = g.score[e] - less
            short = max(missing - gain, 0)
            if gain <= 0 or (short > 0 and partly == 0):
                continue
            key = g.price[o] - g.score[e] + less + WANT * short
            if f != NONE:
                key -= g.price[g.offer[f]]
            if q.seen[o] != search or key < q.dist[o]:
                size = _wait(q, size, o, key, search)
                q.into[o], q.out[o], q.via[o] = e, f, NONE
    best, end, last = np.int64(FAR), NONE, NONE
    while size > 0 and q.key[0] < best:
        d, o = q.key[0], q.node[0]
        size = down(q.key, q.node, q.where, size)
        q.mark[o], q.done[finished] = 1, o
        finished += 1
        if s.full[o] < g.capacity[o]:
            best, end, last = d, o, NONE
            continue
        for k in range(s.theirs_start[o], s.theirs_start[o] + s.full[o]):
            f = s.theirs[k]
            b = g.ask_of[f]
            if b == a:
                x = o
                while q.via[x] != NONE:
                    x = q.via[x]
                if q.out[x] == f:  # the seat that a itself leaves
                    best, end, last = d, o, f
                continue
            if _takes_part(g, q.into, q.via, o, b):
                continue
            room = s.has[b] - g.score[f] - s.least[b]
            bid = g.score[f] - g.price[o]
            if room >= 0 and d + max(bid, 0) < best:
                best, end, last = d + max(bid, 0), o, f
            for e in range(g.start[b], g.start[b + 1]):
                if s.held[e] or room + g.score[e] < 0 or dead[g.offer[e]]:
                    continue
                to = g.offer[e]
                cost = d + max(bid - g.score[e] + g.price[to], 0)
                if cost >= best or (q.seen[to] == search and (q.mark[to] or q.dist[to] <= cost)):
                    continue
                size = _wait(q, size, to, cost, search)
                q.into[to], q.out[to], q.via[to] = e, f, o
    if end == NONE:
        if s.many[a] == 0 or g.demand[a] == 1:  # else a chain of its own might yet end in the seat that it leaves
            for k in range(finished):
                dead[q.done[k]] = 1
        return False
    if last != NONE:
        leave(g, s, last)
    while end != NONE:
        f = q.out[end]
        if f != NONE and s.held[f]:
            leave(g, s, f)
        come(g, s, q.into[end])
        end = q.via[end]
    return True


@njit(cache=True, nogil=True)
def lift_all(g: Graph, s: State, q: Search, dead: Marks, line: Wholes, search: np.int64) -> np.int64:
    """Each ask of the line in turn to its target, which is its level from then on. Returns the number of searches so far."""
    for a in line:
        partly, only = np.int64(0), np.int64(ANY)
        while s.has[a] < s.target[a]:
            search = search + np.int64(1)
            if lift(g, s, q, dead, a, only, partly, search):
                only = ANY
            elif g.demand[a] > 1 and only < s.many[a] - 1:
                only += 1
            elif g.demand[a] > 1 and partly == 0:
                partly, only = np.int64(1), np.int64(ANY)
            else:
                break
        if s.has[a] >= s.target[a]:
            s.least[a] = s.target[a]
    return search


@njit(cache=True, nogil=True)
def _push(line: Wholes, at: Wholes, waits: Marks, o: Whole) -> None:
    if not waits[o]:
        waits[o] = 1
        line[(at[0] + at[1]) % len(line)] = o
        at[1] += 1


@njit(cache=True, nogil=True)
def _reach(
    g: Graph, s: State, q: Search, epoch: Whole, o: Whole, to: Whole, gain: Whole, e: Whole, f: Whole, by: Whole
) -> int:
    """Whether the way from `o` to `to` is worth more than what led there: 0 no, 1 yes, 2 and it closes a ring."""
    reached = q.dist[o] + gain * LONGEST
    if reached <= q.dist[to] + 1:  # so little on every step of the longest ring is less than a point in all
        return 0
    x = o
    for _ in range(LONGEST):
        if x == to:
            return 2
        if q.seen[x] != epoch:
            q.dist[to] = reached
            q.seen[to], q.into[to], q.out[to], q.via[to] = epoch, e, f, o
            return 1
        one = q.into[x] if q.into[x] != NONE else q.out[x]
        if one != NONE and g.ask_of[one] == by:
            return 0
        x = q.via[x]
    return 0


@njit(cache=True, nogil=True)
def _exchange(g: Graph, s: State, q: Search, line: Wholes, at: Wholes, o: Whole, to: Whole, e: Whole, f: Whole) -> None:
    """All steps of a ring at once, and whoever is near it is looked at again."""
    ins, outs = [np.int64(e)], [np.int64(f)]
    x = np.int64(o)
    while x != to:
        ins.append(q.into[x])
        outs.append(q.out[x])
        x = q.via[x]
    for one in outs:
        if one != NONE:
            leave(g, s, one)
    for one in ins:
        if one != NONE:
            come(g, s, one)
    for k in range(len(ins)):
        for one in (ins[k], outs[k]):
            if one != NONE:
                a = g.ask_of[one]
                if s.pooled[a]:
                    s.least[a] = s.target[a] if s.many[a] else 0
                _push(line, at, q.mark, np.int64(g.offer[one]))
                for m in range(s.mine_start[a], s.mine_start[a] + s.many[a]):
                    _push(line, at, q.mark, np.int64(g.offer[s.mine[m]]))
    _push(line, at, q.mark, np.int64(len(g.capacity)))
    _push(line, at, q.mark, np.int64(len(g.capacity) + 1))


@njit(cache=True, nogil=True)
def improve(g: Graph, s: State, q: Search, line: Wholes, at: Wholes, epoch: np.int64, most: int) -> np.int64:
    """Rings of exchanges that raise the total, until there are none or `most` edges were looked at; `at` is the first of
    the line and its length. Returns the epoch, which grows with every ring.

    Label correcting after Bellman and Ford: dist is what the best chain to an offer gains, in hundredths
    (`LONGEST`) of a point.
    """
    offers = np.int64(len(g.capacity))
    scans: Whole = 0
    while at[1] > 0 and scans < most:
        o = line[at[0]]
        at[0] = (at[0] + 1) % len(line)
        at[1] -= 1
        q.mark[o] = 0
        to: Whole = np.int64(0)
        e: Whole = NONE
        f: Whole = NONE
        found = 0
        if o >= offers:  # nobody's seat: asks that want one more; or those left out, each for another
            for a in range(len(g.demand)):
                if s.many[a] == g.demand[a] or (o > offers and (s.many[a] or not s.pooled[a])):
                    continue
                scans += g.start[a + 1] - g.start[a]
                for e in range(g.start[a], g.start[a + 1]):
                    if s.held[e] or (o > offers and g.score[e] < s.target[a]):
                        continue
                    to = np.int64(g.offer[e])
                    found = _reach(g, s, q, epoch, o, to, g.score[e], e, NONE, a)
                    if found == 2:
                        break
                    if found:
                        _push(line, at, q.mark, to)
                if found == 2:
                    break
        else:
            if s.full[o] < g.capacity[o]:
                to, e, f = offers, NONE, NONE
                found = _reach(g, s, q, epoch, o, to, np.int64(0), e, f, NONE)
                if found == 1:
                    _push(line, at, q.mark, to)
            for k in range(s.theirs_start[o], s.theirs_start[o] + s.full[o]):
                if found == 2:
                    break
                f = s.theirs[k]
                b = np.int64(g.ask_of[f])
                room = s.has[b] - g.score[f] - s.least[b]
                if room >= 0 or (s.pooled[b] and s.many[b] == 1):
                    to, e = np.int64(offers if room >= 0 else offers + 1), NONE
                    found = _reach(g, s, q, epoch, o, to, -g.score[f], e, f, b)
                    if found == 2:
                        break
                    if found:
                        _push(line, at, q.mark, to)
                scans += g.start[b + 1] - g.start[b]
                for e in range(g.start[b], g.start[b + 1]):
                    if s.held[e] or room + g.score[e] < 0:
                        continue
                    to = np.int64(g.offer[e])
                    found = _reach(g, s, q, epoch, o, to, g.score[e] - g.score[f], e, f, b)
                    if found == 2:
                        break
                    if found:
                        _push(line, at, q.mark, to)
        if found == 2:
            _exchange(g, s, q, line, at, o, to, e, f)
            epoch = epoch + np.int64(1)
    return epoch
