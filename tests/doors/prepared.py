"""Commands in processes of their own that need not load the libraries first: Python's forkserver has them in memory.

Such a process has its own signals, limits and end, as any other; only its first half a second is saved. Nothing of the
house itself is made ready, so each reads its own settings.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "nawzajem",
        "nawzajem.core.sheets",
        "django.core.management.commands.migrate",
        "django.db.backends.postgresql.base",
        "django.db.backends.sqlite3.base",
        "django.contrib.staticfiles.finders",
        "django.template.defaultfilters",
        "django.views.generic.base",
        "cryptography.hazmat.primitives.ciphers.aead",
        "pydantic.main",
        "openpyxl",
    ]
)


def NOTHING() -> None:  # noqa: N802
    """To be done first."""


def run(
    module: str, *words: str, variables: dict[str, str], first: Callable[[], None] = NOTHING
) -> subprocess.CompletedProcess[str]:
    """`python -m module words`, with these variables and no others."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said", Path(folder) / "complained"
        process = PROCESSES.Process(target=_be, args=(module, words, variables, said, first))
        process.start()
        process.join()
        out, err = (path.read_text() for path in said)
    return subprocess.CompletedProcess([module, *words], process.exitcode or 0, out, err)


def _be(
    module: str, words: tuple[str, ...], variables: dict[str, str], said: tuple[Path, Path], first: Callable[[], None]
) -> None:
    assert "config.settings" not in sys.modules, "the libraries read somebody else's settings"
    os.environ.clear()
    os.environ.update(variables)
    for stream, path in zip((sys.stdout, sys.stderr), said, strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream.fileno())
    first()
    sys.argv[1:] = words
    runpy.run_module(module, run_name="__main__", alter_sys=True)
