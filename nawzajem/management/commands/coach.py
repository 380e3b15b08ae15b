"""`nawzajem coach`: replies in, what may hurt and what helps out, one JSON object a line. Needs no server and no database."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nawzajem.core.coaching import Coached
from nawzajem.core.coaching.noticing import coach_all
from nawzajem.core.language import installed
from nawzajem.core.language.carriers import are_installed
from nawzajem.management.batches import Messages, answered


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
        are_here = are_installed()
        if not are_here:
            self.stderr.write("No carriers are installed (requirements/language.txt): only the rules speak.")
        for line in answered(file, answer, is_work=are_here):
            self.stdout.write(line)


def answer(some: Messages) -> list[str]:
    """A line of JSON for each, the carriers loaded when they are first needed."""
    return [
        line for language, of in groupby(some, key=lambda one: one["lang"]) for line in _coached(list(of), language)
    ]


def _coached(some: Messages, language: str) -> list[str]:
    every = coach_all([(one["text"], _context(one)) for one in some], language, carrier=installed())
    return [
        json.dumps({"id": one["id"]} | told(coached, one["text"]), ensure_ascii=False)
        for one, coached in zip(some, every, strict=True)
    ]


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
