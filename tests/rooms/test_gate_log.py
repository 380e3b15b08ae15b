"""What the gate writes into the log: codes and signs, never names, and never more than a page of it a minute."""

from __future__ import annotations

import logging

import pytest

from nawzajem.ground import gate
from nawzajem.ground.refusals import Invalid, NotAllowed


@pytest.fixture(autouse=True)
def _an_empty_book(monkeypatch, caplog):
    monkeypatch.setattr(gate, "BOOK", gate.Book())
    caplog.set_level(logging.INFO, logger="nawzajem.gate")


def test_a_flood_is_counted_and_not_listed_and_hides_nothing_else(caplog, clock):
    for _each in range(500):
        gate.opened_nothing("passphrase")
    gate.signed_in("person000001", ways="passphrase")
    lines = caplog.messages
    assert len([line for line in lines if line.startswith("opened_nothing way")]) == gate.LINES
    assert lines[gate.LINES] == "opened_nothing too_many=counted_only"
    assert lines[-1].startswith("signed_in")
    clock(seconds=61)
    gate.opened_nothing("passphrase")
    assert caplog.messages[-2:] == [f"opened_nothing more={500 - gate.LINES}", "opened_nothing way=passphrase"]


def test_lines_of_one_day_belong_together_and_those_of_two_days_do_not(clock):
    first = gate.sign_of("person000001")
    assert gate.sign_of("person000001") == first
    assert gate.sign_of("person000002") != first
    clock(days=1)
    assert gate.sign_of("person000001") != first
    assert gate.sign_of(None) == ""


def test_what_is_typed_wrong_is_no_matter_of_the_gate(caplog):
    gate.refused(Invalid(), door="page", at="POST:me/", person=None)
    assert caplog.messages == []
    gate.refused(NotAllowed(), door="page", at="POST:me/", person=None)
    assert caplog.messages == ["refused code=not_allowed door=page at=POST:me/"]
