"""A report that nobody on duty can look into does not wait for nobody: whom the programme names for that is told."""

from __future__ import annotations

import pytest
from django.core import mail

from nawzajem.ground.models import Event
from nawzajem.notify import fallback_rulings
from nawzajem.programmes import acts as programmes
from nawzajem.rulings import acts, chores, reads
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report
from tests.cast import HOUSE

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(world):
    """The programme names somebody, and Celina alone is on duty."""
    world.here = programmes.choose(HOUSE.within(world.here.pk), world.here, fallback_email="last@example.org")
    world.member("franek").duties.all().delete()
    return world


def told() -> list[str]:
    kinds = Event.objects.filter(kind__in=["report.alone", "report.fallback_told"]).order_by("pk")
    return list(kinds.values_list("kind", flat=True))


def pass_time() -> None:
    chores.keep_time()
    fallback_rulings.tell()


def test_about_the_only_one_on_duty_the_fallback_is_told_at_once_and_once(last):
    safety.report(last.actor("ania"), last.celina, reason="hurtful", words="Krzyczała na mnie.")
    pass_time()
    pass_time()
    (letter,) = mail.outbox
    assert letter.to == ["last@example.org"]
    for secret in ("Krzycza", "Ania", "Celina", "hurtful"):
        assert secret not in letter.subject + letter.body
    assert told() == ["report.alone", "report.fallback_told"]
    (seen,) = reads.my_reports(last.actor("ania"))
    assert (seen.somebody, seen.fallback_told_at is not None) == (False, True)


def test_where_somebody_can_look_into_it_nobody_else_is_called(last):
    safety.report(last.actor("ania"), last.bartek, reason="hurtful")
    pass_time()
    assert (mail.outbox, told()) == ([], [])


def test_something_grave_that_nobody_took_in_time_goes_on_to_the_fallback(last, clock):
    safety.report(last.actor("ania"), last.bartek, reason="threat")
    safety.report(last.actor("bartek"), last.ania, reason="hurtful")
    clock(hours=11)
    pass_time()
    assert mail.outbox == []
    clock(hours=2)
    pass_time()
    clock(days=9)
    pass_time()
    assert len(mail.outbox) == 1


def test_the_post_being_away_it_is_tried_again(last, clock, monkeypatch):
    safety.report(last.actor("ania"), last.celina, reason="hurtful")
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMultiAlternatives.send", lambda *_args: (_ for _ in ()).throw(OSError()))
        pass_time()
    fallback_rulings.tell()
    assert mail.outbox == []
    clock(minutes=11)
    fallback_rulings.tell()
    assert len(mail.outbox) == 1


def test_without_a_fallback_it_waits_and_somebody_named_later_is_told(world):
    world.member("franek").duties.all().delete()
    safety.report(world.actor("ania"), world.celina, reason="hurtful")
    pass_time()
    assert mail.outbox == []
    programmes.choose(HOUSE.within(world.here.pk), world.here, fallback_email="last@example.org")
    pass_time()
    assert len(mail.outbox) == 1


def test_taken_and_given_back_it_may_be_called_for_again(last):
    made = safety.report(last.actor("ania"), last.celina, reason="hurtful")
    pass_time()
    programmes.give_duty(HOUSE.within(last.here.pk), last.member("franek"), kind="duty_officer")
    acts.take(last.actor("franek"), made)
    acts.give_back(last.actor("franek"), made)
    pass_time()
    assert len(mail.outbox) == 1
    last.member("franek").duties.all().delete()
    pass_time()
    assert len(mail.outbox) == 2
    assert Report.objects.get().state == "raised"
