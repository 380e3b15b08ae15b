"""Offers that change while they are asked: after every change the same answer as from the same rows looked at anew."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import Bounds, Offers, Weights, live, suggest, why_none
from nawzajem.core.matching.live import Live
from tests.core.test_best_by_hand import TOPICS, Chance, chances

bounds_ = st.builds(Bounds, minors_with_adults=st.booleans(), least_hours=st.integers(0, 2))


def same(one, ask, rows, *, top, bounds, weights=None):
    """Everything but the names of others that only rules look at, which are not kept in full."""
    told, true = (
        one.suggest(ask, top=top),
        suggest(ask, Offers.of(rows, TOPICS), top=top, bounds=bounds, weights=weights),
    )
    nobody = frozenset()
    bare = [replace(each.offer, prints=nobody, not_prints=nobody, blocked=nobody, earlier=nobody) for each in true.best]
    bare = [each if each.units else replace(each, leads=False) for each in bare]
    assert [each.offer for each in told.best] == bare
    assert [(each.score, dict(each.parts), each.reasons) for each in told.best] == [
        (each.score, dict(each.parts), each.reasons) for each in true.best
    ]
    if not true.best:
        assert dict(told.left) == dict(true.left)
        assert why_none(told.left) == why_none(true.left)


@settings(max_examples=60)
@given(chances, st.integers(1, 6), bounds_, st.sampled_from([Weights(), Weights(1, 0, 2, 1, 4, 0)]))
def test_an_answer_is_that_of_all_rows_looked_at(chance, top, bounds, weights):
    rows = chance.offers(most=40)
    one = Live.of(rows, TOPICS, bounds=bounds, weights=weights)
    assert len(one) == len(rows)
    for _ in range(3):
        same(one, chance.ask(), rows, top=top, bounds=bounds, weights=weights)


def changes(chance, of, *, turns):
    """An index of offers and the rows that it should hold, after each of so many turns in which some come, change and go."""
    kept = {row.id: row for row in chance.offers(most=20)}
    one = of(kept.values(), TOPICS)
    for turn in range(turns):
        names = sorted(kept)
        if names and chance.random() < 0.4:
            gone = chance.choice(names)
            del kept[gone]
            one.remove(gone)
        for row in chance.offers(most=3):
            name = chance.choice(names) if names and chance.random() < 0.5 else f"new {turn} {row.id}"
            kept[name] = replace(row, id=name)
            one.put(kept[name])
        assert len(one) == len(kept)
        yield one, list(kept.values())


@settings(max_examples=25)
@given(chances)
def test_every_change_is_in_the_next_answer(chance):
    for one, rows in changes(chance, Live.of, turns=30):
        same(one, chance.ask(), rows, top=4, bounds=Bounds())


def test_after_many_changes_what_was_fresh_has_moved_on_and_is_still_found(monkeypatch):
    monkeypatch.setattr(live, "FRESH", 3)
    monkeypatch.setattr(live, "MIDDLE", 10)
    chance = Chance(5)
    kept, one = {}, Live(TOPICS)
    for turn in range(60):
        for row in chance.offers(most=2):
            name = f"o{chance.randrange(40)}"
            kept[name] = replace(row, id=name)
            one.put(kept[name])
        if turn % 5 == 0:
            same(one, chance.ask(), list(kept.values()), top=5, bounds=Bounds())
    assert len(one) == len(kept) > 25


def test_days_later_the_others_have_rested_longer():
    chance = Chance(1)
    rows = [replace(row, idle_days=float(place)) for place, row in enumerate(chance.offers(most=60))]
    aged = [replace(row, idle_days=row.idle_days + 3) for row in rows]
    for _ in range(10):
        ask = chance.ask()
        told = Live.of(rows, TOPICS).suggest(ask, later=3)
        assert [(one.offer.id, one.score) for one in told.best] == [
            (one.offer.id, one.score) for one in suggest(ask, Offers.of(aged, TOPICS)).best
        ]


def test_among_none_there_is_nobody():
    chance = Chance(1)
    assert Live(TOPICS).suggest(chance.ask()).best == ()
