"""Asks and offers by a seed, as many as one likes, with the skew that real ones have: few topics and one language are
shared by most, some offers are in everybody's reach. Of each ask the best 50 of 300 looked at are its edges."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from nawzajem.core.matching import Edges

CANDIDATES = 50
POOL = 300
DIMENSIONS = 16
HIGHEST = 10_000


def market(asks: int, *, scarce: bool = False, seed: int = 0) -> Edges:
    """As many offers with 1 to 4 seats as asks for 1 to 3; scarce: half as many with 1 or 2."""
    draw = np.random.default_rng(seed)
    offers, topics, languages = asks // 2 if scarce else asks, max(asks // 500, 12), 12
    topic = 1 / np.arange(1, topics + 1) ** 0.9
    language = np.r_[0.55, 0.15, np.full(languages - 2, 0.3 / (languages - 2))]
    centre = draw.normal(size=(topics, DIMENSIONS))

    def side(count: int) -> tuple[Any, Any, Any, Any]:
        about = draw.choice(topics, count, p=topic / topic.sum())
        likes = centre[about] + 0.7 * draw.normal(size=(count, DIMENSIONS))
        begins, lasts = draw.integers(0, 168, (count, 4)), draw.integers(2, 7, (count, 4))
        week = np.zeros((count, 168), bool)
        for stretch in range(4):
            for hour in range(6):
                free = hour < lasts[:, stretch]
                week[np.flatnonzero(free), (begins[free, stretch] + hour) % 168] = True
        likes /= np.linalg.norm(likes, axis=1, keepdims=True)
        group = about * languages + draw.choice(languages, count, p=language)
        return (
            group,
            likes.astype(np.float32),
            np.packbits(np.pad(week, ((0, 0), (0, 24))), axis=1).view(np.uint64),
            count,
        )

    group, likes, week, _ = side(asks)
    group_too, likes_too, week_too, _ = side(offers)
    order = np.argsort(group_too, kind="stable").astype(np.int32)
    ends = np.searchsorted(group_too[order], np.arange(topics * languages + 1)).astype(np.int64)
    start, offer, score = _joined(group, likes, week, likes_too, week_too, order, ends, seed)
    return Edges(
        demand=draw.choice([1, 2, 3], asks, p=[0.6, 0.25, 0.15]).astype(np.int32),
        capacity=draw.integers(1, 3 if scarce else 5, offers).astype(np.int32),
        start=start,
        offer=offer,
        score=score,
    )


@njit(cache=True)
def _joined(
    group: Any, likes: Any, week: Any, likes_too: Any, week_too: Any, order: Any, ends: Any, seed: int
) -> tuple[Any, Any, Any]:
    np.random.seed(seed)
    asks, end = len(group), 0
    start, offer, score = (
        np.zeros(asks + 1, np.int64),
        np.empty(asks * CANDIDATES, np.int32),
        np.empty(asks * CANDIDATES, np.int32),
    )
    seen, found, worth = np.full(len(order), -1, np.int32), np.empty(POOL, np.int32), np.empty(POOL, np.int32)
    for a in range(asks):
        first, size, count = ends[group[a]], ends[group[a] + 1] - ends[group[a]], 0
        for _ in range(POOL if size else 0):
            o = order[first + int(size * np.random.random() ** 2)]  # some are in everybody's reach
            if seen[o] == a:
                continue
            seen[o] = a
            shared = 0
            for word in range(3):
                both = week[a, word] & week_too[o, word]
                while both:
                    both &= both - np.uint64(1)
                    shared += 1
            if shared < 2:
                continue
            near = 0.0
            for one in range(DIMENSIONS):
                near += likes[a, one] * likes_too[o, one]
            found[count] = o
            worth[count] = 1 + int((HIGHEST - 1) * (0.7 * max(near, 0.0) + 0.3 * min(shared, 12) / 12))
            count += 1
        for e in np.argsort(-worth[:count])[:CANDIDATES]:
            offer[end], score[end] = found[e], worth[e]
            end += 1
        start[a + 1] = end
    return start, offer[:end].copy(), score[:end].copy()


def by_generator(path: Path, asks: int, *, scarce: bool = False) -> Edges:
    """The same from a program that has `make(asks, offers, T=, L=, scarce=)` and gives indptr, idx, sc, dem, cap."""
    found = importlib.util.spec_from_file_location(path.stem, path)
    if not found or not found.loader:
        raise SystemExit(f"{path} is not a program in Python")
    program = importlib.util.module_from_spec(found)
    sys.modules[found.name] = program  # what it compiled in an earlier run is looked up by this name
    found.loader.exec_module(program)
    made = program.make(asks, asks // 2 if scarce else asks, T=200, L=12, scarce=scarce)
    return Edges(
        demand=made["dem"].astype(np.int32),
        capacity=made["cap"].astype(np.int32),
        start=made["indptr"].astype(np.int64),
        offer=made["idx"].astype(np.int32),
        score=made["sc"].astype(np.int32),
    )


def levelled(edges: Edges, levels: int) -> Edges:
    """The same with scores cut to so many levels."""
    score = (edges.score.astype(np.int64) - 1) * levels // HIGHEST + 1
    return Edges(edges.demand, edges.capacity, edges.start, edges.offer, score.astype(np.int32))
