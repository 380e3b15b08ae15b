"""Set before Django is: a data folder of the run's own, letters in memory, and which database. Loaded by pytest first of all."""

from __future__ import annotations

import atexit
import os
import shutil
from pathlib import Path

from tests.memory import new_folder

DATA = new_folder("nawzajem-test-")
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
(DATA / "static").mkdir()
os.environ["NAWZAJEM_DATA"] = str(DATA)
os.environ["NUMBA_CACHE_DIR"] = str(Path(__file__).parents[1] / "build" / "compiled")  # compiled once, for all runs
os.environ["NAWZAJEM_EMAIL"] = "memory:"
for name in ("NAWZAJEM_KEY", "NAWZAJEM_ORIGIN", "NAWZAJEM_BUS", "REDIS_URL", "HOST", "PORT"):
    os.environ.pop(name, None)

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the database server of the process that starts them
    os.environ.pop("DATABASE_URL", None)
    if os.environ.get("NAWZAJEM_TEST_DATABASE") == "postgresql":
        from tests import postgresql

        os.environ["DATABASE_URL"] = postgresql.start()
