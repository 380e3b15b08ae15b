"""`nawzajem match`: a sheet of people and wishes in, pairs with scores and reasons out. Needs no server and no database."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from nawzajem.core.matching import STRATEGIES
from nawzajem.core.sheets import Reading, SheetMapping, read_sheet
from nawzajem.management import match_page, match_report, published
from nawzajem.management.files import appearing, given_bytes
from nawzajem.management.matching import Explained, Matched, explained, given_mapping, match, tell, vocabulary
from nawzajem.programmes.blueprint import BadBlueprint, Blueprint, available, load

USUAL_BLUEPRINT = "open-community"
SHOWN = 20  # problems of a sheet told one by one
LONG = 2000  # asks from which on progress is told


class Command(BaseCommand):
    help = "Reads people, asks and offers from a CSV or XLSX file and says who fits whom, how well, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX; docs/matching.md shows the plain format (and NPZ)")
        parser.add_argument("--mapping", type=Path, help="a TOML file that says how a foreign sheet is read")
        parser.add_argument("--blueprint", help=f"whose topics and weights: {', '.join(available())}, or a path")
        parser.add_argument(
            "--strategy",
            choices=sorted(STRATEGIES),
            default="best",
            help="best: the highest total there is, proved; "
            "fair: the worst served first, then the total; stable: no two would rather have each other; "
            "quick: the best pair first, for comparison",
        )
        parser.add_argument(
            "--floor",
            type=float,
            help="with fair: the worst served are lifted up to this score (from 0 to 1; in NPZ the file's own), not further",
        )
        parser.add_argument(
            "--waiting-first",
            action="store_true",
            help="with fair: where not everybody can be served, whoever waited longest is",
        )
        parser.add_argument("--top", type=int, default=0, metavar="K", help="also list the K best for every ask")
        parser.add_argument("--out", type=Path, help="write the pairs as CSV")
        parser.add_argument(
            "--explain",
            type=Path,
            metavar="HTML",
            help="write a page to read: why these, why not those, whom to recruit",
        )
        parser.add_argument("--language", choices=["pl", "en"], default=settings.LANGUAGE_CODE[:2])
        parser.add_argument("--seed", type=int, default=0, help="decides between equals")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, file: Path, language: str, **options: Any) -> None:
        with override(language):
            if file.suffix == ".npz":
                self._published(file, options)
            else:
                self._sheet(file, options)

    def _sheet(self, file: Path, options: dict[str, Any]) -> None:
        began = time.perf_counter()
        mapping = given_mapping(options["mapping"])
        blueprint = _blueprint(options["blueprint"], options["mapping"], mapping)
        reading = read_sheet(given_bytes(file), vocabulary(blueprint), mapping)
        self._problems(reading)
        how = {name: options[name] for name in ("strategy", "seed", "top", "floor", "waiting_first")}
        found = match(reading, blueprint, **how, progress=self._progress)
        told = explained(found) if options["explain"] else None
        self._write(file.name, found, told, options)
        self._say(file.name, found, told, time.perf_counter() - began, as_json=options["json"])
        if not reading.people:
            raise CommandError(_("Nothing in this file could be read."))

    def _published(self, file: Path, options: dict[str, Any]) -> None:
        """Data that others have measured with: figures and pairs, without people there are no reasons."""
        if options["explain"]:
            raise CommandError(_("A page to read needs people, and this file has only numbers."))
        if options["waiting_first"]:
            raise CommandError(_("This file does not say how long anybody has been waiting."))
        given, how = published.read(file), {name: options[name] for name in ("strategy", "seed", "floor")}
        found, figures = published.solve(given, **how)
        if options["out"]:
            self._keep(options["out"], published.as_csv(given, found).encode())
        for line in published.summary(figures):
            self.stdout.write(line)
        if options["json"]:
            self.stdout.write(json.dumps(figures))

    def _problems(self, reading: Reading) -> None:
        for problem in reading.problems[:SHOWN]:
            self.stderr.write(tell(problem))
        more = len(reading.problems) - SHOWN
        if more > 0:
            self.stderr.write(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})

    def _progress(self, done: int, of: int) -> None:
        if of >= LONG and done % (of // 10) == 0:
            self.stderr.write(_("%(done)d of %(of)d asks looked at") % {"done": done, "of": of})

    def _write(self, name: str, found: Matched, told: Explained | None, options: dict[str, Any]) -> None:
        if options["out"]:
            self._keep(options["out"], match_report.as_csv(found, told).encode("utf-8-sig"))
        if told:
            self._keep(options["explain"], match_page.as_page(name, found, told).encode())

    def _keep(self, path: Path, content: bytes) -> None:
        try:
            with appearing(path) as out:
                out.write(content)
        except OSError as error:
            raise CommandError(_("Cannot write there: %(why)s") % {"why": error}) from error

    def _say(self, name: str, found: Matched, told: Explained | None, seconds: float, *, as_json: bool) -> None:
        for line in match_report.summary(name, found, seconds):
            self.stdout.write(line)
        for line in match_report.in_short(found, told) if told else ():
            self.stdout.write(line)
        if as_json:
            advised = match_report.advised(told) if told else {}
            self.stdout.write(json.dumps(match_report.figures(found) | advised | {"seconds": round(seconds, 3)}))


def _blueprint(named: str | None, mapping_path: Path | None, mapping: SheetMapping) -> Blueprint:
    """The one named in the command, else in the mapping (a path there starts from the mapping's folder), else the usual."""
    wanted: str | Path = named or mapping.blueprint or USUAL_BLUEPRINT
    if not named and mapping_path and str(wanted).endswith(".toml"):
        wanted = mapping_path.parent / wanted
    try:
        return load(wanted)
    except BadBlueprint as error:
        raise CommandError(str(error)) from error
