"""`nawzajem screen`: messages in, signs of danger out, one JSON object a line. Needs no server and no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nawzajem.core.screening import Finding, screen


class Command(BaseCommand):
    help = "Reads messages from a JSONL file and says of each what it may be a sign of, how sure that is, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help='one JSON object a line: {"id": ..., "text": ..., "lang": "pl" or "en"}'
        )

    def handle(self, *args: object, **options: Any) -> None:
        for one in _messages(options["file"]):
            finding = screen(one["text"], one["lang"], before=one.get("before", ""))
            self.stdout.write(json.dumps({"id": one["id"]} | told(finding), ensure_ascii=False))


def told(finding: Finding) -> dict[str, Any]:
    return {
        "tier": finding.tier.code,
        "kind": finding.kind.value,
        "certainty": finding.certainty,
        "band": finding.band.value,
        "reasons": [{"code": one.code, "start": one.start, "end": one.end} for one in finding.reasons],
        "version": finding.version,
    }


def _messages(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _message(line, f"{file}:{number}")


def _message(line: str, place: str) -> dict[str, Any]:
    try:
        one = json.loads(line)
    except ValueError:
        raise CommandError(f"{place}: this line is not JSON; one object stands on each line.") from None
    if not isinstance(one, dict) or not isinstance(one.get("text"), str) or "id" not in one:
        raise CommandError(f'{place}: should be an object with "id", "text" and "lang".')
    if one.get("lang") not in ("pl", "en"):
        raise CommandError(f'{place}: "lang" should be "pl" or "en".')
    return one
