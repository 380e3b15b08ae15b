"""The fast columns against the same rules and scores written out one pair at a time, in plain Python."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import (
    AGES,
    AskRow,
    Bounds,
    Experience,
    OfferRow,
    Offers,
    Topics,
    Weights,
    candidates,
    curves,
    hours,
    suggest,
)

PARENTS = {"g": None, "g.p": "g", "g.p.y": "g.p", "g.c": "g", "w": None, "w.l": "w", "m": None}
TOPICS = Topics.of(PARENTS)
PEOPLE = ["p0", "p1", "p2", "p3", "p4"]
UNITS = [(), ("f",), ("f", "s"), ("f", "s", "a"), ("f", "s", "b"), ("f", "t")]


class Chance(random.Random):
    """Draws people. From one number each, for Hypothesis is slow where a person has twenty fields."""

    def some(self, *codes):
        return frozenset(code for code in codes if self.random() < 0.5)

    def mostly(self, usual, other):
        """Rules that part nearly everybody would leave little to rank."""
        return other if self.random() < 0.25 else usual

    def side(self):
        return {
            "person": self.choice(PEOPLE),
            "languages": self.mostly(frozenset({"pl"}), self.some("pl", "en", "uk")),
            "forms": self.mostly(frozenset({"text"}), self.some("text", "call")),
            "hours": self.mostly(hours.ANY, hours.week(self.sample(range(12), self.randrange(12)))),
            "age": self.mostly("", self.choice(AGES)),
            "gender": self.choice(["", "woman", "man", "other"]),
            "backgrounds": self.some("shifts", "village", "faith"),
            "units": self.mostly((), self.choice(UNITS)),
            "leads": self.random() < 0.5,
            "not_same_unit": self.random() < 0.5,
            "prints": self.some("x0", "x1", "x2"),
            "not_prints": self.mostly(frozenset(), self.some("x0", "x1")),
            "blocked": self.mostly(frozenset(), self.some(*PEOPLE[:2])),
            "earlier": self.mostly(frozenset(), self.some(*PEOPLE[1:3])),
        }

    def experience(self):
        months = self.choice([None, 0, self.randrange(300)])
        says = self.some("topic", "stage", "when")
        return Experience(self.choice(sorted(PARENTS)), self.choice(curves.STAGES), months, says)

    def ask(self, name="a"):
        return AskRow(
            id=name,
            topics=tuple(self.sample(sorted(PARENTS), self.randrange(4))),
            stage=self.choice(curves.STAGES),
            kinds=self.some("heard", "done"),
            wish_age=self.choice(["", "near", "older", "younger"]),
            wish_gender=self.choice(["", "woman", "man"]),
            wish_gender_must=self.random() < 0.3,
            wish_backgrounds=self.some("shifts", "village"),
            waited_hours=self.randrange(1000),
            tried=self.mostly(frozenset(), self.some(*PEOPLE)),
            needs=self.mostly(frozenset(), self.some("listening", "crisis")),
            **self.side(),
        )

    def offers(self, most=12):
        return [
            OfferRow(
                id=f"{place}{self.random()}",
                experiences=tuple(self.experience() for _ in range(self.randrange(4))),
                kinds=self.some("heard", "done"),
                certificates=self.mostly(frozenset({"listening"}), self.some("listening", "crisis")),
                capacity=self.randrange(4),
                taken=self.mostly(0, self.randrange(4)),
                idle_days=self.choice([None, self.randrange(30)]),
                **self.side(),
            )
            for place in range(self.randrange(most + 1))
        ]


chances = st.integers(0, 2**32).map(Chance)


def above(topic):
    return [] if topic is None else [*above(PARENTS[topic]), topic]


def near(one, other):
    both = set(above(one)) & set(above(other))
    return 2 * len(both) / (len(above(one)) + len(above(other)))


def minor(row):
    return row.age in AGES[:2]


def may_meet(ask, offer, bounds):
    own, theirs = ask.units[-1:], offer.units[-1:]
    line = bool(own and theirs) and (own[0] in offer.units or theirs[0] in ask.units)
    led = bool(own and theirs) and ((ask.leads and own[0] in offer.units) or (offer.leads and theirs[0] in ask.units))
    lived = [one.topic for one in offer.experiences]
    shared = set(hours.hours_in(ask.hours)) & set(hours.hours_in(offer.hours))
    return not (
        ask.person == offer.person
        or offer.person in ask.blocked | ask.earlier | ask.tried
        or ask.person in offer.blocked | offer.earlier
        or ask.prints & offer.not_prints
        or offer.prints & ask.not_prints
        or (line and (ask.not_same_unit or offer.not_same_unit))
        or led
        or (minor(ask) != minor(offer) and not bounds.minors_with_adults)
        or (ask.topics and not any(near(one, other) for one in ask.topics for other in lived))
        or not ask.languages & offer.languages
        or (ask.wish_gender and ask.wish_gender_must and offer.gender != ask.wish_gender)
        or not ask.forms & offer.forms
        or len(shared) < bounds.least_hours
        or ask.needs - offer.certificates
        or offer.taken >= offer.capacity
    )


def fits(ask, one):
    if one.stage == "been_through":
        return 0.75 if one.months is None else 0.5 + 0.5 * 2 ** (-one.months / 36)
    still = {"in_it": (0.45, 0.85), "coming_through": (0.4, 0.8), "been_through": (0.35, 0.7)}[ask.stage]
    return still[one.stage == "coming_through"]


def granted(ask, offer):
    if ask.kinds:
        yield 1 if not offer.kinds else len(ask.kinds & offer.kinds) / len(ask.kinds)
    if ask.wish_age:
        apart = AGES.index(offer.age) - AGES.index(ask.age) if ask.age and offer.age else None
        yield {
            None: 0.5,
            "near": 1 if apart == 0 else 0.5 if apart in {1, -1} else 0,
            "older": 0.5 if apart == 0 else float((apart or 0) > 0),
            "younger": 0.5 if apart == 0 else float((apart or 0) < 0),
        }[None if apart is None else ask.wish_age]
    if ask.wish_gender:
        yield 0.5 if not offer.gender else float(offer.gender == ask.wish_gender)
    if ask.wish_backgrounds:
        yield len(ask.wish_backgrounds & offer.backgrounds) / len(ask.wish_backgrounds)


def score(ask, offer):
    lived = offer.experiences
    nearest = [max((near(topic, one.topic) for one in lived), default=0) for topic in ask.topics]
    topic = 0.75 * max(nearest) + 0.25 * sum(nearest) / len(nearest) if nearest else 0.5
    closeness = [max((near(topic, one.topic) for topic in ask.topics), default=0.5) for one in lived]
    stage = max((close * fits(ask, one) for close, one in zip(closeness, lived, strict=True)), default=0)
    if not ask.topics and not lived:
        stage = 0.5 * {"in_it": 0.45, "coming_through": 0.4, "been_through": 0.35}[ask.stage]
    shared = len(set(hours.hours_in(ask.hours)) & set(hours.hours_in(offer.hours)))
    wishes = list(granted(ask, offer)) or [1]
    rest = 1 if offer.idle_days is None else min(offer.idle_days / 14, 1)
    load = ((offer.capacity - offer.taken) / offer.capacity + rest) / 2
    parts = (topic, stage, 1 - 2 ** (-shared / 3), sum(wishes) / len(wishes), load, 1 - 2 ** (-ask.waited_hours / 168))
    return sum(weight * part for weight, part in zip(Weights(), parts, strict=True)) / sum(Weights())


def by_hand(ask, rows, bounds):
    return {row.id: score(ask, row) for row in rows if may_meet(ask, row, bounds)}


bounds_ = st.builds(Bounds, minors_with_adults=st.booleans(), least_hours=st.integers(1, 3))


@settings(max_examples=200)
@given(chances, st.integers(1, 5), bounds_)
def test_the_best_are_those_that_one_finds_by_hand(chance, top, bounds):
    ask, rows = chance.ask(), chance.offers()
    found = suggest(ask, Offers.of(rows, TOPICS), top=top, bounds=bounds)
    wanted = by_hand(ask, rows, bounds)
    assert found.left["seat"] == len(wanted)
    assert [one.score for one in found.best] == pytest.approx(sorted(wanted.values(), reverse=True)[:top], abs=2e-6)
    for one in found.best:
        assert one.score == pytest.approx(wanted[one.offer.id], abs=2e-6)
    order = [(-one.score, one.offer.id) for one in found.best]
    assert order == sorted(order)


@settings(max_examples=60)
@given(chances)
def test_the_order_in_which_offers_come_changes_nothing(chance):
    ask, rows = chance.ask(), chance.offers()
    shuffled = chance.sample(rows, len(rows))
    assert suggest(ask, Offers.of(rows, TOPICS)) == suggest(ask, Offers.of(shuffled, TOPICS))


@settings(max_examples=60)
@given(chances, bounds_)
def test_who_may_not_meet_may_not_meet_the_other_way_round_either(chance, bounds):
    """Blocks, named people, earlier pairs, units, superiors, age: all the rules about the two people themselves."""
    plain = {"languages": frozenset({"pl"}), "forms": frozenset({"text"}), "hours": hours.ANY}
    ask, rows = chance.ask(), chance.offers(most=4)
    common = [name for name in chance.side() if name not in plain]
    for row in rows:
        here = {name: getattr(ask, name) for name in common} | plain
        there = {name: getattr(row, name) for name in common} | plain
        one = suggest(AskRow(id="a", **here), Offers.of([OfferRow(id="o", **there)], TOPICS), bounds=bounds)
        other = suggest(AskRow(id="a", **there), Offers.of([OfferRow(id="o", **here)], TOPICS), bounds=bounds)
        assert one.left == other.left


@settings(max_examples=60)
@given(chances)
def test_no_reason_tells_what_is_hidden(chance):
    ask, rows = chance.ask(), chance.offers()
    for one in suggest(ask, Offers.of(rows, TOPICS), top=99).best:
        shown = {experience.topic for experience in one.offer.experiences if "topic" in experience.says}
        dated = {
            experience.months for experience in one.offer.experiences if experience.says >= {"topic", "stage", "when"}
        }
        staged = any(experience.says >= {"topic", "stage"} for experience in one.offer.experiences)
        for code, facts in one.reasons:
            assert facts.get("topic") in {None, *shown}
            assert facts.get("months") in {None, *dated}
            assert code not in {"been_through", "coming_through", "in_it", "in_it_too"} or staged
            assert code not in {"wish_age", "wish_gender", "backgrounds"}  # these rows say nothing of the kind


@settings(max_examples=40)
@given(chances, st.one_of(st.none(), st.integers(1, 3)))
def test_the_edges_of_a_round_are_the_best_of_each_ask(chance, keep):
    asking, rows = [chance.ask(f"a{place}") for place in range(chance.randrange(5))], chance.offers()
    round_ = candidates(asking, Offers.of(rows, TOPICS), keep=keep)
    edges = round_.edges
    for place, ask in enumerate(round_.asks):
        wanted = by_hand(ask, rows, Bounds())
        mine = slice(edges.start[place], edges.start[place + 1])
        chosen = [round_.offers.rows[offer].id for offer in edges.offer[mine]]
        kept = math.inf if keep is None else keep
        assert len(chosen) == min(len(wanted), 2 * kept)
        assert (round_.why[place] is None) == bool(wanted)
        got = edges.score[mine] / 1e6
        assert got.tolist() == pytest.approx([wanted[one] for one in chosen], abs=2e-6)
        best = sorted(wanted.values(), reverse=True)[: min(kept, len(wanted))]
        assert sorted(got, reverse=True)[: len(best)] == pytest.approx(best, abs=2e-6)
        assert chosen == sorted(chosen)
