"""The simulator: tiny days checked by eye, and what holds on any days."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import quick
from nawzajem.core.matching.over_time import (
    FIGURES,
    POLICIES,
    AtOnce,
    Patient,
    Reserve,
    Rounds,
    Seen,
    Supply,
    best_policies,
    compare,
    fates,
    hindsight,
    run,
    sketch,
    synthetic,
)
from nawzajem.core.matching.over_time.compare import Compared
from nawzajem.core.matching.over_time.trace import Trace
from nawzajem.core.matching.scores import POINTS
from tests.core.test_quick import matrix

DAY = 24.0


def days(arrives, patience, scores, *, lasts=1000.0, opens=None, capacity=None, no=(), answers=1.0):
    """Asks down, offers across, scores in hundredths; all say yes but for `no`, after an hour."""
    edges = matrix(scores, capacity=capacity)
    edges = replace(edges, score=(edges.score * (POINTS // 100)).astype(np.int32))
    asks = edges.asks().tolist()
    yes = [pair not in no for pair in zip(asks, edges.offer.tolist(), strict=True)]
    seats = int(edges.capacity.sum())
    return Trace(
        arrives=np.array(arrives, float),
        patience=np.array(patience, float),
        opens=np.array(opens or [0.0] * seats),
        lasts=np.full(len(edges.capacity), lasts),
        edges=edges,
        yes=np.array(yes, bool),
        answers=np.full(len(edges.score), answers),
    )


def story(trace, policy):
    """Of each ask when its pair began and with which offer, or None."""
    course = run(trace, policy)
    return [
        (began, int(trace.edges.offer[edge])) if edge >= 0 else None
        for began, edge in zip(course.began.tolist(), course.edge.tolist(), strict=True)
    ]


TWO = days([0, 10], [100, 100], [[60, 50], [90, 0]])


def test_at_once_the_first_takes_what_the_second_needs_more():
    assert story(TWO, AtOnce()) == [(1, 0), None]


def test_a_round_waits_and_serves_both():
    assert story(TWO, Rounds(24)) == [(25, 1), (25, 0)]
    assert story(TWO, Rounds(24, quick)) == [(25, 1), (25, 0)]
    assert hindsight(TWO) == 140 * POINTS // 100


def test_a_round_is_too_late_for_who_leaves_before_it_and_in_time_for_who_leaves_with_it():
    assert story(days([0], [23.5], [[50]]), Rounds(24)) == [None]
    assert story(days([0], [24], [[50]], answers=0.0), Rounds(24)) == [(24, 0)]


def test_after_a_no_the_next_is_asked_and_nobody_twice():
    trace = days([0], [100], [[80, 40]], no={(0, 0)})
    assert story(trace, AtOnce()) == [(2, 1)]
    assert run(trace, AtOnce()).asked == 2
    assert story(days([0], [100], [[80]], no={(0, 0)}), AtOnce()) == [None]


def test_a_seat_comes_back_when_a_pair_ends_and_when_somebody_says_no_or_leaves_while_asked():
    assert story(days([0, 1], [50, 50], [[50], [50]], lasts=20.0), AtOnce()) == [(1, 0), (22, 0)]
    assert story(days([0, 0.5], [50, 50], [[50], [50]], no={(0, 0)}), AtOnce()) == [None, (2, 0)]
    assert story(days([0, 1], [3, 50], [[50], [50]], answers=5.0), AtOnce()) == [None, (8, 0)]


def test_a_seat_that_comes_free_goes_to_who_has_waited_longest_or_to_whom_it_fits_best():
    trace = days([0, 1], [100, 100], [[50], [90]], opens=[10.0])
    assert story(trace, AtOnce()) == [(11, 0), None]
    assert story(trace, AtOnce(fit=True)) == [None, (11, 0)]


def test_the_patient_ask_at_once_until_they_know_when_people_leave():
    assert story(days([0], [100], [[50]]), Patient()) == [(1, 0)]
    early = days([*range(8), 200], [*range(40, 48), 500], [[0]] * 8 + [[50]], capacity=[1])
    (began, _offer) = story(early, Patient())[-1]
    assert 240 <= began <= 248  # a quarter of those before had left after about 41 hours; looked at every 6


def test_a_reserve_keeps_a_seat_for_who_needs_it_until_waiting_has_used_it_up():
    """Over the first weeks, seats of the one offer went to people whom it fitted well. Then comes one whom it fits badly."""
    first = list(range(0, 240, 10))
    trace = days([*first, 300], [15.0] * len(first) + [400], [[90]] * len(first) + [[10]], lasts=20.0)
    assert story(trace, AtOnce())[-1] == (301, 0)
    assert story(trace, Reserve())[-1][0] > 310


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from([0.4, 1.0, 3.0]), st.sampled_from(sorted(POLICIES)))
def test_no_seat_is_used_twice_nobody_is_paired_before_they_come_or_after_they_leave(seed, asks, load, name):
    trace = synthetic(seed, asks=asks, days=40, supply=Supply(load=load))
    course = run(trace, POLICIES[name]())
    paired = np.flatnonzero(course.edge >= 0)
    edges = course.edge[paired]
    began = course.began[paired]
    assert (trace.edges.asks()[edges] == paired).all()
    assert trace.yes[edges].all()
    assert (began >= trace.arrives[paired]).all()
    assert (began <= trace.arrives[paired] + trace.patience[paired]).all()
    keeps_seats(trace, edges, began)
    assert trace.edges.score[edges].sum() <= hindsight(trace)
    again = run(trace, POLICIES[name]())
    assert again.edge.tolist() == course.edge.tolist()


def keeps_seats(trace, edges, began):
    """At no moment has an offer more pairs than seats that are open."""
    starts = np.concatenate([[0], np.cumsum(trace.edges.capacity)])
    for offer in set(trace.edges.offer[edges].tolist()):
        mine = np.sort(began[trace.edges.offer[edges] == offer])
        opens = trace.opens[starts[offer] : starts[offer + 1]]
        for at in mine:
            going = ((mine <= at) & (at < mine + trace.lasts[offer])).sum()
            assert going <= (opens <= at).sum()


def test_a_seed_makes_the_same_days_and_another_seed_others():
    one, same, other = (synthetic(seed, asks=30) for seed in (1, 1, 2))
    assert one.arrives.tolist() == same.arrives.tolist() != other.arrives.tolist()
    assert one.yes.tolist() == same.yes.tolist()


def test_the_days_of_a_seed_are_as_they_are_said_to_be():
    trace = synthetic(3, asks=2000, supply=Supply(load=2.0, patience=10 * DAY))
    assert np.median(trace.patience) == pytest.approx(10 * DAY, rel=0.1)
    seats = trace.edges.capacity.sum() * 90 * DAY
    assert 2000 * trace.lasts.mean() / seats == pytest.approx(2.0, rel=0.25)
    assert 0.6 < trace.yes.mean() < 0.9
    assert Counter(np.diff(trace.edges.start) <= 40) == {True: 2000}
    assert (trace.answers <= 48).all()


def test_the_figures_of_a_run():
    trace = days([0, 10], [500, 20], [[60], [90]])
    told = sketch(trace, run(trace, Rounds(168)), hindsight(trace))
    assert told == pytest.approx(
        {
            "wait": 169,
            "wait_p90": 169,
            "quality": 0.6,
            "never": 0.5,
            "share": 0.6 / 0.9,
            "worth": 0.6 / 0.9 * 2 ** (-169 / 168),
        }
    )
    assert tuple(told) == FIGURES


def test_nobody_came():
    trace = synthetic(1, asks=0)
    assert hindsight(trace) == 0
    for policy in POLICIES.values():
        assert run(trace, policy()).asked == 0
    assert compare([trace]).mean("at_once", "never") == 0


def test_the_best_is_named_with_those_that_cannot_be_told_from_it():
    def runs(**worth):
        return Compared({name: {"worth": np.array(each)} for name, each in worth.items()})

    assert best_policies(runs(a=[0.5, 0.6, 0.7], b=[0.4, 0.5, 0.6], c=[0.49, 0.62, 0.68])) == ["a", "c"]
    assert best_policies(runs(a=[0.5], b=[0.4])) == ["a", "b"]  # one trace tells nothing apart


def test_a_bound_that_looks_at_days_is_no_lower_than_the_best_order_of_two_pairs_on_one_seat():
    trace = days([0, 1, 2], [60, 60, 60], [[30], [50], [70]], lasts=30.0)
    assert hindsight(trace) >= 120 * POINTS // 100  # two of the three, one after the other
    orders = [story(trace, policy) for policy in (AtOnce(), AtOnce(fit=True), Rounds(6))]
    assert all(sum(one is not None for one in told) == 2 for told in orders)


@pytest.mark.parametrize(
    "wrong",
    [
        {"arrives": np.array([5.0, 1.0])},
        {"patience": np.array([5.0])},
        {"patience": np.array([5.0, np.inf])},
        {"lasts": np.array([0.0, 5.0])},
        {"opens": np.array([0.0])},
    ],
)
def test_days_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"trace|stand"):
        replace(TWO, **wrong)


def test_a_policy_cannot_ask_who_is_not_there():
    class Wrong(AtOnce):
        def came(self, house, ask):
            house.put(0)

    with pytest.raises(ValueError, match="cannot be asked"):
        run(TWO, Wrong())


def test_each_run_begins_with_a_policy_that_knows_nothing():
    traces = [synthetic(seed, asks=40) for seed in (1, 2)]
    both = compare(traces, {"reserve": Reserve})
    second = compare(traces[1:], {"reserve": Reserve})
    assert both.runs["reserve"]["share"][1] == second.runs["reserve"]["share"][0]


def test_fates_keep_to_what_was_seen_and_draw_the_rest_from_it():
    edges = matrix([[1]] * 400, capacity=[1])
    seen = Seen(
        arrives=np.arange(400.0),
        waited=np.full(400, 50.0),
        left=np.arange(400) % 2 == 0,
        opens=np.array([0.0]),
        edges=edges,
        answers=np.array([3.0, 5.0]),
        yes=np.array([True, False]),
        going=np.array([100.0, 300.0]),
        ended=np.array([True, False]),
    )
    trace = fates(seen, 1)
    assert (trace.patience[::2] == 50).all()
    assert trace.patience[1::2].min() >= 50
    assert trace.patience[1::2].mean() == pytest.approx(50 + 100, rel=0.2)  # 20,000 hours waited, 200 left
    assert trace.lasts.tolist() == [400]
    assert set(trace.answers) == {3, 5}
    assert trace.yes.mean() == pytest.approx(0.5, abs=0.1)
    assert fates(seen, 1).patience.tolist() == trace.patience.tolist() != fates(seen, 2).patience.tolist()


def test_where_nothing_was_seen_the_usual_is_assumed():
    nothing, supply = np.zeros(0), Supply(lasts=70.0, answer=2.0)
    seen = Seen(
        np.arange(300.0), np.zeros(300), np.zeros(300, bool), np.zeros(1), matrix([[1]] * 300, capacity=[1]),
        nothing, nothing.astype(bool), nothing, nothing.astype(bool),
    )  # fmt: skip
    trace = fates(seen, 1, supply)
    assert trace.lasts.tolist() == [70]
    assert trace.answers.mean() == pytest.approx(2, rel=0.2)
    assert trace.patience.mean() == pytest.approx(supply.patience, rel=0.2)


def test_where_seats_are_scarce_it_is_best_to_ask_at_once_and_whom_a_free_seat_fits_best():
    """What docs/matching.md says on twenty times as much, on a little of it."""
    few = {name: POLICIES[name] for name in ("at_once", "at_once_fit", "rounds_168", "patient")}
    compared = compare((synthetic(seed, asks=300, supply=Supply(load=1.6)) for seed in range(3)), few)
    order = sorted(few, key=lambda name: -compared.mean(name, "worth"))
    assert order == ["at_once_fit", "at_once", "rounds_168", "patient"]
    assert compared.mean("at_once_fit", "quality") > compared.mean("at_once", "quality")
    assert compared.mean("at_once_fit", "wait") < compared.mean("at_once", "wait")
