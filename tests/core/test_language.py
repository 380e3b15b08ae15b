"""Heads and what they hear with: parts of words, carriers, learning, and what is kept in a file."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from nawzajem.core.language import Heads, Heard, carriers
from nawzajem.core.language.carriers import AT_ONCE, ends
from nawzajem.core.language.grams import WIDTH, grams
from nawzajem.core.language.heads import Reach, nearness, places
from nawzajem.core.language.learning import (
    Lesson,
    Straight,
    beside,
    calibrated,
    carried,
    fold_of,
    learn,
    made,
    told_from,
)
from nawzajem.core.language.solving import Alike, ridge
from nawzajem.core.screening import Kind, Tier
from nawzajem.core.screening.learned import LearnedHeads
from nawzajem.management import lessons

ONE = np.ones(1, np.float32)


class Ear:
    """A carrier that hears only how long a text is."""

    name, width = "ear", 1

    def __init__(self):
        self.heard = 0

    def encode(self, texts):
        self.heard += len(texts)
        return np.array([[len(text) / 10] for text in texts], np.float32).reshape(-1, 1)


@given(st.text(max_size=200))
def test_parts_of_words_stand_in_order_and_weigh_one_together(text):
    places, values = grams(text)
    assert (np.diff(places) > 0).all()
    assert ((places >= 0) & (places < WIDTH)).all()
    assert np.isclose(np.linalg.norm(values), 1) if len(places) else not len(values)


def test_parts_of_words_forgive_capitals_and_diacritics():
    assert np.array_equal(grams("Żółw")[0], grams("zolw")[0])


@pytest.fixture
def lesson():
    texts = [f"{word} numer {n}" for n in range(40) for word in ("smutek", "radość")]
    label = np.array([text.startswith("smutek") for text in texts])
    batches = [f"b{n // 8}" for n in range(80)]
    return Lesson(texts, Ear().encode(texts), batches, {"sign": label}, np.ones(80, np.float32), [(0, 1, 1.0)])


def test_what_is_learned_is_the_same_each_time_and_holds_on_what_was_not_seen(lesson):
    first, again = learn(lesson), learn(lesson)
    assert np.array_equal(first.words, again.words)
    assert ((first.unseen[:, 0] > 0) == lesson.labels["sign"]).all()


def test_a_head_is_as_loud_as_it_is_told_to_be(lesson):
    loud = np.where(lesson.labels["sign"], 2.0, -1.0).astype(np.float32)
    louder, plain = learn(replace(lesson, goals={"sign": loud})), learn(lesson)
    assert louder.unseen[lesson.labels["sign"]].mean() > 1.3 * plain.unseen[lesson.labels["sign"]].mean()


def test_what_a_text_is_scored_does_not_depend_on_what_its_own_batch_says(lesson):
    held = np.array([batch == lesson.batches[0] for batch in lesson.batches])
    turned = replace(lesson, labels={"sign": lesson.labels["sign"] ^ held})
    assert np.allclose(learn(turned).unseen[held], learn(lesson).unseen[held], atol=1e-3)
    assert not np.allclose(learn(turned).unseen[~held], learn(lesson).unseen[~held], atol=1e-2)


def test_ridge_finds_what_solving_the_whole_would_find():
    draw = np.random.default_rng(3)
    rows, words = draw.normal(size=(120, 6)).astype(np.float32), sparse.random(120, 40, 0.1, "csr", np.float32, 4)
    alike = Alike(np.exp(-((rows[:, None] - rows[None]) ** 2).sum(2) / 6), words)
    goal, ease = draw.normal(size=(120, 2)).astype(np.float32), draw.uniform(0.3, 1, 120).astype(np.float32)
    half = np.arange(120) < 60
    of = [half, ~half, half | ~half]
    for mask, weights in zip(of, ridge(alike, goal, ease, of, np.arange(0, 120, 6)), strict=True):
        square = (alike.near + (words @ words.T).toarray() + np.diag(ease))[np.ix_(mask, mask)]
        exact = np.linalg.solve(square, goal[mask] - goal[mask].mean(axis=0))
        assert np.allclose(weights[mask], exact, atol=0.01)
        assert not weights[~mask].any()


def test_heads_come_back_from_their_file_as_they_went(lesson, tmp_path):
    heads = told_from(made(learn(lesson), lesson, "ear"), {"pl": {"sign": 0.4}, "en": {}})
    heads.save(tmp_path / "heads.npz")
    back = Heads.load(tmp_path / "heads.npz")
    assert (back.version, back.labels, back.carrier) == (heads.version, ("sign",), "ear")
    assert [back.told_from(one)[0] for one in ("pl", "en")] == pytest.approx([0.4, 0.5])
    there = heads.scores(lesson.texts, lesson.carried)
    assert np.allclose(back.scores(lesson.texts, lesson.carried), there, atol=0.1)
    assert back.known.dtype == np.int8  # thousands of rows, and they are kept in memory
    back.save(tmp_path / "again.npz")
    assert np.allclose(Heads.load(tmp_path / "again.npz").scores(lesson.texts, lesson.carried), there, atol=0.1)
    assert (tmp_path / "heads.npz").stat().st_size < 200_000


def test_heads_that_say_something_else_have_another_version(lesson):
    """Else a finding of the past could not be told from one of today."""
    learned, nothing = learn(lesson), np.zeros((80, 1), np.float32)
    heads = made(learned, lesson, "ear")
    other = Straight(np.full((1, 1), 2.0, np.float32), ONE, nothing, [(7, b"other")])
    versions = {
        heads.version,
        told_from(heads, {"pl": {"sign": 0.4}, "en": {}}).version,
        told_from(heads, {"pl": {}, "en": {"sign": 0.4}}).version,
        made(beside(learned, other, lesson, np.ones(80, bool)), lesson, "ear").version,
        made(replace(learned, changes=[(7, b"other")]), lesson, "ear").version,
    }
    assert len(versions) == 5
    assert made(learn(lesson), lesson, "ear").version == heads.version


def test_what_a_carrier_was_taught_stands_beside_what_is_near_and_is_kept_with_it(lesson, tmp_path):
    """Each tells a half of the texts apart, both together all of them."""
    label, first, every = lesson.labels["sign"], np.arange(80) < 40, np.ones(80, bool)
    near = learn(lesson)
    near = replace(near, unseen=np.where(first[:, None], near.unseen, 0.1))
    unseen = np.where(first[:, None], 0.1, np.where(label, 6.0, -6.0)[:, None]).astype(np.float32)
    changes = [(7, b"other"), (99, b"bytes than before")]
    both = beside(near, Straight(np.full((1, 1), 2.0, np.float32), ONE, unseen, changes), lesson, every)
    assert ((both.unseen[:, 0] > both.unseen[:, 0].mean()) == label).all()
    heads = made(both, lesson, "ear")
    heads.save(tmp_path / "heads.npz")
    back = Heads.load(tmp_path / "heads.npz")
    assert back.changes == changes
    assert np.allclose(back.straight, heads.straight)


@pytest.fixture
def of_three(lesson):
    """Three labels that differ, the first joined from the others too; what heads and what was taught really say of the texts."""
    sign, draw = lesson.labels["sign"], np.random.default_rng(8)
    labels = {"sign": sign, "high": sign & (draw.random(80) < 0.8), "imminent": draw.random(80) < 0.4}
    counts = np.where(labels["imminent"], 3, 1).astype(np.float32)
    joined = {"sign": ("sign", "high", "imminent")}
    of = replace(lesson, labels=labels, joined=joined, counts=counts)
    near, weights, bias = learn(of), draw.normal(size=(1, 3)).astype(np.float32), draw.normal(size=3).astype(np.float32)
    said = made(near, of, "ear").scores(of.texts, of.carried) + draw.normal(size=(80, 3), scale=0.3).astype(np.float32)
    return of, replace(near, unseen=said), Straight(weights, bias, of.carried @ weights + bias, [])


def test_heads_say_what_the_shares_were_found_for(of_three):
    """The heads that are kept are joined as the scores of what was not seen are, from both carriers and all three labels."""
    of, near, straight = of_three
    really = replace(near, unseen=made(near, of, "ear").scores(of.texts, of.carried))
    both = beside(really, straight, of, np.ones(80, bool))
    assert np.allclose(made(both, of, "ear").scores(of.texts, of.carried), both.unseen, atol=1e-3)
    assert both.straight.shape == (1, 3)


def test_a_score_is_joined_from_those_of_other_labels_where_they_tell_more(of_three):
    """The head for any sign is lost here; the one for what presses is not, and of what presses the sign is sure."""
    of, near, straight = of_three
    lost = replace(near, unseen=near.unseen * np.array([0, 1, 1], np.float32))
    nothing = replace(straight, unseen=np.zeros((80, 3), np.float32))
    every = np.ones(80, bool)
    joined, alone = (beside(lost, nothing, one, every) for one in (of, replace(of, joined={})))
    sign = of.labels["sign"]
    assert joined.unseen[sign, 0].mean() > joined.unseen[~sign, 0].mean() + 2
    assert not alone.unseen[:, 0].any()


def test_texts_count_as_they_are_told_to_where_a_score_is_joined_and_nowhere_else(of_three):
    of, near, straight = of_three
    every = np.ones(80, bool)
    counted, alike = (beside(near, straight, one, every).unseen for one in (of, replace(of, counts=None)))
    assert not np.allclose(counted[:, 0], alike[:, 0], atol=0.01)
    assert np.array_equal(counted[:, 1:], alike[:, 1:])


def test_shares_are_found_without_those_that_are_not_seen(of_three):
    of, near, straight = of_three
    held = of.folds == of.folds[0]
    other = replace(of, labels={name: label ^ held for name, label in of.labels.items()})
    assert np.array_equal(*(beside(near, straight, one, ~held).unseen for one in (of, other)))


def test_what_weighs_more_counts_more_for_the_shares():
    draw = np.random.default_rng(6)
    first, second = draw.normal(size=(2, 2000)).astype(np.float32)
    label, here = np.concatenate([first[:1000], second[1000:]]) > 0, np.arange(2000) < 1000
    both = np.column_stack([first, second])
    of_first, of_second, _offset = calibrated(both, label, np.where(here, 1.0, 0.1).astype(np.float32))
    assert of_first > 3 * of_second


def test_of_what_is_learned_whoever_is_about_to_act_counts_half_as_much_again():
    of = lessons.few("screening", 400)
    lesson = lessons.screening(of, lambda texts: np.zeros((len(texts), 1), np.float32))
    more = lesson.counts / lesson.weights
    assert set(more[lesson.labels["imminent"]].tolist()) == {1.5}
    assert set(more[~lesson.labels["imminent"]].tolist()) == {1.0}
    assert lesson.joined == {"sign": ("sign", "high", "imminent")}


def test_a_carrier_is_taught_what_heads_bring_and_no_other_is(monkeypatch):
    monkeypatch.setattr(carriers, "_release", "{}-1".format)
    second = SimpleNamespace(taught=lambda changes: (second, changes))
    both, ear, changes = carriers.Both(150, len, second), Ear(), [(7, b"other")]
    taught = carriers.tuned(both, changes)
    assert (taught.name, taught.hears, taught.first) == (both.name, 150, len)
    assert taught.second == (second, changes)
    assert both.second is second  # whoever uses it as it was goes on with it
    assert carriers.tuned(both, []) is both
    assert carriers.tuned(ear, changes) is ear
    assert carriers.first(ear) is ear


def test_rows_in_eight_bits_are_compared_some_at_a_time_as_all_at_once():
    draw = np.random.default_rng(9)
    known, scale = draw.integers(-127, 128, (600, 8), np.int8), draw.uniform(0.002, 0.01, 8).astype(np.float32)
    rows, whole = draw.normal(scale=0.5, size=(3, 8)).astype(np.float32), known * scale
    of = [Reach(0, 4, 2.0, 0.25), Reach(4, 8, 1.0, 0.75)]
    apart = ((rows[:, None] - whole[None]) ** 2).reshape(3, 600, 2, 4).sum(3)
    near = 0.25 * np.exp(-apart[:, :, 0] / 2) + 0.75 * np.exp(-apart[:, :, 1])
    assert np.allclose(nearness(rows, places(known, of, scale)), near, atol=1e-5)
    assert np.allclose(nearness(rows, places(whole, of)), near, atol=1e-5)


def test_no_rounding_in_the_file_moves_all_scores_to_one_side(tmp_path):
    """Each weight's error would be small, and there are thousands of them, all of which are a little near to everything."""
    draw = np.random.default_rng(5)
    known, near = (
        draw.normal(size=(3000, 4)).astype(np.float32),
        draw.normal(scale=0.2, size=(3000, 1)).astype(np.float32),
    )
    near[0] = 5
    one = np.ones(1, np.float32)
    reaches = np.array([(0, 4, 20, 1)], np.float32)
    heads = Heads(
        "v", "ear", ("sign",), known, reaches, near, np.zeros((WIDTH, 1), np.float32), one, one, one, one[None]
    )
    heads.save(tmp_path / "heads.npz")
    rows = draw.normal(size=(200, 4)).astype(np.float32)
    apart = Heads.load(tmp_path / "heads.npz").scores([""] * 200, rows) - heads.scores([""] * 200, rows)
    assert abs(float(apart.mean())) < 0.05


def test_calibrated_scores_mean_shares():
    draw = np.random.default_rng(1)
    score = draw.normal(size=4000).astype(np.float32)
    label = draw.random(4000) < 1 / (1 + np.exp(-(2 * score - 1)))
    slope, offset = calibrated(score, label)
    assert slope == pytest.approx(2, abs=0.3)
    assert offset == pytest.approx(-1, abs=0.2)


def test_what_was_heard_once_is_not_heard_again(tmp_path):
    ear = Ear()
    heard = Heard(ear, ["a", "bb"])
    assert heard.encode(["bb", "a"]).tolist() == pytest.approx(np.array([[0.2], [0.1]]))
    assert ear.heard == 2
    first = carried(ear, ["a", "bb"], tmp_path / "kept")
    then = carried(ear, ["a", "bb", "ccc"], tmp_path / "kept")
    assert ear.heard == 5
    assert np.array_equal(then[:2], first)
    assert np.array_equal(carried(ear, ["a", "bb", "ccc"]), then)


@given(st.text(alphabet="ab ", max_size=600))
def test_of_a_long_text_its_beginning_and_its_end_are_kept(text):
    kept = ends(text)
    assert len(kept) <= AT_ONCE + 3
    assert kept == text if len(text) <= AT_ONCE else text[0] == kept[0] and text[-1] == kept[-1]


def test_a_long_text_is_cut_between_words():
    words = [f"word{number}" for number in range(90)]
    assert set(ends(" ".join(words)).split()) <= {*words, "…"}


def test_a_batch_is_always_in_the_same_fold_and_no_fold_is_empty():
    assert {fold_of(f"b{one}") for one in range(60)} == set(range(5))
    assert fold_of("b1") == fold_of("b1")


def heads_saying(**sure):
    labels = ("sign", "high", "imminent", *(one.value for one in Kind if one is not Kind.NONE))
    odds = np.array([np.log(sure.get(label, 0.01) / (1 - sure.get(label, 0.01))) for label in labels], np.float32)
    ones = np.ones(len(labels), np.float32)
    nothing, words = np.zeros((1, len(labels)), np.float32), np.zeros((WIDTH, len(labels)), np.float32)
    reaches = np.array([(0, 1, 1.0, 1.0)], np.float32)
    known = np.zeros((1, 1), np.float32)
    return LearnedHeads(
        Heads("v1", "ear", labels, known, reaches, nothing, words, odds, ones, 0 * ones, np.array([0.5 * ones] * 2)),
        Ear(),
    )


def test_the_most_pressing_tier_that_is_likely_enough_is_told():
    (score,) = heads_saying(sign=0.9, high=0.8, abuse=0.7)(["jakieś słowa"], "pl")
    assert (score.tier, score.kind, score.certainty) == (Tier.HIGH, Kind.ABUSE, 0.9)
    assert heads_saying(sign=0.9, imminent=0.6, suicide=0.5)(["a"], "pl")[0].tier is Tier.IMMINENT
    assert heads_saying(sign=0.6, suicide=0.5)(["a"], "pl")[0].tier is Tier.CONCERN


def test_no_sign_says_how_likely_one_is_and_never_that_there_is_none():
    (score,) = heads_saying(sign=0.2)(["jakieś słowa"], "pl")
    assert (score.tier, score.kind, score.certainty) == (Tier.NONE, Kind.NONE, 0.2)


def test_a_long_message_is_heard_whole_and_in_parts():
    heads = heads_saying(sign=0.9)
    sentences = ["dziesięć słów w tym zdaniu stoi, żeby było dość długie"] * 12
    assert len(heads(sentences, "pl")) == 12
    assert heads._carrier.heard > 1
    assert heads([], "pl") == []


def test_of_a_long_message_the_part_that_says_most_is_heard_once_more():
    heads = heads_saying(sign=0.9, suicide=0.5)
    sentences = [*["Dzień jak co dzień, nic więcej."] * 14, "To jest ten list."]
    heads._heads.words[grams("list")[0], 0] = 5.0
    assert heads(["krótko"], "pl")[0].tier is Tier.CONCERN
    assert heads._carrier.heard == 1
    assert len(heads(sentences, "pl")) == len(sentences)
    assert heads._carrier.heard == 3
    assert "list" in heads._most_telling([" ".join(sentences[:7]), " ".join(sentences[7:])])[0]


def test_a_long_message_that_says_nothing_is_heard_once():
    heads = heads_saying(sign=0.01)
    heads(["Dzień jak co dzień, nic więcej."] * 30, "pl")
    assert heads._carrier.heard == 1


def test_each_language_has_a_threshold_of_its_own():
    heads = heads_saying(sign=0.4)
    heads._heads.threshold[1] = 0.1
    said = ["ten words stand here so that length tells nothing more"]
    assert [heads(said, language)[0].tier for language in ("pl", "en")] == [Tier.NONE, Tier.CONCERN]
