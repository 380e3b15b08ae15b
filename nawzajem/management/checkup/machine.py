"""The machine: Python, the data folder, room on the disk, time zones, files for the pages, whether a house is open."""

from __future__ import annotations

import http.client
import os
import platform
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from nawzajem.management.checkup.finding import Finding, fine, note, wrong

LITTLE, HARDLY_ANY = 1_000_000_000, 100_000_000  # bytes
ENOUGH_ZONES = 300


def look() -> Iterator[Finding]:
    yield fine("python", _("Python %(version)s.") % {"version": platform.python_version()})
    yield from _folder(settings.DATA)
    yield from _key_file(settings.DATA / "key")
    yield _room(settings.DATA)
    yield _zones()
    yield _static_files(Path(settings.STATIC_ROOT) / "staticfiles.json")


def _folder(path: Path) -> Iterator[Finding]:
    if not os.access(path, os.W_OK | os.X_OK):
        remedy = _("Give it to the account that runs Nawzajem: chown -R nawzajem %(path)s") % {"path": path}
        yield wrong(
            "folder_unwritable", _("Nothing can be written in the data folder %(path)s.") % {"path": path}, remedy
        )
    elif _open_to_others(path):
        remedy = f"chmod 700 {path}"
        yield wrong(
            "folder_rights",
            _("Others on this machine can look into the data folder %(path)s.") % {"path": path},
            remedy,
        )
    else:
        yield fine("folder_rights", _("Only its owner can look into the data folder %(path)s.") % {"path": path})


def _key_file(path: Path) -> Iterator[Finding]:
    if settings.ENV.key:
        yield fine("key_file", _("The key comes from NAWZAJEM_KEY."))
        if path.exists() and path.read_text().strip() != settings.ENV.key:
            said = _("There is another key in %(path)s, which is not used.") % {"path": path}
            yield note("key_file_unused", said, _("Find out what it opens before you remove it."))
    elif _open_to_others(path):
        said = _("Others on this machine can read the key file %(path)s.") % {"path": path}
        yield wrong("key_rights", said, f"chmod 600 {path}")
    else:
        yield fine("key_file", _("Only its owner can read the key file. Is a copy of it kept in another place?"))


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _room(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    said = _("%(gigabytes).1f GB are free on the disk of the data.") % {"gigabytes": free / 1e9}
    if free < HARDLY_ANY:
        return wrong("room", said, _("Make room now: when it is full, nothing that people write can be kept."))
    if free < max(LITTLE, _size_of_database()):
        return note("room", said, _("A backup needs as much room again as the database, for a moment. Make some soon."))
    return fine("room", said)


def _size_of_database() -> int:
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    return path.stat().st_size if not settings.ENV.database and path.exists() else 0


def _zones() -> Finding:
    known = available_timezones()
    if len(known) < ENOUGH_ZONES or settings.TIME_ZONE not in known:
        said = _("The data of time zones is missing or old, so hours would be wrong.")
        return wrong("zones", said, _("Install the package tzdata again: bin/serve does."))
    return fine("zones", _("Time zones are known (%(n)d).") % {"n": len(known)})


def _static_files(manifest: Path) -> Finding:
    if settings.DEBUG or manifest.exists():
        return fine("static", _("Style sheets, scripts and icons are collected."))
    return note(
        "static", _("Style sheets, scripts and icons are not collected yet."), _("The next start collects them.")
    )


def open_house() -> Finding:
    """Asks the front door how it is, as whoever watches over it does."""
    host, port = settings.ENV.host, settings.ENV.port
    status = _health({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104
    if status is None:
        return note(
            "house_closed", _("No house is open on port %(port)d.") % {"port": port}, _("nawzajem serve opens it.")
        )
    if status != http.HTTPStatus.OK:
        said = _("What answers on port %(port)d is not well: /healthz says %(status)d.") % {
            "port": port,
            "status": status,
        }
        return wrong("house_unwell", said, _("Look at what it writes. If it is another program, choose another PORT."))
    return fine("house_open", _("The house is open on port %(port)d and well.") % {"port": port})


def _health(host: str, port: int) -> int | None:
    asking = http.client.HTTPConnection(host, port, timeout=3)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status
    except http.client.HTTPException:
        return http.HTTPStatus.BAD_GATEWAY
    except OSError:
        return None
    finally:
        asking.close()
