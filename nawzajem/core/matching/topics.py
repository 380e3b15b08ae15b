"""The tree of topics, and how near two of them are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Topics:
    """A tree of topics; `near[i, j]`, from 0 to 1, is how near topic i is to topic j.

    Nearness is that of Wu and Palmer: twice the depth of the lowest topic that holds both, over the depths of the two
    together, where a topic at the top has depth 1. The same topic 1, a topic and its parent at the top 2/3, two topics
    under it 1/2; deeper down closer, for there they share more; under different tops 0. It needs nothing but the tree.
    [Z. Wu, M. Palmer: Verb semantics and lexical selection, ACL 1994]
    """

    codes: tuple[str, ...]
    place: Mapping[str, int] = field(repr=False)
    top: tuple[str, ...] = field(repr=False)  # of each topic, the topic at the top that holds it
    near: npt.NDArray[np.float32] = field(repr=False)  # [topics, topics]

    @classmethod
    def of(cls, parents: Mapping[str, str | None]) -> Topics:
        """From each topic's code and its parent's. ValueError for a parent that is no topic, or a ring of parents."""
        codes = tuple(sorted(parents))
        ways = [_way(code, parents) for code in codes]
        place = {code: index for index, code in enumerate(codes)}
        return cls(codes, place, tuple(way[0] for way in ways), _nearness(ways, place))

    def at(self, codes: Iterable[str]) -> list[int]:
        """Where these topics stand. ValueError for a code that is no topic."""
        try:
            return [self.place[code] for code in codes]
        except KeyError as unknown:
            raise ValueError(f"there is no topic {unknown}") from None


def _way(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """From the top down to the topic itself."""
    way, step = [code], parents[code]
    while step is not None:
        if step not in parents:
            raise ValueError(f"the topic {way[-1]!r} lies within {step!r}, which is no topic")
        if step in way:
            raise ValueError(f"the topic {step!r} lies within itself")
        way.append(step)
        step = parents[step]
    return way[::-1]


def _nearness(ways: list[list[str]], place: Mapping[str, int]) -> npt.NDArray[np.float32]:
    """Two ways from the top agree down to the lowest topic that holds both."""
    depth = np.array([len(way) for way in ways], np.float32)
    common = np.zeros((len(ways), len(ways)), np.float32)
    for level in range(max(map(len, ways), default=0)):
        step = np.array([place[way[level]] if level < len(way) else -1 for way in ways])
        common += (step[:, None] == step) & (step >= 0)
    return 2 * common / (depth[:, None] + depth)
