"""What is sealed with a report: the message as it stood, and a few around it, without which it may say something else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

AROUND = 3  # messages on either side


@dataclass(frozen=True, slots=True)
class Piece:
    """One message as the reporter saw it. Who wrote it is told by the part they had, never by a name."""

    at: str
    by: str  # "reporter", or "other"
    text: str
    meant: bool  # the one that was reported

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.at)


def write(pieces: Iterable[Piece]) -> str:
    return json.dumps([asdict(one) for one in pieces], ensure_ascii=False)


def read(sealed: str) -> list[Piece]:
    """Of reports from before messages were kept with their neighbours there is only the text."""
    if not sealed:
        return []
    try:
        return [Piece(**one) for one in json.loads(sealed)]
    except (ValueError, TypeError):
        return [Piece(at="", by="other", text=sealed, meant=True)]
