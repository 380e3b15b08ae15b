"""`nawzajem keys`: which master keys there are, a new one while the house goes on, and copies of them apart from the data."""

from __future__ import annotations

import fcntl
import getpass
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nawzajem.ground.keys import Ring, new_key
from nawzajem.ground.seal import name_of
from nawzajem.management import archive, key_copies, opening, vaults
from nawzajem.management.copies import database
from nawzajem.management.files import appearing, given_bytes

REST = 3600  # seconds for which a replaced key is kept: longer than any page or chore holds something it wrapped


class Command(BaseCommand):
    help = "Shows, changes and copies the master keys; never their digits."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="show | rotate | drop | backup | restore")
        show = deeds.add_parser("show", help="the names of the keys, and how much needs each of them")
        show.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        deeds.add_parser("rotate", help="make a new key and wrap everything with it, while the house goes on")
        drop = deeds.add_parser("drop", help="forget keys that nothing needs any more")
        drop.add_argument("--now", action="store_true", help="without the hour of rest; only while the house is closed")
        for deed, says in (
            ("backup", "a copy of the keys, apart from the data"),
            ("restore", "the keys of a copy, here"),
        ):
            one = deeds.add_parser(deed, help=says)
            one.add_argument("file", type=Path)
            one.add_argument("--passphrase-file", type=Path, help="its first line; else it is asked for")

    def handle(self, *, deed: str, **options: Any) -> None:
        wanted = {"json", "now", "file", "passphrase_file"} & options.keys()
        getattr(self, f"_{deed}")(settings.KEYS, **{name: options[name] for name in wanted})

    # -- what there is ------------------------------------------------------------------------------------------------

    def _show(self, ring: Ring, *, json: bool) -> None:
        needed = _needed()
        for name in map(name_of, ring.known):
            said = ngettext("Key %(name)s: %(n)d vault", "Key %(name)s: %(n)d vaults", needed[name])
            wraps = _(", wraps what is new") if name == name_of(ring.newest) else ""
            self.stdout.write(said % {"name": name, "n": needed[name]} + wraps)
        lost = {name: n for name, n in needed.items() if name not in map(name_of, ring.known)}
        for name, n in lost.items():
            self.stdout.write(_("No key here opens what key %(name)s wrapped: %(n)d.") % {"name": name, "n": n})
        if json:
            keys = [{"name": name, "vaults": needed[name]} for name in map(name_of, ring.known)]
            self.stdout.write(_one_line({"keys": keys, "without_key": lost, "in_file": ring.file is not None}))

    # -- changing -----------------------------------------------------------------------------------------------------

    def _rotate(self, ring: Ring) -> None:
        """Asked again after it was broken off, it goes on with the key that was made, and makes no other."""
        needed = _needed()
        _check_all_open(ring, needed)
        with _alone(ring):
            vaults.keep_fingerprints()
            if set(needed) <= {name_of(ring.newest)}:
                if ring.file is None:
                    raise CommandError(_in_environment())
                ring.write([new_key(), *ring.known])
            done = vaults.rewrap()
            vaults.tell(vaults=done)
        said = ngettext(
            "%(n)d vault is wrapped with the new key %(name)s.",
            "%(n)d vaults are wrapped with the new key %(name)s.",
            done,
        )
        self.stdout.write(said % {"n": done, "name": name_of(ring.newest)})
        self.stdout.write(_("Keep a copy of it now: nawzajem keys backup FILE. Backups made from now on need it."))
        self.stdout.write(_("The older key still opens what it wrapped. In an hour or more: nawzajem keys drop"))

    def _drop(self, ring: Ring, *, now: bool) -> None:
        if ring.file is None:
            raise CommandError(
                _("The keys are in NAWZAJEM_KEY. Take those away there that `keys show` counts nothing for.")
            )
        with _alone(ring), _rested(ring.file, now=now):
            done = vaults.rewrap()  # what somebody put back who had it in memory
            needed = _needed()
            kept = [key for key in ring.known if key == ring.newest or needed[name_of(key)]]
            gone = len(ring.known) - len(kept)
            ring.write(kept)
        self.stdout.write(ngettext("%(n)d key was dropped.", "%(n)d keys were dropped.", gone) % {"n": gone})
        if done or gone:
            self.stdout.write(
                _("Start the house again at a quiet hour. Backups that an older key sealed need its copy.")
            )

    # -- copies -------------------------------------------------------------------------------------------------------

    def _backup(self, ring: Ring, *, file: Path, passphrase_file: Path | None) -> None:
        target = file.absolute()
        if target.is_relative_to(settings.DATA) or _beside_backups(target.parent):
            raise CommandError(
                _("Data or backups of it lie there. Whoever finds both can read everything: choose another place.")
            )
        copy = key_copies.sealed(ring.fresh(), _passphrase(passphrase_file, twice=True))
        with appearing(target) as out:
            out.write(copy)
        self.stdout.write(
            _("The keys are in %(file)s, for whoever knows the passphrase. Keep the two apart.") % {"file": file}
        )

    def _restore(self, ring: Ring, *, file: Path, passphrase_file: Path | None) -> None:
        if ring.file is None:
            raise CommandError(
                _("NAWZAJEM_KEY holds the keys here. Leave it empty to restore them into the data folder.")
            )
        if not database().is_empty():
            opening.check_key()
            raise CommandError(_("There is data here, and its key as well. Restore keys into an empty place."))
        ring.write(key_copies.opened(given_bytes(file), _passphrase(passphrase_file, twice=False)))
        self.stdout.write(_("The keys are here: %(names)s.") % {"names": ", ".join(map(name_of, ring.known))})


def _needed() -> Counter[str]:
    return Counter() if database().is_empty() else vaults.counted()


def _check_all_open(ring: Ring, needed: Counter[str]) -> None:
    if lost := set(needed) - {name_of(key) for key in ring.known}:
        said = _("No key here opens what key %(name)s wrapped. Put that key back first, as a line of the key file.")
        raise CommandError(said % {"name": sorted(lost)[0]})


def _in_environment() -> str:
    return _(
        "The key is in NAWZAJEM_KEY. Make another (`openssl rand -hex 32`), put it before the old one with a comma between "
        "(NAWZAJEM_KEY=new,old), start every process again, and then: nawzajem keys rotate"
    )


@contextmanager
def _alone(ring: Ring) -> Iterator[None]:
    """Two who change the key at once would each make one."""
    with (settings.DATA / "keys.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(_("Another nawzajem keys is at work. Please wait for it.")) from None
        ring.fresh()
        yield


@contextmanager
def _rested(file: Path, *, now: bool) -> Iterator[None]:
    if now:
        with opening.data_folder(settings.DATA):
            yield
        return
    left = REST - (time.time() - file.stat().st_mtime)
    if left > 0:
        said = ngettext(
            "Somebody may still hold what the older key wrapped. Try again in %(n)d minute.",
            "Somebody may still hold what the older key wrapped. Try again in %(n)d minutes.",
            1 + int(left // 60),
        )
        raise CommandError(said % {"n": 1 + int(left // 60)})
    yield


def _beside_backups(folder: Path) -> bool:
    if not folder.is_dir():
        raise CommandError(_("There is no folder %(path)s.") % {"path": folder})
    return any(archive.is_one(path) for path in folder.glob("*.backup"))


def _passphrase(file: Path | None, *, twice: bool) -> str:
    if file is not None:
        return (given_bytes(file).decode(errors="replace").splitlines() or [""])[0].strip()
    said = getpass.getpass(_("Passphrase for the copy: "))
    if twice and getpass.getpass(_("Once more: ")) != said:
        raise CommandError(_("The two were not the same."))
    return said


def _one_line(told: dict[str, Any]) -> str:
    return json.dumps(told)
