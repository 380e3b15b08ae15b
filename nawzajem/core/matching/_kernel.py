"""The compiled part of `best`: an auction with prices, and shortest augmenting paths for what it leaves open.

All of it works on a market in which these fit each other at every moment (complementary slackness):

    price[o]   what a seat of offer o costs: where all are taken, the lowest bid that holds one, or less
    value[a]   what one more offer is worth to ask a: no edge that it does not hold is worth more than this and the price
    seats      who holds what; the bid of a held edge is its worth less the value of its ask, and never under the price

Where no place that is worth something stays open and no seat that costs something stays free, prices and values are a
proof, whichever way led there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Wholes = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]
Draws = npt.NDArray[np.uint16]

DRAWS = 1000
GAPS = (
    8_427,
    3_541,
    1_577,
    701,
    301,
    132,
    57,
    23,
    10,
    4,
    1,
)  # M. Ciura: Best increments for the average case of Shellsort, 2001
FREE_SEAT = -2  # of an offer that is the end of a path, and so never in the heap


class Market(NamedTuple):
    """Rows of asks, each by worth; who holds which seat; and what everything costs. Amounts in draws."""

    start: Wholes  # [asks + 1]
    offer: Places  # [edges]
    score: Places  # [edges]
    draw: Draws  # [edges]; an edge is worth its score in this unit and its draw, the highest of each row first
    unit: int
    held: Marks  # [edges]
    wanted: Places  # [asks]
    missing: Places  # [asks]: places still to be filled; 0 for what nobody offers
    value: Wholes  # [asks]
    price: Wholes  # [offers]
    seats: Wholes  # [offers + 1]: those of offer o are seats[o] to seats[o + 1]
    filled: Places  # [offers]: so many of them, the first, are taken
    edge: Places  # [seats]
    ask: Places  # [seats]
    stake: Wholes  # [seats]: the worth of that edge
    here: Places  # [edges]: where score, draw and held of each edge stand; empty where they stand like the rows, and ranked


@njit(cache=True, nogil=True)
def _mixed(word: np.uint64) -> np.uint64:
    """Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014."""
    word += np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(cache=True, nogil=True)
def ranked(start: Wholes, offer: Places, score: Places, seed: int) -> tuple[Places, Places, Draws]:
    """Each row by score and draw: offers, scores, draws. The draw of a pair depends on nothing but the seed and the two, so
    that it stays when others come and go."""
    offers, scores, draws = offer.copy(), score.copy(), np.empty(len(score), np.uint16)
    for a in range(len(start) - 1):
        own = _mixed(_mixed(np.uint64(seed)) ^ np.uint64(a))
        for e in range(start[a], start[a + 1]):
            draws[e] = _mixed(own ^ np.uint64(offer[e])) % np.uint64(DRAWS)
        for gap in GAPS:
            if gap > 1 and start[a + 1] - start[a] <= 64:
                continue  # short rows, and those that come in order, are quickest by insertion alone
            for e in range(start[a] + gap, start[a + 1]):
                o, s, d, k = offers[e], scores[e], draws[e], e
                while k - gap >= start[a] and (scores[k - gap] < s or (scores[k - gap] == s and draws[k - gap] < d)):
                    offers[k], scores[k], draws[k] = offers[k - gap], scores[k - gap], draws[k - gap]
                    k -= gap
                offers[k], scores[k], draws[k] = o, s, d
    return offers, scores, draws


@njit(cache=True, nogil=True)
def marked_too(start: Wholes, offer: Places, score: Places, offers: Places, scores: Places, marks: Marks) -> Marks:
    """The marks of edges for the same edges in rows of another order."""
    found = np.zeros(len(marks), np.uint8)
    for a in range(len(start) - 1):
        for e in range(start[a], start[a + 1]):
            if marks[e]:
                for k in range(start[a], start[a + 1]):
                    if not found[k] and offer[e] == offers[k] and score[e] == scores[k]:
                        found[k] = 1
                        break
    return found


@njit(cache=True, nogil=True)
def _worth(score: Places, draw: Draws, unit: int, e: int) -> np.int64:
    return np.int64(score[e]) * unit + np.int64(draw[e])


@njit(cache=True, nogil=True)
def settle(market: Market) -> None:
    """From prices and a wish what is held, whatever they are, to what fits: values follow from the prices, and what does
    not fit them, or has no room, is held no more. Takes seats anew."""
    start, offer, score, draw, unit, held, wanted, missing, value, price, seats, filled, _e, _a, _s, _h = market
    filled[:] = 0
    for a in range(len(wanted)):
        count, most = 0, np.int64(0)
        for e in range(start[a], start[a + 1]):
            if not held[e]:
                most = max(most, _worth(score, draw, unit, e) - price[offer[e]])
            elif count == wanted[a] or filled[offer[e]] == seats[offer[e] + 1] - seats[offer[e]]:
                held[e] = 0
                most = max(most, _worth(score, draw, unit, e) - price[offer[e]])
            else:
                filled[offer[e]] += 1
                count += 1
        value[a] = most
        for e in range(start[a], start[a + 1]):
            if held[e] and _worth(score, draw, unit, e) - price[offer[e]] < most:
                held[e] = 0
                filled[offer[e]] -= 1
                count -= 1
        missing[a] = wanted[a] - count if most > 0 else 0
    seat_all(market)
    for o in range(len(price)):
        if filled[o] and filled[o] == seats[o + 1] - seats[o]:
            price[o] = _lowest(market, o)


@njit(cache=True, nogil=True)
def seat_all(market: Market) -> None:
    """Every held edge takes a seat of its offer."""
    start, offer, score, draw, unit, held, _w, _m, _v, _p, seats, filled, edge, ask, stake, here = market
    filled[:] = 0
    for a in range(len(start) - 1):
        for row in range(start[a], start[a + 1]):
            e = here[row] if len(here) else row
            if held[e]:
                s = seats[offer[row]] + filled[offer[row]]
                filled[offer[row]] += 1
                edge[s], ask[s], stake[s] = row, a, _worth(score, draw, unit, e)


@njit(cache=True, nogil=True)
def _lowest(market: Market, o: int) -> np.int64:
    """The lowest bid that holds a seat of offer o, all of which are taken."""
    stake, value, ask, first = market.stake, market.value, market.ask, market.seats[o]
    least = stake[first] - value[ask[first]]
    for s in range(first + 1, market.seats[o + 1]):
        least = min(least, stake[s] - value[ask[s]])
    return least


@njit(cache=True, nogil=True)
def auction(market: Market, step: int, most_scans: int) -> int:
    """Asks bid for what is worth most to them until nobody can gain by it, or `most_scans` edges were looked at, whose
    number is returned. Rows must be ranked. With a `step`, bids are by so much higher than they need be: quicker, and
    then the market does not fit until it is settled."""
    start, offer, score, draw, unit, held, wanted, missing, value, price, seats, filled, edge, ask, stake, _here = (
        market
    )
    asks, most_wanted = len(wanted), 1
    line = np.empty(asks, np.int32)  # asks that wait for their turn; each stands there once
    waits = np.zeros(asks, np.uint8)
    first, length, scans = 0, 0, 0
    for a in range(asks):
        most_wanted = max(most_wanted, wanted[a])
        if missing[a] > 0:
            line[length] = a
            length += 1
            waits[a] = 1
    best_edge = np.empty(most_wanted + 1, np.int64)
    best_gain: Wholes = np.empty(most_wanted + 1, np.int64)
    while length > 0 and scans < most_scans:
        a = line[first]
        first = first + 1 if first + 1 < asks else 0
        length -= 1
        waits[a] = 0
        m = missing[a]
        if m == 0:
            continue
        # the m + 1 edges that gain most; the last of them says what one more would be worth
        found, least = 0, np.int64(0)
        for e in range(start[a], start[a + 1]):
            if _worth(score, draw, unit, e) <= least:
                break  # those that follow are worth less, and nothing costs under 0
            scans += 1
            gain = _worth(score, draw, unit, e) - price[offer[e]]
            if gain <= least or held[e]:
                continue
            k = min(found, m)
            while k > 0 and best_gain[k - 1] < gain:
                best_gain[k] = best_gain[k - 1]
                best_edge[k] = best_edge[k - 1]
                k -= 1
            best_gain[k] = gain
            best_edge[k] = e
            found = min(found + 1, m + 1)
            if found == m + 1:
                least = best_gain[m]
        least = max(least - step, np.int64(0))
        if least < value[a]:
            value[a] = least
            left = wanted[a] - m
            for e in range(start[a], start[a + 1]):
                if left == 0:
                    break
                if held[e]:  # now bid for higher: prices of full offers may rise
                    left -= 1
                    if filled[offer[e]] == seats[offer[e] + 1] - seats[offer[e]]:
                        price[offer[e]] = _lowest(market, offer[e])
        if found < m:
            missing[a] = found  # for the others there is nothing left that gains
        for k in range(min(found, m)):
            e, o = best_edge[k], offer[best_edge[k]]
            if filled[o] < seats[o + 1] - seats[o]:
                s = seats[o] + filled[o]
                filled[o] += 1
            else:
                s = seats[o]
                for t in range(seats[o] + 1, seats[o + 1]):
                    if stake[t] - value[ask[t]] < stake[s] - value[ask[s]]:
                        s = t
                if _worth(score, draw, unit, e) - value[a] <= stake[s] - value[ask[s]]:
                    continue  # no gain by bidding: left to the augmenting paths
                b = ask[s]
                held[edge[s]] = 0
                missing[b] += 1
                if not waits[b]:
                    waits[b] = 1
                    at = first + length
                    line[at - asks if at >= asks else at] = b
                    length += 1
            edge[s], ask[s], stake[s] = e, a, _worth(score, draw, unit, e)
            held[e] = 1
            missing[a] -= 1
            if filled[o] == seats[o + 1] - seats[o]:
                price[o] = _lowest(market, o)
    return scans


@njit(cache=True, nogil=True)
def up(key: Wholes, node: Places, where: Places, k: int) -> None:
    own_key, own_node = key[k], node[k]
    while k > 0 and key[(k - 1) >> 1] > own_key:
        key[k], node[k] = key[(k - 1) >> 1], node[(k - 1) >> 1]
        where[node[k]] = k
        k = (k - 1) >> 1
    key[k], node[k] = own_key, own_node
    where[own_node] = k


@njit(cache=True, nogil=True)
def down(key: Wholes, node: Places, where: Places, size: int) -> int:
    """Takes the first away: the last fills its place and sinks."""
    size -= 1
    own_key, own_node, k = key[size], node[size], 0
    while 2 * k + 1 < size:
        child = 2 * k + 1
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= own_key:
            break
        key[k], node[k] = key[child], node[child]
        where[node[k]] = k
        k = child
    key[k], node[k] = own_key, own_node
    where[own_node] = k
    return size


@njit(cache=True, nogil=True)
def augment(market: Market, from_ask: int, to_ask: int) -> int:
    """One shortest path for every place still open in these asks: to a free seat, or to whoever gives one up most cheaply.
    Returns the number of edges looked at."""
    start, offer, score, draw, unit, held, _wanted, missing, value, price, seats, filled, edge, ask, stake, here = (
        market
    )
    asks, nodes = len(value), len(value) + len(price)
    dist = np.empty(nodes, np.int64)
    seen = np.zeros(nodes, np.int32)  # in which search; 0 never
    by = np.empty(nodes, np.int32)  # the edge by which an offer was reached, the seat by which an ask was
    via = np.empty(len(price), np.int32)  # the ask from which an offer was reached
    where = np.empty(nodes, np.int32)  # in the heap
    key, waiting, done = np.empty(nodes, np.int64), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    search, scans = 0, 0
    for root in range(from_ask, to_ask):
        while missing[root] > 0:
            missing[root] -= 1
            search += 1
            size, finished = 0, 0
            end, best = root, value[root]  # to do without
            dist[root], seen[root] = 0, search
            node, d = root, np.int64(0)
            while True:
                done[finished] = node
                finished += 1
                if node < asks:
                    base = d + value[node]
                    for row in range(start[node], start[node + 1]):
                        e = here[row] if len(here) else row
                        if base - _worth(score, draw, unit, e) >= best:
                            if not len(here):
                                break
                            continue
                        scans += 1
                        o, n = offer[row], asks + offer[row]
                        to = base + price[o] - _worth(score, draw, unit, e)
                        if to >= best or held[e] or (seen[n] == search and to >= dist[n]):
                            continue
                        known = seen[n] == search
                        dist[n], by[n], via[o], seen[n] = to, row, node, search
                        if filled[o] < seats[o + 1] - seats[o]:
                            best, end = to, n
                            where[n] = FREE_SEAT
                            continue
                        if not known:
                            where[n], waiting[size] = size, n
                            size += 1
                        key[where[n]] = to
                        up(key, waiting, where, where[n])
                else:
                    for s in range(seats[node - asks], seats[node - asks + 1]):
                        a = ask[s]
                        to = d + stake[s] - value[a] - price[node - asks]
                        if to >= best or (seen[a] == search and to >= dist[a]):
                            continue
                        if seen[a] != search:
                            where[a], waiting[size] = size, a
                            size += 1
                        dist[a], by[a], seen[a] = to, s, search
                        key[where[a]] = to
                        up(key, waiting, where, where[a])
                        if to + value[a] < best:
                            best, end = to + value[a], a
                if size == 0 or key[0] >= best:
                    break
                d, node = key[0], waiting[0]
                size = down(key, waiting, where, size)
            for k in range(finished):
                n = done[k]
                if n < asks:
                    value[n] -= best - dist[n]
                else:
                    price[n - asks] += best - dist[n]
            if end == root:
                continue
            # along the path, backwards: each offer takes the edge that reached it on the seat that is freed
            if end < asks:
                s = by[end]
                o = offer[edge[s]]
                held[here[edge[s]] if len(here) else edge[s]] = 0
            else:
                o = end - asks
                s = seats[o] + filled[o]
                filled[o] += 1
            while True:
                row, a = by[asks + o], via[o]
                e = here[row] if len(here) else row
                edge[s], ask[s], stake[s] = row, a, _worth(score, draw, unit, e)
                held[e] = 1
                if a == root:
                    break
                s = by[a]
                o = offer[edge[s]]
                held[here[edge[s]] if len(here) else edge[s]] = 0
    return scans


@njit(cache=True, nogil=True)
def transposed(market: Market) -> Market:
    """The same market seen from the offers, who now want their free seats filled wherever these cost something. What is
    held, prices and values are the same arrays; rows are not ranked."""
    start, offer, score, draw, unit, held, wanted, _missing, value, price, seats, filled, _e, _a, _s, _h = market
    offers, edges = len(price), len(score)
    begin = np.zeros(offers + 2, np.int64)  # one further on, until every edge has its place
    for e in range(edges):
        begin[offer[e] + 2] += 1
    for o in range(offers):
        begin[o + 2] += begin[o + 1]
    ask, here = np.empty(edges, np.int32), np.empty(edges, np.int32)
    for a in range(len(wanted)):
        for e in range(start[a], start[a + 1]):
            at = begin[offer[e] + 1]
            ask[at], here[at] = a, e
            begin[offer[e] + 1] += 1
    capacity, free = np.empty(offers, np.int32), np.zeros(offers, np.int32)
    for o in range(offers):
        capacity[o] = seats[o + 1] - seats[o]
        free[o] = capacity[o] - filled[o] if price[o] > 0 else 0
    places = np.zeros(len(wanted) + 1, np.int64)
    for a in range(len(wanted)):
        places[a + 1] = places[a] + wanted[a]
    full, room = np.empty(len(wanted), np.int32), places[-1]
    edge, who, stake = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64)
    other = Market(
        begin[:-1], ask, score, draw, unit, held, capacity, free, price, value, places, full, edge, who, stake, here
    )
    seat_all(other)
    return other
