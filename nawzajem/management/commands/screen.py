"""`nawzajem screen`: messages in, signs of danger out, one JSON object a line. Needs no server and no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nawzajem.core.language import installed
from nawzajem.core.language.carriers import are_installed
from nawzajem.core.screening import Finding, Heads, screen
from nawzajem.core.screening.learned import learned
from nawzajem.management.batches import Messages, answered


class Command(BaseCommand):
    help = "Reads messages from a JSONL file and says of each what it may be a sign of, how sure that is, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help='one JSON object a line: {"id": ..., "text": ..., "lang": "pl" or "en"}'
        )

    def handle(self, *, file: Path, **_rest: Any) -> None:
        are_here = are_installed()
        if not are_here:
            self.stderr.write("No carriers are installed (requirements/language.txt): only the rules speak.")
        for line in answered(file, answer, is_work=are_here):
            self.stdout.write(line)


def answer(some: Messages) -> list[str]:
    """A line of JSON for each, the carriers loaded when they are first needed."""
    heads = learned(installed(), [one["text"] for one in some])
    return [json.dumps({"id": one["id"]} | _screened(one, heads), ensure_ascii=False) for one in some]


def _screened(one: dict[str, Any], heads: Heads | None) -> dict[str, Any]:
    return told(screen(one["text"], one["lang"], before=one.get("before", ""), heads=heads))


def told(finding: Finding) -> dict[str, Any]:
    return {
        "tier": finding.tier.code,
        "kind": finding.kind.value,
        "certainty": finding.certainty,
        "band": finding.band.value,
        "reasons": [{"code": one.code, "start": one.start, "end": one.end} for one in finding.reasons],
        "version": finding.version,
    }
