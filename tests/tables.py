"""The tables of a house in which nobody is yet: made once for a run, by the command that makes them, and copied from then on."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doors.processes import HOUSE, environment
from tests.postgresql import new_database


@dataclass(frozen=True)
class Tables:
    """With their key in a folder, and there in a file, or in a database on the server of the run."""

    folder: Path
    address: str

    @classmethod
    def there(cls, place: Path, *, server: bool) -> Tables:
        """Those that stand there already, or are made now."""
        told = place.with_suffix(".address")
        if not told.exists():
            address = new_database(name="prepared") if server else ""
            own = {"DATABASE_URL": address} if server else {}
            prepare = [sys.executable, "-m", "nawzajem", "prepare"]
            subprocess.run(prepare, env=environment(place, **own), cwd=HOUSE, check=True, capture_output=True)
            told.write_text(address)
        return cls(place, told.read_text())

    def begin(self, data: Path) -> str:
        """A house with nobody in it, in this folder, which may be new; the address of its database, if it is on the server."""
        shutil.copytree(self.folder, data, dirs_exist_ok=True)
        return new_database(self.address) if self.address else ""


@contextmanager
def once(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place that all workers of a run share, for one of them at a time."""
    own = factory.getbasetemp()
    place = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (place / "once.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        yield place
