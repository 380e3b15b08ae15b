"""`nawzajem doctor`: says in sentences how an installation is, and what to do where something is wrong."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nawzajem.management.checkup import Finding, Weight, look


class Command(BaseCommand):
    help = "Says what is well, what is worth knowing, and what must be mended, each with what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connect", action="store_true", help="also knock at the mail server")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, connect: bool, **options: Any) -> None:
        found = list(look(connect=connect))
        by_weight = {weight: [one for one in found if one.weight is weight] for weight in Weight}
        for weight, title in _titles().items():
            self._say(title, by_weight[weight])
        bad = by_weight[Weight.WRONG]
        if options["json"]:
            told = [
                {"code": one.code, "weight": one.weight.value, "said": one.said, "remedy": one.remedy} for one in found
            ]
            self.stdout.write(json.dumps({"healthy": not bad, "findings": told}, ensure_ascii=False))
        if bad:
            raise CommandError(
                ngettext("%(n)d thing must be mended.", "%(n)d things must be mended.", len(bad)) % {"n": len(bad)}
            )

    def _say(self, title: str, found: list[Finding]) -> None:
        if found:
            self.stdout.write(title)
        for one in found:
            self.stdout.write(f"  {one.said}")
            for line in one.remedy.splitlines():
                self.stdout.write(f"      {line}")


def _titles() -> dict[Weight, str]:
    """What must be mended comes last, where the eye is."""
    return {Weight.FINE: _("Fine"), Weight.NOTE: _("Worth knowing"), Weight.WRONG: _("Must be mended")}
