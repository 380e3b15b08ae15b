"""What must be so before the house can open: a place for its data, the right key, tables and static files as they should be."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from nawzajem.ground.seal import opens
from nawzajem.people.models import Person

ROOM = 2_000_000  # bytes that must be free for a beginning
MIGRATING = 0x6E61777A  # number of a lock in the database, the same for all
LINE = 2048  # callers who may wait at the door
OTHER_EDITIONS = [
    "htmx-2.*",
    "htmax-*",
    "htmx-4.js",
]  # come with django-htmx; compressing them takes longer than all the rest

Say = Callable[[str], None]


@contextlib.contextmanager
def data_folder(path: Path) -> Iterator[None]:
    """For its owner only, writable, with some room, and used by one house at a time."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # somebody else's folder that lets us write
            path.chmod(0o700)
        _try_writing(path)
        lock = (path / "open.lock").open("w")
    except OSError as no:
        raise CommandError(_cannot_keep(path, no)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"The house in {path} is open already. Two at once would trip over each other."
            ) from None
        yield


def _try_writing(path: Path) -> None:
    with tempfile.TemporaryFile(dir=path) as probe:
        probe.write(bytes(ROOM))
        probe.flush()
        os.fsync(probe.fileno())


def _cannot_keep(path: Path, no: OSError) -> str:
    if no.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return f"There is no room left for data in {path}. Make some, or choose another folder with NAWZAJEM_DATA."
    return f"Nothing can be kept in {path}: {no.strerror}. Choose another folder with NAWZAJEM_DATA."


def listening(host: str, port: int) -> socket.socket:
    """The public door. Held by whoever supervises, so that callers wait in line while a process is started again."""
    try:
        family, _kind, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=LINE)
    except socket.gaierror:
        raise CommandError(f"HOST is '{host}'; no address of this machine is called so.") from None
    except OSError as no:
        raise CommandError(_cannot_listen(host, port, no)) from None


def _cannot_listen(host: str, port: int, no: OSError) -> str:
    if no.errno == errno.EADDRINUSE:
        return f"Port {port} is in use already. Choose another one: PORT={port + 1} nawzajem serve"
    if no.errno == errno.EACCES:
        return f"Port {port} is reserved for the administrator of this machine. Choose one above 1023 with PORT."
    if no.errno == errno.EADDRNOTAVAIL:
        return f"HOST is '{host}'; this machine has no such address."
    return f"Port {port} cannot be used: {no.strerror}."


def check_key() -> None:
    """Every person has a vault, wrapped by the master key. If the key does not open one of them, it is not the key."""
    if Person._meta.db_table not in connection.introspection.table_names():
        return
    vaults = Person.objects.exclude(vault=b"").order_by("joined_at").values_list("vault", flat=True)
    if any(not opens(vault) for vault in vaults[:1]):
        raise CommandError(
            "The key does not open the data that is here, so nothing was opened or changed. "
            "Give the key it was made with, in NAWZAJEM_KEY or as the file `key` in the data folder."
        )


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Of several hosts that begin at once on PostgreSQL, one changes the tables, and the others wait and find them changed."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def check_ready() -> None:
    """For processes that are started apart: they change no table, and begin with the right key only."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The tables are not as this version needs them. `nawzajem prepare` brings them up to date, once for all."
        )
    check_key()


def prepare_tables(say: Say) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False, database=DEFAULT_DB_ALIAS)
    call_command("createcachetable", verbosity=0)  # where attempts are counted together; nothing when it is there


def prepare_new_house(say: Say) -> None:
    """For commands that may come before the first start. An older house is brought up to date by `serve` only, alone."""
    if not connection.introspection.table_names():
        prepare_tables(say)


def collect_static(say: Say) -> None:
    """Style sheets, scripts and icons, compressed once; again only when one of them has changed."""
    if settings.DEBUG:
        return
    stamp, now = Path(settings.STATIC_ROOT) / ".collected", _static_as_it_is()
    if stamp.exists() and stamp.read_text() == now:
        return
    say("Collecting style sheets, scripts and icons ...")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=OTHER_EDITIONS)
    os.sync()  # a stamp that outlives a power cut must not stand beside files that did not
    stamp.write_text(now)


def _static_as_it_is() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())  # which makes more of them
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name}:{about.st_size}:{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
