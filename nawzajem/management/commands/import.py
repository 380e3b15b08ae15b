"""`nawzajem import`: people, asks and offers from a sheet into a programme, after a look at what was understood."""  # noqa: N999  the command is called so

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from nawzajem.core.sheets import read_sheet
from nawzajem.ground.refusals import NotFound
from nawzajem.management import import_report as report
from nawzajem.management.files import appearing, given_bytes, harmless
from nawzajem.management.importing import LINK_DAYS, Link, Plan, carry_out, plan, vocabulary
from nawzajem.management.matching import given_mapping
from nawzajem.programmes import reads
from nawzajem.programmes.models import Programme

LONG = 1000  # people from which on progress is told


class Command(BaseCommand):
    help = "Reads people, asks and offers from a CSV or XLSX file into a programme. Nothing is ever half imported."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX; docs/matching.md shows the plain format")
        parser.add_argument("--programme", required=True, metavar="ADDRESS", help="the programme's address")
        parser.add_argument("--mapping", type=Path, help="a TOML file that says how a foreign sheet is read")
        parser.add_argument("--preview", action="store_true", help="only show what was understood")
        parser.add_argument("--yes", action="store_true", help="import without asking")
        parser.add_argument("--skip-bad", action="store_true", help="leave out exactly the rows that have a problem")
        parser.add_argument(
            "--links", type=Path, metavar="OUT.csv", help="where the links to the new accounts are kept"
        )
        parser.add_argument("--language", choices=["pl", "en"], default=settings.LANGUAGE_CODE[:2])
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, file: Path, language: str, **options: Any) -> None:
        with override(language):
            programme = _programme(options["programme"])
            _check_links(options["links"])
            mapping = given_mapping(options["mapping"])
            what = plan(programme, read_sheet(given_bytes(file), vocabulary(programme), mapping))
            self._show(file.name, what)
            began = time.perf_counter()
            links = self._import(what, options) if self._may_go_on(what, options) else None
            self._end(what, links, time.perf_counter() - began, options)

    def _show(self, name: str, what: Plan) -> None:
        for line in report.understood(name, what):
            self.stdout.write(line)
        for title, notes in ((_("Not understood"), False), (_("Good to know"), True)):
            lines = list(report.not_understood(one for one in what.problems if one.note is notes))
            if lines:
                self.stdout.write("\n".join(["", title, *lines]))

    def _may_go_on(self, what: Plan, options: dict[str, Any]) -> bool:
        if what.stopped_by(skip_bad=options["skip_bad"]) or options["preview"] or not _has_work(what, options):
            return False
        return options["yes"] or (sys.stdin.isatty() and self._asked())

    def _asked(self) -> bool:
        self.stdout.write("\n" + _("Import this now? Type yes:"))
        return sys.stdin.readline().strip().lower() in {"yes", "y", "tak", "t"}

    def _import(self, what: Plan, options: dict[str, Any]) -> list[Link]:
        path: Path | None = options["links"]
        with appearing(path) if path else nullcontext() as out:
            return carry_out(what, keep_links=_keeper(out) if out else None, progress=self._progress)

    def _progress(self, done: int, of: int) -> None:
        if of >= LONG:
            self.stderr.write(_("%(done)d of %(of)d people") % {"done": done, "of": of})

    def _end(self, what: Plan, links: list[Link] | None, seconds: float, options: dict[str, Any]) -> None:
        """What was done, or why nothing was; then the figures, whatever happened."""
        stopped = what.stopped_by(skip_bad=options["skip_bad"])
        if links is not None:
            self._say_done(what, links, options["links"])
        elif not stopped:
            self.stdout.write("\n" + _why_not(what, options))
        if options["json"]:
            done = {"imported": links is not None, "links": len(links or []), "seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(report.figures(what) | done, ensure_ascii=False))
        if stopped:
            raise CommandError(_stopped(len(stopped), options))

    def _say_done(self, what: Plan, links: list[Link], path: Path | None) -> None:
        people = len(what.people)
        self.stdout.write("\n" + ngettext("Imported: %(n)d person.", "Imported: %(n)d people.", people) % {"n": people})
        if path is None:
            self.stdout.write(_("Nobody can come yet. The same command with --links OUT.csv makes a link for each."))
            return
        self.stdout.write(
            _(
                "Links: %(n)d, in %(path)s. Each opens one account, once, within %(days)d days. Hand each to its person only."
            )
            % {"n": len(links), "path": path, "days": LINK_DAYS}
        )
        if not settings.ENV.origin:
            self.stdout.write(
                _("NAWZAJEM_ORIGIN is not set, so the links begin with a slash: put your address before.")
            )


def _programme(address: str) -> Programme:
    try:
        return reads.programme(address)
    except NotFound:
        there = ", ".join(one.slug for one in reads.kept())
        raise CommandError(
            _("There is no programme “%(found)s”. There are: %(there)s.") % {"found": address, "there": there or "-"}
        ) from None


def _check_links(path: Path | None) -> None:
    """Before anything is read: an older file may hold links that are still needed."""
    if path is None:
        return
    if path.exists():
        raise CommandError(
            _("%(path)s is there already, and its links may still be needed. Choose another name.") % {"path": path}
        )
    if not path.absolute().parent.is_dir():
        raise CommandError(_("There is no folder %(path)s.") % {"path": path.parent})


def _has_work(what: Plan, options: dict[str, Any]) -> bool:
    return bool(what.people or (options["links"] and any(what.waiting())))


def _why_not(what: Plan, options: dict[str, Any]) -> str:
    if not _has_work(what, options):
        return _("There is nobody new in this file, so nothing was changed.")
    if options["preview"]:
        return _("This was a look only; nothing was changed.")
    return _("Nothing was changed. To import it: the same command with --yes.")


def _stopped(problems: int, options: dict[str, Any]) -> str:
    said = ngettext(
        "Nothing was imported, because of %(n)d problem.", "Nothing was imported, because of %(n)d problems.", problems
    ) % {"n": problems}
    return (
        said if options["skip_bad"] else said + " " + _("Correct the sheet, or leave those rows out with --skip-bad.")
    )


def _keeper(out: BinaryIO) -> Callable[[list[Link]], None]:
    def keep(links: list[Link]) -> None:
        """On the disk before the import holds: without its link an account is nobody's for ever."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(["person", "name here", "link"])
        writer.writerows(
            [harmless(link.key), link.name, f"{settings.ENV.origin}/come-in/{link.secret}/"] for link in links
        )
        out.write(text.getvalue().encode("utf-8-sig"))
        out.flush()
        os.fsync(out.fileno())

    return keep
