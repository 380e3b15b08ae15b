"""Files named in a command: read, or refused in a sentence that names them."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from nawzajem.core.sheets import SheetMapping, read_mapping
from nawzajem.management.matching import tell


def given_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(_("Cannot read %(path)s: %(why)s") % {"path": path, "why": error.strerror}) from error


def given_mapping(path: Path | None) -> SheetMapping:
    """How a foreign sheet is read; without a file, the plain format."""
    if path is None:
        return SheetMapping()
    mapping, problems = read_mapping(given_bytes(path).decode("utf-8", errors="replace"))
    if problems:
        raise CommandError("\n".join([str(path), *map(tell, problems)]))
    return mapping
