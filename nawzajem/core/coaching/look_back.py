"""A conversation looked back at, for the one who was helping in it: who talked how much, how it was asked, what worked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nawzajem.core.coaching.noticed import Coached, Help, Pitfall
from nawzajem.core.letters import fold

QUESTION = re.compile(r"[^.!?…\n]*\?")
OPEN = re.compile(
    r"\b(?:co|jak|jaki\w*|jaka|czego|czym|kto|kogo|komu|kiedy|gdzie|skad|ktor\w*|opowie\w*|ile"
    r"|what|how|who|whom|when|where|which|tell me|whats|hows)\b"
)
WORDS = re.compile(r"[^\W_]+")
LISTENED = 2  # words of the other for one of one's own, from which on somebody has opened up


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: whose it is, what it says, and what the coach noticed if it is one's own."""

    mine: bool
    text: str
    coached: Coached | None = None


@dataclass(frozen=True, slots=True)
class LookBack:
    mine: int  # messages
    theirs: int
    my_share: float  # of all words, 0 to 1
    turns: int  # times the word went from one to the other
    open_questions: int
    closed_questions: int
    helps: dict[Help, int]
    pitfalls: dict[Pitfall, int]
    opened_up_after: tuple[int, ...]  # places of my messages after which the other said far more than I had


def look_back(said: Sequence[Turn]) -> LookBack:
    """Counts and places only; nothing here judges, and nothing is kept. Empty for an empty conversation."""
    words = [len(WORDS.findall(turn.text)) for turn in said]
    own = sum(count for count, turn in zip(words, said, strict=True) if turn.mine)
    questions = [one for turn in said if turn.mine for one in QUESTION.findall(turn.text)]
    opened = sum(is_open(one) for one in questions)
    noticed = [turn.coached for turn in said if turn.mine and turn.coached]
    return LookBack(
        mine=sum(turn.mine for turn in said),
        theirs=sum(not turn.mine for turn in said),
        my_share=own / sum(words) if any(words) else 0.0,
        turns=sum(first.mine != second.mine for first, second in pairwise(said)),
        open_questions=opened,
        closed_questions=len(questions) - opened,
        helps=dict(Counter(Help(one.code) for each in noticed for one in each.helps)),
        pitfalls=dict(Counter(Pitfall(one.code) for each in noticed for one in each.pitfalls)),
        opened_up_after=tuple(_opened_up(said, words)),
    )


def is_open(question: str) -> bool:
    """Whether more than yes or no can be answered: it is asked with a word for it, and does not begin with "czy" or a verb."""
    plain = fold(question).strip()
    return not plain.startswith("czy ") and OPEN.search(plain) is not None


def _opened_up(said: Sequence[Turn], words: Sequence[int]) -> list[int]:
    return [
        at
        for at, (turn, after) in enumerate(pairwise(said))
        if turn.mine and not after.mine and words[at + 1] >= max(12, LISTENED * words[at])
    ]
