"""The E5's upper layers go on learning, until what they make of a text tells our labels apart; those below stay as they are.

Needs JAX and Optax, which only those have who learn: in use the changed layers are read as those of the file are (`layers.py`). The same
texts give the same layers on the same machine. [Devlin et al.: BERT, 2019; Loshchilov, Hutter: Decoupled weight decay, 2019]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from nawzajem.core.language import e5
from nawzajem.core.language.carriers import APART, LAYERS
from nawzajem.core.language.e5 import BLOCK, STEPS, Model, packed, unpacked
from nawzajem.core.language.heads import Table
from nawzajem.core.language.layers import LARGE, NORMS, Reader
from nawzajem.core.language.learning import FOLDS, Labels, Lesson, Straight, whole

UPPER = 2  # layers that go on learning, the last that are read
ROUNDS = 2
TOGETHER = 64  # texts in a step
PACE, HEAD_PACE = 1e-3, 1e-2  # how far a step goes at most, in the layers and in the head on top of them
START = 100  # steps until it goes that far; then ever shorter ones, to none
FORGET = 0.01  # weight decay
DROPPED = 0.1  # of what a layer adds to a text, so that no single number is relied upon
SHORTEST = 1.0  # of the gradients of one step, the longest that they may be together
HEAD = 32  # numbers of a text's piece that one head of attention sees
HEED = {"sign": 2.0, "high": 1.0, "imminent": 1.0}  # what an error of these heads weighs; of any other, half of one
LOUD = 8.0  # what a head's weight of one means
EIGHT = 8  # texts are filled up to so many pieces, twice, thrice as many: for each length the steps are compiled anew

# What learns: this code as it was when it was loaded, and the libraries.
CODE = b"".join(Path(one).read_bytes() for one in (__file__, e5.__file__))
BY = crc32(f"{jax.__version__} {optax.__version__}".encode(), crc32(CODE))
SPOKEN = 100  # steps after which it is told how far it has come

Weights = dict[str, Any]  # a tree of arrays
Say = Callable[[str], object]
Picked = NDArray[np.int64]
# Pieces of texts, 1 where there is one, and what keeps a norm from zero.
Filled = tuple[NDArray[np.float16], Table, float]


@dataclass(frozen=True)
class Tuned:
    """The E5's upper layers, and what makes scores of its rows and of those beside them, a column for each label."""

    upper: list[Weights]
    own: Table
    beside: Table
    bias: Table


def silent(_said: str) -> None:
    """For whoever does not want to hear how far it has come."""


class Tuning:
    """A lesson as it is learned from here: what the E5 hears of each text, and what another carrier has said of it.

    It takes an hour: `say` is told how far it has come, and what is learned is kept in the folder `cache`, under everything that
    it depends on, so that nobody learns it twice and somebody stopped goes on from there."""

    def __init__(
        self, model: Model, heard: Sequence[str], lesson: Lesson, cache: Path | None = None, say: Say = silent
    ) -> None:
        self._model, self._lesson, self._beside, self._cache, self._say = model, lesson, lesson.carried, cache, say
        self._heed = np.array([HEED.get(name, 0.5) for name in lesson.labels], np.float32)
        self._labels = np.column_stack(list(lesson.labels.values())).astype(np.float32)
        once, self._row = np.unique(np.array(heard), return_inverse=True)
        self._states = [rows.astype(np.float16) for rows in Reader(model, LAYERS - UPPER).pieces(once.tolist())]
        self._long = np.array([len(self._states[row]) for row in self._row])

    def straight(self) -> Straight:
        """All that was learned, as heads take it."""
        tuned = self.learned(np.ones(len(self._labels), bool))
        weights = np.vstack([tuned.beside, tuned.own / APART])
        return Straight(weights, tuned.bias, self.unseen(), self.changes(tuned))

    def unseen(self) -> Table:
        """What each text is scored by layers and a head that had not seen its fold."""
        found = np.zeros(self._labels.shape, np.float32)
        for out in range(FOLDS):
            held = self._lesson.folds == out
            found[held] = self.scores(self.learned(~held), np.nonzero(held)[0])
        return found

    def learned(self, seen: Labels) -> Tuned:
        """From those that are seen."""
        if not self._cache:
            return self._learned(seen)
        kept = self._cache / f"layers-{self._depends_on(seen):08x}.npz"
        if not kept.exists():
            _keep(self._learned(seen), kept)
        return _kept_in(kept)

    def _depends_on(self, seen: Labels) -> int:
        """The texts as the layers get them, the layers as they come, what they are to tell, and how and by what they learn."""
        start = [each for layer in self._start()["upper"] for each in layer.values()]
        taken = (self._labels, self._lesson.weights, self._beside, seen, *(self._states[row] for row in self._row))
        told = BY
        for table in (self._heed, np.float32(self._model.eps), *start, *taken):
            told = crc32(np.ascontiguousarray(table).tobytes(), told)
        return told

    def _learned(self, seen: Labels) -> Tuned:
        usual = self._beside[seen].mean(axis=0)
        weights, taken = self._start(), np.nonzero(seen)[0]
        steps = ROUNDS * (len(taken) // TOGETHER)
        state, chance = (weights, ADAM.init(weights)), jax.random.PRNGKey(0)
        for number, some in enumerate(self._steps(taken)):
            pace = min((number + 1) / START, (1 + np.cos(np.pi * number / steps)) / 2)
            given = (self._beside[some] - usual, self._labels[some], self._lesson.weights[some], self._heed)
            state = _step(state, self._filled(some), given, pace, jax.random.fold_in(chance, number))
            if number % SPOKEN == 0:
                self._say(f"{len(taken)} texts, step {number} of {steps}")
        weights, _memory = state
        head = jax.tree.map(np.asarray, weights["head"])
        upper = [{name: _kept(np.asarray(each)) for name, each in layer.items()} for layer in weights["upper"]]
        by, own = LOUD * head["beside"], LOUD * head["own"]
        return Tuned(upper, own, by, head["bias"] - usual @ by)

    def scores(self, tuned: Tuned, which: Picked) -> Table:
        rows = np.zeros((len(which), self._model.width), np.float32)
        for at in _alike_long(self._long[which], TOGETHER):
            filled = self._filled(np.resize(which[at], TOGETHER))
            rows[at] = np.asarray(_pooled(tuned.upper, filled))[: len(at)]
        return (self._beside[which] @ tuned.beside + rows @ tuned.own + tuned.bias).astype(np.float32)

    def changes(self, tuned: Tuned) -> list[tuple[int, bytes]]:
        """What must stand elsewhere in the model's file, so that these layers are read."""
        return [
            self._model.changed(f"l{LAYERS - UPPER + number}.{name}", values)
            for number, layer in enumerate(tuned.upper)
            for name, values in layer.items()
        ]

    def _start(self) -> Weights:
        labels, width = self._labels.shape[1], self._model.width
        head = {"beside": (self._beside.shape[1], labels), "own": (width, labels), "bias": (labels,)}
        upper = [_layer(self._model, LAYERS - UPPER + number) for number in range(UPPER)]
        return {"upper": upper, "head": {name: jnp.zeros(shape) for name, shape in head.items()}}

    def _steps(self, taken: Picked) -> Iterator[Picked]:
        """Texts of about the same length together, in another order each round."""
        draw = np.random.default_rng(0)
        for _round in range(ROUNDS):
            mixed = draw.permutation(taken)
            parts = [mixed[at : at + 50 * TOGETHER] for at in range(0, len(mixed), 50 * TOGETHER)]
            steps = [
                part[at] for part in parts for at in _alike_long(self._long[part], TOGETHER) if len(at) == TOGETHER
            ]
            yield from (steps[at] for at in draw.permutation(len(steps)))

    def _filled(self, which: Picked) -> Filled:
        return _filled([self._states[row] for row in self._row[which]], self._model)


def _keep(tuned: Tuned, file: Path) -> None:
    upper = {f"{number} {name}": values for number, layer in enumerate(tuned.upper) for name, values in layer.items()}
    whole(file, own=tuned.own, beside=tuned.beside, bias=tuned.bias, **upper)


def _kept_in(file: Path) -> Tuned:
    with np.load(file, allow_pickle=False) as there:
        upper: list[Weights] = [{} for _layer in range(UPPER)]
        for name in there.files:
            number, _space, rest = name.partition(" ")
            if rest:
                upper[int(number)][rest] = there[name]
        return Tuned(upper, there["own"], there["beside"], there["bias"])


def _kept(numbers: Table) -> Table:
    """As they will be read: what is large in four bits."""
    return numbers if numbers.ndim == 1 else unpacked(packed(numbers)).reshape(numbers.shape)


def _alike_long(long: NDArray[np.int64], together: int) -> list[Picked]:
    order = np.argsort(long, kind="stable")
    return [order[at : at + together] for at in range(0, len(order), together)]


def _filled(rows: Sequence[NDArray[Any]], model: Model) -> Filled:
    """Texts side by side, the short ones filled up with nothing."""
    longest = -(-max(map(len, rows)) // EIGHT) * EIGHT
    filled, there = np.zeros((len(rows), longest, model.width), np.float16), np.zeros((len(rows), longest), np.float32)
    for at, one in enumerate(rows):
        filled[at, : len(one)], there[at, : len(one)] = one, 1
    return filled, there, model.eps


# -- the layers, as they are read in use -----------------------------------------------------------------------------------


def _layer(model: Model, number: int) -> Weights:
    names = [f"{each}.{part}" for each in (*LARGE, *NORMS) for part in "wb"]
    table = {name: model.table(f"l{number}.{name}") for name in names}
    shaped = {f"{each}.w": table[f"{each}.w"].reshape(len(table[f"{each}.b"]), -1) for each in LARGE}
    return {name: jnp.asarray(values) for name, values in (table | shaped).items()}


def _read(layer: Weights, rows: Any, there: Any, eps: float, chance: Any = None) -> Any:
    """One layer: what the pieces of a text have to do with each other, then each piece by itself."""
    many, long, wide = rows.shape
    parted = (many, long, wide // HEAD, HEAD)
    asks, offers, says = ((rows @ layer[f"{name}.w"].T + layer[f"{name}.b"]).reshape(parted) for name in "qkv")
    fits = jnp.einsum("bqhd,bkhd->bhqk", asks, offers) / np.sqrt(HEAD) + (there[:, None, None] - 1) * 1e9
    heard = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(fits), says).reshape(rows.shape)
    first, second = (None, None) if chance is None else jax.random.split(chance)
    rows = _norm(rows + _dropped(heard @ layer["ao.w"].T + layer["ao.b"], first), layer["aln.w"], layer["aln.b"], eps)
    inner = jax.nn.gelu(rows @ layer["fi.w"].T + layer["fi.b"], approximate=False)
    return _norm(rows + _dropped(inner @ layer["fo.w"].T + layer["fo.b"], second), layer["oln.w"], layer["oln.b"], eps)


def _norm(rows: Any, weight: Any, bias: Any, eps: float) -> Any:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    return rows / jnp.sqrt((rows**2).mean(axis=-1, keepdims=True) + eps) * weight + bias


def _dropped(rows: Any, chance: Any) -> Any:
    return rows if chance is None else rows * jax.random.bernoulli(chance, 1 - DROPPED, rows.shape) / (1 - DROPPED)


def _mean(upper: list[Weights], filled: Any, chance: Any = None) -> Any:
    """A row of length one for each text: the mean of its pieces."""
    rows, there, eps = filled
    rows = rows.astype(jnp.float32)
    for number, layer in enumerate(upper):
        rows = _read(layer, rows, there, eps, None if chance is None else jax.random.fold_in(chance, number))
    mean = (rows * there[:, :, None]).sum(axis=1) / there.sum(axis=1)[:, None]
    return mean / jnp.linalg.norm(mean, axis=1, keepdims=True)


ADAM = optax.chain(optax.clip_by_global_norm(SHORTEST), optax.scale_by_adam(b2=0.98), optax.add_decayed_weights(FORGET))


def _in_steps(numbers: Any) -> Any:
    """As `_kept`, while it is learned: what is rounded away stays, adds up, and is felt once it makes a step.
    [Bengio, Leonard, Courville: Estimating or propagating gradients through stochastic neurons, 2013]"""
    if numbers.ndim == 1:
        return numbers
    rows = numbers.reshape(-1, BLOCK)
    farthest = jnp.take_along_axis(rows, jnp.abs(rows).argmax(axis=1)[:, None], axis=1)
    scale = (farthest / -STEPS).astype(jnp.float16).astype(jnp.float32)
    stepped = jnp.clip(jnp.round(rows / jnp.where(scale == 0, 1, scale)), -STEPS, STEPS - 1) * scale
    return numbers + jax.lax.stop_gradient(stepped.reshape(numbers.shape) - numbers)


def _stepped(state: tuple[Weights, Any], filled: Any, given: Any, pace: Any, chance: Any) -> tuple[Weights, Any]:
    """One step down: the weights, and the memory of the way, after it."""
    (weights, memory), (beside, labels, share, heed) = state, given

    def loss(weights: Weights) -> Any:
        head = weights["head"]
        upper = [{name: _in_steps(each) for name, each in layer.items()} for layer in weights["upper"]]
        own = _mean(upper, filled, chance) @ head["own"]
        said = LOUD * (own + beside @ head["beside"]) + head["bias"]
        return (optax.sigmoid_binary_cross_entropy(said, labels) @ heed * share).sum() / share.sum()

    way, memory = ADAM.update(jax.grad(loss)(weights), memory, weights)
    paces = {"upper": PACE * pace, "head": HEAD_PACE * pace}
    gone = {
        name: jax.tree.map(lambda at, to, far=far: at - far * to, weights[name], way[name])
        for name, far in paces.items()
    }
    return gone, memory


_pooled, _step = jax.jit(_mean), jax.jit(_stepped)
