"""Files named in a command: read, or refused in a sentence that names them; written whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import CommandError
from django.utils.translation import gettext as _


def given_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(_("Cannot read %(path)s: %(why)s") % {"path": path, "why": error.strerror}) from error


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A new file, for its owner's eyes only, that has its name once all of it is on the disk; nothing is left of a failure."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """A name is on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def harmless(cell: str) -> str:
    """A cell that spreadsheet programs do not run."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


@contextmanager
def working_folder(within: Path, name: str) -> Iterator[Path]:
    """A folder for one piece of work at a time, gone when it is done. What a killed one left behind goes now."""
    with (within / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                _("Another nawzajem %(name)s is at work. Please wait for it.") % {"name": name}
            ) from None
        for old in within.glob(f".{name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=within, prefix=f".{name}-") as folder:
            yield Path(folder)
