"""Where the commit travels with the last that is written: broken at each place, nothing is called kept that is not there, nothing
that failed appears, and the library knows as much of the transaction as ever."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.utils import IntegrityError

from nawzajem.conversations.models import Participant
from nawzajem.ground import rows
from nawzajem.ground.act import act_each
from nawzajem.ground.models import Mark
from tests.server import at_commit

pytestmark = pytest.mark.usefixtures("for_real")
on_server = pytest.mark.skipif(connection.vendor != "postgresql", reason="only a server is told in one piece")

Break = Callable[[], object]


def _mark(*names: str) -> None:
    rows.insert(Mark, ("name", "event"), [(name, 1) for name in names])


def _names() -> list[str]:
    return list(Mark.objects.filter(name__startswith="m-").order_by("name").values_list("name", flat=True))


def _written(break_it: Break, told: list[str]) -> None:
    """A transaction of four writes, of which the third may be anything."""
    with transaction.atomic():
        transaction.on_commit(lambda: told.append("kept"))
        with rows.at_once():
            _mark("m-1")
        with rows.at_once(ends=True):
            _mark("m-2")
            break_it()
            _mark("m-3")


def _is_as_new() -> bool:
    """Nothing of a transaction is left over: neither with the library nor with the driver."""
    here = connection
    if here.vendor == "postgresql" and here.connection is not None:
        assert here.connection.pgconn.pipeline_status == 0
        assert here.connection.pgconn.transaction_status == 0
    return not (here.in_atomic_block or here.run_on_commit or here.needs_rollback) and here.get_autocommit()


def _double() -> None:
    _mark("m-1")


def _dangling() -> None:
    """Seen at the commit and not before."""
    rows.write(
        f"INSERT INTO {Participant._meta.db_table} (id, conversation_id, read_seq) VALUES {{}}",
        [("nosuchseat22", "nosuchtalk22", 0)],
    )


def _mistake() -> None:
    raise ZeroDivisionError


def _die() -> None:
    rows.write("SELECT pg_terminate_backend(pg_backend_pid())", first=[])


def _hang_up() -> None:
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def _nothing() -> None:
    pass


def test_what_is_kept_is_there_before_anybody_is_told():
    told: list[str] = []
    _written(_nothing, told)
    assert (told, _names(), _is_as_new()) == (["kept"], ["m-1", "m-2", "m-3"], True)


@pytest.mark.parametrize(
    ("break_it", "error"),
    [
        (_double, IntegrityError),
        (_dangling, IntegrityError),
        (_mistake, ZeroDivisionError),
        pytest.param(_die, OperationalError, marks=on_server),
        pytest.param(_hang_up, OperationalError, marks=on_server),
    ],
)
def test_whatever_breaks_nothing_is_kept_and_nobody_told(break_it: Break, error: type[Exception]):
    told: list[str] = []
    with pytest.raises(error):
        _written(break_it, told)
    assert _is_as_new()
    assert (told, _names()) == ([], [])
    _written(_nothing, told)  # the next one has nothing of it
    assert (told, _names(), _is_as_new()) == (["kept"], ["m-1", "m-2", "m-3"], True)


@on_server
@pytest.mark.parametrize(
    ("does", "error"),
    [
        ("RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'", IntegrityError),
        ("RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'", OperationalError),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", OperationalError),
    ],
)
def test_a_commit_that_fails_on_the_server_is_no_commit(does: str, error: type[Exception]):
    told: list[str] = []
    with at_commit("nawzajem_mark", does), pytest.raises(error):
        _written(_nothing, told)
    assert (told, _names(), _is_as_new()) == ([], [], True)


@on_server
def test_an_answer_that_is_lost_is_no_answer():
    """The commit reaches the server, and what the server says to it nobody: it may be kept, and nobody is told that it is."""

    def hear_nothing() -> None:
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RD)

    told: list[str] = []
    with pytest.raises(OperationalError):
        _written(hear_nothing, told)
    assert (told, _is_as_new()) == ([], True)
    assert _names() in ([], ["m-1", "m-2", "m-3"])  # all or nothing


@on_server
def test_a_commit_of_what_had_failed_before_says_so():
    told: list[str] = []

    def swallowed() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: told.append("kept"))
            _mark("m-1")
            with contextlib.suppress(IntegrityError):
                _mark("m-1")
            with rows.at_once(ends=True):
                pass

    with pytest.raises(DatabaseError):
        swallowed()
    assert (told, _names(), _is_as_new()) == ([], [], True)


def test_a_part_of_something_larger_is_not_committed_alone():
    told: list[str] = []
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        _written(_nothing, told)
        raise ZeroDivisionError
    with transaction.atomic():
        with contextlib.suppress(IntegrityError):
            _written(_double, told)
        _mark("m-4")
    with transaction.atomic():
        with transaction.atomic(savepoint=False), rows.at_once(ends=True):
            _mark("m-5")
        transaction.set_rollback(True)
    assert (told, _names(), _is_as_new()) == ([], ["m-4"], True)


def test_what_is_undone_is_not_called_done():
    @act_each(may=lambda *_: True)
    def does() -> str:
        with rows.at_once(ends=True):
            _mark("m-1")
            transaction.set_rollback(True)
        return "done"

    with pytest.raises(DatabaseError):
        does()
    assert (_names(), _is_as_new()) == ([], True)


def test_outside_a_transaction_each_is_kept_by_itself():
    with rows.at_once(ends=True):
        _mark("m-1")
    assert (_names(), _is_as_new()) == (["m-1"], True)
