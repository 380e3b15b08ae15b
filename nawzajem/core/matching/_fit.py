"""One ask and one offer, compiled: the rules in their order, and the parts of a score, exactly as `rules` and `scores` reckon
them, in the same order and the same widths of numbers. And the arrays of which both are made."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from nawzajem.core.matching.curves import REST
from nawzajem.core.matching.lexicon import BACKGROUNDS, CERTIFICATES, FORMS, KINDS, LANGUAGES
from nawzajem.core.matching.problem import MINORS, UNSAID
from nawzajem.core.matching.rules import RULES
from nawzajem.core.matching.scores import ANYTHING, COVERS, NEXT_AGE
from nawzajem.core.matching.scores import UNKNOWN as UNTOLD

Rows = npt.NDArray[np.void]
Wholes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Shares = npt.NDArray[np.float32]


class Shelf(NamedTuple):
    """Offers in the order of their keys, and the lists."""

    row: Rows
    lived: Rows  # experiences, those of one offer side by side
    rank: Numbers  # place in the order of ids: of equals the first is taken
    there: npt.NDArray[np.uint8]  # 0: not to be looked at
    start: Wholes  # [(topics + 1) * languages + 1]; the last topic stands for everybody
    face: Rows  # `compact.FACE`
    step: float  # what one of the key of a face stands for
    talk: Numbers  # [numbers, 2]: of each number that faces give, a set of forms and one of kinds
    person: Numbers  # [numbers, 3]: a set of backgrounds, a gender, an age
    spoken: Numbers  # the bits that stand for languages, in the order of the lists


class Words(NamedTuple):
    """What the numbers in the records mean."""

    near: Shares  # [topics, topics + 1]
    bits: Bits  # [sets, words]
    field: npt.NDArray[np.int8]  # of each set
    top: Numbers  # of each topic, the bit that stands for its top in a face
    genders: int
    way: Numbers  # [ways, depth]
    own: Numbers


class Asks(NamedTuple):
    row: Rows
    topic_start: Wholes
    topic: Numbers
    bits: Bits  # [asks, fields, words]
    units: Numbers  # [asks, depth]
    out_start: Wholes
    out: Numbers  # offers that the rules about people leave out, in order
    out_rule: npt.NDArray[np.int8]  # by which


class Measure(NamedTuple):
    """What all asks are measured by."""

    weights: Floats
    enough: Floats  # the part of so many shared hours
    scale: float  # from the weighted sum to points
    later: float  # days since the offers were written down
    least_hours: int
    minors_with_adults: bool
    least_points: int


_RULE = {code: place for place, code in enumerate(RULES)}
UNIT, SUPERIOR, AGE, TOPIC = (_RULE[code] for code in ("unit", "superior", "age", "topic"))
LANGUAGE, GENDER, FORM, HOURS = (_RULE[code] for code in ("language", "gender", "form", "hours"))
CERTIFICATE, SEAT = _RULE["certificate"], _RULE["seat"]
PASSES = len(RULES)
NEAR, OLDER = 1, 2  # places in `compact.WISHES`
LIKELY, COVERED, SAME_FOR_ALL = np.float32(1 - COVERS), np.float32(COVERS), np.float32(ANYTHING)
NOTHING = np.float32(0)

ONES, TWOS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
FOURS, EIGHTS = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
B1, B2, B4, B56 = (np.uint64(bits) for bits in (1, 2, 4, 56))


# Everything small is written into the loops that use it: arrays handed from one compiled function to another cost more than
# what is done with them.
small = njit(inline="always")


@small
def ones(bits: Any) -> Any:
    """How many bits are set; compiled to the one instruction there is for it."""
    bits = bits - ((bits >> B1) & ONES)
    bits = (bits & TWOS) + ((bits >> B2) & TWOS)
    bits = (bits + (bits >> B4)) & FOURS
    return np.int64((bits * EIGHTS) >> B56)


@small
def shared_hours(ask: Any, offer: Any) -> Any:
    return ones(ask.week0 & offer.week0) + ones(ask.week1 & offer.week1) + ones(ask.week2 & offer.week2)


@small
def shared(bits: Any, one: int, wanted: Any, field: int) -> Any:
    count = 0
    for word in range(bits.shape[1]):
        count += ones(bits[one, word] & wanted[field, word])
    return count


@small
def empty(bits: Any, one: int) -> Any:
    nothing = True
    for word in range(bits.shape[1]):
        nothing = nothing and bits[one, word] == 0
    return nothing


# -- scores -----------------------------------------------------------------------------------------------------------


@small
def fit_of(experience: Any, stage: int) -> Any:
    return experience.fit0 if stage == 0 else experience.fit1 if stage == 1 else experience.fit2


@small
def topic_part(offer: Any, mine: Any, lived: Any, near: Any) -> Any:
    most, total = NOTHING, NOTHING
    for q in range(len(mine)):
        nearest = NOTHING
        for place in range(offer.lived, offer.lived + offer.lives):
            nearest = max(nearest, near[mine[q], lived[place].topic])
        most = max(most, nearest)
        total = total + nearest
    mean = np.float32(np.float64(total) / np.float64(max(len(mine), 1)))
    return np.float64(LIKELY * most + COVERED * mean) if len(mine) else np.float64(SAME_FOR_ALL)


@small
def stage_part(ask: Any, offer: Any, mine: Any, lived: Any, close: Any) -> Any:
    best = NOTHING
    for place in range(offer.lived, offer.lived + offer.lives):
        one = lived[place]
        fit = fit_of(one, ask.stage)
        best = max(best, close[one.topic] * fit if len(mine) else fit)
    return np.float64(best if len(mine) else SAME_FOR_ALL * best)


@small
def age_wish(wish: int, own: int, theirs: int) -> Any:
    apart = theirs - own
    first = apart == 0 if wish == NEAR else apart > 0 if wish == OLDER else apart < 0
    second = abs(apart) == 1 if wish == NEAR else apart == 0
    return UNTOLD if theirs == UNSAID or own == UNSAID else 1.0 if first else NEXT_AGE if second else 0.0


@small
def wishes(ask: Any, offer: Any, wanted: Any, bits: Any) -> Any:
    total, made = 0.0, 0
    if ask.kinds:
        made += 1
        total += 1.0 if empty(bits, offer.kinds) else shared(bits, offer.kinds, wanted, KINDS) / ask.kinds
    if ask.wish_age:
        made += 1
        total += age_wish(ask.wish_age, ask.age, offer.age)
    if ask.gender:
        made += 1
        total += UNTOLD if not offer.gender else 1.0 if offer.gender == ask.gender else 0.0
    if ask.backgrounds:
        made += 1
        total += shared(bits, offer.backgrounds, wanted, BACKGROUNDS) / ask.backgrounds
    return total / made if made else 1.0


@small
def ease(offer: Any, later: float) -> Any:
    room = 0.0
    if offer.capacity > 0:
        room = min(max(offer.capacity - offer.taken, 0) / offer.capacity, 1.0)
    return (room + min((offer.idle + later) / REST, 1.0)) / 2


@small
def points(parts: Any, measure: Any) -> Any:
    total = 0.0
    for part in range(6):
        total += measure.weights[part] * parts[part]
    return max(np.int64(np.rint(total * measure.scale)), measure.least_points)


# -- rules ------------------------------------------------------------------------------------------------------------


@small
def left_out(r: int, out: Any) -> Any:
    """Where an offer stands among those left out, -1 if it does not."""
    low, high = 0, len(out)
    while low < high:
        middle = (low + high) // 2
        if out[middle] < r:
            low = middle + 1
        else:
            high = middle
    return low if low < len(out) and out[low] == r else -1


@small
def unit_rule(ask: Any, offer: Any, line: Any, way: Any, own: Any) -> Any:
    """The rule about units that they break, PASSES for none."""
    within, in_line = False, False
    for level in range(way.shape[1]):
        within = within or way[offer.units, level] == ask.unit
    for level in range(len(line)):
        in_line = in_line or line[level] == own[offer.units]
    same = (within or in_line) and (ask.not_same_unit or offer.not_same_unit)
    return UNIT if same else SUPERIOR if (in_line and offer.leads) or (within and ask.leads) else PASSES


@small
def minor(age: int) -> Any:
    return age >= 0 and age < MINORS


@small
def knows(offer: Any, lived: Any, close: Any) -> Any:
    near = False
    for place in range(offer.lived, offer.lived + offer.lives):
        near = near or close[lived[place].topic] > 0
    return near


@small
def people_rule(ask: Any, offer: Any, r: int, out: Any, by: Any, line: Any, way: Any, own: Any) -> Any:
    """The first rule about the two people and their units that keeps them apart; PASSES for none."""
    rule = PASSES
    if ask.unit != UNSAID and own[offer.units] != UNSAID:
        rule = unit_rule(ask, offer, line, way, own)
    place = left_out(r, out)
    return np.int64(by[place]) if place >= 0 else rule


@small
def plain_rule(ask: Any, offer: Any, wanted: Any, bits: Any, hours: int, least: int, minors: Any) -> Any:
    """The first of the others, but for that about topics. Later ones are asked first, for the earlier has the last word."""
    rule = PASSES
    if offer.taken >= offer.capacity:
        rule = SEAT
    if ask.needs and shared(bits, offer.certificates, wanted, CERTIFICATES) < ask.needs:
        rule = CERTIFICATE
    if hours < least:
        rule = HOURS
    if not shared(bits, offer.forms, wanted, FORMS):
        rule = FORM
    if ask.must and ask.gender != offer.gender:
        rule = GENDER
    if not shared(bits, offer.languages, wanted, LANGUAGES):
        rule = LANGUAGE
    if minor(ask.age) != minor(offer.age) and not minors:
        rule = AGE
    return rule


@njit(cache=True, nogil=True)
def stopped(a: int, r: int, asks: Any, shelf: Any, words: Any, measure: Any) -> Any:
    """The first rule that keeps these two apart, but for that about topics; PASSES for none."""
    ask, offer, mine = asks.row[a], shelf.row[r], out_of(a, asks)
    hours, minors = shared_hours(ask, offer), measure.minors_with_adults
    rule = plain_rule(ask, offer, asks.bits[a], words.bits, hours, measure.least_hours, minors)
    by = asks.out_rule[mine]
    return min(rule, people_rule(ask, offer, r, asks.out[mine], by, asks.units[a], words.way, words.own))


@small
def out_of(a: int, asks: Any) -> Any:
    return slice(asks.out_start[a], asks.out_start[a + 1])


@small
def topics_of(a: int, asks: Any) -> Any:
    return asks.topic[asks.topic_start[a] : asks.topic_start[a + 1]]
