"""An appeal is decided in time or the time does not run against whoever asked; and where nobody can decide, somebody is told."""

from __future__ import annotations

import pytest
from django.core import mail

from nawzajem.ground.models import Event
from nawzajem.notify import fallback_rulings
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import chores, reads
from nawzajem.safety.models import Report
from tests.cast import HOUSE
from tests.rooms.test_rulings import appealed, decided, paused, told

pytestmark = pytest.mark.django_db


def alone(world, clock, **fields):
    """Franek decided, and Celina has laid down her duty: nobody else is there."""
    appeal = appealed(world, paused(world, clock, days=100, **fields))
    duties = world.member("celina").duties
    duties.all().delete()
    return appeal


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="ruling.").order_by("pk").values_list("kind", flat=True))


def test_what_nobody_decided_in_time_is_lifted_and_both_are_told(world, clock):
    appeal = appealed(world, paused(world, clock, days=100))
    clock(days=13)
    chores.keep_time()
    assert world.member("bartek").is_suspended
    clock(days=1)
    chores.keep_time()
    appeal.refresh_from_db()
    assert (appeal.state, appeal.ruling.__class__.objects.get().state) == ("lapsed", "lifted")
    assert world.member("bartek").state == "active"
    assert told("ruling.appeal_lapsed") == {world.bartek.pk, world.ania.pk}
    (seen,) = reads.my_reports(world.actor("ania"))
    assert seen.anew == "lapsed"
    chores.keep_time()
    assert kinds().count("ruling.appeal_lapsed") == 1


def test_something_grave_holds_and_is_called_for_every_week(world, clock):
    appeal = appealed(world, paused(world, clock, days=100, reason="threat"))
    clock(days=14)
    chores.keep_time()
    chores.keep_time()
    assert world.member("bartek").is_suspended
    assert kinds().count("ruling.appeal_late") == 1
    assert told("ruling.appeal_late") == {world.celina.pk}
    clock(days=7)
    chores.keep_time()
    assert kinds().count("ruling.appeal_late") == 2
    appeal.refresh_from_db()
    assert appeal.state == "waiting"


def test_a_grave_report_makes_it_grave_whatever_reason_was_written(world, clock):
    one = decided(world)
    Report.objects.update(reason="danger")
    one.refresh_from_db()
    one.report.refresh_from_db()
    assert one.is_grave


def test_where_nobody_else_is_on_duty_the_fallback_is_told_once(world, clock):
    appeal = alone(world, clock)
    world.here = programmes.choose(HOUSE.within(world.here.pk), world.here, fallback_email="last@example.org")
    assert not reads.can_be_decided(appeal.ruling)
    chores.keep_time()
    chores.keep_time()
    assert kinds().count("ruling.appeal_alone") == 1
    fallback_rulings.tell()
    fallback_rulings.tell()
    (letter,) = mail.outbox
    assert letter.to == ["last@example.org"]
    assert "Bartek" not in letter.body + letter.subject
    assert "Ania" not in letter.body
    assert kinds().count("ruling.fallback_told") == 1


def test_the_post_being_away_the_fallback_is_told_later(world, clock, monkeypatch):
    alone(world, clock)
    world.here = programmes.choose(HOUSE.within(world.here.pk), world.here, fallback_email="last@example.org")
    chores.keep_time()
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMultiAlternatives.send", lambda *_args: (_ for _ in ()).throw(OSError()))
        fallback_rulings.tell()
    assert not fallback_rulings.some_due()
    clock(minutes=11)
    fallback_rulings.tell()
    assert len(mail.outbox) == 1


def test_without_a_fallback_nothing_is_sent_and_the_day_holds_all_the_same(world, clock):
    alone(world, clock)
    chores.keep_time()
    fallback_rulings.tell()
    assert mail.outbox == []
    clock(days=14)
    chores.keep_time()
    assert world.member("bartek").state == "active"


def test_where_somebody_can_decide_nobody_else_is_called(world, clock):
    appeal = appealed(world, paused(world, clock, days=100))
    chores.keep_time()
    assert reads.can_be_decided(appeal.ruling)
    assert "ruling.appeal_alone" not in kinds()
