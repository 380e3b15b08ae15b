"""Phrases of the rules, as people write them into a file, compiled so that a message is searched in microseconds.

A phrase is words with spaces. `zabi*` is a stem (and `napisał*m` its ending too), `zeszyt~` one with up to five letters more, `a|b` either, `(a)` may be
missing, `..` up to three words of any kind, `@name` one of a list that the file gives under [words], which may name others;
within a list `_` stands for a space.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

from nawzajem.core.letters import fold

WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
CLAUSE = re.compile(r"[,;:.!?…–—()\n]")
QUOTED = re.compile(r"[„“\"«][^„“”\"«»]+[”“\"»]|(?<![^\W_])['‘](?=\w)[^'‘’]+(?:['’]\w[^'‘’]*)*['’](?![^\W_])")
APOSTROPHE = re.compile(r"['’`]")
DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")  # of letters: 999 is a number
GAP = r"(?:\S+ ){0,3}?"


def plain(word: str) -> str:
    """A word as it sounds: without diacritics, apostrophes and drawn-out letters; 'ż' as 'rz' and 'h' as 'ch'.

    So 'umżeć', 'umrzec' and 'UMRZEĆ' are one word.
    """
    bare = APOSTROPHE.sub("", fold(word))
    return DRAWN_OUT.sub(r"\1", bare).replace("rz", "z").replace("ch", "h")


@dataclass(frozen=True)
class Line:
    """A sentence made comparable: its words as they sound, each knowing where it stood."""

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    breaks: frozenset[int]  # words before which a clause begins
    quoted: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str, start: int = 0) -> Line:
        found = list(WORD.finditer(text))
        ends = [0, *(one.end() for one in found)]
        breaks = {at for at, one in enumerate(found) if CLAUSE.search(text, ends[at], one.start())}
        spans = tuple((one.start() + start, one.end() + start) for one in found)
        quoted = tuple((one.start() + start, one.end() + start) for one in QUOTED.finditer(text))
        return cls(tuple(plain(one[0]) for one in found), spans, frozenset(breaks), quoted)

    def is_quoted(self, word: int) -> bool:
        """Whether a word stands between quotation marks."""
        return any(start <= self.spans[word][0] < end for start, end in self.quoted)

    @cached_property
    def text(self) -> str:
        return " ".join(self.words) + " "

    @cached_property
    def keys(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Of each word, its place in `text` and what phrases that begin with it are looked up by."""
        return tuple(zip(self.starts, map(_keys, self.words), strict=False))

    @cached_property
    def starts(self) -> dict[int, int]:
        """Place in `text` -> which word begins there."""
        places, at = {}, 0
        for number, word in enumerate(self.words):
            places[at] = number
            at += len(word) + 1
        places[at] = len(self.words)
        return places


def lines(text: str) -> list[Line]:
    """Sentence by sentence, so that a long text is not quieter than a short one."""
    cuts = [0, *chain.from_iterable(one.span() for one in SENTENCE.finditer(text)), len(text)]
    return [Line.of(text[a:b], a) for a, b in zip(cuts[::2], cuts[1::2], strict=True) if text[a:b].strip()]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found in a line, from one of its words up to another."""

    code: str
    first: int
    last: int  # one past its last word


class Phrases:
    """Many phrases under their codes, searched at once: those of one code that may begin with a word are one pattern."""

    def __init__(self, coded: Iterable[tuple[str, str]], lists: Mapping[str, str] | None = None) -> None:
        begun: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for code, phrase in coded:
            elements = [_alternatives(element, lists or {}) for element in phrase.split()]
            pattern = "".join(map(_compiled, elements))
            for key in dict.fromkeys(map(_key, _beginnings(elements))):
                begun[key][code].append(pattern)
        once = cache(re.compile)  # of two in three there is the same under another word
        self._by_start = {
            key: [(code, once("|".join(either))) for code, either in codes.items()] for key, codes in begun.items()
        }

    def find(self, line: Line) -> Iterator[Hit]:
        text, starts, by_start = line.text, line.starts, self._by_start
        for number, (place, keys) in enumerate(line.keys):
            for key in keys:
                for code, pattern in by_start.get(key, ()):
                    if found := pattern.match(text, place):
                        yield Hit(code, number, starts[found.end()])


@dataclass(frozen=True, slots=True)
class _Element:
    either: tuple[str, ...]  # empty for a gap
    optional: bool


def _alternatives(element: str, lists: Mapping[str, str]) -> _Element:
    if element == "..":
        return _Element((), optional=True)
    optional = element.startswith("(")
    inside = element.strip("()").split("|")
    return _Element(tuple(chain.from_iterable(_named(one, lists) for one in inside)), optional)


def _named(one: str, lists: Mapping[str, str]) -> Iterable[str]:
    if not one.startswith("@"):
        return [one]
    return chain.from_iterable(_named(inner, lists) for inner in lists[one[1:]].split())


def _compiled(element: _Element) -> str:
    if not element.either:
        return GAP
    words = "|".join(_word(one) for one in element.either)
    return f"(?:(?:{words}) )" + ("?" if element.optional else "")


ENDS = {"*": r"\S*", "~": r"\S{0,5}"}


def _word(one: str) -> str:
    parts = re.split(r"([*~])", one)
    return "".join(ENDS.get(part) or re.escape(" ".join(map(plain, part.split("_")))) for part in parts)


def _beginnings(elements: Sequence[_Element]) -> Iterator[str]:
    """Words that a phrase may begin with: of what may be missing, and of what follows it."""
    for element in elements:
        yield from element.either
        if not element.optional:
            return


def _key(one: str) -> str:
    """What a word that may begin here is looked up by: the whole of it, or of a stem the first three letters and a star."""
    first = one.split("_", maxsplit=1)[0]
    stem = plain(re.split(r"[*~]", first)[0])
    return stem if stem == plain(first) else stem[:3] + "*"


def _keys(word: str) -> tuple[str, ...]:
    return word, word[:3] + "*", word[:2] + "*"


# -- phrases of people who write no rules -----------------------------------------------------------------------------

LEAST = 4  # letters of a word that is found with other endings too


def bent(phrase: str, language: str) -> str:
    """Plain words as a phrase of the rules: each in its endings, unless it ends with a star of its own. All other marks
    are nothing but what stands between words."""
    return " ".join(_bent(one[0], language) for one in OWN.finditer(phrase))


OWN = re.compile(rf"{WORD.pattern}\*?")


def _bent(word: str, language: str) -> str:
    if word.endswith("*") or len(word) < LEAST:
        return word
    if language == "pl":
        return re.sub(r"([aeiouyąęó]ć|[aeiouyąę])$", "", word.lower()) + "~"
    stem = re.sub(r"[ey]$", "", word.lower())
    return "|".join([word, *(stem + ending for ending in ("s", "es", "ed", "ing", "ies", "ied"))])
