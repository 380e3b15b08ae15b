"""The compiled part of ranking: one ask against all offers, to the best few, without looking at most of them.

For each topic and language there is a list of the offers that have both, in the order of their `key`: what stage and ease can
bring them at most. An ask goes through the lists of the nearest topics
first, each until the most that what follows could be worth no longer beats the worst of the best found so far. Nothing is
estimated: every offer that is passed over is passed over because it cannot be among the best.

Scores are reckoned exactly as in `scores`, in the same order and the same widths of numbers; rules as in `rules`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from nawzajem.core.matching._fit import (
    B1,
    NOTHING,
    PASSES,
    SAME_FOR_ALL,
    TOPIC,
    age_wish,
    ease,
    empty,
    knows,
    minor,
    ones,
    points,
    shared,
    shared_hours,
    small,
    stage_part,
    stopped,
    topic_part,
    topics_of,
    wishes,
)
from nawzajem.core.matching.compact import LOW
from nawzajem.core.matching.curves import REST
from nawzajem.core.matching.lexicon import BACKGROUNDS, FORMS, KINDS, LANGUAGES
from nawzajem.core.matching.scores import COVERS
from nawzajem.core.matching.scores import UNKNOWN as UNTOLD

NEVER = -1e12  # worth of what a rule forbids
AGES = 8  # groups, and none
BLOCK = 64  # offers fetched at once, so that the processor waits for many of them together
TWELVE = np.uint64(0xFFF)
B12, B30, B31 = (np.uint64(bits) for bits in (12, 30, 31))


# -- lists ------------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def worth(row: Any, lived: Any, weight_stage: float, weight_load: float) -> Any:
    """The key of each offer: what stage and ease can bring at most."""
    key = np.empty(len(row), np.float32)
    for r in range(len(row)):
        best = NOTHING
        for place in range(row[r].lived, row[r].lived + row[r].lives):
            one = lived[place]
            best = max(best, one.fit0, one.fit1, one.fit2)
        key[r] = weight_stage * best + weight_load * ease(row[r], 0.0)
    return key


@njit(cache=True, nogil=True)
def fill(row: Any, lived: Any, bits: Any, spoken: Any, top: Any, brief: Any, next_: Any, face: Any) -> None:
    """Writes each offer into its lists, at next_[list]; only counts where there is no room for faces. `brief` holds the key
    of each offer and what goes into the free bits of its week, [2, offers]."""
    topics = len(top)
    for r in range(len(row)):
        offer, tops = row[r], 0
        first, last = offer.lived, offer.lived + offer.lives
        for place in range(first, last):
            if lived[place].topic < topics:
                tops |= 1 << top[lived[place].topic]
        for place in range(first, last + 1):
            t = topics if place == last else np.int64(lived[place].topic)
            again = place < last and t == topics
            for earlier in range(first, place):
                again = again or (place < last and lived[earlier].topic == t)
            if again:
                continue
            for language in range(len(spoken)):
                if speaks(bits[offer.languages], spoken[language]):
                    which = t * len(spoken) + language
                    if len(face):
                        one = face[next_[which]]
                        one.week0, one.week1, one.week2 = offer.week0, offer.week1, offer.week2 | np.uint64(brief[1, r])
                        one.key, one.tops, one.row = brief[0, r], tops, r
                    next_[which] += 1


@small
def speaks(bits: Any, language: int) -> Any:
    return (bits[language >> 6] >> np.uint64(language & 63)) & B1 != 0


# -- the best ---------------------------------------------------------------------------------------------------------


@small
def nearness(mine: Any, near: Any, close: Any) -> None:
    """How near each topic is to the nearest of these."""
    close[:] = 0
    for q in range(len(mine)):
        for t in range(len(close)):
            close[t] = max(close[t], near[mine[q], t])


@small
def at_most(near: float, key: float, load: float) -> Any:
    """What topic, stage and ease bring at most where the nearest topic is so near."""
    return near * key + (1 - near) * min(load, key)


@small
def foresee(
    ask: Any, wanted: Any, bits: Any, field: Any, weight: float, minors: Any, by_set: Any, by_self: Any
) -> None:
    """What an offer gains by each of its sets, and by gender and age, so far as these are wished; NEVER where a rule
    forbids it. All of it is in tables, so that a row of offers is weighed without a question in between."""
    made = (
        (1 if ask.kinds else 0) + (1 if ask.wish_age else 0) + (1 if ask.gender else 0) + (1 if ask.backgrounds else 0)
    )
    each = weight / max(made, 1)
    for one in range(len(field)):
        by_set[one] = 0.0
        if field[one] == FORMS and not shared(bits, one, wanted, FORMS):
            by_set[one] = NEVER
        elif field[one] == KINDS and ask.kinds:
            by_set[one] = each * (1.0 if empty(bits, one) else shared(bits, one, wanted, KINDS) / ask.kinds)
        elif field[one] == BACKGROUNDS and ask.backgrounds:
            by_set[one] = each * (shared(bits, one, wanted, BACKGROUNDS) / ask.backgrounds)
    for place in range(len(by_self)):
        gender, age = place // AGES, place % AGES - 1
        gain = each * age_wish(ask.wish_age, ask.age, age) if ask.wish_age else 0.0
        if ask.gender:
            gain += each * (UNTOLD if not gender else 1.0 if gender == ask.gender else 0.0)
        never = (ask.must and ask.gender != gender) or (minor(ask.age) != minor(age) and not minors)
        by_self[place] = NEVER if never else gain if made else weight


@small
def together(shelf: Any, by_set: Any, by_self: Any, weight: float, by_talk: Any, by_person: Any) -> None:
    """The same by the numbers that faces give; the last of these stands for all that are beyond counting."""
    for one in range(len(by_talk)):
        forms, kinds = shelf.talk[one, 0], shelf.talk[one, 1]
        by_talk[one] = weight if forms < 0 else by_set[forms] + by_set[kinds]
    for one in range(len(by_person)):
        backgrounds, gender, age = shelf.person[one, 0], shelf.person[one, 1], shelf.person[one, 2]
        by_person[one] = weight if backgrounds < 0 else by_set[backgrounds] + by_self[AGES * gender + age + 1]


@small
def next_nearest(ahead: Any) -> Any:
    at = np.int64(0)
    for t in range(len(ahead)):
        if ahead[t] > ahead[at]:
            at = np.int64(t)
    return at


@small
def least_of(slots: Any) -> Any:
    at = 0
    for place in range(len(slots)):
        if slots[place] < slots[at]:
            at = place
    return at


@small
def held(slots: Any, found: int, code: int) -> Any:
    again = False
    for place in range(found):
        again = again or slots[place] == code
    return again


@njit(cache=True, nogil=True)
def best(a: int, asks: Any, shelf: Any, words: Any, measure: Any, close: Any, parts: Any, slots: Any) -> Any:
    """The best for one ask, in no order, as codes in `slots`; returns how many. A code is points and, of equals, the first."""
    ask, mine, wanted = asks.row[a], topics_of(a, asks), asks.bits[a]
    topics, spoken = len(close) - 1, shelf.spoken
    row, lived, rank, there, start = shelf.row, shelf.lived, shelf.rank, shelf.there, shelf.start
    face, step, near, bits = shelf.face, shelf.step, words.near, words.bits
    enough, load, hour, later = measure.enough, measure.weights[4], measure.weights[2], measure.later
    minors = measure.minors_with_adults
    week = enough[ones(ask.week0) + ones(ask.week1) + ones(ask.week2)]
    base = measure.weights[5] * ask.patience + load * min(later / (2 * REST), 0.5)
    most = hour * week + measure.weights[3]
    by_set, by_self = np.empty(len(words.field), np.float64), np.empty(AGES * words.genders, np.float64)
    foresee(ask, wanted, bits, words.field, measure.weights[3], minors, by_set, by_self)
    by_talk, by_person = np.empty(len(shelf.talk), np.float64), np.empty(len(shelf.person), np.float64)
    together(shelf, by_set, by_self, measure.weights[3], by_talk, by_person)
    highest, gain = measure.weights[1] + load, np.empty(len(mine) + 2, np.float64)
    reach, rest, some = np.empty(BLOCK, np.float64), np.empty(BLOCK, np.float64), np.empty(BLOCK, np.int64)
    nearness(mine, near, close)
    ahead, found, worst, worst_at, bar = close.copy(), 0, np.int64(-1), 0, -1.0
    for _turn in range(topics + 1 if len(row) else 0):
        nearest, t = np.float64(SAME_FOR_ALL), np.int64(topics)
        if len(mine):
            t = next_nearest(ahead)
            nearest = np.float64(ahead[t])
            ahead[t] = 0
        level = base + measure.weights[0] * nearest
        if nearest <= 0 or level + most + at_most(nearest, highest, load) < bar:
            break
        for count in range(len(gain)):
            many = (1 - COVERS) + COVERS * count / len(mine) if len(mine) else 1.0
            gain[count] = measure.weights[0] * nearest * many
        for language in range(len(spoken)):
            if not speaks(wanted[LANGUAGES], spoken[language]):
                continue
            which = t * len(spoken) + language
            low, end = start[which], start[which + 1]
            while low < end and level + most + at_most(nearest, step * face[low].key, load) >= bar:
                high, count = min(low + BLOCK, end), 0
                for place in range(low, high):
                    one = face[place]
                    covered, key = 0, step * one.key
                    for q in range(len(mine)):
                        covered += (one.tops >> words.top[mine[q]]) & 1
                    wish = by_talk[one.week2 & TWELVE] + by_person[(one.week2 >> B12) & TWELVE]
                    rest[count] = base + at_most(nearest, key, load) + wish + hour * enough[shared_hours(ask, one)]
                    reach[count], some[count] = rest[count] + gain[covered], place
                    count += 1 if reach[count] >= bar else 0
                for place in range(count):
                    if reach[place] < bar:
                        continue
                    r = face[some[place]].row
                    if not there[r]:
                        continue
                    parts[0] = topic_part(row[r], mine, lived, near)
                    if rest[place] + measure.weights[0] * parts[0] < bar:
                        continue
                    tell(ask, row[r], mine, wanted, shelf, words, measure, close, parts)
                    code = points(parts, measure) << 32 | (LOW - rank[r])
                    if code <= worst or held(slots, found, code):
                        continue
                    if stopped(a, r, asks, shelf, words, measure) != PASSES:
                        continue
                    slots[worst_at] = code
                    found, worst_at = min(found + 1, len(slots)), found + 1
                    if found == len(slots):
                        worst_at = least_of(slots)
                        worst = slots[worst_at]
                        bar = ((worst >> 32) - 1) / measure.scale  # a point of room for rounding
                low = high
        if not len(mine):
            break
    return found


# -- others -----------------------------------------------------------------------------------------------------------


@small
def mixed(number: Any) -> Any:
    """Bits thrown about. [G. Steele, D. Lea, C. Flood: Fast splittable pseudorandom number generators, OOPSLA 2014]"""
    number = (number ^ (number >> B30)) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> B31)


@njit(cache=True, nogil=True)
def stride(length: int, seed: Any) -> Any:
    """A step that comes by every place before it comes round."""
    step: Any = np.int64(seed % np.uint64(length))
    while True:
        low, high = step, length
        while low:
            low, high = high % low, low
        if high == 1:
            return step
        step += 1


@small
def first_beyond(ends: Any, count: int, place: int) -> Any:
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if ends[middle] > place:
            high = middle
        else:
            low = middle + 1
    return low


@small
def first_list(offer: Any, mine: Any, wanted: Any, lived: Any, bits: Any, spoken: Any, close: Any) -> Any:
    """Of the lists of this ask in which an offer stands, the one by which it is drawn."""
    t, language = len(close) - 1, 0
    if len(mine):
        place = offer.lived
        while not close[lived[place].topic] > 0:
            place += 1
        t = lived[place].topic
    while not (speaks(wanted[LANGUAGES], spoken[language]) and speaks(bits[offer.languages], spoken[language])):
        language += 1
    return t * len(spoken) + language


@njit(cache=True, nogil=True)
def others(
    a: int, asks: Any, shelf: Any, words: Any, measure: Any, close: Any, parts: Any, slots: Any, drawn: Any, seed: Any
) -> Any:
    """As many others as there is room for, drawn from all that may be had, as codes in `drawn`; returns how many."""
    ask, mine, wanted = asks.row[a], topics_of(a, asks), asks.bits[a]
    topics, spoken = len(close) - 1, shelf.spoken
    lists, ends = np.empty((topics + 1) * len(spoken), np.int64), np.empty((topics + 1) * len(spoken), np.int64)
    count = 0
    length: Any = np.int64(0)
    for t in range(topics + 1):
        for language in range(len(spoken)):
            within = close[t] > 0 if len(mine) else t == topics
            if within and speaks(wanted[LANGUAGES], spoken[language]):
                which = t * len(spoken) + language
                length += shelf.start[which + 1] - shelf.start[which]
                lists[count], ends[count] = which, length
                count += 1
    taken = 0
    place = np.int64(mixed(seed) % np.uint64(max(length, 1)))
    step = stride(max(length, 1), mixed(seed + B1))
    for _turn in range(length):
        if taken == len(drawn):
            break
        place = (place + step) % length
        one = first_beyond(ends, count, place)
        r = shelf.face[shelf.start[lists[one] + 1] - (ends[one] - place)].row
        offer = shelf.row[r]
        if not shelf.there[r] or stopped(a, r, asks, shelf, words, measure) != PASSES:
            continue
        if first_list(offer, mine, wanted, shelf.lived, words.bits, spoken, close) != lists[one]:
            continue
        tell(ask, offer, mine, wanted, shelf, words, measure, close, parts)
        code = points(parts, measure) << 32 | (LOW - shelf.rank[r])
        if not held(slots, len(slots), code):
            drawn[taken] = code
            taken += 1
    return taken


@njit(cache=True, nogil=True)
def tell(
    ask: Any, offer: Any, mine: Any, wanted: Any, shelf: Any, words: Any, measure: Any, close: Any, parts: Any
) -> None:
    """The parts of a score."""
    parts[0] = topic_part(offer, mine, shelf.lived, words.near)
    parts[1] = stage_part(ask, offer, mine, shelf.lived, close)
    parts[2] = measure.enough[shared_hours(ask, offer)]
    parts[3] = wishes(ask, offer, wanted, words.bits)
    parts[4] = ease(offer, measure.later)
    parts[5] = ask.patience


# -- from outside -----------------------------------------------------------------------------------------------------


@small
def in_order(codes: Any, count: int) -> None:
    """By insertion, for they are few, and compiling a library's sort takes seconds."""
    for place in range(1, count):
        code, low = codes[place], place
        while low > 0 and codes[low - 1] > code:
            codes[low] = codes[low - 1]
            low -= 1
        codes[low] = code


@njit(cache=True, nogil=True)
def edges(line: Any, asks: Any, shelf: Any, words: Any, measure: Any, offers: Any, score: Any, count: Any) -> None:
    """For the asks in `line` the best, as many as half of a row of `offers`, and as many others, in the order of offers."""
    close, parts = np.empty(words.near.shape[1], np.float32), np.empty(6, np.float64)
    keep = offers.shape[1] // 2
    slots, drawn, both = np.empty(keep, np.int64), np.empty(keep, np.int64), np.empty(2 * keep, np.int64)
    for a in line:
        found, more = best(a, asks, shelf, words, measure, close, parts, slots), 0
        if found == keep:
            seed = mixed(np.uint64(a + 1) * np.uint64(0x9E3779B97F4A7C15))
            more = others(a, asks, shelf, words, measure, close, parts, slots, drawn, seed)
        for place in range(found + more):
            code = slots[place] if place < found else drawn[place - found]
            both[place] = (LOW - (code & LOW)) << 32 | code >> 32
        in_order(both, found + more)
        for place in range(found + more):
            offers[a, place], score[a, place] = both[place] >> 32, both[place] & LOW
        count[a] = found + more


@njit(cache=True, nogil=True)
def few(a: int, asks: Any, shelf: Any, words: Any, measure: Any, slots: Any, by_rank: Any, told: Any) -> Any:
    """The best for one ask, in no order, as codes, and the parts of their scores, [slots, 6]; returns how many."""
    close, parts = np.empty(words.near.shape[1], np.float32), np.empty(6, np.float64)
    found = best(a, asks, shelf, words, measure, close, parts, slots)
    for place in range(found):
        offer = shelf.row[by_rank[LOW - (slots[place] & LOW)]]
        tell(asks.row[a], offer, topics_of(a, asks), asks.bits[a], shelf, words, measure, close, told[place])
    return found


@njit(cache=True, nogil=True)
def stops(a: int, asks: Any, shelf: Any, words: Any, measure: Any) -> Any:
    """How many offers each rule is the first to stop, [rules + 1]; the last are those that pass."""
    close, count = np.empty(words.near.shape[1], np.float32), np.zeros(PASSES + 1, np.int64)
    mine = topics_of(a, asks)
    nearness(mine, words.near, close)
    for r in range(len(shelf.row)):
        if shelf.there[r]:
            rule = stopped(a, r, asks, shelf, words, measure)
            if len(mine) and rule > TOPIC and not knows(shelf.row[r], shelf.lived, close):
                rule = TOPIC
            count[rule] += 1
    return count
