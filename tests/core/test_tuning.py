"""The E5's upper layers that go on learning: the model's file, how words are parted, and what is learned in it.

The model here is a tiny one of the same form, for the real one is not installed where only tests run."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.language import tuning
from nawzajem.core.language.e5 import BLOCK, Model, packed, unpacked
from nawzajem.core.language.learning import Lesson
from nawzajem.core.language.tuning import Tuning

WIDE, INNER, LAYERS = 32, 64, 2
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query:",
    "▁ja",
    "▁jabłko",
    "ja",
    "b",
    "łko",
    "▁smutek",
    "▁radość",
    "▁i",
]
WEIGHTS = [0, 0, 0, 0, -3, -1, -2, -9, -3, -3, -3, -2, -2, -2]


def _tables(draw):
    shapes = {"emb.word": (len(PIECES), WIDE), "emb.pos": (40, WIDE), "emb.type": (1, WIDE)}
    shapes |= {"emb.ln.w": (WIDE,), "emb.ln.b": (WIDE,)}
    for layer in range(LAYERS):
        for name, shape in {
            "q": (WIDE, WIDE),
            "k": (WIDE, WIDE),
            "v": (WIDE, WIDE),
            "ao": (WIDE, WIDE),
            "fi": (INNER, WIDE),
            "fo": (WIDE, INNER),
        }.items():
            shapes |= {f"l{layer}.{name}.w": shape, f"l{layer}.{name}.b": shape[:1]}
        shapes |= {f"l{layer}.{name}": (WIDE,) for name in ("aln.w", "aln.b", "oln.w", "oln.b")}
    for name, shape in shapes.items():
        values = np.ones(shape) if "ln.w" in name else draw.normal(scale=0.3, size=shape)
        is_large = name == "emb.word" or (name.endswith(".w") and "ln" not in name)
        yield name, values.astype(np.float32), is_large


def _written(path):
    blob = "".join(PIECES).encode()
    starts = np.cumsum([0, *(len(one.encode()) for one in PIECES)]).astype(np.uint32)
    letters = struct.pack("<IB1I", ord("Ａ"), 1, ord("a"))
    head = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7i", WIDE, LAYERS, 1, INNER, len(PIECES), 40, 1)
    head += struct.pack("<fi", 1e-12, BLOCK) + struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += starts.tobytes() + np.array(WEIGHTS, np.float32).tobytes() + blob
    head += struct.pack("<iI", 1, len(letters)) + letters
    tables = list(_tables(np.random.default_rng(2)))
    listed = struct.pack("<i", len(tables))
    at = len(head) + 4 + sum(2 + len(name) + 21 for name, *_rest in tables)
    body = b""
    for name, values, is_large in tables:
        those = packed(values).tobytes() if is_large else values.tobytes()
        listed += struct.pack("<H", len(name)) + name.encode()
        listed += struct.pack("<BIQQ", is_large, values.size, at + len(body), len(those))
        body += those
    path.write_bytes(head + listed + body)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return _written(tmp_path_factory.mktemp("model") / "model.bin")


@given(st.lists(st.floats(-9, 9, width=16), min_size=BLOCK, max_size=BLOCK))
def test_numbers_come_back_from_four_bits_within_a_step(numbers):
    there = np.array(numbers, np.float32)
    back = unpacked(packed(there))
    assert np.abs(back - there).max() <= np.abs(there).max() / 8 + 0.01
    assert np.array_equal(unpacked(packed(back)), back)


def test_a_model_is_read_as_it_was_written(file):
    model = Model(file)
    assert (model.width, model.layers, model.heads, model.inner) == (WIDE, LAYERS, 1, INNER)
    for name, values, is_large in _tables(np.random.default_rng(2)):
        assert np.array_equal(model.table(name), unpacked(packed(values)) if is_large else values.ravel())


def test_another_file_is_no_model(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"something else altogether")
    with pytest.raises(ValueError, match="no model"):
        Model(tmp_path / "model.bin")


def test_words_are_parted_into_the_pieces_that_are_likeliest_together(file):
    """▁ja + b + łko says more than ▁jabłko; two spaces are one; a letter of no piece is unknown; letters are read as others."""
    parted = Model(file).parted(["jabłko", "smutek  ja", "ж", "jＡ", "i "])
    named = [[PIECES[piece] for piece in one] for one in parted]
    query = ["<s>", "▁query:"]
    assert named == [
        [*query, "▁ja", "b", "łko", "</s>"],
        [*query, "▁smutek", "▁ja", "</s>"],
        [*query, "▁", "<unk>", "</s>"],
        [*query, "▁ja", "</s>"],
        [*query, "▁i", "▁", "</s>"],
    ]


@pytest.fixture(scope="module")
def lesson():
    texts = [f"{'ja ' * (n % 3)}{word}{' i' * (n % 2)}" for n in range(120) for word in ("smutek", "radość")]
    label = np.array(["smutek" in text for text in texts])
    beside = np.zeros((len(texts), 2), np.float32)
    batches = [f"b{n // 8}" for n in range(len(texts))]
    return Lesson(texts, beside, batches, {"sign": label}, np.ones(len(texts), np.float32), [(0, 2, 1.0)])


@pytest.fixture(scope="module")
def taught(file, lesson):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LAYERS": LAYERS, "UPPER": 1, "ROUNDS": 60, "START": 5}.items():
            patch.setattr(tuning, name, value)
        own = Tuning(Model(file), lesson.texts, lesson)
        every = np.ones(len(lesson.texts), bool)
        yield own, own.learned(every)


def test_layers_learn_to_tell_labels_apart_and_those_below_stay(file, lesson, taught):
    own, tuned = taught
    said = own.scores(tuned, np.arange(len(lesson.texts)))[:, 0]
    assert ((said > 0) == lesson.labels["sign"]).all()
    before = own.scores(tuning.Tuned(own._start()["upper"], tuned.own, tuned.beside, tuned.bias), np.arange(240))[:, 0]
    assert np.abs(said - before).max() > 0.5  # not the head alone
    assert {name.split(".")[0] for name in _changed(file, own, tuned)} == {"l1"}


def test_the_same_texts_teach_the_same(lesson, taught):
    own, tuned = taught
    again = own.learned(np.ones(len(lesson.texts), bool))
    assert np.array_equal(again.own, tuned.own)
    assert all(np.array_equal(again.upper[0][name], tuned.upper[0][name]) for name in tuned.upper[0])


def test_a_file_with_the_changes_says_what_was_learned(file, lesson, taught, tmp_path):
    own, tuned = taught
    for name, values in _changed(file, own, tuned).items():
        assert np.array_equal(values, np.ravel(tuned.upper[0][name.removeprefix("l1.")])), name


def test_what_a_text_is_told_unseen_does_not_depend_on_its_own_batch(file, lesson, taught):
    own, _tuned = taught
    held = lesson.folds == lesson.folds[0]
    other = Tuning(Model(file), lesson.texts, _turned(lesson, held))
    unseen = own.unseen()
    assert np.array_equal(other.scores(other.learned(~held), np.nonzero(held)[0]), unseen[held])
    assert ((unseen[:, 0] > 0) == lesson.labels["sign"]).all()


def _turned(lesson, held):
    return Lesson(
        lesson.texts,
        lesson.carried,
        lesson.batches,
        {"sign": lesson.labels["sign"] ^ held},
        lesson.weights,
        lesson.parts,
    )


def _changed(file, own, tuned):
    """Every table that the changes make another, as a reader of the changed file sees it."""
    whole = bytearray(file.read_bytes())
    for at, those in own.changes(tuned):
        whole[at : at + len(those)] = those
    other = file.with_name("changed.bin")
    other.write_bytes(whole)
    before, after = Model(file), Model(other)
    return {
        name: after.table(name) for name in before._places if not np.array_equal(before.table(name), after.table(name))
    }
