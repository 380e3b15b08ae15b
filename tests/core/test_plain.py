"""Offers that change while they are asked, without compiled code: after every change the answer of the same rows anew."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.core.matching import Offers, Plain, Weights, plain, suggest
from tests.core.test_best_by_hand import TOPICS, Chance, chances
from tests.core.test_live import bounds_, changes


def same(one, ask, rows, *, top, **by):
    told, true = one.suggest(ask, top=top), suggest(ask, Offers.of(rows, TOPICS), top=top, **by)
    assert [(one, one.offer, one.reasons) for one in told.best] == [(one, one.offer, one.reasons) for one in true.best]
    assert dict(told.left) == dict(true.left)


@settings(max_examples=40)
@given(chances, st.integers(0, 6), bounds_, st.sampled_from([Weights(), Weights(1, 0, 2, 1, 4, 0)]))
def test_an_answer_is_that_of_all_rows_looked_at(chance, top, bounds, weights):
    rows = chance.offers(most=40)
    one = Plain.of(rows, TOPICS, bounds=bounds, weights=weights)
    assert len(one) == len(rows)
    for _ in range(3):
        same(one, chance.ask(), rows, top=top, bounds=bounds, weights=weights)


@pytest.mark.parametrize(("fresh", "middle"), [(64, 512), (3, 10)])
def test_every_change_is_in_the_next_answer(monkeypatch, fresh, middle):
    """With room for all changes among the fresh, and with so little that they move on from shelf to shelf."""
    monkeypatch.setattr(plain, "FRESH", fresh)
    monkeypatch.setattr(plain, "MIDDLE", middle)
    chance = Chance(5)
    for one, rows in changes(chance, Plain.of, turns=80):
        same(one, chance.ask(), rows, top=4)


def test_days_later_the_others_have_rested_longer():
    chance = Chance(1)
    rows = [replace(row, idle_days=float(place % 20)) for place, row in enumerate(chance.offers(most=60))]
    one, aged = Plain.of(rows, TOPICS), [replace(row, idle_days=row.idle_days + 3) for row in rows]
    for _ in range(10):
        ask = chance.ask()
        told = one.suggest(ask, later=3)
        assert [(each.offer.id, each.score) for each in told.best] == [
            (each.offer.id, each.score) for each in suggest(ask, Offers.of(aged, TOPICS)).best
        ]


def test_nothing_compiled_is_loaded_for_it():
    """As in a process of pages, which stays small."""
    asked = """
import sys
from nawzajem.core.matching import AskRow, Experience, OfferRow, Plain, Topics
both = {"languages": frozenset({"pl"}), "forms": frozenset({"text"})}
one = Plain.of([OfferRow(id="o", person="b", experiences=(Experience("grief"),), **both)], Topics.of({"grief": None}))
assert one.suggest(AskRow(id="a", person="a", topics=("grief",), **both)).best
assert not {"numba", "scipy", "matplotlib"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", asked], check=True)
