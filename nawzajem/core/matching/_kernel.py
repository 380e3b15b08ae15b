"""The compiled part of `best`: an auction with prices, and shortest augmenting paths for what it leaves open.

All of it works on three things that fit each other at every moment (complementary slackness):

    price[o]   what a seat of offer o costs: 0 while one is free, else at most the lowest bid that holds one
    value[a]   what one more offer is worth to ask a: no edge that it does not hold is worth more
    seats      who holds what; the bid of a held edge is its worth less the value of its ask, and never under the price

So prices and values are a proof at the end, whichever way led there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]

FREE = -1


@njit(cache=True, nogil=True)
def lowest(
    o: int, seat_start: Wholes, seat: Wholes, ask_of: Places, worth: Wholes, value: Wholes
) -> tuple[int, np.int64]:
    """The seat of offer o with the lowest bid, and that bid; a free seat has the bid 0."""
    place, least = -1, np.int64(0)
    for s in range(seat_start[o], seat_start[o + 1]):
        e = seat[s]
        if e == FREE:
            return s, np.int64(0)
        bid = worth[e] - value[ask_of[e]]
        if place < 0 or bid < least:
            place, least = s, bid
    return place, least


@njit(cache=True, nogil=True)
def auction(
    start: Wholes,
    offer: Places,
    worth: Wholes,
    ask_of: Places,
    wanted: Places,
    seat_start: Wholes,
    seat: Wholes,
    held: Marks,
    price: Wholes,
    value: Wholes,
    missing: Places,
    most_scans: int,
) -> int:
    """Asks bid for what is worth most to them until nobody can gain by it, or `most_scans` edges were looked at.

    `missing[a]` counts the places of ask a that are still to be filled; 0 from the start for what nobody offers. Returns
    the number of edges looked at.
    """
    asks = len(wanted)
    line = np.empty(asks, np.int32)  # asks that wait for their turn; each stands there once
    waits = np.zeros(asks, np.uint8)
    first, length = 0, 0
    for a in range(asks):
        if missing[a] > 0:
            line[length] = a
            length += 1
            waits[a] = 1
    most_wanted = 1
    for a in range(asks):
        if wanted[a] > most_wanted:
            most_wanted = wanted[a]
    best_edge = np.empty(most_wanted + 1, np.int64)
    best_gain = np.empty(most_wanted + 1, np.int64)
    scans = 0
    while length > 0 and scans < most_scans:
        a = line[first]
        first += 1
        if first == asks:
            first = 0
        length -= 1
        waits[a] = 0
        m = missing[a]
        if m == 0:
            continue
        # the m + 1 edges that gain most; the last of them says what one more would be worth
        found = 0
        for e in range(start[a], start[a + 1]):
            gain = worth[e] - price[offer[e]]
            if gain <= 0 or held[e]:
                continue
            if found == m + 1 and gain <= best_gain[m]:
                continue
            k = found if found <= m else m
            while k > 0 and best_gain[k - 1] < gain:
                best_gain[k] = best_gain[k - 1]
                best_edge[k] = best_edge[k - 1]
                k -= 1
            best_gain[k] = gain
            best_edge[k] = e
            if found <= m:
                found += 1
        scans += start[a + 1] - start[a]
        threshold = best_gain[m] if found == m + 1 else np.int64(0)
        if threshold < value[a]:
            value[a] = threshold
            if m < wanted[a]:  # what it holds is now bid for higher: prices of full offers may rise
                left = wanted[a] - m
                for e in range(start[a], start[a + 1]):
                    if held[e]:
                        o = offer[e]
                        _, price[o] = lowest(o, seat_start, seat, ask_of, worth, value)
                        left -= 1
                        if left == 0:
                            break
        if found < m:
            missing[a] = found  # for the others there is nothing left that gains
            m = found
        for k in range(m):
            e = best_edge[k]
            o = offer[e]
            bid = worth[e] - value[a]
            s, least = lowest(o, seat_start, seat, ask_of, worth, value)
            if seat[s] != FREE:
                if bid <= least:
                    continue  # no gain by bidding: left to the augmenting paths
                out = seat[s]
                held[out] = 0
                b = ask_of[out]
                missing[b] += 1
                if not waits[b]:
                    waits[b] = 1
                    at = first + length
                    line[at - asks if at >= asks else at] = b
                    length += 1
            seat[s] = e
            held[e] = 1
            missing[a] -= 1
            _, price[o] = lowest(o, seat_start, seat, ask_of, worth, value)
    return scans


@njit(cache=True, nogil=True)
def _up(heap_key: Wholes, heap_node: Places, where: Places, k: int) -> None:
    key, node = heap_key[k], heap_node[k]
    while k > 0:
        parent = (k - 1) >> 1
        if heap_key[parent] <= key:
            break
        heap_key[k] = heap_key[parent]
        heap_node[k] = heap_node[parent]
        where[heap_node[k]] = k
        k = parent
    heap_key[k] = key
    heap_node[k] = node
    where[node] = k


@njit(cache=True, nogil=True)
def _down(heap_key: Wholes, heap_node: Places, where: Places, size: int) -> int:
    """Takes the first away: the last fills its place and sinks."""
    size -= 1
    if size == 0:
        return size
    key, node = heap_key[size], heap_node[size]
    k = 0
    while True:
        child = 2 * k + 1
        if child >= size:
            break
        if child + 1 < size and heap_key[child + 1] < heap_key[child]:
            child += 1
        if heap_key[child] >= key:
            break
        heap_key[k] = heap_key[child]
        heap_node[k] = heap_node[child]
        where[heap_node[k]] = k
        k = child
    heap_key[k] = key
    heap_node[k] = node
    where[node] = k
    return size


@njit(cache=True, nogil=True)
def augment(
    start: Wholes,
    offer: Places,
    worth: Wholes,
    ask_of: Places,
    seat_start: Wholes,
    seat: Wholes,
    held: Marks,
    price: Wholes,
    value: Wholes,
    missing: Places,
    from_ask: int,
    to_ask: int,
) -> int:
    """One shortest path for every place still open in these asks: to a free seat, or to whoever gives one up most cheaply.

    Returns the number of edges looked at.
    """
    asks, offers = len(value), len(price)
    nodes = asks + offers
    dist = np.empty(nodes, np.int64)
    seen = np.zeros(nodes, np.int64)  # in which search; 0 never
    by = np.empty(nodes, np.int64)  # the edge by which it was reached
    where = np.empty(nodes, np.int32)  # in the heap; -1 done
    heap_key = np.empty(nodes, np.int64)
    heap_node = np.empty(nodes, np.int32)
    done = np.empty(nodes, np.int32)
    search = 0
    scans = 0
    for root in range(from_ask, to_ask):
        while missing[root] > 0:
            missing[root] -= 1
            search += 1
            size, finished = 0, 0
            end, best = root, value[root]  # to do without
            dist[root] = 0
            seen[root] = search
            by[root] = -1
            node = root
            d = np.int64(0)
            while True:
                done[finished] = node
                finished += 1
                where[node] = -1
                if node < asks:
                    a = node
                    base = d + value[a]
                    scans += start[a + 1] - start[a]
                    for e in range(start[a], start[a + 1]):
                        o = offer[e]
                        to = base + price[o] - worth[e]
                        if to >= best or held[e]:
                            continue
                        n = asks + o
                        if seen[n] == search:
                            if to >= dist[n]:
                                continue
                            dist[n] = to
                            by[n] = e
                            if where[n] == -2:
                                best, end = to, n
                            else:
                                heap_key[where[n]] = to
                                _up(heap_key, heap_node, where, where[n])
                            continue
                        s, _least = lowest(o, seat_start, seat, ask_of, worth, value)
                        if seat[s] == FREE:
                            best, end = to, n
                            dist[n] = to
                            by[n] = e
                            seen[n] = search
                            where[n] = -2  # an end, never in the heap
                            continue
                        dist[n] = to
                        by[n] = e
                        seen[n] = search
                        heap_key[size] = to
                        heap_node[size] = n
                        size += 1
                        _up(heap_key, heap_node, where, size - 1)
                else:
                    o = node - asks
                    for s in range(seat_start[o], seat_start[o + 1]):
                        e = seat[s]
                        a = ask_of[e]
                        to = d + worth[e] - value[a] - price[o]
                        if to >= best:
                            continue
                        if seen[a] == search:
                            if to >= dist[a]:
                                continue
                            dist[a] = to
                            by[a] = e
                            heap_key[where[a]] = to
                            _up(heap_key, heap_node, where, where[a])
                        else:
                            dist[a] = to
                            by[a] = e
                            seen[a] = search
                            heap_key[size] = to
                            heap_node[size] = a
                            size += 1
                            _up(heap_key, heap_node, where, size - 1)
                        if to + value[a] < best:
                            best, end = to + value[a], a
                if size == 0 or heap_key[0] >= best:
                    break
                d, node = heap_key[0], heap_node[0]
                size = _down(heap_key, heap_node, where, size)
            for k in range(finished):
                n = done[k]
                gap = best - dist[n]
                if n < asks:
                    value[n] -= gap
                else:
                    price[n - asks] += gap
            # along the path, backwards: each offer takes the edge that reached it in the place of the one that is freed
            if end == root:
                continue
            if end < asks:
                out = by[end]
                held[out] = 0
            else:
                out = FREE
            o = offer[out] if out != FREE else end - asks
            while True:
                into = by[asks + o]
                for s in range(seat_start[o], seat_start[o + 1]):
                    if seat[s] == out:
                        seat[s] = into
                        break
                held[into] = 1
                a = ask_of[into]
                if a == root:
                    break
                out = by[a]
                held[out] = 0
                o = offer[out]
    return scans
