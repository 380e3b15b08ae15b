"""A process that only shows pages stays small: solvers, compilers and plotting load where they run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tables import Tables

HOUSE = Path(__file__).resolve().parents[2]
ASKED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import nawzajem, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from config import wsgi
said = []
asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/about/", "QUERY_STRING": "", "HTTP_HOST": "localhost"}
asked |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer}
b"".join(wsgi.application(asked, lambda status, head: said.append(status)))
assert said == ["200 OK"], said
import config.asgi
heavy = {"numba", "llvmlite", "scipy", "matplotlib", "ortools", "pandas"}
print(sorted(heavy & set(sys.modules)))
"""


def test_whoever_only_shows_pages_loads_no_solver(tables: Tables, tmp_path: Path) -> None:
    tables.begin(tmp_path)
    of_its_own = {
        "NAWZAJEM_DATA": str(tmp_path), "DATABASE_URL": "", "NAWZAJEM_DEVELOPMENT": "yes", "PYTHONPATH": str(HOUSE)
    }  # fmt: skip
    shown = subprocess.run(
        [sys.executable, "-c", ASKED],
        env=os.environ | of_its_own,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == "[]"
