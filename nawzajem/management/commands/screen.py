"""`nawzajem screen`: messages in, signs of danger out, one JSON object a line. Needs no server and no database."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nawzajem.core.language import Carrier, Heard, installed
from nawzajem.core.screening import Finding, screen
from nawzajem.core.screening.learned import learned
from nawzajem.management.lines import messages

AT_ONCE = 64  # messages that are carried together, on all cores


class Command(BaseCommand):
    help = "Reads messages from a JSONL file and says of each what it may be a sign of, how sure that is, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help='one JSON object a line: {"id": ..., "text": ..., "lang": "pl" or "en"}'
        )

    def handle(self, *args: object, **options: Any) -> None:
        carrier = installed()
        if carrier is None:
            self.stderr.write("No carriers are installed (requirements/language.txt): only the rules speak.")
        every = messages(options["file"])
        while some := list(islice(every, AT_ONCE)):
            heads = learned(_heard(carrier, [one["text"] for one in some]))
            for one in some:
                finding = screen(one["text"], one["lang"], before=one.get("before", ""), heads=heads)
                self.stdout.write(json.dumps({"id": one["id"]} | told(finding), ensure_ascii=False))


def _heard(carrier: Carrier | None, texts: list[str]) -> Carrier | None:
    return Heard(carrier, texts) if carrier else None


def told(finding: Finding) -> dict[str, Any]:
    return {
        "tier": finding.tier.code,
        "kind": finding.kind.value,
        "certainty": finding.certainty,
        "band": finding.band.value,
        "reasons": [{"code": one.code, "start": one.start, "end": one.end} for one in finding.reasons],
        "version": finding.version,
    }
