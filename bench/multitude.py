"""People by the hundred thousand, as rows of the core, by a seed: topics in a tree, some far more common than others, most people
speaking one language, free in stretches about the evening."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from nawzajem.core.matching import AGES, AskRow, Experience, OfferRow, Topics, hours

TOPS, BRANCHES, LEAVES = 12, 5, 3  # 12 at the top, 60 below, 180 below these
LANGUAGES = ("pl", "en", "uk", "de", "be", "ru", "fr", "es", "vi", "ar", "it", "cs")
KINDS = ("heard", "how_it_was", "done", "company", "learn")
BACKGROUNDS = ("shifts", "village", "faith", "single", "uniform", "student")
FORMS = ("text", "call", "meeting")


def tree() -> Topics:
    parents: dict[str, str | None] = {}
    for top in range(TOPS):
        parents[f"t{top}"] = None
        for branch in range(BRANCHES):
            parents[f"t{top}.{branch}"] = f"t{top}"
            for leaf in range(LEAVES):
                parents[f"t{top}.{branch}.{leaf}"] = f"t{top}.{branch}"
    return Topics.of(parents)


class Multitude:
    def __init__(self, seed: int = 1) -> None:
        self.any = random.Random(seed)
        self.topics = tree()
        codes = list(self.topics.codes)
        self.any.shuffle(codes)
        self.codes, self.common = codes, list(accumulate(1 / place**0.9 for place in range(1, len(codes) + 1)))
        self.weeks = [self._week() for _ in range(5000)]

    def asks(self, count: int) -> Iterator[AskRow]:
        for n in range(count):
            yield AskRow(
                id=f"a{n:09}",
                topics=self._topics(3),
                stage=self.any.choices(("in_it", "coming_through", "been_through"), (6, 3, 1))[0],  # type: ignore[arg-type]
                kinds=frozenset(self.any.sample(KINDS, self.any.choice((0, 1, 1, 2)))),
                wish_age=self.any.choices(("", "near", "older"), (6, 3, 1))[0],  # type: ignore[arg-type]
                wish_gender=self.any.choices(("", "woman", "man"), (7, 2, 1))[0],
                wish_gender_must=self.any.random() < 0.3,
                wish_backgrounds=frozenset(self.any.sample(BACKGROUNDS, self.any.choice((0, 0, 0, 1, 2)))),
                waited_hours=self.any.randrange(1000),
                demand=self.any.choices((1, 2, 3), (60, 25, 15))[0],
                blocked=frozenset(f"q{self.any.randrange(count):010}" for _ in range(self.any.choice((0, 0, 0, 2)))),
                earlier=frozenset(f"q{self.any.randrange(count):010}" for _ in range(self.any.choice((0, 0, 1, 5)))),
                **self._side(f"p{n:010}"),
            )

    def offers(self, count: int, start: int = 0) -> Iterator[OfferRow]:
        for n in range(start, start + count):
            yield self.offer(n)

    def offer(self, n: int) -> OfferRow:
        capacity = self.any.randint(1, 4)
        return OfferRow(
            id=f"o{n:011}",
            experiences=tuple(self._experience(code) for code in self._topics(4)),
            kinds=frozenset(self.any.sample(KINDS, self.any.randrange(4))),
            capacity=capacity,
            taken=min(capacity, self.any.choice((0, 0, 1, 2))),
            idle_days=None if self.any.random() < 0.3 else self.any.random() * 40,
            says=frozenset({"age", "gender", "backgrounds"}),
            **self._side(f"q{n:010}"),
        )

    def _topics(self, most: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.any.choices(self.codes, cum_weights=self.common, k=self.any.randint(1, most))))

    def _experience(self, code: str) -> Experience:
        stage = self.any.choices(("in_it", "coming_through", "been_through"), (1, 2, 7))[0]
        months = None if self.any.random() < 0.1 else self.any.randrange(240)
        return Experience(code, stage, months, frozenset({"topic", "stage", "when"}))  # type: ignore[arg-type]

    def _side(self, person: str) -> dict[str, Any]:
        first = self.any.choices(LANGUAGES, (55, 15, *[3] * 10))[0]
        return {
            "person": person,
            "languages": frozenset({first, *self.any.sample(LANGUAGES[:3], self.any.choice((0, 0, 1)))}),
            "forms": frozenset(self.any.sample(FORMS, self.any.choice((1, 1, 2, 3)))),
            "hours": self.any.choice(self.weeks),
            "age": self.any.choices(AGES, (1, 2, 20, 25, 25, 15, 12))[0],
            "gender": self.any.choice(("woman", "woman", "man", "other", "")),
            "backgrounds": frozenset(self.any.sample(BACKGROUNDS, self.any.randrange(3))),
            "prints": frozenset({f"print of {person}"}),
        }

    def _week(self) -> str:
        free = set()
        for _ in range(5):
            day, start = self.any.randrange(7), min(max(round(self.any.gauss(18, 3)), 6), 22)
            free.update((day * 24 + start + hour) % 168 for hour in range(self.any.randint(2, 5)))
        return hours.week(free)
