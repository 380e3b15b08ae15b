"""`nawzajem coach`: replies in, what may hurt and what helps out, one JSON object a line. Needs no server and no database."""

from __future__ import annotations

import json
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nawzajem.core.coaching import Coached
from nawzajem.core.coaching.noticing import coach_all
from nawzajem.core.language import installed
from nawzajem.management.lines import messages

AT_ONCE = 64


class Command(BaseCommand):
    help = "Reads replies from a JSONL file and says of each what in it may hurt and what helps."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help='one JSON object a line: {"id": ..., "text": ..., "lang": "pl" or "en", "context": what is answered}',
        )

    def handle(self, *, file: Path, **_rest: Any) -> None:
        carrier = installed()
        if carrier is None:
            self.stderr.write("No carriers are installed (requirements/language.txt): only the rules speak.")
        for language, found in groupby(messages(file), key=lambda one: one["lang"]):
            while some := list(islice(found, AT_ONCE)):
                replies = [(one["text"], _context(one)) for one in some]
                for one, coached in zip(some, coach_all(replies, language, carrier=carrier), strict=True):
                    self.stdout.write(json.dumps({"id": one["id"]} | told(coached, one["text"]), ensure_ascii=False))


def told(coached: Coached, text: str) -> dict[str, Any]:
    noticed = [*coached.pitfalls, *coached.helps]
    return {
        "pitfalls": [one.code.value for one in coached.pitfalls],
        "helps": [one.code.value for one in coached.helps],
        "spans": {one.code.value: text[one.start : one.end] for one in noticed},
        "certainty": {one.code.value: one.certainty for one in noticed},
        "version": coached.version,
    }


def _context(one: dict[str, Any]) -> str:
    """What is answered: a text, or the turns before, of which the last one counts."""
    before = one.get("context") or ""
    turns = before if isinstance(before, list) else [before]
    last = turns[-1] if turns else ""
    return str(last.get("text", "") if isinstance(last, dict) else last)
