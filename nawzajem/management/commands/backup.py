"""`nawzajem backup`: everything the house keeps, as of one moment, in one sealed file; while the house goes on."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from nawzajem import __version__
from nawzajem.ground import clock
from nawzajem.management import archive
from nawzajem.management.archive import DATABASE, HELPLINES
from nawzajem.management.copies import Counts, Database, database
from nawzajem.management.files import appearing, working_folder

BIG = 64  # steps of copying from which on progress is told


class Command(BaseCommand):
    help = "Writes a sealed backup of everything but the key into a file, while the house goes on."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write it; in a folder it is named after the moment")
        parser.add_argument("--verify", action="store_true", help="restore it in a trial place and count everything")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, file: Path, verify: bool, **options: Any) -> None:
        began = time.perf_counter()
        target, here = _target(file), database()
        if here.is_empty():
            raise CommandError(_("There is no data yet, so there is nothing to back up."))
        with working_folder(settings.DATA, "backup") as folder:
            counts = here.take(folder / DATABASE, self._progress())
            with appearing(target) as out:
                archive.write(out, archive.key_of(settings.KEYS.newest), _about(here, counts), _files(folder))
                _read_back(out, here, folder, counts, in_trial=verify)
        self._say(target, counts, verify=verify)
        if options["json"]:
            told = {"file": str(target), "bytes": target.stat().st_size, "kind": here.kind, "rows": counts}
            told |= {"tried": verify, "seconds": round(time.perf_counter() - began, 3)}
            self.stdout.write(json.dumps(told))

    def _progress(self) -> Any:
        told = 0

        def progress(done: int, of: int) -> None:
            nonlocal told
            tenth = 10 * done // max(of, 1)
            if of > BIG * 1000 and tenth > told:
                told = tenth
                self.stderr.write(_("%(percent)d%% copied") % {"percent": 10 * tenth})

        return progress

    def _say(self, target: Path, counts: Counts, *, verify: bool) -> None:
        facts = {name: counts.get(f"nawzajem_{name}", 0) for name in ("person", "pair", "message")}
        self.stdout.write(
            _("Backed up in %(file)s, %(megabytes).1f MB. People: %(person)d, pairs: %(pair)d, messages: %(message)d.")
            % {**facts, "file": target, "megabytes": target.stat().st_size / 1e6}
        )
        self.stdout.write(
            _("It was restored in a trial place and counted: everything is there.")
            if verify
            else _("It was read back to the end: it is whole.")
        )
        self.stdout.write(_the_key())
        if target.stat().st_dev == settings.DATA.stat().st_dev:
            self.stdout.write(_("It lies on the same disk as the data. Take it elsewhere: a broken disk takes both."))


def _target(file: Path) -> Path:
    """A backup of before may be replaced once the new one is whole; anything else is left alone."""
    if file.is_dir():
        file = file / f"nawzajem-{timezone.localtime(clock.now()):%Y-%m-%d-%H%M%S}.backup"
    if not file.absolute().parent.is_dir():
        raise CommandError(_("There is no folder %(path)s.") % {"path": file.parent})
    if file.exists() and not archive.is_one(file):
        raise CommandError(_("%(path)s is there already, and it is no backup. Choose another name.") % {"path": file})
    return file


def _about(here: Database, counts: Counts) -> dict[str, Any]:
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    made = clock.now().isoformat(timespec="seconds")
    return {"kind": here.kind, "made": made, "version": __version__, "migrations": applied, "rows": counts}


def _files(folder: Path) -> dict[str, Path]:
    """The database, and what the house's keeper wrote. Static files are made anew, and the key stays apart."""
    own = {HELPLINES: settings.DATA / HELPLINES}
    return {DATABASE: folder / DATABASE} | {name: path for name, path in own.items() if path.exists()}


def _read_back(out: BinaryIO, here: Database, folder: Path, counts: Counts, *, in_trial: bool) -> None:
    """To the last byte, from where it was written; a backup that nobody has read is a hope."""
    out.flush()
    out.seek(0)
    (folder / DATABASE).unlink()
    archive.unpack(out, archive.key_of(settings.KEYS.newest), folder if in_trial else None)
    if in_trial and here.trial(folder / DATABASE) != counts:
        raise CommandError(_("Restored in a trial place, not everything was there. The backup was thrown away."))


def _the_key() -> str:
    where = _("NAWZAJEM_KEY") if settings.ENV.key else settings.DATA / "key"
    return _(
        "The key (%(where)s) is not in it, on purpose. Keep a copy of the key in another place: "
        "without it nobody can open this file, and with both anybody can."
    ) % {"where": where}
