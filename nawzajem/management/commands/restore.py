"""`nawzajem restore`: a backup becomes the data of a house that has none yet."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from nawzajem.management import archive, opening
from nawzajem.management.archive import DATABASE, HELPLINES, Unusable
from nawzajem.management.copies import Database, database
from nawzajem.management.files import working_folder

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Command(BaseCommand):
    help = "Restores a backup into an empty place; nothing that is there already is ever touched."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, file: Path, **options: Any) -> None:
        began = time.perf_counter()
        with opening.data_folder(settings.DATA), working_folder(settings.DATA, "restore") as folder:
            here = database()
            _check_empty(here)
            about = _unpacked(file, folder)
            _check_origin(about, here)
            _check_counts(about, here, folder)
            _put(here, folder)
            opening.prepare_tables(self.stdout.write)
            opening.check_key()
        self._say(about)
        if options["json"]:
            told = {"made": about["made"], "rows": about["rows"], "seconds": round(time.perf_counter() - began, 3)}
            self.stdout.write(json.dumps(told))

    def _say(self, about: dict[str, Any]) -> None:
        made = parse_datetime(about["made"])
        assert made is not None
        rows = {name: about["rows"].get(f"nawzajem_{name}", 0) for name in ("person", "pair", "message")}
        self.stdout.write(
            _("Restored, as of %(made)s. People: %(person)d, pairs: %(pair)d, messages: %(message)d.")
            % {**rows, "made": f"{timezone.localtime(made):%Y-%m-%d %H:%M}"}
        )
        self.stdout.write(
            _("What people erased after that moment is here again. Ask them, or erase it once more, before you open.")
        )
        self.stdout.write(_("Next: nawzajem doctor, then nawzajem serve."))


def _check_empty(here: Database) -> None:
    if not here.is_empty() or (settings.DATA / HELPLINES).exists():
        raise CommandError(
            _(
                "There is data in %(place)s already, and restoring never overwrites. Choose an empty place with NAWZAJEM_DATA%(or)s."
            )
            % {
                "place": settings.DATA,
                "or": _(" and an empty database with DATABASE_URL") if settings.ENV.database else "",
            }
        )


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as source:
            return archive.unpack(source, _its_key(source), folder)
    except Unusable as wrong:
        raise CommandError(str(wrong.sentence)) from None
    except IsADirectoryError:
        raise CommandError(_("%(path)s is a folder. Name the backup in it.") % {"path": file}) from None


def _its_key(source: BinaryIO) -> bytes:
    """Of the keys here, the one it was sealed with; the newest where none fits, so that it is refused in the usual words."""
    keys = [archive.key_of(master) for master in settings.KEYS.known]
    return next((key for key in keys if archive.fits(source, key)), keys[0])


def _check_origin(about: dict[str, Any], here: Database) -> None:
    if about["kind"] != here.kind:
        raise CommandError(
            _("This backup comes from %(its)s, and this house keeps its data in %(ours)s. DATABASE_URL chooses which.")
            % {"its": NAMES.get(about["kind"], about["kind"]), "ours": NAMES[here.kind]}
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or {}}
    if not known.issuperset(about["migrations"]):
        raise CommandError(
            _("This backup comes from version %(version)s, which is newer than this one. Install that version first.")
            % {"version": about["version"]}
        )


def _check_counts(about: dict[str, Any], here: Database, folder: Path) -> None:
    """SQLite's file is looked through before it takes its place; pg_restore does all of it or nothing by itself."""
    if here.kind == "sqlite" and here.trial(folder / DATABASE) != about["rows"]:
        raise CommandError(str(Unusable("damaged").sentence))


def _put(here: Database, folder: Path) -> None:
    here.put(folder / DATABASE)
    if (folder / HELPLINES).exists():
        (folder / HELPLINES).replace(settings.DATA / HELPLINES)
    connection.close()
