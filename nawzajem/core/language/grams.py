"""Parts of words as features: they forgive endings and typing errors, and need no carrier.

A text is folded (no capitals, no diacritics); each run of three to five letters of a word with its edges, each word and each
two words are hashed into a row of fixed width. [Weinberger et al.: Feature hashing for large scale multitask learning, 2009]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nawzajem.core.letters import fold

WIDTH = 1 << 14
WORD = re.compile(r"[^\W_]+|[?!]")


def grams(text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Places (ascending, below WIDTH) and values of a text's features; the values have length one together."""
    counted = Counter(crc32(part.encode()) % WIDTH for part in _parts(text))
    places = np.fromiter(sorted(counted), np.int32, len(counted))
    values = np.log1p(np.array([counted[int(place)] for place in places], np.float32))
    length = float(np.linalg.norm(values))
    return places, (values / length if length else values).astype(np.float32)


def _parts(text: str) -> Iterator[str]:
    words = WORD.findall(fold(text))
    for word in words:
        edged = f"<{word}>"
        for size in (3, 4, 5):
            yield from (edged[at : at + size] for at in range(len(edged) - size + 1))
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))
