"""`nawzajem doctor` on appeals that nobody can decide, and on databases that are reached unprotected."""

from __future__ import annotations

import pytest

from nawzajem.programmes.models import Duty
from nawzajem.safety import acts as safety
from tests.doors.test_doctor_command import change, found, well
from tests.rooms.test_appeals_in_time import alone
from tests.rooms.test_rulings import appealed, paused

__all__ = ["well"]  # its house
pytestmark = pytest.mark.django_db


def test_an_appeal_that_somebody_can_decide_is_nothing_to_mend(well, clock):
    appealed(well, paused(well, clock))
    assert "appeal_alone" not in found()


def test_an_appeal_that_nobody_can_decide_is_found(well, clock):
    alone(well, clock)
    assert found()["appeal_alone"] == "wrong"


def test_a_report_that_nobody_can_look_into_is_found(well, clock):
    safety.report(well.actor("ania"), well.bartek, reason="hurtful")
    assert "report_alone" not in found()
    Duty.objects.exclude(member=well.member("celina")).delete()
    assert "report_alone" not in found()
    safety.report(well.actor("ania"), well.celina, reason="hurtful")
    assert found()["report_alone"] == "wrong"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://house@db.example.org/house", True),
        ("postgresql://house@db.example.org/house?sslmode=require", True),
        ("postgresql://house@db.example.org/house?sslmode=verify-full", False),
        ("postgresql://house@localhost/house", False),
        ("postgresql:///house", False),
    ],
)
def test_a_database_elsewhere_without_a_certificate_that_is_looked_at_is_found(well, settings, address, said):
    change(settings, database=address)
    assert ("database_tls" in found()) is said


@pytest.mark.parametrize(("address", "said"), [("redis://other:6379/0", True), ("rediss://other:6379/0", False)])
def test_a_redis_elsewhere_without_encryption_is_found(well, settings, address, said):
    change(settings, redis=address)
    assert ("redis_tls" in found()) is said
