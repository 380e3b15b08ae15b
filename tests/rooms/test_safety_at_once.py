"""Two reports at once, with connections of their own."""

from __future__ import annotations

from nawzajem.ground.models import Event
from nawzajem.safety import acts
from nawzajem.safety.models import Report
from tests.rooms.at_once import while_open


def say(town, words, place="message:abc:3"):
    return lambda: acts.report(town.actor("ania"), town.bartek, reason="pressure", words=words, place=place)


def test_one_place_reported_twice_in_the_narrowest_moment_is_one_report(town):
    first, second = while_open(say(town, "Naciskał."), say(town, "Naciskał i prosił o adres."))
    assert first.pk == second.pk
    assert Report.objects.count() == Event.objects.filter(kind="report.raised").count() == 1


def test_two_places_are_two_reports(town):
    while_open(say(town, "Naciskał."), say(town, "I znowu.", place="message:abc:5"))
    assert Report.objects.count() == 2
