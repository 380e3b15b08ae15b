"""The E5 and its upper layers that go on learning: the model's file, how words are parted, what layers make of them, and
what is learned in them.

The model here is a tiny one of the same form, for the real one is not installed where only tests run."""

from __future__ import annotations

import math
import struct
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.language import layers
from nawzajem.core.language.carriers import APART
from nawzajem.core.language.e5 import BLOCK, Model, Pieces, packed, unpacked
from nawzajem.core.language.layers import Reader
from nawzajem.core.language.learning import Lesson

WIDE, HEADS, INNER, LAYERS = 64, 2, 128, 2
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
    head = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7i", WIDE, LAYERS, HEADS, INNER, len(PIECES), 40, 1)
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
    assert (model.width, model.layers, model.heads, model.inner) == (WIDE, LAYERS, HEADS, INNER)
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


TEXTS = ["jabłko i smutek", "i", "radość ja ja ja smutek i i radość", "smutek", "ja i " * 30]


def _plainly(model, text):
    """A row for the text, number by number."""

    def table(name):
        return model.table(name).astype(float)

    def norm(row, name):
        row = row - row.mean()
        return row / math.sqrt((row**2).mean() + model.eps) * table(f"{name}.w") + table(f"{name}.b")

    def gelu(number):
        return number * (1 + math.erf(number / math.sqrt(2))) / 2

    def out(row, name):
        return table(f"{name}.w").reshape(-1, len(row)) @ row + table(f"{name}.b")

    (pieces,) = model.parted([text])
    pieces = pieces if len(pieces) <= 40 else [*pieces[:39], pieces[-1]]  # there are no more places
    words, places = table("emb.word").reshape(-1, WIDE), table("emb.pos").reshape(-1, WIDE)
    rows = [norm(words[one] + places[at] + table("emb.type"), "emb.ln") for at, one in enumerate(pieces)]
    for number in range(LAYERS):
        asks, offers, says = ([out(row, f"l{number}.{name}") for row in rows] for name in "qkv")
        for at, ask in enumerate(asks):
            heard = np.zeros(WIDE)
            for head in (slice(0, 32), slice(32, 64)):
                fits = np.exp([ask[head] @ offer[head] / math.sqrt(32) for offer in offers])
                heard[head] = sum(fit * say[head] for fit, say in zip(fits / fits.sum(), says, strict=True))
            row = norm(rows[at] + out(heard, f"l{number}.ao"), f"l{number}.aln")
            inner = np.array([gelu(one) for one in out(row, f"l{number}.fi")])
            rows[at] = norm(row + out(inner, f"l{number}.fo"), f"l{number}.oln")
    mean = np.mean(rows, axis=0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize(("together", "columns"), [(1, 192), (12, 16), (256, 48)])
def test_layers_read_texts_as_they_would_be_read_number_by_number(file, together, columns, monkeypatch):
    monkeypatch.setattr(layers, "SIDE_BY_SIDE", together)
    monkeypatch.setattr(layers, "COLUMNS", columns)
    model = Model(file)
    read = Reader(model, LAYERS)(TEXTS)
    assert np.allclose(read, [_plainly(model, text) for text in TEXTS], atol=2e-6)
    assert Reader(model, LAYERS)([]).shape == (0, WIDE)


def test_of_a_text_that_has_no_end_the_beginning_and_its_mark_are_read(file, monkeypatch):
    """One letter may be read as eighteen, so few letters may be many pieces."""
    monkeypatch.setattr(layers, "MOST", 7)
    read = Reader(Model(file), LAYERS)
    assert np.array_equal(read(["ja i ja i ja i ja"]), read(["ja i ja i"]))
    assert not np.allclose(read(["ja i ja i"]), read(["ja i ja"]), atol=1e-3)


def test_only_tables_of_layers_can_be_taught(file):
    model = Model(file)
    ((at, those),) = [model.changed("l0.q.b", model.table("l0.q.b") + 1)]
    with pytest.raises(ValueError, match="can be taught"):
        model.taught([(at + 4, those)])
    first = Reader(model, LAYERS).taught([(at, those)])
    both = first.taught([model.changed("l1.q.b", model.table("l1.q.b") + 1)])
    assert not np.allclose(first(TEXTS), Reader(model, LAYERS)(TEXTS), atol=1e-4)
    assert np.array_equal(
        both._model.table("l0.q.b"), model.table("l0.q.b") + 1
    )  # of what was taught first nothing is forgotten
    assert not np.allclose(both(TEXTS), first(TEXTS), atol=1e-4)


def test_pieces_are_told_apart_where_their_marks_are_the_same():
    """Marks (CRC-32) of "plumless" and "buckeroo" are."""
    names = ["plumless", "buckeroo", "ąęż"]
    starts = np.cumsum([0, *(len(name.encode()) for name in names)]).astype(np.uint32)
    pieces = Pieces(memoryview("".join(names).encode()), starts, np.array([-1, -2, -3], np.float32))
    assert pieces.among(["buckeroo", "nie", "plumless"]) == {"buckeroo": (-2, 1), "plumless": (-1, 0)}
    assert pieces.among(["ąęż", "ąę"]) == {"ąęż": (-3, 2)}
    assert (
        pieces.longest,
        Pieces(memoryview("ąęż".encode()), np.array([0, 6], np.uint32), np.ones(1, np.float32)).longest,
    ) == (8, 3)


@pytest.fixture(scope="module")
def lesson():
    texts = [f"{'ja ' * (n % 3)}{word}{' i' * (n % 2)}" for n in range(120) for word in ("smutek", "radość")]
    label = np.array(["smutek" in text for text in texts])
    beside = np.zeros((len(texts), 2), np.float32)
    batches = [f"b{n // 8}" for n in range(len(texts))]
    return Lesson(texts, beside, batches, {"sign": label}, np.ones(len(texts), np.float32), [(0, 2, 1.0)])


def _found(file, lesson, cache):
    """All that is asked below of what is learned."""
    from nawzajem.core.language import tuning

    for name, value in {"LAYERS": LAYERS, "UPPER": 1, "ROUNDS": 60, "START": 5}.items():
        setattr(tuning, name, value)
    every, all_of_them = np.ones(len(lesson.texts), bool), np.arange(len(lesson.texts))
    held = lesson.folds == lesson.folds[0]
    turned = replace(lesson, labels={"sign": lesson.labels["sign"] ^ held})
    own, other = (tuning.Tuning(Model(file), one.texts, one) for one in (lesson, turned))
    tuned = own.learned(every)
    as_it_was = tuning.Tuned(own._start()["upper"], tuned.own, tuned.beside, tuned.bias)
    said: list[str] = []
    heavier = replace(lesson, weights=2 * lesson.weights)
    first, again, elsewhere, heavy = (
        tuning.Tuning(Model(file), lesson.texts, one, cache, said.append) for one in (lesson, lesson, turned, heavier)
    )
    straight, once = first.straight(), len(said)
    same, twice = again.straight(), len(said)
    elsewhere.learned(every)
    by_others = len(said)
    heavy.learned(every)
    return {
        "said_meanwhile": said,
        "same": same,
        "told": (once, twice, by_others, len(said)),
        "said": own.scores(tuned, all_of_them)[:, 0],
        "said_by_layers_as_they_were": own.scores(as_it_was, all_of_them)[:, 0],
        "layer": tuned.upper[0],
        "changes": own.changes(tuned),
        "straight": straight,
        "weights": np.vstack([tuned.beside, tuned.own / APART]),
        "held": held,
        "unseen_by_others": other.scores(other.learned(~held), np.nonzero(held)[0]),
    }


@pytest.fixture(scope="module")
def found(file, lesson, tmp_path_factory):
    """In a process of its own: JAX has threads, and tests that come later fork."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        return apart.submit(_found, file, lesson, tmp_path_factory.mktemp("layers")).result(timeout=300)


def test_layers_learn_to_tell_labels_apart(lesson, found):
    assert ((found["said"] > 0) == lesson.labels["sign"]).all()
    assert np.abs(found["said"] - found["said_by_layers_as_they_were"]).max() > 0.5  # not the head alone


def test_the_same_texts_teach_the_same(found):
    assert found["straight"].changes == found["changes"]
    assert np.array_equal(found["straight"].weights, found["weights"])


def test_what_was_learned_once_is_not_learned_again_and_from_other_labels_and_weights_it_is(found):
    straight, same = found["straight"], found["same"]
    assert same.changes == straight.changes
    assert np.array_equal(same.unseen, straight.unseen)
    once, twice, by_others, heavier = found["told"]
    assert once == twice == 12  # from all and without each fold, and told twice each time
    assert (by_others - twice, heavier - by_others) == (2, 2)
    assert found["said_meanwhile"][0] == "240 texts, step 0 of 180"


def test_a_file_with_the_changes_says_what_was_learned_and_below_it_what_it_said(file, found):
    whole = bytearray(file.read_bytes())
    for at, those in found["straight"].changes:
        whole[at : at + len(those)] = those
    other = file.with_name("changed.bin")
    other.write_bytes(whole)
    before, after = Model(file), Model(other)
    changed = {name for name in before._places if not np.array_equal(before.table(name), after.table(name))}
    assert changed == {f"l1.{name}" for name in found["layer"]}
    assert all(np.array_equal(after.table(f"l1.{name}"), np.ravel(each)) for name, each in found["layer"].items())
    as_it_was = Reader(before, LAYERS)
    taught = as_it_was.taught(found["straight"].changes)
    assert np.array_equal(taught(TEXTS), Reader(after, LAYERS)(TEXTS))
    assert not np.allclose(taught(TEXTS), as_it_was(TEXTS), atol=1e-3)
    assert taught._layers[0] is as_it_was._layers[0]  # it is not kept twice


def test_what_was_learned_is_what_is_read_of_a_text_afterwards(file, lesson, found):
    read = Reader(Model(file), LAYERS).taught(found["changes"])(lesson.texts)
    beside, own = found["weights"][:2], APART * found["weights"][2:]
    said = lesson.carried @ beside + read @ own + found["straight"].bias
    assert np.allclose(said[:, 0], found["said"], atol=0.02)


def test_what_a_text_is_told_unseen_does_not_depend_on_its_own_batch(lesson, found):
    unseen = found["straight"].unseen
    assert np.array_equal(found["unseen_by_others"], unseen[found["held"]])
    assert ((unseen[:, 0] > 0) == lesson.labels["sign"]).all()
