"""Folders of a test run in memory, where the machine has much of it to spare: there nothing waits for a disk, and a database is
set up as it is in a house.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
SPARE = 4_000_000_000  # bytes, several times what a run takes


def new_folder(prefix: str) -> Path:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > SPARE
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None))
